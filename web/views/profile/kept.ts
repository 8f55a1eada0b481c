// Kept profiles in words.
import { amountText, percentText } from './flame_text.js';
import type { Kept } from './types';

export const api = '/api/v1/profile';

export function shortId(id: string): string {
  return id.slice(0, 12);
}

// "cpu 1.25 s, 124 samples"; profiles that do not count have no samples.
export function measuredText(kept: Kept): string {
  const amount = `${kept.value.type} ${amountText(kept.total, kept.value.unit)}`;
  const isCounted = kept.samples > 0 && kept.value.unit !== 'count';
  return isCounted ? `${amount}, ${kept.samples.toLocaleString('en')} samples` : amount;
}

export function durationText(kept: Kept): string {
  return kept.duration_ms > 0 ? amountText(kept.duration_ms, 'milliseconds') : '';
}

// What is known of it, name and value; without what is not. A label that is named like a fact says that it is a label.
export function factsOf(kept: Kept): [name: string, value: string][] {
  const facts: [string, string | null][] = [
    ['measured', measuredText(kept)],
    ['duration', durationText(kept)],
    ['mode', kept.mode],
    ['commit', kept.commit?.slice(0, 12) ?? null],
    ['branch', kept.branch],
    ['host', kept.host],
    ['cost of profiling', kept.overhead === null ? null : percentText(kept.overhead)],
    ['file', `${kept.format}, ${amountText(kept.bytes, 'bytes')}`],
    ['kept by', kept.kept_by],
    ['command', kept.command],
  ];
  const names = new Set(facts.map(([name]) => name));
  const labels = Object.entries(kept.labels).map(([name, text]): [string, string] => [names.has(name) ? `label ${name}` : name, text]);
  return [...facts, ...labels].filter((fact): fact is [string, string] => Boolean(fact[1]));
}

// A list whose first page was asked for again: what follows that page stays, where the two meet. A page that is not full is all there is.
export function joined<One extends { id: string }>(first: One[], shown: One[], pageLength: number): One[] {
  const meet = first.length < pageLength ? -1 : shown.findIndex(({ id }) => id === first.at(-1)!.id);
  return meet < 0 ? first : [...first, ...shown.slice(meet + 1)];
}

// Where a list begins, as the server takes it: "7d" before now.
export function sinceTime(since: string, now: number): string {
  const days = /^(\d+)d$/.exec(since)?.[1];
  return days ? new Date(now - Number(days) * 86_400_000).toISOString() : '';
}
