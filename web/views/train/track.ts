// Where things stand on the track of the departure board: the train of passengers, then the gates' signals, then the next version.
import type { Verdict } from '../../shell/api';

// One colour a section of passengers, on the track and in the list; the last for all further ones.
const colours = ['#7cc4ec', '#f0bd5b', '#b9a4f4', '#5fd6c4', '#e8a0c4', '#aab6bc'];

export function colourOf(section: number): string {
  return colours[Math.min(section, colours.length - 1)]!;
}

export interface Post {
  name: string;
  verdict: Verdict;
  x: number;
  label: string; // empty where there is no room for a name
}

export interface Car {
  x: number; // left end, from the nose of the train backwards: negative
  width: number;
  count: number;
  colour: string;
}

export interface Layout {
  posts: Post[];
  cars: Car[];
  nose: number; // where the train stands
  engine: number; // its length
  station: number; // the next version
  lamp: number; // radius of a signal's lamp
}

const maxLamp = 10;
const letterWidth = 7.3;
const stop = 16; // between the train and what it stands before
const labelRoom = 62; // at least this much between two posts for names under them
const minCar = 17; // with two digits in it
const gap = 4;

function shorten(name: string, room: number): string {
  const letters = Math.floor(room / letterWidth);
  return name.length <= letters ? name : `${name.slice(0, letters - 1)}…`;
}

export function layTrack(width: number, gates: { name: string; verdict: Verdict }[], counts: number[]): Layout {
  const station = width - 12;
  const first = width * 0.44;
  const step = gates.length > 1 ? (width * 0.9 - first) / (gates.length - 1) : 0;
  const red = gates.findIndex((gate) => gate.verdict === 'fail');
  const posts = gates.map(({ name, verdict }, i) => {
    const room = step >= labelRoom ? step - 8 : i === red ? 120 : 0;
    return { name, verdict, x: first + i * step, label: room > 0 ? shorten(name, room) : '' };
  });
  const engine = width < 500 ? 30 : 44;
  const room = first - stop - engine - 20;
  const most = Math.min(colours.length, Math.floor(room / (minCar + gap)));
  const shown = counts.length > most ? [...counts.slice(0, most - 1), counts.slice(most - 1).reduce((a, b) => a + b)] : counts;
  const car = Math.min(54, room / Math.max(1, shown.length) - gap);
  const cars = shown.map((count, i) => ({ x: -engine - (i + 1) * (car + gap), width: car, count, colour: colourOf(i) }));
  const clear = gates.length > 0 && red < 0;
  return { posts, cars, nose: (clear ? station : (posts[red]?.x ?? first)) - stop, engine, station, lamp: step > 0 ? Math.min(maxLamp, step * 0.4) : maxLamp };
}
