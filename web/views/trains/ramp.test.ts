import { describe, expect, it } from 'vitest';
import { curvesOf, valueText, weightsOver, type Look, type Metric, type Ramp } from './ramp';

const look = (time: string, metric: Partial<Metric>): Look => ({ time, weight: 5, metrics: [{ name: 'errors', judge: 'sequential', verdict: 'undecided', why: '', ...metric } as Metric] });

describe('the curves of a ramp', () => {
  it('draw the shares of bad requests and the e-value with its limit of a sequential judge', () => {
    const [metric] = curvesOf([
      look('2026-12-01T10:00:00Z', { x: 1, m: 5, requests_canary: 100, requests_baseline: 1_000, log_e: 0.5, log_limit: Math.log(100) }),
      look('2026-12-01T10:00:20Z', { x: 4, m: 9, requests_canary: 200, requests_baseline: 0, log_e: 2, log_limit: Math.log(100) }),
    ]);
    const [shares, evidence] = metric!.curves;
    expect(shares!.series.map((series) => [series.name, series.points.map((point) => point.value)])).toEqual([
      ['canary', [0.01, 0.02]],
      ['baseline', [0.004]], // nothing to divide by at the second look
    ]);
    expect(evidence!.series[0]!.points.map((point) => point.value)).toEqual([0.5, 2]);
    expect(evidence!.limits).toEqual([{ value: Math.log(100), label: 'breach at 100', tone: 'bad' }]);
  });
  it('draw a threshold with the value at which it is clear again', () => {
    const [metric] = curvesOf([look('2026-12-01T10:00:00Z', { judge: 'threshold', value: 0.2, limit: 0.25, clear: 0.2 })]);
    expect(metric!.curves[0]!.limits.map((limit) => limit.value)).toEqual([0.25, 0.2]);
  });
  it('are marked where the judge changed its mind, and only there', () => {
    const verdicts = ['undecided', 'undecided', 'good-enough', 'good-enough', 'breach'];
    const [metric] = curvesOf(verdicts.map((verdict, i) => look(`2026-12-01T10:00:0${i}Z`, { verdict })));
    expect(metric!.turns).toEqual([
      { time: Date.parse('2026-12-01T10:00:02Z'), verdict: 'good-enough' },
      { time: Date.parse('2026-12-01T10:00:04Z'), verdict: 'breach' },
    ]);
  });
  it('leave out what is no number', () => {
    const [metric] = curvesOf([look('2026-12-01T10:00:00Z', { judge: 'threshold', value: null, limit: 1, clear: 1 })]);
    expect(metric!.curves).toEqual([]);
  });
  it('know when each weight began', () => {
    const held = [{ weight: 5, start: '2026-12-01T10:00:00Z', end: '2026-12-01T10:15:00Z', passed: true }];
    const hold = { weight: 25, start: '2026-12-01T10:15:01Z', left_s: 9, is_running: true };
    expect(weightsOver({ held, hold } as unknown as Ramp).map(({ weight }) => weight)).toEqual([5, 25]);
  });
});
it('writes values as people read them', () => {
  expect([valueText(Math.log(100), 'power'), valueText(20, 'power'), valueText(-10, 'power'), valueText(Math.log(9.99e5), 'power')]).toEqual(['100', '4.9 · 10⁸', '4.5 · 10⁻⁵', '1 · 10⁶']);
  expect([valueText(0.0123, 'percent'), valueText(2.5, 'number')]).toEqual(['1.23 %', '2.5']);
});
