import { expect, it } from 'vitest';
import { alike, enter, fresh, inUnit, isOrder, markOf, open, placement, planned, resume, weightFrom, type Station } from './station';
import type { Plan } from './types';

const unit = (sku: string, item: number) => ({ sku, item, turn: 0, at: [0, 0, 0] as [number, number, number], size: [10, 10, 10] as [number, number, number] });

// Two packages: two kettles and a cup in M, a book in S.
const plan: Plan = {
  plan_id: 'p1',
  order: { id: '7', items: [{ sku: 'kettle', qty: 2, size: [10, 10, 10], weight: 900 }, { sku: 'cup', qty: 1, size: [10, 10, 10], weight: 300 }, { sku: 'book', qty: 1, size: [10, 10, 10], weight: 500 }] },
  boxes: [{ sku: 'M', inner: [30, 20, 20], outer: [30, 20, 20] }, { sku: 'S', inner: [20, 20, 20], outer: [20, 20, 20] }],
  support: 75, objective: 'boxes', bound: { boxes: 2 }, proof: 'optimal',
  packages: [
    { box: 'M', weight_g: 2200, fill: 0.5, placements: [unit('kettle', 0), unit('kettle', 0), unit('cup', 1)] },
    { box: 'S', weight_g: 550, fill: 0.5, placements: [unit('book', 2)] },
  ],
  steps: [[2, 3], [1]],
  violations: [],
  bills: [],
};

const opened = (done: number[] = []) => open(fresh('P1', 'kg'), plan, done, 1_000);
const after = (from: Station, ...lines: string[]) => lines.reduce((state, line, i) => enter(state, line, 10_000 + i, `key${i}`), from);
const words = (state: Station) => [state.said?.tone, state.said?.text, state.said?.hint];

it('asks for its name first, and then for orders', () => {
  const named = after(fresh('', 'kg'), ' P1 ');
  expect([named.name, named.phase]).toEqual(['P1', 'order']);
  expect(isOrder(named, '7')).toBe(true);
  expect(isOrder(named, '!kg')).toBe(false);
  expect(after(named, '!lb').unit).toBe('lb');
  expect(after(named, '!station').phase).toBe('station');
});

it('goes from the box through each unit to the weight, and to the next package', () => {
  let state = after(opened(), 'M');
  expect([state.phase, placement(state)?.sku, alike(state)]).toEqual(['item', 'kettle', 2]);
  state = after(state, 'kettle', 'kettle');
  expect([placement(state)?.sku, alike(state)]).toEqual(['cup', 1]);
  state = after(state, 'cup');
  expect([state.phase, planned(state)]).toEqual(['weight', 2200]);
  state = enter(state, '2.21', 61_000, 'k');
  expect(state.told).toEqual({ plan: 'p1', completion: { key: 'k', package: 1, station: 'P1', box: 'M', left_out: [], weight: '2.21 kg', took_ms: 60_000 } });
  expect([state.phase, state.which, state.said?.tone]).toEqual(['box', 1, 'good']);
  state = after(state, 'S', 'book', '0.55');
  expect([state.phase, state.plan, state.told?.completion.package]).toEqual(['order', null, 2]);
  expect(words(state)).toEqual(['good', 'Order 7 is packed', 'Scan the next order']);
});

it('a wrong box or item is told, and nothing goes on', () => {
  expect(words(after(opened(), 'S'))).toEqual(['wrong', 'That is S', 'Take M']);
  const inBox = after(opened(), 'M');
  for (const [scan, text] of [['cup', 'cup comes later'], ['book', 'book is not for this box'], ['KETTLE', 'KETTLE is not for this box'], ['!nonsense', '!nonsense is no order to this screen']] as const) {
    const state = after(inBox, scan);
    expect([state.said?.tone, state.said?.text, state.phase, state.at]).toEqual(['wrong', text, 'item', 0]);
  }
  expect(words(after(inBox, 'kettle', 'kettle', 'kettle'))).toEqual(['wrong', 'All of kettle are in', 'Now cup']);
});

it('another box is taken for a reason alone, and is not the planned one', () => {
  const asking = after(opened(), '!cannot');
  expect(asking.asksWhy).toBe(true);
  expect(words(after(asking, '9'))).toEqual(['wrong', 'Which reason?', 'Scan or type 1 to 4']);
  const other = after(asking, '1');
  expect([other.phase, other.reason]).toEqual(['other-box', 'not-at-hand']);
  expect(after(other, 'M').said?.tone).toBe('wrong');
  // What another box weighs is not known, so its weight is believed.
  const told = after(other, 'L', 'kettle', 'kettle', 'cup', '4').told;
  expect([told?.completion.box, told?.completion.reason]).toEqual(['L', 'not-at-hand']);
  // Back to the planned box, its reason is gone.
  expect(after(other, '!back', 'M').reason).toBe('');
});

it('a unit is left out for a reason, and the scale knows', () => {
  const state = after(opened(), 'M', '!cannot', '!damaged', 'kettle', 'cup');
  expect([state.leftOut, planned(state)]).toEqual([[{ unit: 1, reason: 'damaged' }], 1300]);
  expect(after(state, '1.3').told?.completion.left_out).toEqual([{ unit: 1, reason: 'damaged' }]);
});

it('a package of nothing is not packed', () => {
  const state = after(opened(), 'M', '!cannot', '1', '!cannot', '2', '!cannot', '3');
  expect([state.said?.text, state.at, state.leftOut.length]).toEqual(['Nothing would be in the box', 2, 2]);
});

it('goes back, and what was left out is in again', () => {
  const state = after(opened(), 'M', 'kettle', '!cannot', '2', '!back');
  expect([state.at, state.leftOut]).toEqual([1, []]);
  expect(after(state, '!back', '!back').phase).toBe('box');
  expect(after(opened(), '!back').said?.tone).toBe('wrong');
  const kept = after(opened(), 'M', '!cannot', '2', 'kettle', '!back');
  expect([kept.at, kept.leftOut.map((each) => each.unit)]).toEqual([1, [1]]);
});

it('the rest of units alike is confirmed at once, and no more', () => {
  const state = after(opened(), 'M', '!rest');
  expect([state.at, placement(state)?.sku]).toEqual([2, 'cup']);
});

it('a weight that is not as planned is asked for twice', () => {
  const weighing = after(opened(), 'M', '!rest', 'cup');
  const doubted = after(weighing, '3');
  expect([doubted.said?.tone, doubted.told]).toEqual(['wrong', null]);
  expect(after(doubted, '3.1').told).toBe(null);
  expect(after(doubted, '3000 g').told?.completion.weight).toBe('3000 g');
  expect(after(weighing, '2.2').told).not.toBe(null);
});

it('reads weights as scales and people write them', () => {
  expect(weightFrom('2,71', 'kg')).toEqual({ text: '2.71 kg', grams: 2710 });
  expect(weightFrom('1 LB', 'kg')).toEqual({ text: '1 lb', grams: 453.59237 });
  expect(weightFrom('16oz', 'kg')?.grams).toBeCloseTo(453.59237, 9);
  for (const bad of ['', '0', '-1', '1e3', 'kettle', '1.2.3', '5 stone', 'NaN', '12345678']) expect(weightFrom(bad, 'kg'), bad).toBe(null);
  expect(inUnit(453.59237, 'lb')).toBe('1.00 lb');
});

it('an order that is packed, or whose plan is not valid, is not opened', () => {
  expect(opened([0]).which).toBe(1);
  expect(words(opened([0, 1]))).toEqual(['wrong', 'Order 7 is packed already', 'Scan the next order']);
  const invalid = open(fresh('P1', 'kg'), { ...plan, violations: ['cup floats'] }, [], 0);
  expect([invalid.said?.hint, invalid.plan]).toEqual(['cup floats', null]);
});

it('leaves an order with nothing recorded', () => {
  const state = after(opened(), 'M', 'kettle', '!cancel');
  expect([state.phase, state.plan, state.told, state.name]).toEqual(['order', null, null, 'P1']);
});

it('goes on where it stood, unless the package is packed or the plan another', () => {
  const state = after(opened(), 'M', 'kettle');
  const mark = markOf(state)!;
  const again = resume(fresh('P1', 'kg'), plan, [], mark);
  expect([again?.phase, again?.at, again?.box, again?.began]).toEqual(['item', 1, 'M', 1_000]);
  expect(resume(fresh('P1', 'kg'), plan, [0], mark)).toBe(null);
  expect(resume(fresh('P1', 'kg'), { ...plan, plan_id: 'p2' }, [], mark)).toBe(null);
  expect(resume(fresh('P1', 'kg'), plan, [], { ...mark, at: 9 })).toBe(null);
  expect(markOf(fresh('P1', 'kg'))).toBe(null);
});
