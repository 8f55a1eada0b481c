// What the routes of queries answer.
import type { Report } from '../../shell/api';

export interface Server { name: string; address: string; version: number; seen: string }

export interface Counters {
  calls: number;
  rows: number;
  total_exec_ms: number;
  mean_exec_ms: number;
  stddev_exec_ms: number;
  p95_bound_ms: number;
  shared_blks_hit: number;
  shared_blks_read: number;
  temp_blks_read: number;
  temp_blks_written: number;
  wal_bytes: number;
}

export interface SummaryPoint {
  began: string;
  ended: string;
  calls_per_s: number;
  active: number;
  reading: number;
  mean_exec_ms: number;
  p95_bound_ms: number;
  blocks_read_per_s: number;
  hit_ratio: number | null;
}
export interface InstancePoint { at: string; connections: number; active: number; idle_in_transaction: number; max_connections: number; locks: number; waiting: number }
export interface Summary {
  server: string;
  address: string;
  version: number;
  seen: string;
  began: string;
  ended: string;
  covered_ms: number;
  since_reset: boolean;
  windows: number;
  points: SummaryPoint[];
  instance: InstancePoint[];
}

export interface TopRow {
  queryids: string[];
  fingerprint: string;
  database: string;
  role: string;
  statement: string;
  partial: boolean;
  rank_before: number | null;
  trend_ms: number[];
  counters: Counters;
}
export interface TopData {
  began: string;
  ended: string;
  since_reset: boolean;
  dealloc: number;
  rows: TopRow[];
  other: { statements: number; counters: Counters };
  all: Counters;
}

export interface ActiveData { active: number; samples: number; shares: { name: string; active: number }[]; timeline: { began: string; ended: string; ticks: number; active: Record<string, number> }[] }

export interface Share { name: string; active: number }
export interface Shares { first: Share[]; other: number }
export interface LoadStatement { queryid: string | null; fingerprint: string; statement: string; active: number }
export interface Blocker { pid: number; user: string; application: string; database: string; state: string; statement: string; queryid: string | null; transaction_s: number; first: string; last: string; moments: number; most_waiting: number }
export interface LoadData {
  server: string;
  since: string;
  until: string;
  cores: number | null;
  samples: number;
  active: number;
  timeline: ActiveData['timeline'];
  waits: Shares;
  statements: { first: LoadStatement[]; other: number };
  users: Shares;
  applications: Shares;
  blockers: Blocker[];
  blockers_from: string | null; // too many: those before are not looked at
}

export interface IndexIdea { schema: string; table: string; columns: string[]; include: string[]; where: string; create: string; drop: string; scan_ms: number; asked_by: string[] }
export interface WriteCost { rows: number; before_us: number; after_us: number; before_wal_bytes: number; after_wal_bytes: number }
export interface ProvenIndex extends IndexIdea {
  statements: { fingerprint: string; before_ms: number; after_ms: number; before_access: string; after_access: string }[];
  size_bytes: number;
  build_ms: number;
  saved_ms: number;
  gain: number;
  write: WriteCost | null;
}
export interface Advice {
  database: string;
  measured: boolean;
  copy: string;
  before_ms: number;
  after_ms: number;
  statements: { fingerprint: string; queryid: string; statement: string; calls: number; total_ms: number }[];
  indexes: ProvenIndex[];
  proposed: IndexIdea[];
  rejected: { create: string; why: string }[];
  skipped: { fingerprint: string; why: string }[];
}
export interface AdviceData extends Advice { proven: { at: string; advice: Advice } | null }

export interface Compared {
  fp: string;
  statement: string;
  kind: 'same' | 'faster' | 'slower' | 'more_blocks' | 'more_calls' | 'new' | 'vanished' | 'too_few';
  judgement: string; // in words; none for "same"
  is_bad: boolean;
  mean_before_ms: number;
  mean_after_ms: number;
  ratio: number;
  p: number;
  p_adj: number;
  share: number;
  calls_per_s_before: number;
  calls_per_s_after: number;
  blocks_ratio: number;
  calls_per_commit_ratio: number;
}
export interface CompareData {
  verdict: 'pass' | 'fail' | 'inconclusive';
  why: string;
  statements: Compared[];
  dealloc: number;
  plans: Record<string, { before_id: number; after_id: number; same: boolean }>;
}

export interface FlipSeen { at: string; before_id: number; after_id: number; before_ms: number; after_ms: number; fingerprint?: string }
export interface TriageData {
  cause: string;
  single: boolean;
  active_before: number;
  active_after: number;
  active_without: number;
  mean_before_ms: number;
  mean_after_ms: number;
  fingerprint: string | null;
  flips?: FlipSeen[]; // not in what was written before they were told
  blocked?: BlockedSession[];
}
export interface Incident { id: number; name: string; began: string; ended: string | null }
export interface IncidentData {
  incident: { id: number; name: string; server: string; began: string; ended: string };
  triage: TriageData | null;
  flips: (FlipSeen | Omit<FlipSeen, 'before_id' | 'after_id'>)[];
  locks: { at: string; tree: BlockedSession[] }[];
  active: ActiveData['timeline'];
}

export interface PlanVersion { shape: string; first: string; last: string; samples: number; mean_ms: number; slowest_ms: number; example: number }
export interface PlanFlip { at: string; before: string; after: string; before_id: number; after_id: number; before_ms: number; after_ms: number }
export interface StatementData {
  queryids: string[];
  fingerprint: string;
  statement: string;
  counters: Counters;
  all: Counters;
  history: { began: string; ended: string; calls: number; mean_exec_ms: number; stddev_exec_ms: number; shared_blks_read: number; total_exec_ms: number }[];
  waits: { name: string; active: number }[];
  plans: { versions: PlanVersion[]; flips: PlanFlip[] };
}

export interface PlanNode {
  title: string;
  type: string;
  subplan: string;
  relation: string;
  parent: number;
  depth: number;
  exclusive_ms: number;
  inclusive_ms: number;
  share: number;
  loops: number;
  processes: number;
  rows: number;
  rows_a_loop: number;
  rows_expected: number;
  q_error: number;
  total_cost: number;
  exclusive_cost: number;
  removed: number;
  blocks_hit: number;
  blocks_read: number;
  temp_blocks: number;
  read_ms: number;
  sort_keys: string[];
  conditions: [string, string][];
  details: [string, string][];
}
export interface PlanFinding { code: string; node: number; impact_ms: number; message: string; remedy: string; undo: string; test: string; safe_now: boolean }
export interface PlanData {
  shape: string;
  measured: boolean;
  planning_ms: number | null;
  execution_ms: number | null;
  nodes: PlanNode[];
  findings: PlanFinding[];
  at?: string;
  duration_ms?: number;
  source?: string;
  queryid?: string;
  fingerprint?: string;
}
export interface DiffData {
  same: boolean;
  before: PlanData;
  after: PlanData;
  pairs: { before: number; after: number; change: 'same' | 'changed' | 'new' | 'gone' }[];
  findings: PlanFinding[];
  before_at: string;
  after_at: string;
  before_ms: number;
  after_ms: number;
}
export interface BlockedSession { pid: number; depth: number; state: string; database: string; user: string; application: string; wait: string; event: string; lock: string; queryid: string | null; transaction_s: number; query_s: number; statement: string }
export interface LocksData { at?: string; tree: BlockedSession[]; moments: string[] }

export type StatementReport = Report<StatementData>;
