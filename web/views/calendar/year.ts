// A year of days, and what each of them holds: freezes, departures. Days are those of the reader's zone.

export interface Freeze {
  name: string;
  start: string;
  end: string;
  reason: string;
  environments: string[]; // none: all
}

export interface Departure {
  train: string;
  departs: string;
  phase: string;
}

export interface Day {
  date: number; // of its month, 1 to 31
  start: number; // Unix milliseconds
  end: number;
  frozen: 'no' | 'partly' | 'whole';
  freezes: Freeze[];
  departures: Departure[];
}

export interface Month {
  name: string;
  lead: number; // empty places before its first day: a week begins on Monday
  days: Day[];
}

const overlaps = (freeze: Freeze, start: number, end: number) => Date.parse(freeze.start) < end && Date.parse(freeze.end) > start;

// How much of [start, end) the freezes cover together.
function coverOf(freezes: Freeze[], start: number, end: number): Day['frozen'] {
  let free = start; // the first moment that is not known to be covered
  for (const freeze of [...freezes].sort((a, b) => Date.parse(a.start) - Date.parse(b.start))) {
    if (Date.parse(freeze.start) <= free) free = Math.max(free, Date.parse(freeze.end));
  }
  if (free >= end) return 'whole';
  return freezes.length > 0 ? 'partly' : 'no';
}

export function monthsOf(year: number, freezes: Freeze[], departures: Departure[]): Month[] {
  return Array.from({ length: 12 }, (_, month) => {
    const first = new Date(year, month, 1);
    const length = new Date(year, month + 1, 0).getDate();
    const days = Array.from({ length }, (_, i): Day => {
      const [start, end] = [new Date(year, month, i + 1).getTime(), new Date(year, month, i + 2).getTime()];
      const here = freezes.filter((freeze) => overlaps(freeze, start, end));
      return {
        date: i + 1,
        start,
        end,
        frozen: coverOf(here, start, end),
        freezes: here,
        departures: departures.filter(({ departs }) => Date.parse(departs) >= start && Date.parse(departs) < end),
      };
    });
    return { name: first.toLocaleDateString('en-GB', { month: 'long' }), lead: (first.getDay() + 6) % 7, days };
  });
}

// "frozen 1, 19 to 31; partly 18; 2026-12 departs on 15"
export function saysOf(month: Month): string {
  const runs = (frozen: Day['frozen']) => {
    const out: [number, number][] = [];
    for (const { date, frozen: is } of month.days) {
      if (is !== frozen) continue;
      const last = out.at(-1);
      if (last && last[1] === date - 1) last[1] = date;
      else out.push([date, date]);
    }
    return out.map(([from, to]) => (from === to ? `${from}` : `${from} to ${to}`)).join(', ');
  };
  const parts = [
    runs('whole') && `frozen ${runs('whole')}`,
    runs('partly') && `partly frozen ${runs('partly')}`,
    ...month.days.flatMap((day) => day.departures.map(({ train }) => `${train} departs on ${day.date}`)),
  ];
  return parts.filter(Boolean).join('; ') || 'no freeze';
}

// What of the year the reader's zone cuts into: the freezes of neighbouring years too, each once.
export function mergeYears(years: Freeze[][], year: number): Freeze[] {
  const [start, end] = [new Date(year, 0, 1).getTime(), new Date(year + 1, 0, 1).getTime()];
  const once = new Map(years.flat().map((freeze) => [`${freeze.name} ${freeze.start}`, freeze]));
  return [...once.values()].filter((freeze) => overlaps(freeze, start, end)).sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
}

// The freezes in which a departure would stand, in the environment that it is judged for; none: all of them.
export function stops(departure: Departure, freezes: Freeze[], environment: string): Freeze[] {
  const at = Date.parse(departure.departs);
  const counts = ({ environments }: Freeze) => environments.length === 0 || environment === '' || environments.includes(environment);
  return freezes.filter((freeze) => counts(freeze) && Date.parse(freeze.start) <= at && at < Date.parse(freeze.end));
}
