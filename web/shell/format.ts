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

// "in 3 d", "5 h ago": from now to a moment, in seconds.
export function distance(seconds: number): string {
  return seconds > 0 ? `in ${age(seconds)}` : ago(-seconds);
}

// "14:59", "1:02:03": what is left of a wait.
export function countdown(seconds: number): string {
  const left = Math.max(0, Math.ceil(seconds));
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(left / 3_600), Math.floor(left / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(left % 60)}` : `${minutes}:${two(left % 60)}`;
}

// "Tue 1 Dec", in the reader's zone; "Tue 3 Jun 2031" where it is of another year.
export function day(time: string | number, now = Date.now()): string {
  const at = new Date(time);
  const year = at.getFullYear() === new Date(now).getFullYear() ? {} : { year: 'numeric' as const };
  return at.toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric', month: 'short', ...year }).replace(',', '');
}

// "Tue 1 Dec, 10:00"
export function moment(time: string | number, now = Date.now()): string {
  return `${day(time, now)}, ${new Date(time).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })}`;
}

// A text of the server, with its times in the reader's zone as all others.
export function inZone(text: string, now = Date.now()): string {
  return text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (time) => moment(time, now));
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
