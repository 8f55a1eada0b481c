import { expect, test } from 'vitest';
import { boundsText, figureText, gaugeOf, type Figure } from './health';
import { callsOf, standingsOf, type Runbook, type RunbookStep } from './runbook';

const figure = (more: Partial<Figure>): Figure => ({ name: 'crash-free', query: 'q', unit: '', value: 0.99, verdict: 'fail', ...more });

test('a figure stands beside its bounds', () => {
  const below = gaugeOf(figure({ value: 10, at_least: 20 }))!; // drawn from 7.5 to 22.5
  expect([below.at, below.good[0], below.good[1]]).toEqual([2.5 / 15, 12.5 / 15, 1]);
  const within = gaugeOf(figure({ value: 15, at_least: 10, at_most: 20 }))!;
  expect([within.at, ...within.good]).toEqual([0.5, 2.5 / 15, 12.5 / 15]);
  expect(gaugeOf(figure({ value: null, at_most: 1 }))).toBeNull();
  expect(gaugeOf(figure({}))).toBeNull();
  const exact = gaugeOf(figure({ value: 0, at_most: 0 }))!;
  expect(exact.at).toBeCloseTo(0.5);
});

test('bounds and figures are read', () => {
  expect([figure({ at_least: 1, at_most: 2 }), figure({})].map(boundsText)).toEqual(['at least 1, at most 2', 'told, not judged']);
  expect([figure({ value: 0.1234567, unit: 'of 1' }), figure({ value: null })].map(figureText)).toEqual(['0.123457 of 1', 'no data']);
});

test('whoever does a step can be called, the named ones first', () => {
  const step = (what: string, owner: string): RunbookStep => ({ id: what, at: null, what, command: '', owner, state: 'open', found: '', ticked_by: 'log' });
  const runbook: Runbook = { train: 't', version: '', baseline: '', departs: '', standing: '', steps: [step('check', 'engineering, sre'), step('lock', 'ada'), step('look', '')], back: [step('pause', 'sre')], manual: [], contacts: [{ role: 'release', name: 'ada', reach: '+49 30 1' }] };
  expect(callsOf(runbook).map(({ role, name, reach }) => `${role} ${name} ${reach}`)).toEqual(['release ada +49 30 1', 'check engineering ', 'check; pause sre ']);
});

test('what comes after a step that was done is next, and of those before it nobody says that they are late', () => {
  const step = (id: string, state: RunbookStep['state'], at: string | null): RunbookStep => ({ id, at, what: id, command: '', owner: '', state, found: '', ticked_by: 'log' });
  const steps = [step('lock', 'done', null), step('readout', 'open', '2026-12-01T09:30:00Z'), step('depart', 'done', '2026-12-01T10:00:00Z'), step('half', 'open', '2026-12-01T10:15:00Z'), step('all', 'open', '2026-12-01T10:30:00Z')];
  const told = standingsOf(steps, Date.parse('2026-12-01T10:20:00Z')).map(({ next, late, untold }) => [next, late, untold].map(Number).join(''));
  expect(told).toEqual(['000', '001', '000', '110', '000']);
  expect(standingsOf([step('lock', 'open', null)], 0)[0]).toMatchObject({ next: true, late: false, untold: false });
});
