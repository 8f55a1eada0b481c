// The share of one function over time, as lines with the band of what is sure.
import { at, niceAxis } from '../../shell/charts/axis';
import { shareText } from './flame_text.js';
import type { Share, TrendPoint } from './types';

export const kinds = [
  ['cumulative_share', 'with what it calls'],
  ['self_share', 'itself'],
] as const;
export type Kind = (typeof kinds)[number][0];

export interface Line {
  kind: Kind;
  path: string;
  band: string; // closed, around the path
  dots: { x: number; y: number; id: string; says: string }[];
}
export interface Drawing {
  ticks: { y: number; text: string }[]; // per cent
  times: [from: number, middle: number, to: number];
  lines: Line[];
}

const [top, right, bottom, left] = [10, 10, 26, 46];
const round = (value: number) => Math.round(value * 10) / 10;
const pathOf = (places: [x: number, y: number][]) => places.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');

// "30.0 % (21.9–39.6 %)"
export const sureText = ({ share, ci }: Share) => shareText({ share, interval: ci });

export const edges = (width: number) => ({ left, right: width - right, top });

// `points`: the oldest first, one at least. From 0 on, to the highest end of an interval.
export function drawing(points: TrendPoint[], width: number, height: number): Drawing {
  const times = points.map((point) => Date.parse(point.taken));
  const [from, to] = [times[0]!, times.at(-1)!];
  const axis = niceAxis(0, 100 * Math.max(0.001, ...points.map((point) => point.cumulative_share.ci[1])), 6, 'rounded');
  const x = (time: number) => (to > from ? left + ((time - from) / (to - from)) * (width - left - right) : (left + width - right) / 2);
  const y = (share: number) => height - bottom - at(axis, 100 * share) * (height - top - bottom);
  const line = (kind: Kind): Line => {
    const places = points.map((point, i): [Share, number] => [point[kind], x(times[i]!)]);
    const upper = places.map(([{ ci }, across]): [number, number] => [across, y(ci[1])]);
    const lower = places.map(([{ ci }, across]): [number, number] => [across, y(ci[0])]);
    return {
      kind,
      path: pathOf(places.map(([{ share }, across]) => [across, y(share)])),
      band: `${pathOf([...upper, ...lower.reverse()])}Z`,
      dots: places.map(([share, across], i) => ({ x: round(across), y: round(y(share.share)), id: points[i]!.id, says: sureText(share) })),
    };
  };
  return {
    ticks: axis.ticks.map((tick) => ({ y: round(y(tick / 100)), text: `${Number(tick.toPrecision(6))} %` })),
    times: [from, (from + to) / 2, to],
    lines: kinds.map(([kind]) => line(kind)),
  };
}
