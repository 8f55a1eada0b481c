// Parts of a time axis: where a pointer is on it, and what of a part is on it.
import type { Across } from './layout';

export type TimeSpan = [from: number, to: number]; // milliseconds since 1970

// `x` in the units of the view box.
export function placeAt(x: number, { low, high, left, right }: Across): number {
  return low + ((Math.min(Math.max(x, left), right) - left) / (right - left)) * (high - low);
}

export function clampedSpan([from, to]: TimeSpan, { low, high }: Across): TimeSpan {
  const inside = (value: number) => Math.min(Math.max(value, low), high);
  return [inside(from), inside(to)];
}
