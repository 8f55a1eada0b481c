import { expect, it } from 'vitest';
import { factsOf, joined, measuredText, sinceTime } from './kept';
import type { Kept } from './types';

const kept: Kept = {
  id: 'a'.repeat(64), service: 'shop', commit: 'b'.repeat(40), branch: null, host: 'box', mode: 'cpu', command: null, labels: { region: 'eu' },
  taken: '2026-11-26T12:00:00Z', duration_ms: 30_000, value: { type: 'cpu', unit: 'nanoseconds' }, total: 1_250_000_000, samples: 1_240, overhead: 0.004, format: 'pprof', bytes: 2_048,
  kept: '2026-11-26T12:01:00Z', kept_by: 'ci', verdict: null,
};

it('says what was measured, and no count twice', () => {
  expect(measuredText(kept)).toBe('cpu 1.25 s, 1,240 samples');
  expect(measuredText({ ...kept, value: { type: 'samples', unit: 'count' }, total: 1_240 })).toBe('samples 1,240');
  expect(measuredText({ ...kept, samples: 0 })).toBe('cpu 1.25 s');
});
it('tells what is known, and of nothing else', () => {
  expect(factsOf(kept)).toEqual([
    ['measured', 'cpu 1.25 s, 1,240 samples'], ['duration', '30.0 s'], ['mode', 'cpu'], ['commit', 'bbbbbbbbbbbb'], ['host', 'box'], ['cost of profiling', '0.4 %'],
    ['file', 'pprof, 2.00 KiB'], ['kept by', 'ci'], ['region', 'eu'],
  ]);
});
it('tells a label from the fact of its name', () => {
  const named = factsOf({ ...kept, labels: { commit: 'c', branch: 'topic', 'kept by': 'me' } }).map(([name]) => name);
  expect(named).toEqual(['measured', 'duration', 'mode', 'commit', 'host', 'cost of profiling', 'file', 'kept by', 'label commit', 'label branch', 'label kept by']);
});
it('keeps the pages behind the first one, which is asked for again and again', () => {
  const of = (ids: string) => [...ids].map((id) => ({ id }));
  const shown = of('fedcba'); // two pages of three
  expect(joined(of('fed'), shown, 3)).toEqual(shown);
  expect(joined(of('hgf'), shown, 3)).toEqual(of('hgfedcba')); // two more came
  expect(joined(of('fdc'), shown, 3)).toEqual(of('fdcba')); // one was removed
  expect(joined(of('mlk'), shown, 3)).toEqual(of('mlk')); // so many came that they do not meet
  expect(joined(of('fe'), shown, 3)).toEqual(of('fe')); // that is all
  expect(joined([], shown, 3)).toEqual([]);
});
it('begins a list so many days ago', () => {
  expect(sinceTime('7d', Date.parse('2026-11-26T12:00:00Z'))).toBe('2026-11-19T12:00:00.000Z');
  expect(sinceTime('', 0)).toBe('');
});
