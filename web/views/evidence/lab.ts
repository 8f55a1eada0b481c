// What a condition said of the statements that it was tried on.

export type AnswerKind = 'yes' | 'no' | 'error' | 'timeout' | 'memory' | 'not-boolean' | 'refused';

export interface PartAnswer {
  answer: AnswerKind;
  message: string;
}

export interface Tried extends PartAnswer {
  index: number;
  time: string;
  parts: PartAnswer[]; // empty where the condition is one, or was not taken apart
  input: Record<string, unknown>;
}

export interface Trials {
  parts: string[];
  tried: Tried[]; // newest first
  lint: { refusals: string[]; warnings: string[] };
}

export interface Value {
  path: string;
  text: string;
  missing: boolean;
}

const textLengthMax = 80;

// What stands at the paths that a condition names, ".predicate.failures" and the like, each once. What stands in strings is no path.
export function valuesOf(condition: string, input: unknown): Value[] {
  const bare = condition.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  const paths = [...new Set(bare.match(/(?<![\w.)\]])(?:\.[A-Za-z_]\w*)+/g) ?? [])];
  return paths.map((path) => {
    let value: unknown = input;
    for (const name of path.slice(1).split('.')) value = typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>)[name] : undefined;
    const text = value === undefined ? 'missing' : JSON.stringify(value);
    return { path, text: text.length > textLengthMax ? `${text.slice(0, textLengthMax - 1)}…` : text, missing: value === undefined };
  });
}

export const verdictOf = (answer: AnswerKind) => (answer === 'yes' ? 'pass' : answer === 'no' ? 'fail' : 'warn');
export const wordOf = (answer: AnswerKind) => ({ yes: 'true', no: 'false', error: 'error', timeout: 'no answer in time', memory: 'too much memory', 'not-boolean': 'no boolean', refused: 'refused' })[answer] ?? answer;
