// Figures as people read them, and what the pages of queries share.
import type { Figure } from '../../shell/charts/layout';
import type { ActiveData, SummaryPoint } from './types';

export const api = '/api/v1/queries';
export const spans = [['15m', '15 minutes'], ['1h', 'an hour'], ['6h', '6 hours'], ['24h', 'a day'], ['7d', '7 days']] as const;
export const orders = [['total', 'total time'], ['mean', 'mean time'], ['calls', 'calls'], ['p95', 'p95 bound'], ['rows', 'rows'], ['read', 'blocks read'], ['temp', 'temporary files'], ['wal', 'WAL']] as const;
export const usualSpan = '15m';

function three(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}

// "0.012 ms", "12.3 ms", "1.23 s", "2 min 5 s"
export function msText(ms: number): string {
  if (ms === 0) return '0 ms';
  if (ms < 0.0005) return '< 0.001 ms';
  if (ms < 0.1) return `${ms.toFixed(3)} ms`;
  if (ms < 999.5) return `${three(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 119.5) return `${three(seconds)} s`;
  const whole = Math.round(seconds);
  return whole < 7_200 ? `${Math.floor(whole / 60)} min ${whole % 60} s` : `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
}

export function countText(count: number): string {
  if (count >= 1e9) return `${three(count / 1e9)} G`;
  if (count >= 1e7) return `${three(count / 1e6)} M`;
  return Math.round(count).toLocaleString('en');
}

export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let value = bytes;
  while (value >= 1_023.5 && unit + 1 < units.length) {
    value /= 1_024;
    unit += 1;
  }
  return unit === 0 ? `${Math.round(bytes)} B` : `${three(value)} ${units[unit]}`;
}
export const blocksText = (blocks: number) => bytesText(blocks * 8_192);

export function shareText(share: number): string {
  return share > 0 && share < 0.0005 ? '< 0.1 %' : `${(100 * share).toFixed(1)} %`;
}

// "LOCK" → the names that colours are given by; what waits for nothing is CPU.
export const versionText = (version: number) => `PostgreSQL ${Math.floor(version / 10_000)}.${version % 10_000}`;

// Statements differ by their first words and tables: white space says nothing.
export const oneLine = (sql: string) => sql.replace(/\s+/g, ' ').trim();

// A word of a command line: in quotes where it needs them.
export const shellWord = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

export function lines(title: string, unit: string, times: string[], series: [name: string, values: (number | null)[]][]): Figure {
  return {
    title,
    kind: 'line',
    x_label: '',
    y_label: unit,
    categories: [],
    x_kind: 'time',
    y_from: 'zero',
    series: series.map(([name, values]) => {
      const known = values.map((value, i) => [Date.parse(times[i]!), value] as const).filter((pair): pair is readonly [number, number] => pair[1] !== null);
      return { name, x: known.map(([x]) => x), y: known.map(([, y]) => y) };
    }),
  };
}

export function summaryCharts(points: SummaryPoint[]): Figure[] {
  const times = points.map((point) => point.ended);
  return [
    lines('Time of a statement', 'ms', times, [['mean', points.map((point) => point.mean_exec_ms)], ['p95 at most', points.map((point) => point.p95_bound_ms)]]),
    lines('Statements a second', '1/s', times, [['calls', points.map((point) => point.calls_per_s)]]),
    lines('Executions at the same time', 'on average', times, [['executing', points.map((point) => point.active)], ['of it reading blocks', points.map((point) => point.reading)]]),
  ];
}

// Average active sessions of the names that had most of them.
export function activeChart(title: string, data: ActiveData): Figure {
  const names = data.shares.slice(0, 6).map((share) => share.name);
  return lines(title, 'sessions', data.timeline.map((point) => point.ended), names.map((name) => [name || 'none', data.timeline.map((point) => point.active[name] ?? 0)]));
}

// Points of a sparkline in a box of 60 by 16.
export function spark(parts: number[]): string {
  const most = Math.max(...parts, 0);
  if (most === 0 || parts.length < 2) return '';
  return parts.map((part, i) => `${((60 * i) / (parts.length - 1)).toFixed(1)},${(15 - (14 * part) / most).toFixed(1)}`).join(' ');
}

// "↑3", "↓1", "new": where it stood before.
export function changeText(rank: number, before: number | null): string {
  if (before === null || before === rank) return '';
  if (before === 0) return 'new';
  return before > rank ? `↑${before - rank}` : `↓${rank - before}`;
}
