// What the console asks of the server, as types, and the one place that asks.

export type Verdict = 'none' | 'pass' | 'warn' | 'fail';
export type Tone = 'plain' | 'good' | 'bad' | 'caution' | 'quiet';

export interface Check {
  name: string;
  verdict: Verdict;
  asked: string;
  answer: string;
  reason: string;
  remedy: string;
  age_s: number | null;
  evidence: number | null;
}

export interface Chart {
  title: string;
  kind: 'line' | 'bar';
  x_label: string;
  y_label: string;
  categories: string[];
  series: { name: string; x: number[]; y: number[] }[];
}

export interface Report<Data = unknown> {
  version: number;
  instrument: string;
  title: string;
  verdict: Verdict;
  summary: string;
  facts: { name: string; value: string | number | boolean; unit: string }[];
  checks: Check[];
  findings: {
    rule: string;
    severity: 'note' | 'warning' | 'error';
    message: string;
    location: { file: string; line: number; column: number } | null;
    remedy: string;
  }[];
  tables: { title: string; columns: { name: string; align: 'left' | 'right' }[]; rows: { text: string; tone: Tone }[][] }[];
  charts: Chart[];
  next: string[];
  data: Data;
}

// The session is over: the address that `signalbox serve` printed opens a new one.
export class Expired extends Error {}

export async function get<T>(path: string): Promise<T> {
  const response = await fetch(path, { headers: { Accept: 'application/json' } });
  if (response.status === 401) throw new Expired('the session has ended');
  const body = await response.json().catch(() => null);
  if (!response.ok) throw new Error(body?.detail ?? body?.title ?? `${path} answered ${response.status}`);
  return body as T;
}
