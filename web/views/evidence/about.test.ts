import { expect, it } from 'vitest';
import { companionsOf, factsOf, kindsOf } from './about';
import type { Row } from './types';

const row = (index: number, type: string, ...subjects: string[]): Row => ({ index, type, subjects, time: '2026-12-01T10:00:00Z', keys: [], erased: false });
const rows = [row(9, 'decision', 'gitCommit:a'), row(7, 'tests', 'gitCommit:a', 'sha256:b'), row(4, 'tests', 'gitCommit:a', 'sha256:b', 'sha256:c')];

it('puts entries together by type, each with its newest first', () => {
  expect(kindsOf(rows).map(({ type, rows: of }) => [type, of.map(({ index }) => index)])).toEqual([['decision', [9]], ['tests', [7, 4]]]);
});
it('tells what else the entries are about, and how often', () => {
  expect(companionsOf(rows, 'gitCommit:a')).toEqual([{ subject: 'sha256:b', count: 2 }, { subject: 'sha256:c', count: 1 }]);
});
it('tells a predicate in lines, two deep and no more than asked for', () => {
  const predicate = { tool: 'junit', tests: 3, counts: { error: 0, by: { rule: { a: 1 } } }, failed: [], keys: ['a', 'b'], gates: [{}, {}], of: null };
  expect(factsOf(predicate, 20).map(({ path, text }) => `${path} = ${text}`)).toEqual(['tool = junit', 'tests = 3', 'counts.error = 0', 'counts.by = 1 member', 'failed = none', 'keys = a, b', 'gates = 2 items', 'of = null']);
  expect(factsOf(predicate, 2)).toHaveLength(2);
  expect(factsOf('x'.repeat(500), 2)[0]!.text).toHaveLength(120);
  expect(factsOf(undefined, 2)).toEqual([]);
});
