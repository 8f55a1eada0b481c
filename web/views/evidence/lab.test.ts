import { expect, it } from 'vitest';
import { valuesOf, verdictOf } from './lab';

const input = { predicate: { tests: 3, counts: { error: 0 }, failed: ['a'], name: 'x' }, age_s: 12 };
const told = (condition: string) => valuesOf(condition, input).map(({ path, text }) => `${path} ${text}`);

it('tells what stands at the paths that a condition names, each once', () => {
  expect(told('gt(.predicate.tests; 0) and eq(.predicate.counts.error; 0) and .predicate.tests < 9 and le(.age_s; 60)')).toEqual(['.predicate.tests 3', '.predicate.counts.error 0', '.age_s 12']);
  expect(told('.predicate.failed == [] or .predicate.gone.deep == 1')).toEqual(['.predicate.failed ["a"]', '.predicate.gone.deep missing']);
});
it('takes nothing within a string, and nothing that follows a call, for a path of the input', () => {
  expect(told('.predicate.name == "a .predicate.tests \\" .age_s" and (first(.predicate.failed[]).severity == 1)')).toEqual(['.predicate.name "x"', '.predicate.failed ["a"]']);
});
it('calls nothing but yes a pass', () => {
  expect((['yes', 'no', 'error', 'timeout', 'refused'] as const).map(verdictOf)).toEqual(['pass', 'fail', 'warn', 'warn', 'warn']);
});
