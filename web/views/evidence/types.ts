// What the evidence routes answer.

export interface Status {
  size: number;
  origin: string;
  vkey: string;
  checkpoint: string;
  root: string;
  time: string | null;
}
export interface Row {
  index: number;
  time: string;
  type: string;
  subjects: string[];
  keys: string[];
  erased: boolean;
}
export interface Rows {
  size: number;
  entries: Row[];
}
export interface Signer {
  name: string;
  vkey: string;
  roles: string[];
  valid: boolean;
  why: string;
}
export interface Entry {
  index: number;
  time: string;
  leaf: string;
  record: string; // base64 of the octets that were hashed
  salt: string; // base64
  envelope_octets: string; // base64, empty where it was erased, and where something of it is hidden
  statement?: Statement | null;
  hidden?: string[]; // members of the predicate that only operators read
  signers: Signer[];
}
export interface Proof {
  index: number;
  size: number;
  leaf: string;
  proof: string[];
  root: string;
  checkpoint: string;
}
export interface Statement {
  predicateType: string;
  subject: { name?: string; digest: Record<string, string> }[];
  predicate?: unknown;
}
// Everything about one digest.
export interface About {
  subject: string;
  size: number;
  entries: Row[]; // newest first
  all: boolean; // no more than these are in the log
}
export interface Witness {
  name: string;
  url: string;
  size: number;
  cosigned: string | null;
  tried: string | null;
  state: 'good' | 'behind' | 'bad';
  problem: string;
}
export interface Alarm {
  kind: string;
  current: boolean;
  time: string;
  log: string;
  told_by: string;
}
export interface Witnesses {
  size: number;
  quorum: number;
  witnessed_size: number;
  witnesses: Witness[];
  logs: { origin: string; size: number | null; cosigned: string | null }[];
  alarms: Alarm[];
}
