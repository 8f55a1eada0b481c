// The page for the day of a release, as the server tells it.

export interface RunbookStep {
  id: string;
  at: string | null; // planned
  what: string;
  command: string; // empty: a person looks
  owner: string; // may be empty
  state: 'open' | 'done' | 'failed';
  found: string; // what the log says of it
  ticked_by: 'log' | 'people';
}

export interface Contact {
  role: string;
  name: string;
  reach: string; // may be empty
}

export interface Runbook {
  train: string;
  version: string;
  baseline: string;
  departs: string;
  standing: string;
  talk_channel?: string;
  steps: RunbookStep[];
  back: RunbookStep[];
  manual: string[];
  contacts?: Contact[];
}

// A step beside what the log tells of those after it.
export interface Standing {
  step: RunbookStep;
  next: boolean; // the first that is still to do
  late: boolean; // its time has passed, and it is still to do
  untold: boolean; // what comes after it was done: whether it was, the log does not tell
}

export function standingsOf(steps: RunbookStep[], now: number): Standing[] {
  const reached = Math.max(-1, ...steps.map((step, i) => (step.state === 'open' ? -1 : i)));
  return steps.map((step, i) => ({
    step,
    next: i === reached + 1,
    late: step.state === 'open' && i > reached && step.at !== null && Date.parse(step.at) < now,
    untold: step.state === 'open' && i < reached,
  }));
}

// Whom to call: those that the policy names, then who does a step and is not named there.
export function callsOf(runbook: Runbook): Contact[] {
  const named = runbook.contacts ?? [];
  const known = new Set(named.map((contact) => contact.name));
  const doers = new Map<string, string[]>(); // and what each does
  for (const { owner, what } of [...runbook.steps, ...runbook.back]) {
    for (const name of owner.split(',').map((part) => part.trim()).filter(Boolean)) {
      if (!known.has(name)) doers.set(name, [...(doers.get(name) ?? []), what]);
    }
  }
  return [...named, ...[...doers].map(([name, whats]) => ({ role: whats.join('; '), name, reach: '' }))];
}
