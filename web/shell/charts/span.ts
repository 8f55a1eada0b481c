// Parts of a time axis: where a pointer is on it, and what of a part is on it.
import { day } from '../format';
import type { Across } from './layout';

export type TimeSpan = [from: number, to: number]; // milliseconds since 1970

// `x` in the units of the view box.
export function placeAt(x: number, { low, high, left, right }: Across): number {
  return low + ((Math.min(Math.max(x, left), right) - left) / (right - left)) * (high - low);
}

// The other way round: where a time of the axis is in the view box.
export function columnAt(time: number, { low, high, left, right }: Across): number {
  return left + ((time - low) / (high - low)) * (right - left);
}

// "09:05:09"; with its day where the axis goes over one.
export function clockText(time: number, { low, high }: Across): string {
  const clock = new Date(time).toLocaleTimeString('en-GB');
  return day(low) === day(high) ? clock : `${day(time)}, ${clock}`;
}

export function clampedSpan([from, to]: TimeSpan, { low, high }: Across): TimeSpan {
  const inside = (value: number) => Math.min(Math.max(value, low), high);
  return [inside(from), inside(to)];
}
