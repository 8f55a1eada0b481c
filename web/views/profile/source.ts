// The lines of a source with what they cost.
import { sureText } from './trend';
import type { LineCost, Source } from './types';

export const heatLevels = 5;

// 0: nothing; the levels from 1 on part what the hottest line has evenly.
export function heatOf(value: number, most: number): number {
  return value > 0 && most > 0 ? Math.min(heatLevels, Math.max(1, Math.ceil((value / most) * heatLevels))) : 0;
}

export interface Row {
  line: number; // 0: the profile does not say which
  text: string;
  cost: LineCost | null;
  self: number; // heat, of what lines take by themselves
  cumulative: number; // of what they take with what they call
}

// Every line that is shown; without a source those that cost.
export function rowsOf({ costs, source }: Source): Row[] {
  const most = (kind: 'self' | 'cumulative') => costs.reduce((highest, cost) => Math.max(highest, cost[kind]), 0);
  const [mostSelf, mostCumulative] = [most('self'), most('cumulative')];
  const byLine = new Map(costs.map((cost) => [cost.line, cost]));
  const row = (line: number, text: string): Row => {
    const cost = byLine.get(line) ?? null;
    return { line, text, cost, self: heatOf(cost?.self ?? 0, mostSelf), cumulative: heatOf(cost?.cumulative ?? 0, mostCumulative) };
  };
  const unplaced = byLine.has(0) ? [row(0, '')] : [];
  if (!source) return [...unplaced, ...costs.filter(({ line }) => line > 0).map(({ line }) => row(line, ''))];
  return [...unplaced, ...source.lines.map((text, i) => row(source.first_line + i, text))];
}

// Lines from the hottest on: by what they take with what they call, then by themselves.
export function hottestLines({ costs }: Source): number[] {
  return costs
    .filter(({ line }) => line > 0)
    .sort((a, b) => b.cumulative - a.cumulative || b.self - a.self || a.line - b.line)
    .map(({ line }) => line);
}

export interface Choice {
  file: string;
  words: string;
  isOffered: boolean;
}

// The files that the function lies in. Lines without one have no name that they could be asked for by: they are told where they cost most.
export function choicesOf({ files }: Source): Choice[] {
  return files.map((file, i) => ({ file, words: file || (i === 0 ? 'no file is named' : 'no file is named: cannot be chosen'), isOffered: file !== '' || i === 0 }));
}

// "commit 1f3c9a0b2c4d", "the work tree".
export function originText(source: NonNullable<Source['source']>): string {
  if (source.from === 'commit') return `commit ${source.commit!.slice(0, 12)}`;
  return source.from === 'work tree' ? 'the work tree' : 'a symbol server';
}

export function wholeText({ whole }: Source): string {
  return `itself ${sureText(whole.self_share)}, with what it calls ${sureText(whole.cumulative_share)}`;
}
