// The open actions of all trains by how soon they are due.
import type { Action } from './types';

export const soonDays = 14;

export interface Columns {
  overdue: Action[];
  soon: Action[];
  later: Action[];
  done: Action[];
}

const byDue = (a: Action, b: Action) => Date.parse(a.due) - Date.parse(b.due);

export function columnsOf(actions: Action[], owner: string, now: number): Columns {
  const wanted = actions.filter((action) => owner === '' || action.owner === owner);
  const open = wanted.filter((action) => action.state === 'open').sort(byDue);
  const soon = now + soonDays * 86_400_000;
  return {
    overdue: wanted.filter((action) => action.state === 'overdue').sort(byDue),
    soon: open.filter((action) => Date.parse(action.due) <= soon),
    later: open.filter((action) => Date.parse(action.due) > soon),
    done: wanted.filter((action) => action.state === 'done').sort((a, b) => Date.parse(b.done!.time) - Date.parse(a.done!.time)),
  };
}

// Who owns open actions, those with overdue ones first, then by how many.
export function ownersOf(actions: Action[]): { name: string; open: number; overdue: number }[] {
  const owners = new Map<string, { name: string; open: number; overdue: number }>();
  for (const { owner, state } of actions) {
    if (state === 'done') continue;
    const one = owners.get(owner) ?? { name: owner, open: 0, overdue: 0 };
    owners.set(owner, { ...one, open: one.open + 1, overdue: one.overdue + (state === 'overdue' ? 1 : 0) });
  }
  return [...owners.values()].sort((a, b) => b.overdue - a.overdue || b.open - a.open || a.name.localeCompare(b.name));
}
