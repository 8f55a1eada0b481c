// The station as a machine of states: each scan, and each key that stands for one, leads from one to the next. A scanner is a keyboard that ends
// with Enter, so all that comes in is a line of text; what begins with '!' is an order to the screen, and may be printed as a barcode.
import type { Plan } from './types';

export type Reason = 'not-at-hand' | 'damaged' | 'does-not-fit' | 'other';
export const reasons: [Reason, string][] = [
  ['not-at-hand', 'not at hand'],
  ['damaged', 'damaged'],
  ['does-not-fit', 'does not fit'],
  ['other', 'something else'],
];

export type Phase = 'station' | 'order' | 'box' | 'other-box' | 'item' | 'weight';
export type WeightUnit = 'kg' | 'lb';

export interface LeftOut {
  unit: number; // from 1, in the order in which they are packed
  reason: Reason;
}

// What the API takes as a package that is packed.
export interface Completion {
  key: string;
  package: number; // from 1
  station: string;
  box: string;
  reason?: Reason;
  left_out: LeftOut[];
  weight: string;
  took_ms: number;
}

export interface Said {
  tone: 'wrong' | 'good';
  text: string;
  hint: string;
}

export interface Station {
  name: string;
  unit: WeightUnit; // of a weight without one
  phase: Phase;
  asksWhy: boolean; // the next scan says why it cannot be done as planned
  plan: Plan | null;
  done: number[]; // packages that are packed, from 0
  which: number; // package, from 0
  at: number; // unit to place now, from 0
  box: string; // that was taken
  reason: Reason | ''; // why another box than the planned one
  leftOut: LeftOut[];
  began: number; // milliseconds
  doubted: number | null; // grams that were not believed: the same again is
  said: Said | null;
  told: { plan: string; completion: Completion } | null; // a package that this scan finished
}

export const fresh = (name: string, unit: WeightUnit): Station => ({
  name, unit, phase: name ? 'order' : 'station', asksWhy: false, plan: null, done: [], which: 0, at: 0, box: '', reason: '', leftOut: [], began: 0, doubted: null, said: null, told: null,
});

export const pack = (state: Station) => state.plan?.packages[state.which];
export const placement = (state: Station) => pack(state)?.placements[state.at];

// How many units, from the one to place now on, belong to the same step of the card.
export function alike(state: Station): number {
  const end = state.plan?.steps[state.which]?.find((each) => each > state.at);
  return end === undefined ? 0 : end - state.at;
}

// What the scale should show, in grams.
export function planned(state: Station): number {
  const [plan, one] = [state.plan, pack(state)];
  if (!plan || !one) return 0;
  const weightOf = (unit: number) => plan.order.items[one.placements[unit]!.item]!.weight;
  return one.weight_g - state.leftOut.reduce((sum, each) => sum + weightOf(each.unit - 1), 0);
}

const grams = { kg: 1000, g: 1, lb: 453.59237, oz: 28.349523125 } as const;
// "2.71", "2,71 kg", "95.5 oz": its text with a point and a unit, and grams. Nothing where it is no weight.
export function weightFrom(text: string, unit: WeightUnit): { text: string; grams: number } | null {
  const found = /^(\d{1,7}(?:[.,]\d{1,6})?) ?(kg|g|lb|oz)?$/i.exec(text);
  if (!found) return null;
  const number = found[1]!.replace(',', '.');
  const meant = (found[2]?.toLowerCase() ?? unit) as keyof typeof grams;
  return Number(number) > 0 ? { text: `${number} ${meant}`, grams: Number(number) * grams[meant] } : null;
}

const wrong = (state: Station, text: string, hint = ''): Station => ({ ...state, said: { tone: 'wrong', text, hint } });

// A plan was found for the scanned order: to its first package that is not yet packed.
export function open(state: Station, plan: Plan, done: number[], now: number): Station {
  const which = plan.packages.findIndex((_, i) => !done.includes(i));
  if (plan.violations.length > 0) return wrong(state, 'The plan is not valid', plan.violations[0]);
  if (which < 0) return wrong(state, `Order ${plan.order.id} is packed already`, 'Scan the next order');
  return { ...fresh(state.name, state.unit), plan, done, which, phase: 'box', began: now };
}

function leave(state: Station, said: Said | null): Station {
  return { ...fresh(state.name, state.unit), said };
}

function back(state: Station): Station {
  if (state.asksWhy) return { ...state, asksWhy: false };
  if (state.phase === 'other-box') return { ...state, phase: 'box', reason: '' };
  if (state.phase !== 'item' && state.phase !== 'weight') return wrong(state, 'Nothing to go back to');
  if (state.at === 0) return { ...state, phase: 'box', box: '', reason: '' };
  return { ...state, phase: 'item', at: state.at - 1, leftOut: state.leftOut.filter((each) => each.unit !== state.at), doubted: null };
}

// To the unit after `count` more.
function onward(state: Station, count: number): Station {
  const at = state.at + count;
  return { ...state, at, phase: at < pack(state)!.placements.length ? 'item' : 'weight' };
}

function order(state: Station, text: string): Station {
  switch (text) {
    case '!back':
      return back(state);
    case '!cancel':
      return state.plan ? leave(state, { tone: 'good', text: `Order ${state.plan.order.id} is left`, hint: 'Nothing of this package was recorded' }) : { ...state, asksWhy: false };
    case '!cannot':
      return state.phase === 'box' || state.phase === 'item' ? { ...state, asksWhy: true } : wrong(state, 'Nothing to refuse here');
    case '!rest':
      return state.phase === 'item' ? onward(state, alike(state)) : wrong(state, 'No units are being placed');
    case '!station':
      return state.plan ? wrong(state, 'Finish the order first', 'or leave it') : { ...fresh('', state.unit) };
    case '!kg':
    case '!lb':
      return { ...state, unit: text.slice(1) as WeightUnit };
    default:
      return wrong(state, `${text} is no order to this screen`);
  }
}

function why(state: Station, text: string): Station {
  const found = reasons[Number(text) - 1] ?? reasons.find(([id]) => `!${id}` === text);
  if (!found) return wrong(state, 'Which reason?', `Scan or type 1 to ${reasons.length}`);
  const [reason] = found;
  if (state.phase === 'box') return { ...state, asksWhy: false, phase: 'other-box', reason };
  const leftOut = [...state.leftOut, { unit: state.at + 1, reason }];
  if (leftOut.length === pack(state)!.placements.length) return wrong({ ...state, asksWhy: false }, 'Nothing would be in the box', 'Leave the order instead');
  return onward({ ...state, asksWhy: false, leftOut }, 1);
}

function box(state: Station, text: string): Station {
  const planned = pack(state)!.box;
  return text === planned ? { ...state, phase: 'item', at: 0, box: text, reason: '', leftOut: [] } : wrong(state, `That is ${text}`, `Take ${planned}`);
}

function otherBox(state: Station, text: string): Station {
  const planned = pack(state)!.box;
  if (text === planned) return wrong(state, `${text} is the planned box`, 'Scan the box that you took, or go back');
  return { ...state, phase: 'item', at: 0, box: text, leftOut: [] };
}

function item(state: Station, text: string): Station {
  const wanted = placement(state)!.sku;
  if (text === wanted) return onward(state, 1);
  const units = pack(state)!.placements;
  if (units.slice(state.at).some((each) => each.sku === text)) return wrong(state, `${text} comes later`, `Now ${wanted}`);
  if (units.some((each) => each.sku === text)) return wrong(state, `All of ${text} are in`, `Now ${wanted}`);
  return wrong(state, `${text} is not for this box`, `Now ${wanted}`);
}

// A scale may be off, and a box may weigh what it likes where another than the planned one was taken.
const doubtfulPart = 0.1;
const doubtfulGrams = 50;

function weight(state: Station, text: string, now: number, key: string): Station {
  const it = weightFrom(text, state.unit);
  if (!it) return wrong(state, `${text} is no weight`, `As 2.71, in ${state.unit}`);
  const off = Math.abs(it.grams - planned(state));
  const isPlannedBox = state.reason === '';
  if (isPlannedBox && off > Math.max(doubtfulGrams, doubtfulPart * planned(state)) && state.doubted !== it.grams) {
    return wrong({ ...state, doubted: it.grams }, `${it.text} is not as planned`, `${inUnit(planned(state), state.unit)} is. Look into the box, and weigh again: the same again is believed`);
  }
  const plan = state.plan!;
  const completion: Completion = {
    key, package: state.which + 1, station: state.name, box: state.box, ...(state.reason && { reason: state.reason }), left_out: state.leftOut, weight: it.text, took_ms: Math.max(0, Math.round(now - state.began)),
  };
  const done = [...state.done, state.which];
  const told = { plan: plan.plan_id, completion };
  if (done.length === plan.packages.length) return { ...leave(state, { tone: 'good', text: `Order ${plan.order.id} is packed`, hint: 'Scan the next order' }), told };
  const said: Said = { tone: 'good', text: `Package ${state.which + 1} is packed`, hint: '' };
  return { ...open(state, plan, done, now), said, told };
}

export const inUnit = (of: number, unit: WeightUnit) => `${(of / grams[unit]).toFixed(2)} ${unit}`;

// What a scanned or typed line leads to. A scan of an order is not for here: `isOrder` says so, and `open` goes on once its plan is there.
export function enter(before: Station, line: string, now: number, key: string): Station {
  const state = { ...before, said: null, told: null };
  const text = line.trim();
  if (text === '') return state;
  if (state.asksWhy && !['!back', '!cancel'].includes(text)) return why(state, text);
  if (text.startsWith('!')) return order(state, text);
  switch (state.phase) {
    case 'station':
      return text.length <= 64 ? fresh(text, state.unit) : wrong(state, 'That name is too long');
    case 'order':
      return state;
    case 'box':
      return box(state, text);
    case 'other-box':
      return otherBox(state, text);
    case 'item':
      return item(state, text);
    case 'weight':
      return weight(state, text, now, key);
  }
}

export const isOrder = (state: Station, line: string) => state.phase === 'order' && line.trim() !== '' && !line.trim().startsWith('!');

// Where the packer stands in a package, to go on there when the page is opened again.
export type Mark = Pick<Station, 'phase' | 'done' | 'which' | 'at' | 'box' | 'reason' | 'leftOut' | 'began'> & { plan: string };

export function markOf(state: Station): Mark | null {
  const { plan, phase, done, which, at, box: taken, reason, leftOut, began } = state;
  return plan && { plan: plan.plan_id, phase, done, which, at, box: taken, reason, leftOut, began };
}

// Nothing where the plan has changed since, or the package is packed.
export function resume(state: Station, plan: Plan, done: number[], mark: Mark): Station | null {
  const units = plan.packages[mark.which]?.placements.length ?? 0;
  if (plan.plan_id !== mark.plan || done.includes(mark.which) || mark.at > units || (mark.at === units) !== (mark.phase === 'weight')) return null;
  return { ...fresh(state.name, state.unit), ...mark, plan, done };
}
