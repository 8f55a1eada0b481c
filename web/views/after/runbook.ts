// The page for the day of a release, as the server tells it.

export interface RunbookStep {
  id: string;
  at: string | null; // planned
  what: string;
  command: string; // empty: a person looks
  owner: string; // may be empty
  state: 'open' | 'done' | 'failed';
  found: string; // what the log says of it
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

// Whom to call: those that the policy names, then who does a step and is not named there.
export function callsOf(runbook: Runbook): Contact[] {
  const named = runbook.contacts ?? [];
  const known = new Set(named.map((contact) => contact.name));
  const doers = new Map<string, string[]>();
  for (const { owner, what } of [...runbook.steps, ...runbook.back]) {
    for (const name of owner.split(',').map((part) => part.trim()).filter(Boolean)) {
      if (!known.has(name)) doers.set(name, [...(doers.get(name) ?? []), what]);
    }
  }
  return [...named, ...[...doers].map(([name, whats]) => ({ role: 'does', name, reach: whats.join('; ') }))];
}
