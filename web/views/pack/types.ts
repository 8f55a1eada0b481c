// What the API of `signalbox pack` says.

export type Triple = [number, number, number]; // along length, width, height; millimetres

export interface KeptPlan {
  id: string;
  order: string;
  boxes: string;
  packages: number;
  units: number;
  fill: number;
  billed_lb: number;
  actual_lb: number;
  dim_packages: number;
  board_m2: number;
  proof: string;
  made: string;
}

export interface Density {
  plans: number;
  packages: number;
  units: number;
  billed_lb: number;
  actual_lb: number;
  dim_packages: number;
  board_m2: number;
  fill: number;
  fills: number[]; // plans by how full their boxes are, in tenths
  boxes: { boxes: string; plans: number }[];
  packed: { parcels: number; as_recommended: number; left_out: number; took_ms: number }; // at stations
  target: Target | null;
}

// What the first year is to bring, and what it brought so far.
export interface Target {
  from: string;
  baseline_lb: number; // billed for an order before
  percent: number; // fewer
  days: number; // of 365 that are over
  due_percent: number; // by now, were it saved evenly
  orders: number;
  now_lb?: number; // billed for an order since
  saved_percent?: number;
}

export interface Placement {
  sku: string;
  item: number;
  turn: number;
  at: Triple;
  size: Triple;
}

export interface Box {
  sku: string;
  inner: Triple;
  outer: Triple;
}

export interface Plan {
  plan_id: string;
  order: { id: string; items: { sku: string; qty: number; size: Triple; weight: number; no_stack?: boolean; max_load?: number }[] };
  boxes: Box[];
  support: number | string; // the percent of an area, or the name of another rule
  objective: string;
  bound: { boxes: number };
  proof: string;
  packages: { box: string; weight_g: number; fill: number; placements: Placement[] }[];
  steps: number[][]; // of each package: how many placements are in after each step of its card
  violations: string[]; // what the checker says of it
  bills: Bill[]; // of each package; none where the rules are not in the program
}

export interface Bill {
  rule: string;
  sides_in: Triple;
  actual_lb: number;
  dim_lb: number;
  billed_lb: number;
  surcharges: { id: string; why: string }[];
  trims: { side: string; cut_in: number; saved_lb: number; surcharges_saved: number; has_room: boolean }[];
  distances: { surcharge: string; by: string; left: number; unit: 'in' | 'in3' | 'lb' }[];
}
