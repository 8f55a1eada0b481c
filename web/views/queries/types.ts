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
