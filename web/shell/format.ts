// Numbers and times as people read them.

const steps: [seconds: number, unit: string][] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
];

// "42 s", "3 min", "5 h", "12 d"; rounded down, so an age is never overstated.
export function age(seconds: number): string {
  for (const [length, unit] of steps) if (seconds >= length) return `${Math.floor(seconds / length)} ${unit}`;
  return `${Math.max(0, Math.floor(seconds))} s`;
}

export function ago(seconds: number): string {
  return seconds < 2 ? 'just now' : `${age(seconds)} ago`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

// "https://signalbox.dev/evidence/tests/v1" → "evidence/tests/v1"; foreign types stay whole.
export function shortType(type: string): string {
  return type.replace(/^https:\/\/signalbox\.dev\//, '');
}

// "gitCommit:1a2b…" → "gitCommit:1a2b3c4d5e6f"
export function shortSubject(subject: string): string {
  return subject.replace(/:(.{12}).+$/, ':$1');
}

export function shortHash(hex: string): string {
  return hex.length > 18 ? `${hex.slice(0, 8)}…${hex.slice(-8)}` : hex;
}
