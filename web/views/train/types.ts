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
  explain: Explanation;
}

// The way from NO-GO to GO, and what will not stay as it is.
export interface Explanation {
  actions: Action[]; // in the order in which they are done
  is_smallest: boolean; // no fewer do
  hopeless: string[]; // what no command turns green
  blockers: string[]; // red gates that no score buys back
  raises: { item: string; points: number; command: string }[];
  exception: string; // asks for one; empty: none may be asked for
  expiries: Expiry[];
}

export interface Action {
  command: string;
  who: string;
  fixes: string[];
  points: number;
}

export interface Expiry {
  what: string;
  expires: string;
  is_lost: boolean; // before the departure
  renew_from: string;
  command: string;
  owner: string;
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
