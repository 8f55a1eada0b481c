// What is known of one digest, put together from the entries that are about it.
import type { Row } from './types';

export interface Kind {
  type: string;
  rows: Row[]; // newest first
}

// Entries by type, the type of the newest first.
export function kindsOf(rows: Row[]): Kind[] {
  const kinds = new Map<string, Row[]>();
  for (const row of rows) kinds.set(row.type, [...(kinds.get(row.type) ?? []), row]);
  return [...kinds].map(([type, of]) => ({ type, rows: of }));
}

// What else the same entries are about, the most often named first.
export function companionsOf(rows: Row[], subject: string): { subject: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const row of rows) for (const each of row.subjects) if (each !== subject) counts.set(each, (counts.get(each) ?? 0) + 1);
  return [...counts].map(([each, count]) => ({ subject: each, count })).sort((a, b) => b.count - a.count);
}

export interface Fact {
  path: string;
  text: string;
}

const textLengthMax = 120;
const shortened = (text: string) => (text.length > textLengthMax ? `${text.slice(0, textLengthMax - 1)}…` : text);

// The first members of a predicate as lines: "counts.error 0", "failed 3 items". Members of members are told two deep.
export function factsOf(predicate: unknown, most: number, path = '', depth = 2): Fact[] {
  if (Array.isArray(predicate)) {
    const simple = predicate.every((item) => typeof item !== 'object' || item === null);
    const text = predicate.length === 0 ? 'none' : simple ? predicate.join(', ') : `${predicate.length} ${predicate.length === 1 ? 'item' : 'items'}`;
    return [{ path, text: shortened(text) }];
  }
  if (typeof predicate !== 'object' || predicate === null) return predicate === undefined ? [] : [{ path, text: shortened(String(predicate)) }];
  const members = Object.entries(predicate);
  if (depth === 0) return [{ path, text: `${members.length} ${members.length === 1 ? 'member' : 'members'}` }];
  return members.flatMap(([name, value]) => factsOf(value, most, path ? `${path}.${name}` : name, depth - 1)).slice(0, most);
}
