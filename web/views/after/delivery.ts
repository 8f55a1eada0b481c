// The delivery measures as drawings: durations on a logarithmic axis over time, departures by week, shares with how sure they are.

export interface Spread {
  least: number;
  quarter: number;
  median: number;
  three_quarters: number;
  most: number;
}

export interface Measured {
  value: number | null;
  of: number;
  band?: 'none' | 'low' | 'medium' | 'high' | 'elite';
  spread?: Spread;
  interval_95?: { lower: number; upper: number };
}

export interface Release {
  train: string;
  service: string;
  version: string;
  evidence: number;
  all_traffic: string | null; // null: it was taken back before it had all of it
  unplanned: boolean;
  commits: number;
  lead_time_s: Spread | null;
  failed: boolean;
}

export interface TroubleOf {
  evidence: number;
  release: number | null; // the entry of the release that it is of
  began: string;
  restored: string | null; // null: it goes on
}

export interface Delivery {
  since: string;
  until: string;
  service: string | null;
  frequency_per_day: Measured;
  lead_time_s: Measured;
  lead_time_authored_s: Measured;
  failure_rate: Measured;
  recovery_s: Measured;
  rework_rate: Measured;
  open_incidents: number;
  releases: Release[];
  troubles: TroubleOf[];
}

export interface Plotted {
  id: number; // entry of the log
  time: number; // Unix milliseconds
  low: number; // seconds
  high: number;
  box: [number, number] | null; // the middle half
  middle: number;
  tone: 'good' | 'bad' | 'plain' | 'open';
  says: string;
}

// "45 s", "3.5 h", "12 d": to two digits, in the largest unit of which there is one.
export function durationText(seconds: number): string {
  for (const [length, unit] of [[86_400, 'd'], [3_600, 'h'], [60, 'min']] as const) if (seconds >= length) return `${Number((seconds / length).toPrecision(2))} ${unit}`;
  return `${Math.round(seconds)} s`;
}

export const percentText = (share: number) => `${Number((share * 100).toFixed(1))} %`;

// "2.1 a day", "1.4 a week", "0.7 a month": in the shortest time in which there is one.
export function frequencyText(perDay: number): string {
  for (const [days, unit] of [[1, 'day'], [7, 'week'], [365.25 / 12, 'month']] as const) if (perDay * days >= 1 || unit === 'month') return `${Number((perDay * days).toPrecision(2))} a ${unit}`;
  return '';
}

export function leadsOf(delivery: Delivery): Plotted[] {
  return delivery.releases.flatMap(({ evidence, all_traffic: at, lead_time_s: lead, version, commits, failed }) =>
    at && lead
      ? [{ id: evidence, time: Date.parse(at), low: lead.least, high: lead.most, box: [lead.quarter, lead.three_quarters] as [number, number], middle: lead.median, tone: failed ? ('bad' as const) : ('plain' as const), says: `${version}: ${commits} commits, median ${durationText(lead.median)}, ${durationText(lead.least)} to ${durationText(lead.most)}` }]
      : [],
  );
}

// What goes on is drawn as long as it has gone on at `until`.
export function recoveriesOf(delivery: Delivery): Plotted[] {
  const versions = new Map(delivery.releases.map(({ evidence, version }) => [evidence, version]));
  return delivery.troubles.map(({ evidence, release, began, restored }) => {
    const seconds = Math.max(1, (Date.parse(restored ?? delivery.until) - Date.parse(began)) / 1_000);
    const of = (release !== null && versions.get(release)) || 'no release that is known';
    return { id: evidence, time: Date.parse(began), low: seconds, high: seconds, box: null, middle: seconds, tone: restored ? 'plain' : 'open', says: `${of}: ${restored ? `restored after ${durationText(seconds)}` : `goes on since ${durationText(seconds)}`}` };
  });
}

export interface Week {
  from: number;
  planned: number;
  unplanned: number;
}

const weekMilliseconds = 7 * 86_400_000;
const weeksMax = 60;

// Weeks back from the end of the window, the oldest first.
export function weeksOf(delivery: Delivery): Week[] {
  const [since, until] = [Date.parse(delivery.since), Date.parse(delivery.until)];
  const count = Math.min(weeksMax, Math.ceil((until - since) / weekMilliseconds));
  const weeks = Array.from({ length: count }, (_, i): Week => ({ from: until - weekMilliseconds * (count - i), planned: 0, unplanned: 0 }));
  for (const { all_traffic: at, unplanned } of delivery.releases) {
    const week = at && weeks.find(({ from }) => Date.parse(at) >= from && Date.parse(at) < from + weekMilliseconds);
    if (week) week[unplanned ? 'unplanned' : 'planned'] += 1;
  }
  return weeks;
}

// Ticks of a logarithmic axis of durations, between which all values lie.
const units: [number, string][] = [[1, '1 s'], [10, '10 s'], [60, '1 min'], [600, '10 min'], [3_600, '1 h'], [6 * 3_600, '6 h'], [86_400, '1 d'], [7 * 86_400, '1 week'], [30 * 86_400, '30 d'], [365 * 86_400, '1 year'], [3_650 * 86_400, '10 years']];

export function durationAxis(values: number[]): { low: number; high: number; ticks: [number, string][] } {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const first = Math.max(0, units.filter(([seconds]) => seconds <= least).length - 1);
  const found = units.findIndex(([seconds]) => seconds >= most);
  const last = Math.max(first + 1, found < 0 ? units.length - 1 : found);
  const ticks = units.slice(first, last + 1);
  return { low: Math.max(1, Math.min(ticks[0]![0], least)), high: Math.max(ticks.at(-1)![0], most), ticks };
}

export const bands = ['elite', 'high', 'medium', 'low'] as const;
export const toneOfBand = { none: 'quiet', low: 'bad', medium: 'caution', high: 'good', elite: 'good' } as const;
