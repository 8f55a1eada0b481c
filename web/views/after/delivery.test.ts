import { expect, test } from 'vitest';
import { durationAxis, durationText, frequencyText, leadsOf, recoveriesOf, weeksOf, type Delivery, type Release } from './delivery';

const release = (evidence: number, at: string | null, more: Partial<Release> = {}): Release => ({ train: 't', service: 'shop', version: `v1.${evidence}.0`, evidence, all_traffic: at, unplanned: false, commits: 2, lead_time_s: null, failed: false, ...more });
const nothing = { value: null, of: 0 };
const delivery: Delivery = {
  since: '2026-11-01T00:00:00Z', until: '2026-11-30T00:00:00Z', service: null,
  frequency_per_day: nothing, lead_time_s: nothing, lead_time_authored_s: nothing, failure_rate: nothing, recovery_s: nothing, rework_rate: nothing, open_incidents: 1,
  releases: [
    release(1, '2026-11-01T12:00:00Z'), // the fifth week back has one day alone
    release(2, '2026-11-02T00:00:00Z', { unplanned: true }), // on the edge: of the week that begins with it
    release(3, '2026-11-29T23:59:59Z', { lead_time_s: { least: 60, quarter: 3_600, median: 7_200, three_quarters: 9_000, most: 172_800 }, failed: true }),
    release(4, null, { failed: true }),
  ],
  troubles: [
    { evidence: 9, release: 3, began: '2026-11-10T00:00:00Z', restored: '2026-11-10T00:30:00Z' },
    { evidence: 10, release: null, began: '2026-11-28T00:00:00Z', restored: null },
  ],
};

test('departures stand in the week in which all traffic came', () => {
  expect(weeksOf(delivery).map(({ planned, unplanned }) => [planned, unplanned])).toEqual([[1, 0], [0, 1], [0, 0], [0, 0], [1, 0]]);
});

test('what has no lead time is not drawn, what is not over is drawn as long as it goes on', () => {
  expect(leadsOf(delivery).map(({ id, box, tone }) => [id, box, tone])).toEqual([[3, [3_600, 9_000], 'bad']]);
  expect(leadsOf(delivery)[0]!.says).toBe('v1.3.0: 2 commits, median 2 h, 1 min to 2 d');
  expect(recoveriesOf(delivery).map(({ middle, tone, says }) => [middle, tone, says])).toEqual([
    [1_800, 'plain', 'v1.3.0: restored after 30 min'],
    [172_800, 'open', 'no release that is known: goes on since 2 d'],
  ]);
});

test('figures are read in the unit that suits them', () => {
  expect([0.4, 59, 60, 5_400, 86_399, 86_400, 1_000_000].map(durationText)).toEqual(['0 s', '59 s', '1 min', '1.5 h', '24 h', '1 d', '12 d']);
  expect([2.14, 1, 1 / 7, 0.13, 0.01].map(frequencyText)).toEqual(['2.1 a day', '1 a day', '1 a week', '4 a month', '0.3 a month']);
});

test('an axis of durations holds all of them', () => {
  expect(durationAxis([90, 7_000]).ticks.map(([, name]) => name)).toEqual(['1 min', '10 min', '1 h', '6 h']);
  expect(durationAxis([3_600]).ticks.map(([, name]) => name)).toEqual(['1 h', '6 h']);
  expect(durationAxis([0.2, 1e12])).toMatchObject({ low: 1, high: 1e12 });
});
