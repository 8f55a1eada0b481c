// Indexes that a database lacks, as figures: what each saves beside what it costs, and statements before and after.
import type { Figure } from '../../shell/charts/layout';
import { oneLine } from './queries';
import type { Advice, ProvenIndex } from './types';

const statementsMax = 20;
const shown = 28; // letters of a statement

export const nameOf = (index: Pick<ProvenIndex, 'table' | 'columns'>) => `${index.table} (${index.columns.join(', ')})`;

// What a row that is written costs more, in microseconds; null where it was not measured.
export const extraWrite = (index: ProvenIndex) => (index.write ? index.write.after_us - index.write.before_us : null);

export function gainChart(indexes: ProvenIndex[]): Figure | null {
  const known = indexes.filter((index) => index.write !== null);
  if (known.length < 2) return null; // one has nothing beside it
  return {
    title: 'What each saves, beside what a written row costs more',
    kind: 'line',
    drawn: 'dots',
    x_label: 'µs more for a row that is written',
    y_label: 'of the time of its statements',
    y_unit: '%',
    y_from: 'zero',
    categories: [],
    series: known.map((index) => ({ name: nameOf(index), x: [extraWrite(index)!], y: [100 * index.gain], says: [`saves ${(100 * index.gain).toFixed(1)} %, ${extraWrite(index)!.toFixed(1)} µs more for a row`] })),
  };
}

// Each statement that changes: before all indexes, and after the last of them that serves it.
export function changesChart(advice: Advice): Figure | null {
  const changes = new Map<string, { before: number; after: number }>();
  for (const index of advice.indexes) {
    for (const each of index.statements) changes.set(each.fingerprint, { before: changes.get(each.fingerprint)?.before ?? each.before_ms, after: each.after_ms });
  }
  const rows = [...changes].sort(([, a], [, b]) => b.before - a.before).slice(0, statementsMax);
  if (rows.length === 0) return null;
  const textOf = (fingerprint: string) => {
    const text = oneLine(advice.statements.find((each) => each.fingerprint === fingerprint)?.statement ?? fingerprint);
    return text.length > shown ? `${text.slice(0, shown - 1)}…` : text;
  };
  const x = rows.map((_, i) => i);
  return {
    title: 'An execution on the copy, before and after',
    kind: 'bar',
    x_label: '',
    y_label: 'ms',
    categories: rows.map(([fingerprint]) => textOf(fingerprint)),
    series: [{ name: 'before', x, y: rows.map(([, { before }]) => before) }, { name: 'after', x, y: rows.map(([, { after }]) => after) }],
  };
}
