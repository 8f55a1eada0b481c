import { expect, it } from 'vitest';
import { laneOf } from './lasting';

it('draws what expires before the departure short of its line, and what outlives it beyond', () => {
  const { ends, departure } = laneOf([1_500, 3_000, 500], 1_000, 2_000);
  expect(ends[0]).toBeCloseTo(departure! / 2);
  expect(ends[1]).toBeCloseTo(departure! * 2);
  expect(ends[2]).toBe(0); // it is too old already
  expect(Math.max(...ends)).toBeLessThan(1);
});
it('has no line where no departure is planned', () => {
  expect(laneOf([2_000], 1_000, null).departure).toBe(null);
});
