// The load of a server as a pile of what its sessions wait for, and the part of it that is looked at.
import { seriesMax, type Figure } from '../../shell/charts/layout';
import type { TimeSpan } from '../../shell/charts/span';
import { plural } from '../../shell/format';
import type { LoadData } from './types';

const gapsOf = 3; // usual distances without a point: nobody watched

function usualDistance(times: number[]): number {
  const apart = times.slice(1).map((time, i) => time - times[i]!).sort((a, b) => a - b);
  return apart[Math.floor(apart.length / 2)] ?? 0;
}

// Sessions by what they wait for, the greatest at the bottom, what has no colour of its own as one; parted where nobody watched.
export function loadChart(data: Pick<LoadData, 'timeline' | 'waits' | 'cores'>): Figure {
  const names = data.waits.first.map((share) => share.name);
  const own = names.length > seriesMax ? names.slice(0, seriesMax - 1) : names;
  const times = data.timeline.map((point) => Date.parse(point.ended));
  const usual = usualDistance(times);
  const x: number[] = [];
  const places: (number | null)[] = []; // of the timeline; null: a gap
  times.forEach((time, i) => {
    const before = times[i - 1];
    if (before !== undefined && time - before > gapsOf * usual) {
      x.push(before + usual);
      places.push(null);
    }
    x.push(time);
    places.push(i);
  });
  const valuesOf = (of: (active: Record<string, number>) => number) => places.map((place) => (place === null ? (null as unknown as number) : of(data.timeline[place]!.active)));
  const series = own.map((name) => ({ name: name || 'none', x, y: valuesOf((active) => active[name] ?? 0) }));
  if (own.length < names.length) {
    const rest = names.slice(own.length);
    series.push({ name: 'others', x, y: valuesOf((active) => rest.reduce((sum, name) => sum + (active[name] ?? 0), 0)) });
  }
  return {
    title: 'Active sessions by what they wait for',
    kind: 'line',
    drawn: 'stacked',
    x_label: '',
    y_label: 'sessions',
    categories: [],
    x_kind: 'time',
    y_from: 'zero',
    series,
    ...(data.cores ? { level: { at: data.cores, name: plural(data.cores, 'core') } } : {}),
  };
}

// "23:10:30 to 23:10:35"; over days with them
export function spanText([from, to]: TimeSpan): string {
  const dayOf = (time: number) => new Date(time).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
  const clockOf = (time: number) => new Date(time).toLocaleTimeString('en-GB');
  return dayOf(from) === dayOf(to) ? `${clockOf(from)} to ${clockOf(to)}` : `${dayOf(from)}, ${clockOf(from)} to ${dayOf(to)}, ${clockOf(to)}`;
}

// Of an address: two times with a slash between; null where it is none.
export function parseSpan(text: string | undefined): TimeSpan | null {
  const [from, to, more] = (text ?? '').split('/').map((part) => Date.parse(part));
  return from !== undefined && to !== undefined && more === undefined && from < to ? [from, to] : null;
}
export const writeSpan = ([from, to]: TimeSpan) => `${new Date(from).toISOString()}/${new Date(to).toISOString()}`;
