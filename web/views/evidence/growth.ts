// How a log grew: what its timeline says, and what is read from it.

export interface SignedCheckpoint {
  size: number;
  entries: number; // that came with it
  time: string;
  root: string;
}
export interface Timeline {
  size: number;
  checkpoints: SignedCheckpoint[]; // newest first
  growth: { size: number; time: string }[]; // oldest first
  audit: { index: number; time: string; origin: string; size: number; failures: number; forks: number } | null;
}

// Entries a second over the last `seconds`, by the growth of the log; null where nothing is known of that time.
export function rateOver(timeline: Timeline, seconds: number, now: number): number | null {
  const since = now - seconds * 1_000;
  const recent = timeline.checkpoints.filter(({ time }) => Date.parse(time) > since);
  if (timeline.checkpoints.length === 0) return null;
  // All that is listed is of that time, and the log is older: how many came before them is not known.
  const oldest = recent.at(-1);
  if (recent.length === timeline.checkpoints.length && oldest && oldest.size > oldest.entries) {
    const span = (now - Date.parse(oldest.time)) / 1_000;
    return span > 0 ? recent.reduce((sum, { entries }) => sum + entries, 0) / span : null;
  }
  return recent.reduce((sum, { entries }) => sum + entries, 0) / seconds;
}

// "12 a second", "3 a minute", "0.2 an hour": the unit in which at least one comes, hours at the most.
export function rateText(perSecond: number): string {
  const units: [number, string][] = [[1, 'a second'], [60, 'a minute'], [3_600, 'an hour']];
  for (const [seconds, unit] of units) {
    const count = perSecond * seconds;
    if (count >= 1 || seconds === 3_600) return `${count >= 10 || Number.isInteger(count) ? Math.round(count).toLocaleString('en') : count.toFixed(1)} ${unit}`;
  }
  return '';
}

export function auditText(audit: Timeline['audit'], size: number, ago: (time: string) => string): { verdict: 'pass' | 'warn' | 'fail' | 'none'; says: string } {
  if (!audit) return { verdict: 'none', says: 'No audit was recorded yet' };
  const wrong = audit.failures + audit.forks;
  if (wrong > 0) return { verdict: 'fail', says: `The last audit, ${ago(audit.time)}, found ${wrong} ${wrong === 1 ? 'thing' : 'things'} that ${wrong === 1 ? 'does' : 'do'} not hold` };
  const since = size - audit.size;
  return { verdict: 'pass', says: `The last audit, ${ago(audit.time)}, found that all ${audit.size.toLocaleString('en')} entries hold; ${since.toLocaleString('en')} came since` };
}
