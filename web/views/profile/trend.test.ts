import { expect, it } from 'vitest';
import { layout } from '../../shell/charts/layout';
import { figureOf, sureText } from './trend';
import type { Share, TrendPoint } from './types';

const share = (part: number, margin: number): Share => ({ share: part, ci: [part - margin, part + margin], effective_n: 100 });
const point = (id: string, hour: number, self: number, cumulative: number): TrendPoint => ({
  id, taken: new Date(Date.UTC(2026, 10, 26, hour)).toISOString(), commit: null, self_share: share(self, 0.05), cumulative_share: share(cumulative, 0.1),
});

// Drawn from 0 to 100 %, 180 units high above 206: 10 % are 18 units; "100 %" leaves 345 between 41 and 386 for four hours.
it('draws each profile at its time and share, from zero on', () => {
  const picture = layout(figureOf('parse', [point('a', 0, 0.2, 0.5), point('b', 1, 0.3, 0.6), point('c', 4, 0.1, 0.9)], 'b'));
  expect(picture.texts.filter(({ anchor }) => anchor === 'end').map(({ content }) => content)).toEqual(['0 %', '20 %', '40 %', '60 %', '80 %', '100 %']);
  expect(picture.lines.map(({ path }) => path)).toEqual(['M41 116L127.3 98L386 44', 'M41 170L127.3 152L386 188']);
  expect(picture.bands[0]!.path).toBe('M41 98L127.3 80L386 26L386 62L127.3 116L41 134Z');
  expect(picture.dots.map(({ isMarked }) => isMarked)).toEqual([false, true, false, false, true, false]);
  expect(picture.dots[0]!.says).toMatch(/^with what it calls, .*: 50\.0 % \(40\.0–60\.0 %\)$/);
});
it('draws one profile in the middle, and a function that is nowhere', () => {
  const one = layout(figureOf('parse', [point('a', 0, 0.2, 0.9)], 'a'));
  expect(one.dots[0]!.x).toBeCloseTo(213.5, 1); // the middle of 41 to 386
  const nowhere: Share = { share: 0, ci: [0, 0], effective_n: 0 };
  const none = figureOf('parse', [{ ...point('a', 0, 0, 0), self_share: nowhere, cumulative_share: nowhere }], 'elsewhere');
  expect(layout(none).dots[0]!.y).toBe(206);
  expect(none.marked).toBeUndefined();
});
it('says it to who cannot see it', () => {
  expect(figureOf('parse', [point('a', 0, 0.2, 0.5), point('b', 1, 0.3, 0.6)], 'a').told).toBe('2 profiles; with what it calls first 50.0 % (40.0–60.0 %), last 60.0 % (50.0–70.0 %).');
});
it('says a share with how sure it is', () => {
  expect(sureText({ share: 0.3, ci: [0.219, 0.396], effective_n: 100 })).toBe('30.0 % (21.9–39.6 %)');
});
