import { expect, test } from 'vitest';
import { changesChart, extraWrite, gainChart } from './advice';
import type { Advice, ProvenIndex } from './types';

const index = (table: string, more: Partial<ProvenIndex>): ProvenIndex => ({
  schema: 'public', table, columns: ['a', 'b'], include: [], where: '', create: '', drop: '', scan_ms: 0, asked_by: [], statements: [], size_bytes: 0, build_ms: 0, saved_ms: 0, gain: 0.9,
  write: { rows: 100, before_us: 2, after_us: 3.5, before_wal_bytes: 0, after_wal_bytes: 0 }, ...more,
});
const measured = (fingerprint: string, before_ms: number, after_ms: number) => ({ fingerprint, before_ms, after_ms, before_access: '', after_access: '' });
const advice = (indexes: ProvenIndex[]): Advice => ({
  database: 'd', measured: true, copy: 'c', before_ms: 0, after_ms: 0, indexes, proposed: [], rejected: [], skipped: [],
  statements: [{ fingerprint: 'f1', queryid: '1', statement: 'SELECT a\n  FROM t WHERE b = $1 AND c = $2', calls: 1, total_ms: 1 }],
});

test('an index whose write cost is not known is not drawn at no cost', () => {
  expect(gainChart([index('t', {}), index('u', { write: null })])).toBeNull();
  const chart = gainChart([index('t', {}), index('u', { write: null }), index('v', { gain: 0.25 })])!;
  expect(chart.series.map(({ name, x, y }) => [name, x, y])).toEqual([['t (a, b)', [1.5], [90]], ['v (a, b)', [1.5], [25]]]);
  expect([extraWrite(index('t', {})), extraWrite(index('t', { write: null }))]).toEqual([1.5, null]);
});

test('a statement that two indexes serve is told from before the first to after the last', () => {
  const chart = changesChart(advice([index('t', { statements: [measured('f1', 50, 20), measured('f2', 9, 8)] }), index('u', { statements: [measured('f1', 20, 2)] })]))!;
  expect(chart.categories).toEqual(['SELECT a FROM t WHERE b = $…', 'f2']);
  expect(chart.series.map(({ name, y }) => [name, y])).toEqual([['before', [50, 9]], ['after', [2, 8]]]);
  expect(changesChart(advice([]))).toBeNull();
});
