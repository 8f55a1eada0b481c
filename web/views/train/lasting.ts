// Where the lanes of what will not last end, and where the departure stands on them: 0 is now, 1 the right end.

export interface Lanes {
  ends: number[];
  departure: number | null;
}

const room = 1.08; // a little is left after the last of them

// Times in Unix milliseconds. What is already too old has a lane of no length.
export function laneOf(expiries: number[], now: number, departs: number | null): Lanes {
  const furthest = Math.max(...expiries, departs ?? now, now + 1);
  const at = (time: number) => Math.max(0, (time - now) / ((furthest - now) * room));
  return { ends: expiries.map(at), departure: departs === null ? null : at(departs) };
}
