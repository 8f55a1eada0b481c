// Where everything of a chart is drawn: the figure of src/core/report/chart_plot.cpp and chart_bars.cpp, as values for Chart.svelte.
import type { Chart } from '../api';
import { moment } from '../format';
import { at, niceAxis, numberText, tickText } from './axis';
import { timeAxis, timeTickText } from './time_axis';

export interface Text { x: number; y: number; anchor: 'start' | 'middle' | 'end'; content: string }
export interface Rule { path: string; kind: 'grid' | 'axis' }
export interface Bar { x: number; y: number; width: number; height: number; series: number; says: string }
export interface Line { path: string; series: number }
export interface Dot { x: number; y: number; series: number; says: string; isMarked: boolean }
export interface Picture { height: number; texts: Text[]; rules: Rule[]; bars: Bar[]; bands: Line[]; lines: Line[]; dots: Dot[]; level: string; across: Across | null }
// Where the x axis lies, and what is above it, for who points at it.
export interface Across { low: number; high: number; left: number; right: number; top: number; floor: number }

// What the console draws: a Report's chart, or one of its own with more in it.
export interface Figure extends Chart {
  x_kind?: 'number' | 'time'; // time: milliseconds since 1970, told in the reader's zone
  y_unit?: string; // behind the numbers of its axis: "%"
  y_from?: 'least' | 'zero';
  drawn?: 'lines' | 'stacked' | 'dots'; // stacked: series on top of each other, each an area; all have the same x
  level?: { at: number; name: string }; // a line across: what the values are to be held against
  band_name?: string; // what the bands around lines are
  marked?: { at: number; name: string }; // the point of this place in each series
  told?: string; // for who cannot see it, in place of what is made of the numbers
  series: (Chart['series'][number] & { low?: number[]; high?: number[]; says?: string[] })[]; // as long as x: a band around the line, what is said of each point
}

interface Point { x: number; y: number; i: number }

// Lengths are in units of the view box.
export const width = 400;
export const seriesMax = 6;
export const categoriesMax = 40;
const plotHeight = 180;
const top = 26;
const right = 14;
const tickGap = 16;
const line = 16;
const character = 6.6;
const barHeight = 14;
const barGap = 8;
const barLabelMax = 130;
const valueRoom = 44;
const yTicks = 6;
const xTicks = 5;
const dotsMax = 40;

const widthOf = (text: string) => text.length * character;
const round = (value: number) => Math.round(value * 10) / 10;

export function cut(text: string, room: number): string {
  const characters = Math.floor(room / character);
  return text.length <= characters ? text : `${text.slice(0, Math.max(0, characters - 1))}…`;
}

export const drawnSeries = (chart: Figure) => chart.series.slice(0, seriesMax);
export const yName = (chart: Figure) => chart.y_label || (chart.series.length === 1 ? chart.series[0]!.name : '');
export const xName = (chart: Figure, x: number) => (chart.x_kind === 'time' ? moment(x) : (chart.categories[x] ?? numberText(x)));

// The points of a series, parted where one is no number.
export function stretches(series: Chart['series'][number]): Point[][] {
  const out: Point[][] = [];
  let open = false;
  for (let i = 0; i < Math.min(series.x.length, series.y.length); ++i) {
    const [x, y] = [series.x[i], series.y[i]];
    if (typeof x !== 'number' || typeof y !== 'number') {
      open = false;
      continue;
    }
    if (!open) out.push([]);
    out.at(-1)!.push({ x, y, i });
    open = true;
  }
  return out;
}

const pointsOf = (chart: Figure) => drawnSeries(chart).flatMap((series) => stretches(series).flat());
export const hasPoints = (chart: Figure) => pointsOf(chart).length > 0;

// Of each of `columns` columns the first, lowest, highest and last point, so that no spike is lost.
export function thin<Place extends { x: number; y: number }>(points: Place[], columns: number): Place[] {
  if (points.length <= 4 * columns) return points;
  const low = points[0]!.x;
  const each = (points.at(-1)!.x - low) / columns;
  const columnOf = (point: Place) => (each > 0 ? Math.floor((point.x - low) / each) : 0);
  const out: Place[] = [];
  for (let first = 0; first < points.length; ) {
    let [last, lowest, highest] = [first, first, first];
    const column = columnOf(points[first]!);
    for (let i = first; i < points.length && columnOf(points[i]!) === column; ++i) {
      last = i;
      if (points[i]!.y < points[lowest]!.y) lowest = i;
      if (points[i]!.y > points[highest]!.y) highest = i;
    }
    for (const i of [...new Set([first, lowest, highest, last])].sort((a, b) => a - b)) out.push(points[i]!);
    first = last + 1;
  }
  return out;
}

function extent(values: number[]): [number, number] {
  return values.reduce<[number, number]>(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [values[0] ?? 0, values[0] ?? 0]);
}

function saying(chart: Figure, series: Figure['series'][number], point: Point): string {
  if (series.says) return `${series.name}, ${series.says[point.i]}`;
  const value = `${xName(chart, point.x)}: ${numberText(point.y)}`;
  return chart.series.length > 1 ? `${series.name}, ${value}` : value;
}

// The distance between the two nearest bars; 1 where there is one.
function narrowestGap(points: Point[]): number {
  const places = [...new Set(points.map((point) => point.x))].sort((a, b) => a - b);
  const gaps = places.slice(1).map((place, i) => place - places[i]!);
  return gaps.length === 0 ? 1 : Math.min(...gaps);
}

const empty = (): Picture => ({ height: 0, texts: [], rules: [], bars: [], bands: [], lines: [], dots: [], level: '', across: null });
const straight = (x1: number, y1: number, x2: number, y2: number) => `M${round(x1)} ${round(y1)}L${round(x2)} ${round(y2)}`;

// Bars that stand at `x` in the room of one pitch, side by side.
function standing(picture: Picture, chart: Figure, pitch: number, column: (x: number) => number, row: (y: number) => number) {
  const room = column(pitch) - column(0);
  const each = (room * 0.8) / drawnSeries(chart).length;
  drawnSeries(chart).forEach((series, s) => {
    for (const point of stretches(series).flat()) {
      const y = row(Math.max(point.y, 0));
      picture.bars.push({ x: column(point.x) - room * 0.4 + each * s, y, width: each, height: row(Math.min(point.y, 0)) - y, series: s, says: saying(chart, series, point) });
    }
  });
}

// Each series on top of those before it: a band from their sum to its own. What is said of a point is its own value.
function stacked(chart: Figure): Figure {
  const sums: number[] = [];
  const series = chart.series.map((each) => {
    const low = each.y.map((_, i) => sums[i] ?? 0);
    const y = each.y.map((value, i) => (typeof value === 'number' ? low[i]! + value : value));
    y.forEach((value, i) => (sums[i] = typeof value === 'number' ? value : 0));
    return { ...each, y, low, high: y, says: each.says ?? each.y.map((value, i) => (typeof value === 'number' ? `${xName(chart, each.x[i]!)}: ${numberText(value)}` : '')) };
  });
  return { ...chart, series };
}

function lines(picture: Picture, chart: Figure, column: (x: number) => number, row: (y: number) => number) {
  const pathOf = (points: { x: number; y: number }[]) => points.map((point, i) => `${i === 0 ? 'M' : 'L'}${round(column(point.x))} ${round(row(point.y))}`).join('');
  drawnSeries(chart).forEach((series, s) => {
    const parts = stretches(series);
    const { low, high } = series;
    if (low && high) {
      const band = (part: Point[]) => [...part.map(({ x, i }) => ({ x, y: high[i]! })), ...part.map(({ x, i }) => ({ x, y: low[i]! })).reverse()];
      picture.bands.push({ path: parts.map((part) => `${pathOf(band(part))}Z`).join(''), series: s });
    }
    const count = parts.reduce((sum, part) => sum + part.length, 0);
    const path = chart.drawn === 'dots' ? '' : parts.map((part) => pathOf(thin(part, width))).join('');
    if (path) picture.lines.push({ path, series: s });
    for (const part of parts) {
      const isCrowded = chart.drawn !== 'dots' && (count > dotsMax || chart.drawn === 'stacked') && part.length > 1; // a point alone has no line to be seen by
      for (const point of part) {
        const isMarked = point.i === chart.marked?.at;
        if (!isCrowded || isMarked) picture.dots.push({ x: column(point.x), y: row(point.y), series: s, says: saying(chart, series, point), isMarked });
      }
    }
  });
}

// A plot with y upwards, for lines and for bars at numbers.
function plot(given: Figure): Picture {
  const chart = given.drawn === 'stacked' ? stacked(given) : given;
  const picture = empty();
  const points = pointsOf(chart);
  const bars = chart.kind === 'bar';
  const bounds = drawnSeries(chart).flatMap(({ low = [], high = [] }) => [...low, ...high]);
  const [leastY, mostY] = extent([...points.map((point) => point.y), ...bounds, ...(chart.level ? [chart.level.at] : []), ...(bars || chart.y_from === 'zero' ? [0] : [])]);
  const y = niceAxis(leastY, chart.y_from === 'zero' && mostY === 0 ? 1 : mostY, yTicks, 'rounded');
  const yText = (tick: number) => tickText(tick, y) + (chart.y_unit ? ` ${chart.y_unit}` : '');
  const pitch = bars ? narrowestGap(points) : 0;
  const [lowX, highX] = extent(points.map((point) => point.x));
  const isTime = chart.x_kind === 'time';
  const x = isTime ? timeAxis(lowX, highX, xTicks) : niceAxis(lowX - pitch / 2, highX + pitch / 2, xTicks, 'exact');
  const left = Math.max(...y.ticks.map((tick) => widthOf(yText(tick)))) + 8;
  const column = (value: number) => left + at(x, value) * (width - right - left);
  const row = (value: number) => top + (1 - at(y, value)) * plotHeight;
  const floor = top + plotHeight;

  picture.texts.push({ x: 0, y: 12, anchor: 'start', content: cut(yName(chart), width) });
  for (const tick of y.ticks) {
    picture.rules.push({ path: straight(left, row(tick), width - right, row(tick)), kind: 'grid' });
    picture.texts.push({ x: left - 6, y: row(tick) + 4, anchor: 'end', content: yText(tick) });
  }
  let taken = -width;
  const label = (value: number, content: string) => {
    const half = widthOf(content) / 2;
    const middle = Math.min(Math.max(column(value), half), width - half);
    if (middle - half < taken + character) return;
    picture.texts.push({ x: middle, y: floor + tickGap, anchor: 'middle', content });
    taken = middle + half;
  };
  if (chart.categories.length === 0) {
    for (const tick of x.ticks) label(tick, isTime ? timeTickText(tick, x) : tickText(tick, x));
  } else {
    const every = Math.ceil(chart.categories.length / xTicks);
    for (let i = 0; i < chart.categories.length; i += every) {
      if (i >= x.low && i <= x.high) label(i, cut(chart.categories[i]!, width / xTicks));
    }
  }
  if (bars) standing(picture, chart, pitch, column, row);
  else lines(picture, chart, column, row);
  if (chart.drawn === 'stacked') picture.lines.reverse(); // where one adds nothing, the line of what is below it stays seen
  if (chart.level) picture.level = straight(left, row(chart.level.at), width - right, row(chart.level.at));
  picture.across = { low: x.low, high: x.high, left, right: width - right, top, floor };
  const zero = row(Math.min(Math.max(0, y.low), y.high));
  picture.rules.push({ path: straight(left, zero, width - right, zero), kind: 'axis' });
  if (chart.x_label) picture.texts.push({ x: (left + width - right) / 2, y: floor + tickGap + line, anchor: 'middle', content: cut(chart.x_label, width - right - left) });
  picture.height = floor + tickGap + (chart.x_label ? line : 0) + 6;
  return picture;
}

// Lying bars, a row for each category and series: names of any number and length stay readable.
function lying(chart: Figure): Picture {
  const picture = empty();
  const names = chart.categories.slice(0, categoriesMax);
  const left = Math.max(...names.map((name) => Math.min(barLabelMax, widthOf(name)))) + 8;
  const end = width - valueRoom;
  const axis = niceAxis(...extent([0, ...pointsOf(chart).map((point) => point.y)]), xTicks, 'rounded');
  const column = (value: number) => left + at(axis, value) * (end - left);
  const group = barHeight * drawnSeries(chart).length + barGap;
  const floor = top + group * names.length;

  picture.texts.push({ x: 0, y: 12, anchor: 'start', content: cut(chart.x_label, width) });
  for (const tick of axis.ticks) {
    picture.rules.push({ path: straight(column(tick), top, column(tick), floor), kind: 'grid' });
    picture.texts.push({ x: column(tick), y: floor + tickGap, anchor: 'middle', content: tickText(tick, axis) });
  }
  names.forEach((name, i) => picture.texts.push({ x: left - 6, y: top + group * (i + 0.5) + 4, anchor: 'end', content: cut(name, barLabelMax) }));
  drawnSeries(chart).forEach((series, s) => {
    for (const point of stretches(series).flat()) {
      if (point.x < 0 || point.x >= names.length) continue;
      const y = top + group * point.x + barGap / 2 + barHeight * s;
      const from = column(Math.min(point.y, 0));
      const to = column(Math.max(point.y, 0));
      picture.bars.push({ x: from, y: y + 1, width: to - from, height: barHeight - 2, series: s, says: saying(chart, series, point) });
      picture.texts.push({ x: to + 4, y: y + barHeight - 3, anchor: 'start', content: numberText(point.y) });
    }
  });
  picture.rules.push({ path: straight(column(0), top, column(0), floor), kind: 'axis' });
  const unit = yName(chart);
  if (unit) picture.texts.push({ x: (left + end) / 2, y: floor + tickGap + line, anchor: 'middle', content: cut(unit, width - left) });
  picture.height = floor + tickGap + (unit ? line : 0) + 6;
  return picture;
}

export function layout(chart: Figure): Picture {
  if (!hasPoints(chart)) return { ...empty(), height: 30, texts: [{ x: 0, y: 20, anchor: 'start', content: 'no values' }] };
  return chart.kind === 'bar' && chart.categories.length > 0 ? lying(chart) : plot(chart);
}

// For who cannot see it.
export function description(chart: Figure): string {
  if (chart.told) return chart.told;
  const [low, high] = extent(pointsOf(chart).map((point) => point.x));
  const parts = drawnSeries(chart).map((series) => {
    const values = stretches(series).flat().map((point) => point.y);
    const name = series.name || yName(chart);
    if (values.length === 0) return `${name}: no values.`;
    const [least, most] = extent(values);
    return `${name}: ${numberText(least)} to ${numberText(most)}, last ${numberText(values.at(-1)!)}.`;
  });
  const kind = chart.kind === 'bar' ? 'Bar' : { lines: 'Line', stacked: 'Stacked area', dots: 'Scatter' }[chart.drawn ?? 'lines'];
  if (chart.level) parts.push(`${chart.level.name}: ${numberText(chart.level.at)}.`);
  return [`${kind} chart of ${chart.series.length} series, ${chart.x_label || 'x'} from ${xName(chart, low)} to ${xName(chart, high)}.`, ...parts].join(' ');
}

// "the first 6 of 8 series are drawn"; empty where everything is.
export function leftOut(chart: Chart): string {
  const parts = [];
  if (chart.series.length > seriesMax) parts.push(`the first ${seriesMax} of ${chart.series.length} series are drawn`);
  if (chart.kind === 'bar' && chart.categories.length > categoriesMax) parts.push(`the first ${categoriesMax} of ${chart.categories.length} bars are drawn`);
  return parts.join('; ');
}
