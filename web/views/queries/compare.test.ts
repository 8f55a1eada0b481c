import { expect, test } from 'vitest';
import { halves, meansText, volcano } from './compare';
import type { Compared, SummaryPoint } from './types';

const compared = (more: Partial<Compared>): Compared => ({
  fp: 'f', statement: 'SELECT 1', kind: 'same', judgement: '', is_bad: false, mean_before_ms: 1, mean_after_ms: 1, ratio: 1, p: 1, p_adj: 1, share: 0.1,
  calls_per_s_before: 1, calls_per_s_after: 1, blocks_ratio: 1, calls_per_commit_ratio: 1, ...more,
});

test('what became four times as slow for certain is up and to the right', () => {
  const chart = volcano([compared({ kind: 'slower', is_bad: true, ratio: 4, p_adj: 0.001 }), compared({ kind: 'faster', ratio: 0.5, p_adj: 0.01 }), compared({ p_adj: 0.00000001 })])!;
  expect(chart.series.map(({ name, x }) => [name, x])).toEqual([['worse', [2]], ['faster', [-1]], ['no change that is sure', [0]]]);
  expect(chart.series.map(({ y }) => y[0])).toEqual([expect.closeTo(3, 9), expect.closeTo(2, 9), expect.closeTo(4, 9)]);
});

test('what could not be judged has no place in it', () => {
  expect(volcano([compared({ kind: 'too_few', ratio: 8 }), compared({ kind: 'new', mean_before_ms: 0 }), compared({ kind: 'vanished', mean_after_ms: 0, ratio: 0 })])).toBeNull();
});

test('what did not run on a side has no mean there', () => {
  expect([meansText(compared({ mean_after_ms: 2 })), meansText(compared({ mean_before_ms: 0, mean_after_ms: 559 })), meansText(compared({ mean_after_ms: 0 }))]).toEqual(['1.00 ms → 2.00 ms', '– → 559 ms', '1.00 ms → –']);
});

test('halves meet in the middle of what was watched', () => {
  const at = (second: number) => new Date(Date.UTC(2026, 2, 3, 9, 0, second)).toISOString();
  const point = (second: number) => ({ began: at(second), ended: at(second + 10) }) as SummaryPoint;
  const found = halves([point(0), point(10), point(20), point(30)])!;
  expect(found.map((span) => span.map((time) => new Date(time).getUTCSeconds()))).toEqual([[0, 20], [20, 40]]);
  expect(halves([point(0)])).toBeNull();
});
