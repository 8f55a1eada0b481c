import { expect, test } from 'vitest';
import { commandOf, messagesOf, type Telling } from './announcements';

const telling = (message: string, channel: string, state: Telling['state'], since: string, subject = ''): Telling => ({ message, channel, kind: 'webhook', subject, state, since, by: 'builder', why: state === 'told' ? '' : 'refused with 500', tries: 1, evidence: 7 });

test('messages stand the newest first, each with its channels', () => {
  const messages = messagesOf([telling('planning.0', 'chat', 'told', '2026-12-01T10:00:00Z', '2026-12 is planned'), telling('planning.0', 'ada', 'refused', '2026-12-01T10:00:05Z'), telling('freeze.12', 'chat', 'unknown', '2026-12-02T10:00:00Z')]);
  expect(messages.map(({ key, moment, subject, missing }) => [key, moment, subject, missing])).toEqual([['freeze.12', 'freeze', 'freeze.12', 1], ['planning.0', 'planning', '2026-12 is planned', 1]]);
  expect(messages[1]!.tellings.map(({ channel }) => channel)).toEqual(['ada', 'chat']);
});

test('what cannot have arrived is told by the next call, what may have is asked for', () => {
  expect(commandOf('one', telling('a', 'chat', 'refused', ''))).toBe('signalbox train announce one');
  expect(commandOf('one', telling('a', 'chat', 'unknown', ''))).toBe('signalbox train announce one --again chat');
});
