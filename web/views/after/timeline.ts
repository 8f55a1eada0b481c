// The way of a train as marks on one line, in the order in which they happened: what the log tells, what was promised, and what is still to come.
import type { Tone } from '../../shell/api';
import type { TrainReview } from './types';

// What a mark is about; the page shows and hides each.
export const lanes = ['plan', 'decision', 'traffic', 'incident', 'action'] as const;
export type Lane = (typeof lanes)[number];
export const nameOfLane: Record<Lane, string> = { plan: 'plan', decision: 'decisions', traffic: 'traffic', incident: 'incidents', action: 'review and actions' };

export interface Mark {
  id: string;
  time: number; // when it happened, Unix milliseconds
  text: string;
  tone: Tone;
  lane: Lane;
  by: string; // who said so; empty: nobody yet
  evidence: number | null; // entry of the log that tells it
  told: number | null; // when it was logged, where that was much later
  troubles: string[]; // ids of the incidents that went on after it, until the next mark
}

export interface Step {
  mark: Mark;
  date: string | null; // where a day begins: "Tue 1 Dec"
  after: string; // how long after the mark before it: "3 min"; empty: at once
  now: boolean; // this is the first that is still to come
}

const laneOfKind: Record<string, Lane> = { schedule: 'plan', manifest: 'plan', decision: 'decision', 'rollback-rehearsal': 'decision', incident: 'incident' };
const lateSeconds = 60; // told that much after it happened is told apart
const worthSaying = 60; // seconds between two marks

export function marksOf(review: TrainReview): Mark[] {
  const marks: Mark[] = review.timeline.map((line) => {
    const time = Date.parse(line.happened ?? line.time);
    const told = Date.parse(line.time);
    const text = line.about ? line.text.replace(/ \(from [^)]*\)$| since \S+$/, '') : line.text; // the time stands beside it
    return { id: `log ${line.index}`, time, text, tone: line.tone, lane: laneOfKind[line.kind] ?? 'traffic', by: line.by, evidence: line.index, told: told - time > lateSeconds * 1_000 ? told : null, troubles: [] };
  });
  const add = (id: string, time: string, text: string, tone: Tone, by: string, evidence: number | null) =>
    marks.push({ id, time: Date.parse(time), text, tone, lane: 'action', by, evidence, told: null, troubles: [] });
  if (review.words) add('review', review.words.time, 'the review is published', 'good', review.words.by, review.words.evidence);
  else if (review.due) add('review', review.due, review.overdue ? 'the review was due' : 'the review is due', review.overdue ? 'bad' : 'plain', '', null);
  for (const action of review.actions) {
    const name = `${action.id}: ${action.title}`;
    if (action.done) add(`done ${action.id}`, action.done.time, `done, ${name}`, 'good', action.done.by, action.done.evidence);
    else add(`due ${action.id}`, action.due, `${action.state === 'overdue' ? 'was due' : 'due'}, ${name} (${action.owner})`, action.state === 'overdue' ? 'bad' : 'plain', '', action.evidence);
  }
  marks.sort((a, b) => a.time - b.time || (a.evidence ?? Infinity) - (b.evidence ?? Infinity));
  return withTroubles(marks, review);
}

// Of each mark the incidents that went on after it.
function withTroubles(marks: Mark[], review: TrainReview): Mark[] {
  const spans = new Map<string, { from: number; to: number }>();
  for (const { about, happened, time, tone } of review.timeline) {
    if (!about) continue;
    const at = Date.parse(happened ?? time);
    const span = spans.get(about);
    if (!span) spans.set(about, { from: at, to: tone === 'good' ? at : Infinity });
    else span.to = at;
  }
  return marks.map((mark) => ({ ...mark, troubles: [...spans].filter(([, { from, to }]) => from <= mark.time && mark.time < to).map(([id]) => id) }));
}

// "45 s", "3 min", "5 h", "12 d", rounded to the nearest.
export function lengthOf(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 36 * 3_600) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

const dayOf = (time: number) => new Date(time).toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }).replace(',', '');

// What is shown of them, with days and waits between.
export function stepsOf(marks: Mark[], shown: ReadonlySet<Lane>, now: number): Step[] {
  const visible = marks.filter((mark) => shown.has(mark.lane));
  return visible.map((mark, i) => {
    const before = visible[i - 1];
    const wait = before ? (mark.time - before.time) / 1_000 : 0;
    return {
      mark,
      date: before && dayOf(before.time) === dayOf(mark.time) ? null : dayOf(mark.time),
      after: wait >= worthSaying ? lengthOf(wait) : '',
      now: mark.time > now && (!before || before.time <= now),
    };
  });
}
