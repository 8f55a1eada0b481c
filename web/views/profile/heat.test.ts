import { expect, it } from 'vitest';
import { cellAt, cellsOf, endOf, samplesIn, sliceText, spanOf, typedSpan } from './heat';
import type { Heat } from './types';

// Three columns of a second, each of two halves.
const heat: Heat = { has_times: true, column_ns: 1e9, columns: 3, rows: 2, most: 6, samples: 21, untimed: 0, counts: [1, 2, 3, 4, 5, 6] };

it('finds the cell at a place, columns first', () => {
  expect([cellAt(heat, 0, 0), cellAt(heat, 0, 0.9), cellAt(heat, 0.5, 0.2), cellAt(heat, 1, 1)]).toEqual([0, 1, 2, 5]);
  expect([cellAt(heat, -0.2, -3), cellAt(heat, 2, 7)]).toEqual([0, 5]); // dragged beyond its edges
});
it('makes one span of two cells, whichever was first', () => {
  expect(spanOf(heat, 1, 3)).toEqual([0.5e9, 2e9]);
  expect(spanOf(heat, 3, 1)).toEqual([0.5e9, 2e9]);
  expect(cellsOf(heat, [0.5e9, 2e9])).toEqual([1, 4]);
});
it('counts what lies in a span', () => {
  expect(samplesIn(heat, [0.5e9, 2e9])).toBe(2 + 3 + 4);
  expect(samplesIn(heat, [0, endOf(heat)])).toBe(21);
});
it('writes a slice as the server reads it', () => {
  expect(sliceText(heat, [0.5e9, 2e9])).toBe('0.5s-2s');
  expect(sliceText(heat, [10e9, 100.25e9])).toBe('10s-100.25s');
  expect(sliceText(heat, [0, 3e9])).toBe('');
});
it('reads an end that is typed, and leaves the other one', () => {
  const all: [number, number] = [0, endOf(heat)];
  expect(typedSpan(heat, [0.5e9, 3e9], '2', 'to')).toEqual([0.5e9, 2e9]);
  expect([typedSpan(heat, [1e9, 2e9], '-1', 'from'), typedSpan(heat, [1e9, 2e9], '99', 'to')]).toEqual([[0, 2e9], [1e9, 3e9]]);
  expect(typedSpan(heat, [0, 1e9], '2', 'from')).toEqual([2e9, 3e9]);
  expect(typedSpan(heat, [2e9, 3e9], '1', 'to')).toEqual([0, 1e9]);
  expect([typedSpan(heat, all, '3', 'from'), typedSpan(heat, all, 'x', 'from'), typedSpan(heat, all, '0', 'to'), typedSpan(heat, all, '1e-12', 'to')]).toEqual([null, null, null, null]);
});
it('takes what is typed out to the edges of cells, so that what is counted is what is drawn', () => {
  expect(typedSpan(heat, [0, 3e9], '0.7', 'from')).toEqual([0.5e9, 3e9]);
  expect(typedSpan(heat, [0.5e9, 3e9], '0.74', 'to')).toEqual([0.5e9, 1e9]);
  expect(samplesIn(heat, typedSpan(heat, [0.5e9, 3e9], '0.74', 'to')!)).toBe(2); // and not 0, as if nothing were there
  // 0.29 s is no number of the machine: what is typed at an edge stays there.
  const fine: Heat = { ...heat, columns: 1, rows: 100, counts: Array<number>(100).fill(1) };
  const [from, to] = typedSpan(fine, [0, 1e9], '0.29', 'from')!;
  expect([from, to]).toEqual([0.29e9, 1e9]);
  expect(samplesIn(fine, typedSpan(fine, [0, 1e9], '0.29', 'to')!)).toBe(29);
});
