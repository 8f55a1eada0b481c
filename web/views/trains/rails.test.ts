import { describe, expect, it } from 'vitest';
import { carsOf, scaleOf, ticksOf, xOf } from './rails';
import type { Risk, Seat } from './types';

const day = 86_400_000;
const now = Date.UTC(2026, 10, 25, 12);
const seat = (risk: Risk, state = 'aboard'): Seat => ({
  passenger: 'pr-1', commits: [], title: 'feat', owner: 'ada', risk, risk_note: '', state, checks: { answered: 12, of: 12 }, evidence: 1, lacks: '', next: '',
});

describe('the scale of the rails', () => {
  const scale = scaleOf([{ created: now - 10 * day, departs: now + 20 * day }], now, 1_000);
  it('has now at one place, what was left of it and what comes right of it, in proportion', () => {
    expect(xOf(scale, now)).toBe(scale.middle);
    expect(xOf(scale, now - 10 * day)).toBe(scale.left);
    expect(xOf(scale, now + 20 * day)).toBe(scale.right);
    expect(xOf(scale, now + 10 * day)).toBeCloseTo((scale.middle + scale.right) / 2);
  });
  it('keeps what lies outside at its ends', () => {
    expect(xOf(scale, now - 900 * day)).toBe(scale.left);
    expect(xOf(scale, now + 900 * day)).toBe(scale.right);
  });
  it.each([360, 1_160])('has no two ticks closer than a label on %i pixels', (width) => {
    for (const departs of [1, 20, 100, 400]) {
      const ticks = ticksOf(scaleOf([{ created: now - 3 * day, departs: now + departs * day }], now, width));
      for (let i = 1; i < ticks.length; ++i) expect(ticks[i]!.x - ticks[i - 1]!.x).toBeGreaterThan(44);
    }
  });
});

describe('the cars of a train', () => {
  it('are one a passenger, the first behind the engine; who was bumped has none', () => {
    const cars = carsOf([seat('high'), seat('low', 'bumped'), seat('low', 'slotted')], 40, 300);
    expect(cars.map((car) => [car.label, car.aboard])).toEqual([['H', true], ['L', false]]);
    expect(cars[0]!.x).toBeGreaterThan(cars[1]!.x);
  });
  it('are one a risk where there is no room, and still count everybody', () => {
    const cars = carsOf([...Array<Seat>(30).fill(seat('low')), ...Array<Seat>(2).fill(seat('high'))], 40, 200);
    expect(cars.map((car) => car.label)).toEqual(['H2', 'L30']);
    expect(-cars.at(-1)!.x).toBeLessThanOrEqual(200);
  });
  it('count everybody, however little room there is', () => {
    const seats = [seat('high'), seat('low'), seat('low', 'slotted'), seat('medium', 'candidate')];
    const labels = (room: number) => carsOf(seats, 26, room).map((car) => [car.label, car.aboard]);
    expect(labels(26 + 4 * 33)).toEqual([['H', true], ['L', true], ['L', false], ['M', false]]);
    expect(labels(26 + 100)).toEqual([['H1', true], ['M1', false], ['L2', false]]);
    expect(labels(26 + 40)).toEqual([['H4', false]]);
  });
});
