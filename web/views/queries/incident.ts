// What stands in the way in an incident, and what ends it.
import type { BlockedSession, IncidentData } from './types';

// The moment at which most sessions were in the tree; the last of those.
export function worstMoment(locks: IncidentData['locks']): IncidentData['locks'][number] | null {
  return locks.reduce<IncidentData['locks'][number] | null>((worst, each) => (each.tree.length > 0 && each.tree.length >= (worst?.tree.length ?? 0) ? each : worst), null);
}

export interface Root { session: BlockedSession; waiting: number }

// Those who wait for nobody, with how many wait behind each: by any way, once.
export function rootsOf(tree: BlockedSession[]): Root[] {
  const out: (Root & { behind: Set<number> })[] = [];
  for (const session of tree) {
    if (session.depth === 0) out.push({ session, waiting: 0, behind: new Set() });
    else out.at(-1)?.behind.add(session.pid);
  }
  return out.map(({ session, behind }) => ({ session, waiting: behind.size })).filter(({ waiting }) => waiting > 0);
}

// It shows the session and does nothing; what it prints ends it, where it is the same one still. Of one that is idle in its transaction no
// statement runs that could be cancelled.
export const endCommand = ({ pid, state }: Pick<BlockedSession, 'pid' | 'state'>) => `signalbox queries act ${state === 'active' ? 'cancel' : 'terminate'} ${pid} --dsn postgresql://USER@HOST/DATABASE`;
