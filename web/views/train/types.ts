// What the train's routes answer in the "data" of their Reports.

export interface Decision {
  decision: 'GO' | 'NO-GO';
  score: { value: number; pass_at: number; items: { name: string; weight: number; value: number }[] };
  commit: { id: string; short: string; subject: string } | null;
  last_release: { tag: string; commit: string } | null;
  next_tag: string;
  passengers: number;
  policy: { source: string; digest: string };
  self_trusted: boolean;
  fix: string;
}

export interface Passenger {
  id: string;
  short: string;
  type: string;
  scope: string;
  subject: string;
  author: string;
  breaking: boolean;
}

export interface Section {
  title: string;
  passengers: Passenger[];
}

export interface Plan {
  next_version: string;
  bump: string;
  commits: { total: number; classified: number; excluded: number; unclassified: number };
  sections: Section[];
  notes_markdown: string;
}
