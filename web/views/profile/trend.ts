// The share of one function over time, as a figure: lines with the band of what is sure.
import { moment, plural } from '../../shell/format';
import type { Figure } from '../../shell/charts/layout';
import { shareText } from './flame_text.js';
import type { Share, TrendPoint } from './types';

export const kinds = [
  ['cumulative_share', 'with what it calls'],
  ['self_share', 'itself'],
] as const;

// "30.0 % (21.9–39.6 %)"
export const sureText = ({ share, ci }: Share) => shareText({ share, interval: ci });

// `points`: the oldest first, one at least. `here`: the profile whose page this is.
export function figureOf(title: string, points: TrendPoint[], here: string): Figure {
  const times = points.map((point) => Date.parse(point.taken));
  const marked = points.findIndex((point) => point.id === here);
  const [first, last] = [points[0]!, points.at(-1)!];
  return {
    title,
    kind: 'line',
    x_label: '',
    y_label: '',
    categories: [],
    x_kind: 'time',
    y_unit: '%',
    y_from: 'zero',
    band_name: '95 % intervals',
    told: `${plural(points.length, 'profile')}; with what it calls first ${sureText(first.cumulative_share)}, last ${sureText(last.cumulative_share)}.`,
    ...(marked >= 0 && { marked: { at: marked, name: 'this one' } }),
    series: kinds.map(([kind, name]) => {
      const shares = points.map((point) => point[kind]);
      return {
        name,
        x: times,
        y: shares.map(({ share }) => 100 * share),
        low: shares.map(({ ci }) => 100 * ci[0]),
        high: shares.map(({ ci }) => 100 * ci[1]),
        says: points.map((point) => `${moment(point.taken)}: ${sureText(point[kind])}`),
      };
    }),
  };
}
