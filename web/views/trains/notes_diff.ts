// The notes of two trains side by side: what is told of one alone, and what of both.
import type { Passenger, Section } from '../train/types';

export type Where = 'here' | 'both' | 'there';

export interface Line {
  where: Where;
  passenger: Passenger;
}

export interface DiffSection {
  title: string;
  lines: Line[];
}

const changeOf = ({ type, scope, subject }: Passenger) => `${type} ${scope} ${subject}`;

// By commit; a change that was picked into another commit is the same where its words are. Sections in the order of `here`, then of `there`.
export function diffOf(here: Section[], there: Section[]): DiffSection[] {
  const others = there.flatMap((section) => section.passengers);
  const [ids, changes] = [new Map(others.map((each) => [each.id, each])), new Map(others.map((each) => [changeOf(each), each]))];
  const matched = new Set<string>();
  const out = new Map<string, Line[]>();
  const add = (title: string, line: Line) => out.set(title, [...(out.get(title) ?? []), line]);
  for (const section of here) {
    for (const passenger of section.passengers) {
      const other = ids.get(passenger.id) ?? changes.get(changeOf(passenger));
      if (other) matched.add(other.id);
      add(section.title, { where: other ? 'both' : 'here', passenger });
    }
  }
  for (const section of there) for (const passenger of section.passengers) if (!matched.has(passenger.id)) add(section.title, { where: 'there', passenger });
  return [...out].map(([title, lines]) => ({ title, lines }));
}

export function countsOf(sections: DiffSection[]): Record<Where, number> {
  const counts: Record<Where, number> = { here: 0, both: 0, there: 0 };
  for (const { lines } of sections) for (const { where } of lines) counts[where] += 1;
  return counts;
}
