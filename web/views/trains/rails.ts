// Where things stand on the board of trains: one scale of time for all rails, with now at the same place on each.
import { isAboard, rides, type Risk, type Seat } from './types';

const day = 86_400_000;
const pastShare = 0.37; // of the width, left of now
const narrowPastShare = 0.5; // where a train would not fit into that
const narrow = 500;
const minPast = 7 * day;
const maxPast = 60 * day;
const minFuture = 7 * day;

export interface Scale {
  from: number;
  now: number;
  to: number;
  left: number;
  middle: number; // of now
  right: number;
}

export function scaleOf(times: { created: number; departs: number }[], now: number, width: number): Scale {
  const oldest = Math.min(now - minPast, ...times.map((each) => each.created));
  const newest = Math.max(now + minFuture, ...times.map((each) => each.departs));
  const [left, right] = [10, width - 22];
  return { from: Math.max(oldest, now - maxPast), now, to: newest, left, middle: left + (right - left) * (width < narrow ? narrowPastShare : pastShare), right };
}

export function xOf(scale: Scale, time: number): number {
  const { from, now, to, left, middle, right } = scale;
  if (time <= now) return Math.max(left, middle - ((now - time) / (now - from)) * (middle - left));
  return Math.min(right, middle + ((time - now) / (to - now)) * (right - middle));
}

export interface Tick {
  x: number;
  label: string;
}

const steps = [1, 2, 7, 14, 28, 56, 91, 182, 364];
const labelRoom = 58;

// Midnights of days, as many as there is room for; none where "now" is written.
export function ticksOf(scale: Scale): Tick[] {
  const out: Tick[] = [];
  for (const [from, to, room] of [[scale.from, scale.now, scale.middle - scale.left], [scale.now, scale.to, scale.right - scale.middle]] as const) {
    const most = Math.max(1, Math.floor(room / labelRoom));
    const step = steps.find((days) => (to - from) / (days * day) <= most) ?? 364;
    const start = new Date(from);
    start.setHours(24, 0, 0, 0);
    for (const at = start; at.getTime() < to; at.setDate(at.getDate() + step)) {
      const x = xOf(scale, at.getTime());
      if (Math.abs(x - scale.middle) < 34 || x > scale.right - 16 || x < scale.left + 16) continue;
      out.push({ x, label: at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' }) });
    }
  }
  return out;
}

export interface Car {
  x: number; // left end, from the nose backwards: negative
  width: number;
  risk: Risk;
  aboard: boolean;
  label: string; // "H", or "H3" where it stands for three
  says: string;
}

const letters: Record<Risk, string> = { low: 'L', medium: 'M', high: 'H' };
const carWidth = 24;
const groupWidth = 30;
const gap = 3;

interface Group {
  risk: Risk;
  aboard: boolean;
  count: number;
}

// The ways to put passengers together into fewer cars: by risk and whether they are aboard, by risk, all into one of the highest risk.
function groupings(riding: Seat[]): Group[][] {
  const risks = (['high', 'medium', 'low'] as const).filter((risk) => riding.some((seat) => seat.risk === risk));
  const of = (risk: Risk) => riding.filter((seat) => seat.risk === risk);
  const apart = risks.flatMap((risk) => [true, false].map((aboard) => ({ risk, aboard, count: of(risk).filter((seat) => isAboard(seat) === aboard).length })));
  const byRisk = risks.map((risk) => ({ risk, aboard: of(risk).every(isAboard), count: of(risk).length }));
  return [apart.filter((group) => group.count > 0), byRisk, [{ risk: risks[0]!, aboard: riding.every(isAboard), count: riding.length }]];
}

// A car a passenger, the first of the queue behind the engine; where there is no room for all, a car for several, which says how many.
export function carsOf(seats: Seat[], engine: number, room: number): Car[] {
  const riding = seats.filter(rides);
  const fits = Math.floor((room - engine) / (carWidth + gap));
  if (riding.length <= fits) {
    return riding.map((seat, i) => ({
      x: -engine - (i + 1) * (carWidth + gap),
      width: carWidth,
      risk: seat.risk,
      aboard: isAboard(seat),
      label: letters[seat.risk],
      says: `${seat.passenger}: ${seat.title}, risk ${seat.risk}, ${seat.state}`,
    }));
  }
  const roomFor = Math.floor((room - engine) / (groupWidth + gap));
  const ways = groupings(riding);
  const groups = ways.find((way) => way.length <= roomFor) ?? ways.at(-1)!;
  return groups.map(({ risk, aboard, count }, i) => ({
    x: -engine - (i + 1) * (groupWidth + gap),
    width: groupWidth,
    risk,
    aboard,
    label: `${letters[risk]}${count}`,
    says: `${count} of risk ${risk}${groups.length === 1 && ways[1]!.length > 1 ? ' at most' : ''}, ${aboard ? 'aboard' : 'not all aboard yet'}`,
  }));
}

// A car's outline: the shape says the risk too. Low is flat, medium has a gable, high a stack of two.
export function outlineOf(car: Car, top: number, bottom: number): string {
  const [l, r] = [car.x, car.x + car.width];
  const m = (l + r) / 2;
  if (car.risk === 'low') return `M${l} ${bottom}V${top + 3}q0-3 3-3H${r - 3}q3 0 3 3V${bottom}Z`;
  if (car.risk === 'medium') return `M${l} ${bottom}V${top + 1}L${m} ${top - 6}L${r} ${top + 1}V${bottom}Z`;
  return `M${l} ${bottom}V${top}H${l + 4}V${top - 6}H${r - 4}V${top}H${r}V${bottom}Z`;
}
