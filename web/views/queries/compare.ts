// Two spans side by side: how surely each statement's mean changed, and by how much.
import type { Figure } from '../../shell/charts/layout';
import type { TimeSpan } from '../../shell/charts/span';
import { lines, msText, oneLine } from './queries';
import type { Compared, SummaryPoint } from './types';

const leastChance = 1e-4; // a permutation test of 10,000 deals tells no smaller one

export type Side = 'before' | 'after';

// What is watched in two halves.
export function halves(points: SummaryPoint[]): [TimeSpan, TimeSpan] | null {
  if (points.length < 2) return null;
  const [first, last] = [Date.parse(points[0]!.began), Date.parse(points.at(-1)!.ended)];
  const middle = Math.round((first + last) / 2);
  return [[first, middle], [middle, last]];
}

export const meanChart = (points: SummaryPoint[]): Figure => lines('Mean time of a statement', 'ms', points.map((point) => point.ended), [['mean', points.map((point) => point.mean_exec_ms)]]);

// A statement that did not run on a side has no mean there.
export function meansText({ mean_before_ms, mean_after_ms }: Pick<Compared, 'mean_before_ms' | 'mean_after_ms'>): string {
  const [before, after] = [mean_before_ms, mean_after_ms].map((mean) => (mean > 0 ? msText(mean) : '–'));
  return `${before} → ${after}`;
}

// A volcano: to the right what became slower, twice at 1, up what is surer. Only what could be judged.
export function volcano(statements: Compared[]): Figure | null {
  const judged = statements.filter((each) => each.ratio > 0 && each.mean_before_ms > 0 && each.mean_after_ms > 0 && each.kind !== 'too_few');
  if (judged.length === 0) return null;
  const kinds: [string, (each: Compared) => boolean][] = [['worse', (each) => each.is_bad], ['faster', (each) => each.kind === 'faster'], ['no change that is sure', (each) => !each.is_bad && each.kind !== 'faster']];
  const series = kinds
    .map(([name, belongs]) => {
      const those = judged.filter(belongs);
      return { name, x: those.map((each) => Math.log2(each.ratio)), y: those.map((each) => -Math.log10(Math.max(leastChance, each.p_adj))), says: those.map((each) => `${each.ratio.toFixed(2)} times, p ${each.p_adj.toFixed(4)}: ${oneLine(each.statement).slice(0, 80)}`) };
    })
    .filter((each) => each.x.length > 0);
  return { title: 'How much, and how surely', kind: 'line', drawn: 'dots', x_label: 'mean after by before, as a power of two', y_label: '−log₁₀ of the chance that it is the same', y_from: 'zero', categories: [], series };
}
