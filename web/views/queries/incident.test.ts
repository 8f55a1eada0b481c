import { expect, test } from 'vitest';
import { endCommand, rootsOf, worstMoment } from './incident';
import type { BlockedSession } from './types';

const session = (pid: number, depth: number, state = 'active') => ({ pid, depth, state }) as BlockedSession;

test('who waits by two ways is counted once, and who is in nobody\'s way is no root', () => {
  const roots = rootsOf([session(1, 0), session(2, 1), session(3, 2), session(3, 1), session(7, 0), session(8, 0), session(9, 1)]);
  expect(roots.map((root) => [root.session.pid, root.waiting])).toEqual([[1, 2], [8, 1]]);
  expect(rootsOf([])).toEqual([]);
});

test('the worst moment is the one with most sessions, the last of them', () => {
  const moment = (at: string, ...pids: number[]) => ({ at, tree: pids.map((pid, i) => session(pid, i)) });
  expect(worstMoment([moment('a', 1, 2), moment('b', 1, 2, 3), moment('c', 1, 2, 3), moment('d', 1, 2)])?.at).toBe('c');
  expect([worstMoment([]), worstMoment([moment('a')])]).toEqual([null, null]);
});

test('a statement that runs is cancelled, a session that is idle in its transaction is ended', () => {
  expect(endCommand(session(42, 0))).toBe('signalbox queries act cancel 42 --dsn postgresql://USER@HOST/DATABASE');
  expect(endCommand(session(42, 0, 'idle in transaction'))).toBe('signalbox queries act terminate 42 --dsn postgresql://USER@HOST/DATABASE');
});
