import { expect, it } from 'vitest';
import { age, countdown, distance, ago, inZone, moment, plural, shortHash, shortSubject, shortType } from './format';

it('rounds an age down to one unit', () => {
  expect([0, 1.9, 2, 59.9, 60, 3599, 3600, 86_399, 86_400, 864_000].map(age)).toEqual([
    '0 s', '1 s', '2 s', '59 s', '1 min', '59 min', '1 h', '23 h', '1 d', '10 d',
  ]);
});
it('says that what is a second old is now', () => {
  expect([-3, 1.9, 2, 90].map(ago)).toEqual(['just now', 'just now', '2 s ago', '1 min ago']);
});
it('says how far a moment is, and what is left of a wait', () => {
  expect([90, -90, 0].map(distance)).toEqual(['in 1 min', '1 min ago', 'just now']);
  expect([0, 9.2, 899.5, 3_723, -4].map(countdown)).toEqual(['0:00', '0:10', '15:00', '1:02:03', '0:00']);
});
it('tells the year of a moment where it is another one', () => {
  const [now, then] = [new Date(2026, 10, 25).getTime(), new Date(2026, 11, 1, 9, 5).getTime()];
  expect([moment(then, now), moment(new Date(2031, 5, 3, 10).getTime(), now)]).toEqual(['Tue 1 Dec, 09:05', 'Tue 3 Jun 2031, 10:00']);
});
it('counts one and many', () => {
  expect([plural(1, 'gate'), plural(0, 'gate'), plural(1200, 'entry', 'entries')]).toEqual(['1 gate', '0 gates', '1,200 entries']);
});
it('shortens our own types, subjects and hashes, and leaves others whole', () => {
  expect(shortType('https://signalbox.dev/evidence/tests/v1')).toBe('evidence/tests/v1');
  expect(shortType('https://slsa.dev/provenance/v1')).toBe('https://slsa.dev/provenance/v1');
  expect(shortSubject(`gitCommit:${'ab'.repeat(20)}`)).toBe('gitCommit:abababababab');
  expect(shortHash('0123456789abcdef0123456789abcdef')).toBe('01234567…89abcdef');
});

it('times of the server stand in the zone of the reader', () => {
  const at = '2026-12-01T09:00:00.365Z';
  expect(inZone(`locked ${at}, log #3; since 2026-12-01T09:00:00Z`, Date.parse(at))).toBe(`locked ${moment(at, Date.parse(at))}, log #3; since ${moment(at, Date.parse(at))}`);
  expect(inZone('v1.2.0 of 2026-12-01')).toBe('v1.2.0 of 2026-12-01');
});
