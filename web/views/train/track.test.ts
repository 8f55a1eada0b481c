import { describe, expect, it } from 'vitest';
import { layTrack } from './track';

const gates = (...verdicts: ('pass' | 'fail' | 'warn')[]) => verdicts.map((verdict, i) => ({ name: `gate-${i}`, verdict }));

describe('the train', () => {
  it('stands before the first red signal', () => {
    const { nose, posts } = layTrack(1160, gates('pass', 'fail', 'pass', 'fail'), [3, 2]);
    expect(nose).toBeLessThan(posts[1]!.x);
    expect(nose).toBeGreaterThan(posts[0]!.x);
  });
  it('has passed every signal where none is red, and stands in the last station', () => {
    const { nose, posts, station } = layTrack(1160, gates('pass', 'warn', 'pass'), [3]);
    expect(nose).toBeGreaterThan(posts[2]!.x);
    expect(nose).toBeLessThan(station);
  });
  it('waits while no gate has answered', () => {
    expect(layTrack(1160, [], [3]).nose).toBeLessThan(600);
  });
  it.each([316, 700, 1160])('is whole on the track of %i pixels, with twelve kinds of passengers aboard', (width) => {
    const { nose, cars } = layTrack(width, gates('fail', 'pass'), Array<number>(12).fill(7));
    expect(nose + cars.at(-1)!.x).toBeGreaterThan(0);
    expect(cars.reduce((sum, car) => sum + car.count, 0)).toBe(84);
  });
});
it('names every signal where there is room, and else the one that is red', () => {
  expect(layTrack(1160, gates('pass', 'fail', 'pass'), []).posts.map((post) => post.label)).toEqual(['gate-0', 'gate-1', 'gate-2']);
  expect(layTrack(316, gates('pass', 'fail', 'pass', 'pass'), []).posts.map((post) => post.label)).toEqual(['', 'gate-1', '', '']);
});
