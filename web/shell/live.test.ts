import { expect, it } from 'vitest';
import { delayAfter } from './live.svelte';

it('waits longer after each failure, and at most half a minute', () => {
  expect([0, 1, 2, 3, 4, 5, 50].map((failures) => delayAfter(failures, 1) / 1_000)).toEqual([1, 2, 4, 8, 16, 30, 30]);
  expect(delayAfter(3, 0)).toBe(6_400);
});
