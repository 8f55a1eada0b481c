// Parts of the time, as a heat map shows them: columns beside one another, the time in each from top to bottom.
import type { Heat } from './types';

export type Span = [from_ns: number, to_ns: number];

const second_ns = 1e9;

export function endOf(heat: Heat): number {
  return heat.columns * heat.column_ns;
}

function cellLength(heat: Heat): number {
  return heat.column_ns / heat.rows;
}

// The number of the cell at a place, both parts of the whole from 0 to 1.
export function cellAt(heat: Heat, x: number, y: number): number {
  const within = (part: number, count: number) => Math.min(count - 1, Math.max(0, Math.floor(part * count)));
  return within(x, heat.columns) * heat.rows + within(y, heat.rows);
}

// From the beginning of the earlier cell to the end of the later one.
export function spanOf(heat: Heat, one: number, other: number): Span {
  const [first, last] = one < other ? [one, other] : [other, one];
  return [first * cellLength(heat), (last + 1) * cellLength(heat)];
}

// The cells that a span covers, first and behind the last.
export function cellsOf(heat: Heat, [from, to]: Span): [number, number] {
  return [Math.round(from / cellLength(heat)), Math.round(to / cellLength(heat))];
}

// As the API takes it; empty: all of it.
export function sliceText(heat: Heat, [from, to]: Span): string {
  if (from <= 0 && to >= endOf(heat)) return '';
  const seconds = (time: number) => `${(time / second_ns).toFixed(6).replace(/\.?0+$/, '')}s`;
  return `${seconds(from)}-${seconds(to)}`;
}

export function samplesIn(heat: Heat, span: Span): number {
  const [first, last] = cellsOf(heat, span);
  return heat.counts.slice(first, last).reduce((sum, count) => sum + count, 0);
}

// What was typed, as a span within the heat map; the end that was not typed gives way. Nothing where it is none.
export function typedSpan(heat: Heat, from: string, to: string, typed: 'from' | 'to'): Span | null {
  const [start, end] = [from, to].map((text) => Math.min(endOf(heat), Math.max(0, Number(text) * second_ns))) as Span;
  const span: Span = start < end ? [start, end] : typed === 'from' ? [start, endOf(heat)] : [0, end];
  return span[0] < span[1] ? span : null;
}
