// How a release is after it has left, as the server tells it.

export interface Figure {
  name: string;
  query: string;
  unit: string;
  value: number | null;
  verdict: 'told' | 'pass' | 'fail' | 'no-data';
  at_least?: number;
  at_most?: number;
  why?: string;
}

export interface Health {
  train: string;
  ending: 'departed' | 'taken-back' | null; // null: it has neither left nor been taken back, and there is no more to tell
  version: string;
  baseline: string;
  measured: number; // Unix seconds: time of the figures
  stage: 'early' | 'final';
  departures: number;
  rollbacks: number;
  canary: string | null;
  measures: Figure[];
  incidents: { all: number; open: number };
  actions: { open: number; overdue: number };
  result: 'pass' | 'fail' | null;
  recorded: { evidence: number; by: string; time: string } | null;
}

// Where a figure stands beside its bounds, as parts of a bar: 0 to 1, with room on both sides.
export interface Gauge {
  at: number;
  good: [number, number];
  marks: number[];
}

export function gaugeOf({ value, at_least: least, at_most: most }: Figure): Gauge | null {
  const bounds = [least, most].filter((bound) => bound !== undefined);
  if (value === null || bounds.length === 0) return null;
  const values = [value, ...bounds];
  const room = Math.max(Math.max(...values) - Math.min(...values), Math.abs(bounds[0]!) * 0.05, 1e-9) * 0.25;
  const [low, high] = [Math.min(...values) - room, Math.max(...values) + room];
  const place = (each: number) => (each - low) / (high - low);
  return { at: place(value), good: [least === undefined ? 0 : place(least), most === undefined ? 1 : place(most)], marks: bounds.map(place) };
}

export function boundsText({ at_least: least, at_most: most }: Figure): string {
  return [least !== undefined && `at least ${least}`, most !== undefined && `at most ${most}`].filter(Boolean).join(', ') || 'told, not judged';
}

// Six digits, and the unit.
export const figureText = ({ value, unit }: Figure) => (value === null ? 'no data' : `${Number(value.toPrecision(6))}${unit ? ` ${unit}` : ''}`);
