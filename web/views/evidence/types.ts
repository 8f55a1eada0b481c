// What the evidence routes answer.

export interface Status {
  size: number;
  origin: string;
  vkey: string;
  checkpoint: string;
}
export interface Row {
  index: number;
  time: string | number;
  type: string;
  subjects: string[];
  keys: string[];
  erased: boolean;
}
export interface Entry {
  index: number;
  time: string | number;
  leaf: string;
  record: string; // base64 of the octets that were hashed
  statement: { predicateType: string; subject: { name?: string; digest: Record<string, string> }[]; predicate?: unknown } | null;
  signers: { name: string; roles: string[]; valid: boolean; why: string }[];
}
export interface Proof {
  index: number;
  size: number;
  leaf: string;
  proof: string[];
  root: string;
  checkpoint: string;
}
