import { expect, test } from 'vitest';
import { lanes, lengthOf, marksOf, stepsOf } from './timeline';
import type { TrainReview } from './types';

const at = (clock: string, day = 1) => `2026-12-0${day}T${clock}:00Z`;
const review: TrainReview = {
  train: 'one', review: 'due in 3d', ending: 'taken-back', version: 'v1.1.0', ended: at('12:00'), due: at('12:00', 8), overdue: false, published: null, open_actions: 2,
  actions: [
    { train: 'one', id: 'a1', class: 'detect', title: 'alarm', owner: 'ada', due: at('09:00', 2), state: 'overdue', changes: 0, evidence: 9 },
    { train: 'one', id: 'a2', class: 'prevent', title: 'test it', owner: 'bob', due: at('09:00', 9), state: 'open', changes: 0, evidence: 10 },
  ],
  timeline: [
    { index: 1, time: at('10:00'), by: 'builder', text: 'all traffic', tone: 'good', kind: 'step' },
    { index: 2, time: at('11:30'), by: 'builder', text: 'it was taken back', tone: 'bad', kind: 'rollback' },
    { index: 3, time: at('11:40'), by: 'ada', text: 'incident i1: carts are empty (from 2026-12-01T10:30:00Z)', tone: 'bad', kind: 'incident', about: 'i1', happened: at('10:30') },
    { index: 4, time: at('11:50'), by: 'ada', text: 'incident i1 is over since 2026-12-01T11:30:00Z', tone: 'good', kind: 'incident', about: 'i1', happened: at('11:30') },
  ],
};

test('what was told late stands where it happened, and an incident goes on until it is over', () => {
  const marks = marksOf(review);
  expect(marks.map(({ id, troubles }) => [id, troubles.join()])).toEqual([['log 1', ''], ['log 3', 'i1'], ['log 2', ''], ['log 4', ''], ['due a1', ''], ['review', ''], ['due a2', '']]);
  expect(marks[1]!.text).toBe('incident i1: carts are empty');
  expect(marks[1]!.told).toBe(Date.parse(at('11:40')));
  expect(marks[3]!.text).toBe('incident i1 is over');
});

test('an incident that is not over goes on', () => {
  const open = marksOf({ ...review, timeline: review.timeline.slice(0, 3) });
  expect(open.map((mark) => mark.troubles.length)).toEqual([0, 1, 1, 1, 1, 1]);
});

test('steps say how long after the one before, and where now is', () => {
  const steps = stepsOf(marksOf(review), new Set(lanes), Date.parse(at('12:00', 3)));
  expect(steps.map(({ after }) => after)).toEqual(['', '30 min', '60 min', '', '22 h', '6 d', '21 h']);
  expect(steps.map(({ now }) => now)).toEqual([false, false, false, false, false, true, false]);
  expect(steps.filter(({ date }) => date).length).toBe(4);
  const fewer = stepsOf(marksOf(review), new Set(['action'] as const), 0);
  expect(fewer.map(({ mark }) => mark.id)).toEqual(['due a1', 'review', 'due a2']);
});

test('lengths are rounded', () => {
  expect([89, 90, 5_399, 5_400, 129_599, 129_600].map(lengthOf)).toEqual(['89 s', '2 min', '90 min', '2 h', '36 h', '2 d']);
});
