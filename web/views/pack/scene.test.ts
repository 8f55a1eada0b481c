import { expect, it } from 'vitest';
import { cuboidOf, farFaces, nearFaces, paintOrder, project, viewBox, type Cuboid, type Eye } from './scene';

const eye: Eye = { turn: 0, tilt: 90 }; // straight from above: x to the right, y up

it('projects as a plan does, seen straight from above', () => {
  const [x, y] = project([3, 4, 9], eye);
  expect(x).toBeCloseTo(3);
  expect(y).toBeCloseTo(-4);
});
it('projects height alone, seen from the horizon', () => {
  const [x, y] = project([3, 4, 9], { turn: 0, tilt: 0 });
  expect(x).toBeCloseTo(3);
  expect(y).toBeCloseTo(-9);
});
it('paints what is below and behind first, from wherever one looks', () => {
  const low: Cuboid = { low: [0, 0, 0], high: [10, 10, 5] };
  const on: Cuboid = { low: [0, 0, 5], high: [10, 10, 8] };
  const right: Cuboid = { low: [10, 0, 0], high: [20, 10, 5] };
  expect(paintOrder([on, low], { turn: 30, tilt: 30 })).toEqual([1, 0]);
  // At 30° the length runs away from the eye: what is at its end is behind; at 330° it comes nearer.
  expect(paintOrder([low, right], { turn: 30, tilt: 30 })).toEqual([1, 0]);
  expect(paintOrder([right, low], { turn: 330, tilt: 30 })).toEqual([1, 0]);
});

// No pixel may show a thing that another one hides: at the middle of each picture cell the last painted is the nearest.
it('covers what is hidden, for pieces of a cut box and eyes all around', () => {
  const pieces: Cuboid[] = [];
  for (const [x0, x1] of [[0, 3], [3, 7]] as const)
    for (const [y0, y1] of [[0, 4], [4, 6]] as const) for (const [z0, z1] of [[0, 2], [2, 5]] as const) pieces.push({ low: [x0, y0, z0], high: [x1, y1, z1] });
  for (let turn = 15; turn < 360; turn += 30) {
    const around: Eye = { turn, tilt: 35 };
    const order = paintOrder(pieces, around);
    const rank = new Map(order.map((piece, at) => [piece, at]));
    const rad = (degrees: number) => (degrees * Math.PI) / 180;
    // The direction to the eye, worked out from what it is to look along it: pixels do not change.
    const [s, c, st, ct] = [Math.sin(rad(turn)), Math.cos(rad(turn)), Math.sin(rad(35)), Math.cos(rad(35))];
    const toEye = [-s * ct, -c * ct, st] as const;
    for (let i = 0; i < pieces.length; i++)
      for (let j = 0; j < pieces.length; j++) {
        if (i === j) continue;
        // A ray from the middle of i to the eye that goes through j: j hides that place, so it is painted later.
        const middle = pieces[i]!.low.map((low, axis) => (low + pieces[i]!.high[axis]!) / 2);
        let [from, to] = [0, Infinity];
        for (let axis = 0; axis < 3; axis++) {
          const [a, b] = [(pieces[j]!.low[axis]! - middle[axis]!) / toEye[axis]!, (pieces[j]!.high[axis]! - middle[axis]!) / toEye[axis]!];
          from = Math.max(from, Math.min(a, b));
          to = Math.min(to, Math.max(a, b));
        }
        if (from < to - 1e-9) expect(rank.get(j)!, `${j} hides ${i} at ${turn}°`).toBeGreaterThan(rank.get(i)!);
      }
  }
});
it('shows three faces, and moves pieces apart from the middle', () => {
  const cube: Cuboid = { low: [0, 0, 0], high: [2, 2, 2] };
  expect(nearFaces(cube, { turn: 30, tilt: 30 }).map((face) => face.kind)).toEqual(['length', 'width', 'top']);
  expect(farFaces(cube, { turn: 30, tilt: 30 })).toHaveLength(3);
  const placement = { sku: 'a', item: 0, turn: 0, at: [0, 0, 10], size: [10, 10, 10] } as const;
  expect(cuboidOf({ ...placement, at: [0, 0, 10], size: [10, 10, 10] }, [20, 20, 20], 0).low).toEqual([0, 0, 10]);
  expect(cuboidOf({ ...placement, at: [0, 0, 10], size: [10, 10, 10] }, [20, 20, 20], 1).low).toEqual([-5, -5, 25]);
  expect(viewBox([[0, 0], [4, 2]], 1)).toBe('-1.00 -1.00 6.00 4.00');
});
