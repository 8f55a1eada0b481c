// What this browser saw of a log when it last looked, so that a log that was rolled back or rewritten since is found out.
import { get } from '../../shell/api';
import { hasOnlyGrown } from './merkle';
import { parseCheckpoint, verifySignature } from './note';
import type { Status } from './types';

interface Seen {
  vkey: string;
  size: number;
  root: string;
}

export interface Word {
  answer: 'holds' | 'broken' | 'unknown';
  says: string;
}

function seen(origin: string): Seen | null {
  try {
    return JSON.parse(localStorage.getItem(`log ${origin}`) ?? 'null') as Seen | null;
  } catch {
    return null;
  }
}

async function consistency(from: number, to: number): Promise<string[]> {
  return (await get<{ proof: string[] }>(`/api/v1/evidence/consistency?from=${from}&to=${to}`)).proof;
}

// What can be said of the log's newest checkpoint, compared to the last one seen here; then that one is remembered, unless it is wrong.
export async function judgeLog(status: Status): Promise<Word> {
  const now = parseCheckpoint(status.checkpoint);
  const before = seen(now.origin);
  const signature = await verifySignature(now, status.vkey);
  if (signature === 'invalid') return { answer: 'broken', says: 'Its checkpoint is not signed by its key.' };
  if (before && before.vkey !== status.vkey) return { answer: 'broken', says: 'It is signed with another key than when you last looked.' };
  if (before && before.size > now.size) return { answer: 'broken', says: `It had ${before.size} entries when you last looked: it was rolled back.` };
  if (before) {
    const proof = before.size < now.size ? await consistency(before.size, now.size) : [];
    if (!(await hasOnlyGrown(before.size, before.root, now.size, now.root, proof)))
      return { answer: 'broken', says: `Its first ${before.size} entries are not those that you last saw: it was rewritten.` };
  }
  localStorage.setItem(`log ${now.origin}`, JSON.stringify({ vkey: status.vkey, size: now.size, root: now.root }));
  if (signature === 'unsupported') return { answer: 'unknown', says: 'This browser has no Ed25519: its signature was not checked.' };
  const grown = before && before.size < now.size ? `, and has only grown since you last looked (${before.size} → ${now.size})` : before ? ', and is what you last saw' : '';
  return { answer: 'holds', says: `Its checkpoint is signed${grown}.` };
}
