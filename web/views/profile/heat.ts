// Parts of the time, as a heat map shows them: columns beside one another, the time in each from top to bottom.
import type { Heat } from './types';

export type Span = [from_ns: number, to_ns: number];

const second_ns = 1e9;
const atEdge = 1e-6; // of a cell: a time that is so near to an edge of one is the edge

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

// The typed end beside the other one, which gives way where it is not beyond it; out to the edges of cells, which are what is counted and drawn.
// Nothing where it is none.
export function typedSpan(heat: Heat, span: Span, text: string, typed: 'from' | 'to'): Span | null {
  const time = Math.min(endOf(heat), Math.max(0, Number(text) * second_ns));
  const [start, end] = typed === 'from' ? [time, time < span[1] ? span[1] : endOf(heat)] : [time > span[0] ? span[0] : 0, time];
  const cell = cellLength(heat);
  const out: Span = [Math.floor(start / cell + atEdge) * cell, Math.ceil(end / cell - atEdge) * cell];
  return out[0] < out[1] ? out : null;
}
