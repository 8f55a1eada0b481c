import { expect, it } from 'vitest';
import type { Passenger } from '../train/types';
import { countsOf, diffOf } from './notes_diff';

const rider = (id: string, subject: string, type = 'feat'): Passenger => ({ id, short: id, type, scope: '', subject, author: 'Ada', breaking: false });

it('tells what is in the notes of one train, of the other, and of both', () => {
  const sections = diffOf(
    [{ title: 'Features', passengers: [rider('a', 'find by colour'), rider('b', 'remember the basket')] }, { title: 'Fixes', passengers: [rider('picked', 'one mail', 'fix')] }],
    [{ title: 'Fixes', passengers: [rider('c', 'one mail', 'fix'), rider('d', 'no mail twice', 'fix')] }, { title: 'Features', passengers: [rider('b', 'remember the basket')] }],
  );
  expect(sections.map(({ title, lines }) => [title, lines.map(({ where, passenger }) => `${where} ${passenger.id}`)])).toEqual([
    ['Features', ['here a', 'both b']],
    ['Fixes', ['both picked', 'there d']], // the same words in another commit
  ]);
  expect(countsOf(sections)).toEqual({ here: 1, both: 2, there: 1 });
});
it('tells of nothing where neither has notes', () => {
  expect(diffOf([], [])).toEqual([]);
});
