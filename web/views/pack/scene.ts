// A box and what is in it as polygons: parallel projection, seen from above at any angle around the vertical.
import type { Placement, Triple } from './types';

export interface Cuboid {
  low: Triple;
  high: Triple;
}

export interface Eye {
  turn: number; // degrees around the vertical; at 0 the length runs to the right
  tilt: number; // degrees above the horizon
}

export type Point = [number, number];

export interface Face {
  kind: 'top' | 'length' | 'width'; // across which axis it looks: height, length, width
  points: Point[];
}

const radians = (degrees: number) => (degrees * Math.PI) / 180;

// Where a place of the box lies in the picture; y grows downward.
export function project([x, y, z]: Triple, eye: Eye): Point {
  const [cos, sin] = [Math.cos(radians(eye.turn)), Math.sin(radians(eye.turn))];
  const away = x * sin + y * cos;
  return [x * cos - y * sin, -(z * Math.cos(radians(eye.tilt)) + away * Math.sin(radians(eye.tilt)))];
}

// How the distance from the eye grows along length and width.
function slopes(eye: Eye): Point {
  return [Math.sin(radians(eye.turn)), Math.cos(radians(eye.turn))];
}

// The three faces that the eye sees of a cuboid from outside.
export function nearFaces({ low: [x0, y0, z0], high: [x1, y1, z1] }: Cuboid, eye: Eye): Face[] {
  const [alongLength, alongWidth] = slopes(eye);
  const x = alongLength > 0 ? x0 : x1;
  const y = alongWidth > 0 ? y0 : y1;
  const face = (kind: Face['kind'], ...corners: Triple[]): Face => ({ kind, points: corners.map((corner) => project(corner, eye)) });
  return [
    face('length', [x, y0, z0], [x, y1, z0], [x, y1, z1], [x, y0, z1]),
    face('width', [x0, y, z0], [x1, y, z0], [x1, y, z1], [x0, y, z1]),
    face('top', [x0, y0, z1], [x1, y0, z1], [x1, y1, z1], [x0, y1, z1]),
  ];
}

// The three that it sees from inside: what is behind all that is in the box.
export function farFaces({ low: [x0, y0, z0], high: [x1, y1, z1] }: Cuboid, eye: Eye): Face[] {
  const [alongLength, alongWidth] = slopes(eye);
  const x = alongLength > 0 ? x1 : x0;
  const y = alongWidth > 0 ? y1 : y0;
  const face = (kind: Face['kind'], ...corners: Triple[]): Face => ({ kind, points: corners.map((corner) => project(corner, eye)) });
  return [
    face('top', [x0, y0, z0], [x1, y0, z0], [x1, y1, z0], [x0, y1, z0]),
    face('length', [x, y0, z0], [x, y1, z0], [x, y1, z1], [x, y0, z1]),
    face('width', [x0, y, z0], [x1, y, z0], [x1, y, z1], [x0, y, z1]),
  ];
}

// Whether a, which does not reach into b, must be painted before it.
function isBehind(a: Cuboid, b: Cuboid, eye: Eye): boolean {
  const [alongLength, alongWidth] = slopes(eye);
  return (
    (alongLength > 0 ? a.low[0] >= b.high[0] : a.high[0] <= b.low[0]) ||
    (alongWidth > 0 ? a.low[1] >= b.high[1] : a.high[1] <= b.low[1]) ||
    a.high[2] <= b.low[2]
  );
}

// In which order cuboids are painted so that nearer ones cover those behind: their indices.
export function paintOrder(cuboids: Cuboid[], eye: Eye): number[] {
  const out: number[] = [];
  const seen = cuboids.map(() => false);
  const visit = (i: number) => {
    if (seen[i]) return;
    seen[i] = true;
    cuboids.forEach((other, j) => {
      if (j !== i && isBehind(other, cuboids[i]!, eye) && !isBehind(cuboids[i]!, other, eye)) visit(j);
    });
    out.push(i);
  };
  cuboids.forEach((_, i) => visit(i));
  return out;
}

// A placement as a cuboid; with `apart` over 0 moved away from the middle of the box, so that what is behind is seen.
export function cuboidOf({ at, size }: Placement, inner: Triple, apart: number): Cuboid {
  const moved = at.map((low, axis) => low + (low + size[axis]! / 2 - (axis === 2 ? 0 : inner[axis]! / 2)) * apart) as Triple;
  return { low: moved, high: moved.map((low, axis) => low + size[axis]!) as Triple };
}

// The smallest rectangle around points, as an SVG viewBox with a margin.
export function viewBox(points: Point[], margin: number): string {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [left, top] = [Math.min(...xs) - margin, Math.min(...ys) - margin];
  return [left, top, Math.max(...xs) + margin - left, Math.max(...ys) + margin - top].map((value) => value.toFixed(2)).join(' ');
}

const hues = [211, 28, 113, 1, 176, 312, 48, 24, 233, 350, 78, 240];
// The colour of an item's face: the same hue for all units of it.
export function colourOf(item: number, kind: Face['kind'], isFresh: boolean): string {
  const light = { top: 62, width: 52, length: 42 }[kind];
  return `hsl(${hues[item % hues.length]} ${isFresh ? 62 : 26}% ${isFresh ? light : light + 14}%)`;
}
