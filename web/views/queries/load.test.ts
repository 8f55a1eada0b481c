import { expect, test } from 'vitest';
import { layout } from '../../shell/charts/layout';
import { loadChart, parseSpan, spanText, writeSpan } from './load';

const at = (second: number) => new Date(Date.UTC(2026, 2, 3, 9, 0, second)).toISOString();
const point = (second: number, active: Record<string, number>) => ({ began: at(second - 9), ended: at(second), ticks: 10, active });
const shares = (...names: string[]) => ({ first: names.map((name, i) => ({ name, active: 10 - i })), other: 0 });

test('the pile is as high as all that were at work, whatever has a colour', () => {
  const active = { CPU: 2, Lock: 1, IO: 0.5, LWLock: 0.25, Client: 0.125, IPC: 0.0625, Timeout: 0.03125 };
  const chart = loadChart({ cores: 2, waits: shares(...Object.keys(active)), timeline: [point(10, active), point(20, { IPC: 3 })] });
  expect(chart.series.map(({ name }) => name)).toEqual(['CPU', 'Lock', 'IO', 'LWLock', 'Client', 'others']);
  const heights = [0, 1].map((i) => chart.series.reduce((sum, { y }) => sum + y[i]!, 0));
  expect(heights).toEqual([3.96875, 3]);
  expect(chart.level).toEqual({ at: 2, name: '2 cores' });
});

test('where nobody watched nothing is drawn', () => {
  const chart = loadChart({ cores: null, waits: shares('CPU'), timeline: [10, 20, 30, 90, 100].map((second) => point(second, { CPU: 1 })) });
  expect(chart.series[0]!.y).toEqual([1, 1, 1, null, 1, 1]);
  expect(layout(chart).bands[0]!.path.match(/M[^M]*Z/g)).toHaveLength(2);
  expect(chart.level).toBeUndefined();
});

test('nobody at work is a line at zero, not a gap', () => {
  const chart = loadChart({ cores: 1, waits: shares('CPU'), timeline: [point(10, {}), point(20, { CPU: 1 }), point(30, {})] });
  expect(chart.series[0]!.y).toEqual([0, 1, 0]);
});

test('a part is kept in the address, and what is none is none', () => {
  const span = parseSpan(`${at(10)}/${at(20)}`)!;
  expect(writeSpan(span)).toBe('2026-03-03T09:00:10.000Z/2026-03-03T09:00:20.000Z');
  expect([undefined, '', at(10), `${at(20)}/${at(10)}`, `${at(1)}/${at(2)}/${at(3)}`, 'a/b'].map(parseSpan)).toEqual([null, null, null, null, null, null]);
});

test('a part is told by the clock, and by the day where it goes over one', () => {
  const local = (day: number, hour: number) => new Date(2026, 2, day, hour, 5, 9).getTime();
  expect(spanText([local(3, 9), local(3, 10)])).toBe('09:05:09 to 10:05:09');
  expect(spanText([local(3, 9), local(4, 10)])).toBe('3 Mar, 09:05:09 to 4 Mar, 10:05:09');
});
