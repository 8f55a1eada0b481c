// Addresses inside the console: "#/evidence/12?type=…" is the view "evidence", the rest ["12"], and its filters.

export interface Place {
  view: string; // empty: the first view
  rest: string[];
  filters: Record<string, string>;
}

export function parsePlace(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?', 2);
  const [view = '', ...rest] = path.split('/').filter(Boolean).map(decode);
  return { view, rest, filters: Object.fromEntries(new URLSearchParams(query)) };
}

export function addressOf(view: string, rest: (string | number)[] = [], filters: Record<string, string> = {}): string {
  const path = [view, ...rest].map((part) => encodeURIComponent(part)).join('/');
  const kept = Object.entries(filters).filter(([, value]) => value !== '');
  return `#/${path}${kept.length > 0 ? `?${new URLSearchParams(kept)}` : ''}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
