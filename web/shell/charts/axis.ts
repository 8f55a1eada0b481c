// The numbers along an axis, as src/core/report/chart_axis.cpp has them: both are tested with the same table, worked out by hand.

export interface Axis {
  low: number;
  high: number;
  step: number; // 1, 2 or 5 times a power of ten
  ticks: number[];
}

export type Ends = 'rounded' | 'exact'; // the ends move outwards to the next tick, or stay

const largest = 1e300;
const smallest = 1e-290;
const distinct = 1e-12; // a smaller difference, as a part of the values, is none
const slack = 1e-9; // rounding in a quotient may not cost a tick, nor add one

const drawable = (value: number) => (Math.abs(value) < smallest ? 0 : Math.min(Math.max(value, -largest), largest));

// The smallest 1, 2 or 5 times a power of ten that is at least `wanted`.
function niceStep(wanted: number): number {
  const exponent = Math.floor(Math.log10(wanted));
  for (const [factor, power] of [[1, exponent], [2, exponent], [5, exponent], [1, exponent + 1]] as const) {
    const step = Number(`${factor}e${power}`);
    if (wanted <= step * (1 + slack)) return step;
  }
  return Number(`2e${exponent + 1}`);
}

function multiples(low: number, high: number, step: number, ends: Ends): [number, number] {
  if (ends === 'rounded') return [Math.floor(low / step + slack), Math.ceil(high / step - slack)];
  return [Math.ceil(low / step - slack), Math.floor(high / step + slack)];
}

export function niceAxis(from: number, to: number, ticksMax: number, ends: Ends): Axis {
  let low = Math.min(drawable(from), drawable(to));
  let high = Math.max(drawable(from), drawable(to));
  if (high - low <= distinct * Math.max(Math.abs(low), Math.abs(high))) {
    const margin = low === 0 ? 0.5 : Math.abs(low) / 10;
    low -= margin;
    high += margin;
  }
  let step = niceStep((high - low) / (Math.max(2, ticksMax) + 1));
  let [first, last] = multiples(low, high, step, ends);
  while (last - first + 1 > Math.max(2, ticksMax)) {
    step = niceStep(step * 1.5);
    [first, last] = multiples(low, high, step, ends);
  }
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  return ends === 'exact' ? { low, high, step, ticks } : { low: first * step, high: last * step, step, ticks };
}

// 0 at the low end, 1 at the high one.
export const at = (axis: Axis, value: number) => (value - axis.low) / (axis.high - axis.low);

const decimalsOf = (step: number) => Math.max(0, -Math.floor(Math.log10(step) + slack));

// Four significant digits, as printf's %.4g has them.
function general(value: number): string {
  if (value === 0) return '0';
  return Number(value.toPrecision(4)).toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

export function tickText(value: number, axis: Axis): string {
  const size = Math.max(Math.abs(axis.low), Math.abs(axis.high));
  if (size >= 1e15 || size < 1e-4) return general(value);
  const thousands = size >= 1e5 ? Math.min(4, Math.floor(Math.log10(size) / 3 + slack)) : 0;
  const unit = 1000 ** thousands;
  const text = (value / unit).toFixed(decimalsOf(axis.step / unit));
  return (/^-[0.]+$/.test(text) ? text.slice(1) : text) + (value === 0 ? '' : ['', 'k', 'M', 'G', 'T'][thousands]);
}

export function numberText(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e15 || size < 1e-4) return general(value);
  const digits = 4;
  const text = value.toFixed(Math.max(0, digits - Math.floor(Math.log10(size)) - 1));
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
