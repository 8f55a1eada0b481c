// What the server tells of kept profiles.

export interface Thumbnail {
  rows: number;
  boxes: [left: number, width: number, row: number, colour: string][]; // thousandths of the width; row 0 is the root; a class of flame.css
}

export interface Kept {
  id: string;
  service: string;
  commit: string | null;
  branch: string | null;
  host: string | null;
  mode: string | null;
  command: string | null;
  labels: Record<string, string>;
  taken: string;
  duration_ms: number;
  value: { type: string; unit: string };
  total: number;
  samples: number;
  overhead: number | null; // part of the target's processor time
  format: string;
  bytes: number;
  kept: string;
  kept_by: string | null;
  verdict: { check: string; evidence: number } | null;
}

export type Shown = Kept & { thumbnail: Thumbnail };

export interface Gallery {
  profiles: Shown[];
  services: string[];
  kept: number;
  bytes: number;
}

export type OneProfile = Kept & { values: { type: string; unit: string }[]; annotations: [name: string, value: string][] };

// `counts` has the rows of the first column, then those of the second.
export interface Heat {
  has_times: boolean;
  column_ns: number;
  columns: number;
  rows: number;
  most: number;
  samples: number;
  untimed: number;
  counts: number[];
}

// A part of the whole, from 0 to 1, with its 95 % interval.
export interface Share {
  share: number;
  ci: [low: number, high: number];
  effective_n: number;
}

export interface LineCost {
  self: number;
  cumulative: number;
  self_share: Share;
  cumulative_share: Share;
}

// The source of one function (docs/schemas/profile-source-v1.json).
export interface Source {
  function: string;
  value: { type: string; unit: string };
  total: number;
  whole: LineCost;
  files: string[]; // that the function lies in, the costliest first
  file: string; // empty: the profile names none
  start_line: number;
  code: { path: string; build_id: string | null }[];
  costs: (LineCost & { line: number })[]; // line 0: the profile does not say which
  costs_left_out: number; // lines that cost less, where there are too many
  source: {
    from: 'commit' | 'work tree' | 'symbol server';
    path: string;
    commit: string | null;
    note: string | null;
    file_lines: number;
    first_line: number;
    lines: string[];
  } | null;
  missing: string | null; // why there is no source
}

export interface TrendPoint {
  id: string;
  taken: string;
  commit: string | null;
  self_share: Share;
  cumulative_share: Share;
}

// Some of the profiles of a service, the newest first; `before` asks for those after them.
export interface TrendPage {
  service: string;
  function: string;
  value: string | null;
  points: TrendPoint[];
  left_out: { id: string; why: string }[];
  before: string | null;
}
