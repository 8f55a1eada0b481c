import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Chart } from '../api';
import { niceAxis, numberText, tickText, type Ends } from './axis';
import { description, layout, leftOut, thin, type Figure } from './layout';
import { clampedSpan, clockText, columnAt, placeAt } from './span';
import { timeAxis, timeTickText } from './time_axis';

const cases: { low: number; high: number; ticks_max: number; ends: Ends; ticks: string[] }[] = JSON.parse(
  readFileSync(new URL('../../../src/core/report/axis_cases.json', import.meta.url), 'utf8'),
);

describe('an axis', () => {
  it.each(cases)('from $low to $high has the ticks worked out by hand', ({ low, high, ticks_max, ends, ticks }) => {
    const axis = niceAxis(low, high, ticks_max, ends);
    expect(axis.ticks.map((tick) => tickText(tick, axis))).toEqual(ticks);
  });

  it('writes values with four digits', () => {
    const written = [0, -0, 12, 1.5, 0.45714, 99.996, 12345.6, -1234567, 1.2344e-7, 1e21].map(numberText);
    expect(written).toEqual(['0', '0', '12', '1.5', '0.4571', '100', '12346', '-1234567', '1.234e-07', '1e+21']);
  });
});

const chart = (more: Partial<Chart>): Chart => ({ title: 't', kind: 'line', x_label: 'build', y_label: 'ms', categories: [], series: [], ...more });

// The same coordinates that the test of the HTML figure has (src/core/report/chart_test.cpp).
describe('a figure', () => {
  it('has its points where the axes say', () => {
    const picture = layout(chart({ series: [{ name: 'p50', x: [0, 5, 10], y: [0, 25, 100] }] }));
    expect(picture.lines).toEqual([{ path: 'M27.8 206L206.9 161L386 26', series: 0 }]);
    expect(picture.dots.map(({ x, y }) => [Math.round(x * 10) / 10, y])).toEqual([[27.8, 206], [206.9, 161], [386, 26]]);
  });

  // The line of the test above, ten to either side of it.
  it('has bands around its lines, parted as they are, and the axis holds them', () => {
    const banded: Figure = chart({ series: [{ name: 'p50', x: [0, 5, 10], y: [10, 25, 90] }] });
    Object.assign(banded.series[0]!, { low: [0, 15, 80], high: [20, 35, 100] });
    const picture = layout(banded);
    expect(picture.bands).toEqual([{ path: 'M27.8 170L206.9 143L386 26L386 62L206.9 179L27.8 206Z', series: 0 }]);
    expect(picture.lines).toEqual([{ path: 'M27.8 188L206.9 161L386 44', series: 0 }]);
    banded.series[0]!.y[1] = null as unknown as number;
    expect(layout(banded).bands[0]!.path.match(/M[^M]*Z/g)).toHaveLength(2);
  });

  it('marks a point, also where there are too many for dots', () => {
    const places = Array.from({ length: 100 }, (_, i) => i);
    const many: Figure = { ...chart({ series: [{ name: 's', x: places, y: places }] }), marked: { at: 30, name: 'this one' } };
    expect(layout(many).dots.map(({ isMarked, says }) => [isMarked, says])).toEqual([[true, '30: 30']]);
    expect(layout({ ...many, marked: undefined }).dots).toEqual([]);
  });

  it('begins at zero where that is asked, and has no numbers below it', () => {
    const flat: Figure = { ...chart({ series: [{ name: 's', x: [0, 1], y: [0, 0] }] }), y_from: 'zero', y_unit: '%' };
    expect(layout(flat).texts.filter(({ anchor }) => anchor === 'end').map(({ content }) => content)).toEqual(['0.0 %', '0.2 %', '0.4 %', '0.6 %', '0.8 %', '1.0 %']);
  });

  // The line of the first test, and below it the half of it: 0 is at 206, 100 at 26.
  it('stacks series: each begins where those before it end, and says its own value', () => {
    const pile: Figure = chart({ drawn: 'stacked', series: [{ name: 'a', x: [0, 5, 10], y: [0, 12.5, 50] }, { name: 'b', x: [0, 5, 10], y: [0, 12.5, 50] }] } as Partial<Figure>);
    const picture = layout(pile);
    expect(picture.bands.map(({ path }) => path)).toEqual(['M27.8 206L206.9 183.5L386 116L386 206L206.9 206L27.8 206Z', 'M27.8 206L206.9 161L386 26L386 116L206.9 183.5L27.8 206Z']);
    expect(picture.dots).toEqual([]);
    expect(description(pile)).toBe('Stacked area chart of 2 series, build from 0 to 10. a: 0 to 50, last 50. b: 0 to 50, last 50.');
  });

  it('keeps a pile apart where there is no value, and a moment alone is seen and says its own', () => {
    const none = null as unknown as number;
    const pile: Figure = chart({ drawn: 'stacked', series: [{ name: 'a', x: [0, 1, 2, 3], y: [1, 1, none, 2] }, { name: 'b', x: [0, 1, 2, 3], y: [1, 1, none, 3] }] } as Partial<Figure>);
    const picture = layout(pile);
    expect(picture.bands[1]!.path.match(/M[^M]*Z/g)).toHaveLength(2);
    expect(picture.dots.map(({ says }) => says)).toEqual(['a, 3: 2', 'b, 3: 3']);
  });

  it('has room for the level that it is held against', () => {
    const low: Figure = chart({ y_from: 'zero', level: { at: 100, name: '100 cores' }, series: [{ name: 's', x: [0, 5, 10], y: [0, 25, 50] }] } as Partial<Figure>);
    expect(layout(low).level).toBe('M27.8 26L386 26');
    expect(description(low)).toContain('100 cores: 100.');
  });

  it('draws dots alone where no line leads from one to the next', () => {
    const places = Array.from({ length: 100 }, (_, i) => i);
    const picture = layout(chart({ drawn: 'dots', series: [{ name: 's', x: places, y: places }] } as Partial<Figure>));
    expect([picture.lines.length, picture.dots.length]).toEqual([0, 100]);
  });

  it('tells a pointer which value it is at', () => {
    const { across } = layout(chart({ series: [{ name: 's', x: [0, 5, 10], y: [0, 25, 100] }] }));
    expect([27.8, 206.9, 386, 0, 400].map((x) => placeAt(x, across!))).toEqual([0, 5, 10, 0, 10].map((value) => expect.closeTo(value, 1)));
    expect(clampedSpan([-4, 7], across!)).toEqual([0, 7]);
    expect([0, 3, 10].map((time) => placeAt(columnAt(time, across!), across!))).toEqual([0, 3, 10].map((value) => expect.closeTo(value, 9)));
  });

  it('tells the end of a part with its day where the axis goes over one', () => {
    const at = (date: number) => new Date(new Date().getFullYear(), 2, date, 9, 5, 9).getTime();
    const over = (low: number, high: number) => clockText(at(4), { low, high, left: 0, right: 1, top: 0, floor: 1 });
    expect(over(at(4) - 60_000, at(4))).toBe('09:05:09');
    expect(over(at(1), at(7))).toMatch(/^[A-Z][a-z]{2} 4 Mar, 09:05:09$/);
  });

  it('does not draw over a gap', () => {
    const gap = { name: 's', x: [0, 1, 2, 3], y: [1, 2, null as unknown as number, 4] };
    expect(layout(chart({ series: [gap] })).lines[0]!.path.match(/M/g)).toHaveLength(2);
    expect(description(chart({ series: [gap] }))).toBe('Line chart of 1 series, build from 0 to 3. s: 1 to 4, last 4.');
  });

  it('has bars that stand or lie on zero', () => {
    const standing = layout(chart({ kind: 'bar', series: [{ name: 'n', x: [1, 2, 3], y: [10, -10, 5] }] }));
    expect(standing.bars.map(({ y, height }) => [y, height])).toEqual([[26, 90], [116, 90], [71, 45]]);
    const lying = layout(chart({ kind: 'bar', categories: ['a', 'b'], series: [{ name: 'n', x: [0, 1], y: [10, 5] }] }));
    expect(lying.bars.map(({ x, width }) => [x, width].map((value) => Math.round(value * 10) / 10))).toEqual([[14.6, 341.4], [14.6, 170.7]]);
  });

  it('says what it leaves out', () => {
    expect(layout(chart({})).texts[0]!.content).toBe('no values');
    const many = Array.from({ length: 9 }, () => ({ name: 's', x: [0], y: [1] }));
    expect(leftOut(chart({ series: many }))).toBe('the first 6 of 9 series are drawn');
  });

  it('keeps a spike when it is thinned', () => {
    const points = Array.from({ length: 100_000 }, (_, i) => ({ x: i, y: i === 54_321 ? 9 : 1 }));
    expect(thin(points, 100).filter((point) => point.y === 9)).toEqual([{ x: 54_321, y: 9 }]);
    expect(thin(points, 100).length).toBeLessThanOrEqual(404);
  });
});

// In the zone of whoever runs this: a day begins at its own midnight.
describe('an axis of time', () => {
  const ticks = (from: Date, to: Date) => {
    const axis = timeAxis(from.getTime(), to.getTime(), 5);
    return axis.ticks.map((tick) => timeTickText(tick, axis));
  };
  type When = [year: number, month: number, day: number, hour: number, minute: number];
  it.each<[When, When, string[]]>([
    [[2026, 10, 26, 10, 7], [2026, 10, 26, 11, 3], ['10:15', '10:30', '10:45', '11:00']],
    [[2026, 10, 26, 20, 0], [2026, 10, 27, 5, 0], ['21:00', '27 Nov', '03:00']],
    [[2026, 10, 20, 9, 0], [2026, 10, 24, 9, 0], ['21 Nov', '22 Nov', '23 Nov', '24 Nov']],
    [[2026, 10, 1, 0, 0], [2026, 10, 29, 0, 0], ['2 Nov', '9 Nov', '16 Nov', '23 Nov']], // Mondays
    [[2026, 0, 15, 0, 0], [2026, 9, 15, 0, 0], ['Apr 2026', 'Jul 2026', 'Oct 2026']],
    [[2023, 5, 1, 0, 0], [2026, 5, 1, 0, 0], ['2024', '2025', '2026']],
  ])('from %j to %j has ticks at whole ones', (from, to, texts) => {
    expect(ticks(new Date(...from), new Date(...to))).toEqual(texts);
  });
  it('has one moment in its middle', () => {
    const at = new Date(2026, 10, 26, 10, 0).getTime();
    const axis = timeAxis(at, at, 5);
    expect((axis.low + axis.high) / 2).toBe(at);
    expect(axis.ticks.length).toBeGreaterThan(0);
  });
  it('goes over days of any length', () => {
    for (let month = 0; month < 24; ++month) {
      const axis = timeAxis(new Date(2026, month, 1).getTime(), new Date(2026, month, 9).getTime(), 5);
      for (const tick of axis.ticks) expect([new Date(tick).getHours(), new Date(tick).getDate() % 2]).toEqual([0, 1]);
      expect(axis.ticks).toHaveLength(5);
    }
  });
});
