import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Chart } from '../api';
import { niceAxis, numberText, tickText, type Ends } from './axis';
import { description, layout, leftOut, thin } from './layout';

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
