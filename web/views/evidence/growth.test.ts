import { expect, test } from 'vitest';
import { auditText, rateOver, rateText, type Timeline } from './growth';

const now = Date.parse('2026-03-03T12:00:00Z');
const at = (secondsAgo: number) => new Date(now - secondsAgo * 1_000).toISOString();
const timeline = (checkpoints: [secondsAgo: number, size: number, entries: number][]): Timeline => ({
  size: checkpoints[0]?.[1] ?? 0,
  checkpoints: checkpoints.map(([secondsAgo, size, entries]) => ({ size, entries, time: at(secondsAgo), root: '' })),
  growth: [],
  audit: null,
});

test('the rate counts the entries of that time alone', () => {
  expect(rateOver(timeline([[10, 30, 20], [50, 10, 4], [7_200, 6, 6]]), 60, now)).toBe(24 / 60);
  expect(rateOver(timeline([[7_200, 6, 6]]), 60, now)).toBe(0);
});

test('a whole log that is younger than that time is counted over it', () => {
  expect(rateOver(timeline([[10, 3, 1], [20, 2, 2]]), 60, now)).toBe(3 / 60);
});

test('where the list ends within that time the rate is over what it covers', () => {
  expect(rateOver(timeline([[10, 100, 20], [20, 80, 20]]), 60, now)).toBe(40 / 20);
});

test('nothing is said of an empty log', () => {
  expect(rateOver(timeline([]), 60, now)).toBeNull();
});

test('a rate is told in the unit in which one comes', () => {
  expect(rateText(12)).toBe('12 a second');
  expect(rateText(1.5)).toBe('1.5 a second');
  expect(rateText(0.05)).toBe('3 a minute');
  expect(rateText(1 / 3_600)).toBe('1 an hour');
  expect(rateText(0)).toBe('0 an hour');
});

test('an audit is told with what came since, and one that failed as such', () => {
  const audit = { index: 1, time: at(3_600), origin: 'o', size: 40, failures: 0, forks: 0 };
  expect(auditText(audit, 52, () => '1 h ago')).toEqual({ verdict: 'pass', says: 'The last audit, 1 h ago, found that all 40 entries hold; 12 came since' });
  expect(auditText({ ...audit, failures: 1 }, 52, () => '1 h ago')).toEqual({ verdict: 'fail', says: 'The last audit, 1 h ago, found 1 thing that does not hold' });
  expect(auditText(null, 52, () => '').verdict).toBe('none');
});
