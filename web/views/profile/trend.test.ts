import { expect, it } from 'vitest';
import { drawing, edges, sureText } from './trend';
import type { Share, TrendPoint } from './types';

const share = (part: number, margin: number): Share => ({ share: part, ci: [part - margin, part + margin], effective_n: 100 });
const point = (id: string, hour: number, self: number, cumulative: number): TrendPoint => ({
  id, taken: new Date(Date.UTC(2026, 10, 26, hour)).toISOString(), commit: null, self_share: share(self, 0.05), cumulative_share: share(cumulative, 0.1),
});

// 256 wide is 200 between 46 and 246; 136 high is 100 between 10 and 110: 100 % are 100 units.
it('draws each profile at its time and share, from zero on', () => {
  const drawn = drawing([point('a', 0, 0.2, 0.5), point('b', 1, 0.3, 0.6), point('c', 4, 0.1, 0.9)], 256, 136);
  expect(edges(256)).toEqual({ left: 46, right: 246, top: 10 });
  expect(drawn.ticks.map(({ text }) => text)).toEqual(['0 %', '20 %', '40 %', '60 %', '80 %', '100 %']);
  expect(drawn.ticks[0]).toEqual({ y: 110, text: '0 %' });
  expect(drawn.ticks.at(-1)).toEqual({ y: 10, text: '100 %' });
  const [cumulative, self] = drawn.lines;
  expect(cumulative!.path).toBe('M46 60L96 50L246 20');
  expect(self!.path).toBe('M46 90L96 80L246 100');
  expect(cumulative!.band).toBe('M46 50L96 40L246 10L246 30L96 60L46 70Z');
  expect(self!.dots.map(({ x, y, id }) => [x, y, id])).toEqual([[46, 90, 'a'], [96, 80, 'b'], [246, 100, 'c']]);
});
it('draws one profile in the middle, and a function that is nowhere', () => {
  const drawn = drawing([point('a', 0, 0.2, 0.9)], 256, 136);
  expect(drawn.lines[0]!.dots[0]!.x).toBe(146);
  const nowhere: Share = { share: 0, ci: [0, 0], effective_n: 0 };
  const none = drawing([{ ...point('a', 0, 0, 0), self_share: nowhere, cumulative_share: nowhere }], 256, 136);
  expect(none.lines[0]!.path).toBe('M146 110');
});
it('says a share with how sure it is', () => {
  expect(sureText({ share: 0.3, ci: [0.219, 0.396], effective_n: 100 })).toBe('30.0 % (21.9–39.6 %)');
});
