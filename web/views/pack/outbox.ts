// What a station tells the server waits here, on this machine's disk, until the server has it: told again, it has the same key.
import { post, problemOf, type Problem } from '../../shell/api';
import type { Completion } from './station';

export interface Waiting {
  plan: string;
  order: string;
  completion: Completion;
  since: number; // milliseconds
}

export interface Refused {
  order: string;
  key: string;
  problem: string;
}

const place = 'pack-outbox';
const refusals = 'pack-refused';

function read<T>(from: string): T[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(from) ?? '[]');
    return Array.isArray(kept) ? (kept as T[]) : [];
  } catch {
    return [];
  }
}
const write = (to: string, all: unknown[]) => localStorage.setItem(to, JSON.stringify(all));

export const waiting = () => read<Waiting>(place);
export const refused = () => read<Refused>(refusals);
export const forgetRefused = () => write(refusals, []);

export function put(one: Waiting): void {
  write(place, [...waiting(), one]);
}

// The server will say the same next time: it was understood, and is not wanted.
const isFinal = (problem: Problem) => [400, 404, 409, 422].includes(problem.status);

// Sends what waits, the oldest first, until the server takes no more. Why it stopped, if it did.
export async function send(): Promise<Problem | null> {
  for (const one of waiting()) {
    try {
      await post(`/api/v1/pack/packs/${encodeURIComponent(one.plan)}/complete`, { ...one.completion, waited_ms: Math.max(0, Date.now() - one.since) });
    } catch (error) {
      const problem = problemOf(error);
      if (!isFinal(problem)) return problem;
      write(refusals, [...refused(), { order: one.order, key: one.completion.key, problem: problem.message }]);
    }
    write(place, waiting().filter((other) => other.completion.key !== one.completion.key));
  }
  return null;
}
