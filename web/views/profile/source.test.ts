import { expect, it } from 'vitest';
import { choicesOf, heatOf, hottestLines, originText, rowsOf, wholeText } from './source';
import type { LineCost, Source } from './types';

const cost = (self: number, cumulative: number): LineCost => ({
  self, cumulative, self_share: { share: self / 100, ci: [0, 1], effective_n: 100 }, cumulative_share: { share: cumulative / 100, ci: [0, 1], effective_n: 100 },
});
const told = (more: Partial<Source>): Source => ({
  function: 'parse', value: { type: 'samples', unit: 'count' }, total: 100, whole: cost(25, 100), files: ['a.c'], file: 'a.c', start_line: 0, code: [], missing: null,
  costs: [{ line: 4, ...cost(20, 20) }, { line: 6, ...cost(5, 80) }], costs_left_out: 0,
  source: { from: 'commit', path: 'src/a.c', commit: '1f3c9a0b2c4d5e6f', note: null, file_lines: 90, first_line: 3, lines: ['{', '  fold();', '', '  read();'] },
  ...more,
});

it('has a heat that grows with the cost, and none for nothing', () => {
  expect([0, 1, 20, 21, 60, 81, 100].map((value) => heatOf(value, 100))).toEqual([0, 1, 1, 2, 3, 5, 5]);
  expect(heatOf(0, 0)).toBe(0);
});

it('lays the costs beside the lines', () => {
  const rows = rowsOf(told({}));
  expect(rows.map(({ line, text, self, cumulative }) => [line, text, self, cumulative])).toEqual([[3, '{', 0, 0], [4, '  fold();', 5, 2], [5, '', 0, 0], [6, '  read();', 2, 5]]);
  expect(rows[0]!.cost).toBeNull();
  expect(rows[3]!.cost!.cumulative).toBe(80);
});

it('tells of lines that cost where there is no source, and of those that nobody knows', () => {
  const rows = rowsOf(told({ source: null, missing: 'no source a.c', costs: [{ line: 0, ...cost(1, 1) }, { line: 4, ...cost(20, 20) }] }));
  expect(rows.map(({ line }) => line)).toEqual([0, 4]);
});

it('goes from the hottest line to the next', () => {
  expect(hottestLines(told({}))).toEqual([6, 4]);
  expect(hottestLines(told({ costs: [{ line: 0, ...cost(9, 9) }, { line: 2, ...cost(1, 5) }, { line: 1, ...cost(2, 5) }] }))).toEqual([1, 2]);
});

it('says where a source is from', () => {
  expect(originText(told({}).source!)).toBe('commit 1f3c9a0b2c4d');
  expect(originText({ ...told({}).source!, from: 'work tree', commit: null })).toBe('the work tree');
  expect(wholeText(told({}))).toBe('itself 25.0 % (0–100.0 %), with what it calls 100.0 % (0–100.0 %)');
});

it('offers no lines whose file has no name, but where they cost most', () => {
  expect(choicesOf(told({ files: ['a.c', ''] })).map(({ file, isOffered }) => [file, isOffered])).toEqual([['a.c', true], ['', false]]);
  expect(choicesOf(told({ files: ['', 'a.c'] })).map(({ isOffered }) => isOffered)).toEqual([true, true]);
  expect(choicesOf(told({ files: ['a.c', ''] }))[1]!.words).toContain('cannot be chosen');
});
