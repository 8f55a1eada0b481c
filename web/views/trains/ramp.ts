// A train on its way, as the server tells it, and the curves that are drawn of what its judges said.

export interface Metric {
  name: string;
  judge: 'sequential' | 'threshold' | 'kayenta';
  verdict: string;
  why: string;
  [figure: string]: unknown;
}

export interface Look {
  time: string;
  weight: number | null;
  metrics: Metric[];
}

export interface Ramp {
  train: string;
  phase: 'none' | 'countdown' | 'ramping' | 'promoting' | 'going-back' | 'departed' | 'rolled-back' | 'aborted' | 'rollback-failed';
  standing: string;
  now: string;
  looks: Look[];
  story: { index: number; time: string; by: string; text: string; tone: 'plain' | 'good' | 'caution' | 'bad' }[];
  // Absent where it never was on its way:
  service?: string;
  version?: string;
  baseline?: string;
  commit?: string;
  driver?: string;
  depart_at?: string;
  weight?: number;
  weights?: { weight: number; hold_s: number }[];
  held?: { weight: number; start: string; end: string; passed: boolean }[];
  hold?: { weight: number; start: string; left_s: number; is_running: boolean } | null;
  pause?: { since: string; reason: string; why: string } | null;
  lease?: { holder: string; signer: string; expires: string; is_valid: boolean } | null;
  breach?: { reason: string; why: string; detected: string };
  manual_steps?: string[];
}

export const moves = (ramp: Ramp) => ['countdown', 'ramping', 'promoting', 'going-back'].includes(ramp.phase);

// Where a train that moves stands, in a few words.
export function progressOf(ramp: Ramp): string {
  if (ramp.phase === 'countdown') return `${ramp.version} counts down`;
  const traffic = `${ramp.version} has ${ramp.weight} % of the traffic`;
  if (ramp.phase === 'going-back') return `going back: ${traffic}`;
  return ramp.pause ? `paused: ${traffic}` : `on its way: ${traffic}`;
}

// What the newest look at each metric said: "errors good enough, latency undecided".
export function verdictsOf(metrics: MetricCurves[]): string {
  return metrics.map((metric) => `${metric.name} ${wordOf(metric.verdict)}`).join(', ');
}

export const wordOf = (verdict: string) => verdict.replaceAll(/[-_]/g, ' ');

export interface Curve {
  title: string;
  kind: 'linear' | 'log'; // log: values are natural logarithms, drawn and written as powers of ten
  form: 'percent' | 'number' | 'power';
  series: { name: string; points: { time: number; value: number }[] }[];
  limits: { value: number; label: string; tone: 'bad' | 'caution' | 'good' }[];
}

export interface MetricCurves {
  name: string;
  judge: string;
  verdict: string;
  why: string;
  curves: Curve[];
  turns: Turn[]; // when the judge changed its mind, the oldest first
}

export interface Turn {
  time: number;
  verdict: string;
}

const numberOf = (metric: Metric, figure: string) => (typeof metric[figure] === 'number' && Number.isFinite(metric[figure]) ? (metric[figure] as number) : null);

type Sample = { time: number; metric: Metric };

// The looks whose verdict is not that of the look before.
const turnsOf = (samples: Sample[]): Turn[] =>
  samples.filter(({ metric }, i) => i > 0 && metric.verdict !== samples[i - 1]!.metric.verdict).map(({ time, metric }) => ({ time, verdict: metric.verdict }));

function seriesOf(name: string, samples: Sample[], value: (metric: Metric) => number | null) {
  const points = samples.map(({ time, metric }) => ({ time, value: value(metric) })).filter((point): point is { time: number; value: number } => point.value !== null);
  return { name, points };
}

function share(metric: Metric, bad: number | null, of: string): number | null {
  const requests = numberOf(metric, of);
  return bad === null || !requests ? null : bad / requests;
}

function sequentialCurves(samples: Sample[], last: Metric): Curve[] {
  const bad = (metric: Metric) => numberOf(metric, 'x');
  const others = (metric: Metric) => (bad(metric) === null || numberOf(metric, 'm') === null ? null : numberOf(metric, 'm')! - bad(metric)!);
  const limit = numberOf(last, 'log_limit');
  return [
    {
      title: 'Bad requests, since the weight was set',
      kind: 'linear',
      form: 'percent',
      series: [
        seriesOf('canary', samples, (metric) => share(metric, bad(metric), 'requests_canary')),
        seriesOf('baseline', samples, (metric) => share(metric, others(metric), 'requests_baseline')),
      ],
      limits: [],
    },
    {
      title: 'Evidence that the canary is worse (e-value)',
      kind: 'log',
      form: 'power',
      series: [seriesOf('e-value', samples, (metric) => numberOf(metric, 'log_e'))],
      limits: limit === null ? [] : [{ value: limit, label: `breach at ${Math.round(Math.exp(limit))}`, tone: 'bad' }],
    },
  ];
}

function thresholdCurves(samples: Sample[], last: Metric): Curve[] {
  const [limit, clear] = [numberOf(last, 'limit'), numberOf(last, 'clear')];
  const limits: Curve['limits'] = [];
  if (limit !== null) limits.push({ value: limit, label: `limit ${limit}`, tone: 'bad' });
  if (clear !== null && clear !== limit) limits.push({ value: clear, label: `clear again at ${clear}`, tone: 'good' });
  return [
    {
      title: 'Value',
      kind: 'linear',
      form: 'number',
      series: [seriesOf('canary', samples, (metric) => numberOf(metric, 'value')), seriesOf('baseline', samples, (metric) => numberOf(metric, 'baseline'))],
      limits,
    },
  ];
}

function kayentaCurves(samples: Sample[]): Curve[] {
  return [
    {
      title: 'Canary divided by baseline, means',
      kind: 'linear',
      form: 'number',
      series: [seriesOf('ratio', samples, (metric) => numberOf(metric, 'mean_ratio'))],
      limits: [{ value: 1, label: 'no difference', tone: 'good' }],
    },
  ];
}

// A group of curves for each metric, in the order in which the newest look tells of them.
export function curvesOf(looks: Look[]): MetricCurves[] {
  const names = [...new Set(looks.flatMap((look) => look.metrics.map((metric) => metric.name)))];
  return names.map((name) => {
    const samples = looks.flatMap((look) => look.metrics.filter((metric) => metric.name === name).map((metric) => ({ time: Date.parse(look.time), metric })));
    const last = samples.at(-1)!.metric;
    const curves = last.judge === 'sequential' ? sequentialCurves(samples, last) : last.judge === 'kayenta' ? kayentaCurves(samples) : thresholdCurves(samples, last);
    const drawn = curves.map((curve) => ({ ...curve, series: curve.series.filter((series) => series.points.length > 0) })).filter((curve) => curve.series.length > 0);
    return { name, judge: last.judge, verdict: last.verdict, why: last.why, curves: drawn, turns: turnsOf(samples) };
  });
}

// When each weight began, for the bands behind the curves.
export function weightsOver(ramp: Ramp): { time: number; weight: number }[] {
  const out = (ramp.held ?? []).map((held) => ({ time: Date.parse(held.start), weight: held.weight }));
  if (ramp.hold) out.push({ time: Date.parse(ramp.hold.start), weight: ramp.hold.weight });
  return out;
}

const raised = '⁰¹²³⁴⁵⁶⁷⁸⁹';
// "10⁻³"
export const powerOfTen = (power: number) => `10${power < 0 ? '⁻' : ''}${[...String(Math.abs(power))].map((digit) => raised[Number(digit)]).join('')}`;

// A number that is given as its natural logarithm: "100", "0.03", "4.9 · 10⁸".
function expText(logarithm: number): string {
  const value = Math.exp(logarithm);
  if (value >= 0.001 && value < 1e4) return Number(value.toPrecision(3)).toString();
  let power = Math.floor(logarithm / Math.LN10);
  let factor = Number(Math.exp(logarithm - power * Math.LN10).toPrecision(2));
  if (factor === 10) [factor, power] = [1, power + 1];
  return `${factor} · ${powerOfTen(power)}`;
}

// "4.9 · 10⁸", "0.02 %", "3.4"
export function valueText(value: number, form: Curve['form']): string {
  if (form === 'power') return expText(value);
  const shown = form === 'percent' ? value * 100 : value;
  return `${Number(shown.toPrecision(3))}${form === 'percent' ? ' %' : ''}`;
}
