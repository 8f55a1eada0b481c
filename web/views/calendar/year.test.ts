import { describe, expect, it } from 'vitest';
import { mergeYears, monthsOf, saysOf, stops, type Freeze } from './year';

const at = (year: number, month: number, day: number, hour = 0) => new Date(year, month - 1, day, hour).toISOString();
const freeze = (name: string, start: string, end: string, environments: string[] = []): Freeze => ({ name, start, end, reason: '', environments });
const yearsEnd = freeze("year's end", at(2026, 12, 18, 18), at(2027, 1, 4));

describe('the months of a year', () => {
  const months = monthsOf(2026, [yearsEnd], [{ train: '2026-12', departs: at(2026, 12, 15, 9), phase: 'open' }]);
  it('have the lengths and first weekdays of any calendar', () => {
    expect(months.map((month) => month.days.length)).toEqual([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);
    expect(monthsOf(2028, [], [])[1]!.days.length).toBe(29);
    expect([months[0]!.lead, months[5]!.lead, months[10]!.lead]).toEqual([3, 0, 6]); // 1 January 2026 is a Thursday, 1 June a Monday, 1 November a Sunday
  });
  it('tell a day that is frozen in part from one that is wholly', () => {
    const december = months[11]!.days;
    expect([17, 18, 19, 31].map((date) => december[date - 1]!.frozen)).toEqual(['no', 'partly', 'whole', 'whole']);
    expect(saysOf(months[11]!)).toBe('frozen 19 to 31; partly frozen 18; 2026-12 departs on 15');
    expect(saysOf(months[10]!)).toBe('no freeze');
  });
  it('take two freezes that follow each other within a day for a whole one, and two with a gap not', () => {
    const [morning, evening, late] = [freeze('a', at(2026, 3, 2), at(2026, 3, 2, 12)), freeze('b', at(2026, 3, 2, 12), at(2026, 3, 3)), freeze('c', at(2026, 3, 2, 13), at(2026, 3, 3))];
    expect(monthsOf(2026, [evening, morning], [])[2]!.days[1]!.frozen).toBe('whole');
    expect(monthsOf(2026, [late, morning], [])[2]!.days[1]!.frozen).toBe('partly');
  });
});
it('tells a freeze once that two years answer, and leaves out what is of another', () => {
  const summer = freeze('summer', at(2027, 7, 1), at(2027, 8, 1));
  expect(mergeYears([[yearsEnd], [yearsEnd, summer]], 2026)).toEqual([yearsEnd]);
  expect(mergeYears([[yearsEnd], [summer, yearsEnd]], 2027)).toEqual([yearsEnd, summer]);
});
it('knows which freeze stops a departure, and that its end does not', () => {
  const test = freeze('tests', at(2026, 12, 1), at(2026, 12, 31), ['staging']);
  const names = (departs: string, environment: string) => stops({ train: 't', departs, phase: 'open' }, [yearsEnd, test], environment).map(({ name }) => name);
  expect(names(at(2026, 12, 20), 'production')).toEqual(["year's end"]);
  expect(names(at(2026, 12, 20), '')).toEqual(["year's end", 'tests']);
  expect(names(at(2027, 1, 4), 'production')).toEqual([]);
});
