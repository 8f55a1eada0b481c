// Moments along an axis, in the reader's zone: whole minutes, hours, days, months, years.
import type { Axis } from './axis';

type Unit = 'second' | 'minute' | 'hour' | 'day' | 'month' | 'year';

const lengths: Record<Unit, number> = { second: 1e3, minute: 6e4, hour: 36e5, day: 864e5, month: 30.44 * 864e5, year: 365.25 * 864e5 };
const steps: [count: number, unit: Unit][] = [
  [1, 'second'], [5, 'second'], [15, 'second'], [30, 'second'],
  [1, 'minute'], [5, 'minute'], [15, 'minute'], [30, 'minute'],
  [1, 'hour'], [3, 'hour'], [6, 'hour'], [12, 'hour'],
  [1, 'day'], [2, 'day'], [7, 'day'], [14, 'day'],
  [1, 'month'], [3, 'month'], [6, 'month'],
  [1, 'year'], [2, 'year'], [5, 'year'], [10, 'year'],
];
const minute = 6e4;

// The first tick at or before a moment. Weeks begin on Monday.
function begin(time: number, count: number, unit: Unit): Date {
  const at = new Date(time);
  const down = (value: number, first = 0) => value - ((value - first) % count);
  at.setMilliseconds(0);
  if (unit === 'second') return new Date(at.setSeconds(down(at.getSeconds())));
  if (unit === 'minute') return new Date(at.setMinutes(down(at.getMinutes()), 0));
  if (unit === 'hour') return new Date(at.setHours(down(at.getHours()), 0, 0));
  at.setHours(0, 0, 0, 0);
  if (unit === 'day') return new Date(at.setDate(count >= 7 ? at.getDate() - ((at.getDay() + 6) % 7) : down(at.getDate(), 1)));
  if (unit === 'month') return new Date(at.setMonth(down(at.getMonth()), 1));
  return new Date(at.setFullYear(down(at.getFullYear()), 0, 1));
}

// Days have 23 to 25 hours, months 28 to 31 days: steps go by the calendar.
function next(at: Date, count: number, unit: Unit): Date {
  const out = new Date(at);
  if (unit === 'day') out.setDate(at.getDate() + count);
  else if (unit === 'month') out.setMonth(at.getMonth() + count);
  else if (unit === 'year') out.setFullYear(at.getFullYear() + count);
  else return new Date(at.getTime() + count * lengths[unit]);
  // Days within a month are counted from its first.
  if (unit === 'day' && count === 2 && out.getMonth() !== at.getMonth()) out.setDate(1);
  return out;
}

// From the first moment to the last, in milliseconds since 1970; one moment stands in the middle of two minutes.
export function timeAxis(from: number, to: number, ticksMax: number): Axis {
  const [low, high] = to > from ? [from, to] : [from - minute, from + minute];
  const [count, unit] = steps.find(([many, of]) => (high - low) / (many * lengths[of]) <= ticksMax - 1) ?? steps.at(-1)!;
  const ticks: number[] = [];
  for (let at = begin(low, count, unit); at.getTime() <= high && ticks.length < 2 * ticksMax; at = next(at, count, unit)) if (at.getTime() >= low) ticks.push(at.getTime());
  return { low, high, step: count * lengths[unit], ticks: ticks.length > 0 ? ticks : [low + (high - low) / 2] };
}

// "14:30"; a day's beginning, and of longer steps each, is "26 Nov"; a year's is "2026".
export function timeTickText(tick: number, { step }: Axis): string {
  const at = new Date(tick);
  if (step < lengths.minute) return at.toLocaleTimeString('en-GB');
  const isMidnight = at.getHours() === 0 && at.getMinutes() === 0;
  if (step < lengths.day && !isMidnight) return at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  if (step >= lengths.year) return String(at.getFullYear());
  if (step >= lengths.month * 0.9) return at.toLocaleDateString('en-GB', { month: 'short', year: 'numeric' });
  return at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
}
