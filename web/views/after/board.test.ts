import { expect, test } from 'vitest';
import { columnsOf, ownersOf } from './board';
import type { Action } from './types';

const now = Date.parse('2026-12-01T00:00:00Z');
const action = (id: string, owner: string, due: string, state: Action['state'] = 'open'): Action => ({
  train: 'one', id, class: 'detect', title: id, owner, due, state, changes: 0, evidence: 1, ...(state === 'done' && { done: { time: due, by: owner, note: 'there', evidence: 2 } }),
});
const actions = [
  action('a1', 'ada', '2026-12-15T00:00:00Z'), // fourteen days: still soon
  action('a2', 'bob', '2026-12-15T00:00:01Z'),
  action('a3', 'bob', '2026-11-30T00:00:00Z', 'overdue'),
  action('a4', 'ada', '2026-11-20T00:00:00Z', 'done'),
  action('a5', 'ada', '2026-11-21T00:00:00Z', 'done'),
  action('a6', 'ada', '2026-12-02T00:00:00Z'),
];

test('open actions stand by how soon they are due, done ones the newest first', () => {
  const { overdue, soon, later, done } = columnsOf(actions, '', now);
  expect([overdue, soon, later, done].map((column) => column.map(({ id }) => id).join())).toEqual(['a3', 'a6,a1', 'a2', 'a5,a4']);
  expect(columnsOf(actions, 'bob', now).soon).toEqual([]);
});

test('who is late comes first', () => {
  expect(ownersOf(actions)).toEqual([{ name: 'bob', open: 2, overdue: 1 }, { name: 'ada', open: 2, overdue: 0 }]);
});
