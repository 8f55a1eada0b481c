// What the console asks of the server, as types, and the one place that asks.
import { connection } from './connection.svelte';

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

export interface Finding {
  rule: string;
  severity: 'note' | 'warning' | 'error';
  message: string;
  location: { file: string; line: number; column: number } | null;
  remedy: string;
}

export interface Report<Data = unknown> {
  version: number;
  instrument: string;
  title: string;
  verdict: Verdict;
  summary: string;
  facts: { name: string; value: string | number | boolean; unit: string }[];
  checks: Check[];
  findings: Finding[];
  tables: { title: string; columns: { name: string; align: 'left' | 'right' }[]; rows: { text: string; tone: Tone }[][] }[];
  charts: Chart[];
  next: string[];
  data: Data;
}

export interface Workspace {
  name: string;
  root: string;
  version: string;
  commit: { id: string; short: string; subject: string; time: string } | null;
  self_trusted: boolean;
  allow_run: boolean;
  writable: boolean;
  principal?: { name: string; role: string };
}

// Why the server gave no answer: an RFC 9457 problem, or status 0 where it was not reached at all.
export class Problem extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly hint = '',
  ) {
    super(message);
  }
}

export function problemOf(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(0, error instanceof Error ? error.message : String(error));
}

// A body of application/problem+json.
export function readProblem(status: number, body: unknown, otherwise: string): Problem {
  const { detail, title, hint } = (body ?? {}) as Partial<Record<'detail' | 'title' | 'hint', string>>;
  return new Problem(status, detail ?? title ?? otherwise, hint);
}

const deadlineMilliseconds = 20_000;

// Throws a Problem. A 401 ends the session of the whole page: `signalbox serve` prints the address that opens another.
async function ask(method: string, path: string, sent?: unknown): Promise<Response> {
  const request: RequestInit = { method, headers: { Accept: 'application/json' }, signal: AbortSignal.timeout(deadlineMilliseconds) };
  if (sent !== undefined) Object.assign(request, { body: JSON.stringify(sent), headers: { Accept: 'application/json', 'Content-Type': 'application/json' } });
  const response = await fetch(path, request).catch(() => {
    throw new Problem(0, 'The server does not answer.', 'Is signalbox serve still running?');
  });
  if (response.status === 401) connection.state = 'expired';
  if (response.ok) return response;
  const body = await response.json().catch(() => null);
  throw readProblem(response.status, body, `${path} answered ${response.status}`);
}

// The JSON at `path`.
export async function get<T>(path: string): Promise<T> {
  const response = await ask('GET', path);
  const body = await response.json().catch(() => null);
  if (body === null) throw new Problem(response.status, `${path} did not answer with JSON`);
  return body as T;
}

// Sends `body` as JSON; answers with the JSON that came back.
export async function post<T>(path: string, body: unknown): Promise<T> {
  return (await ask('POST', path, body)).json() as Promise<T>;
}

export async function remove(path: string): Promise<void> {
  await ask('DELETE', path);
}
