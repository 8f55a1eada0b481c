// The log's tiles (C2SP tlog-tiles): 256 hashes wide, from which any hash of the tree follows. Read only to name what is wrong with a proof.
import { nodeHash, toHex, type Octets, type Step } from './merkle';

const tileWidth = 256;
const hashOctets = 32;

export type ReadTile = (path: string) => Promise<Octets>;

// 1234067 → "x001/x234/067"
function groups(n: number): string {
  const last = String(n % 1000).padStart(3, '0');
  let out = last;
  for (let rest = Math.floor(n / 1000); rest > 0; rest = Math.floor(rest / 1000)) out = `x${String(rest % 1000).padStart(3, '0')}/${out}`;
  return out;
}

// The tile of `level` that holds hash `i`, as a tree of `size` leaves has it.
export function tilePath(level: number, i: number, size: number): string {
  const n = Math.floor(i / tileWidth);
  const width = Math.min(tileWidth, Math.floor(size / tileWidth ** level) - n * tileWidth);
  return `tile/${level}/${groups(n)}${width < tileWidth ? `.p/${width}` : ''}`;
}

// The hash over the leaves from `first` up to `end`.
async function rangeHash(first: number, end: number, size: number, read: ReadTile): Promise<string> {
  const length = end - first;
  const level = Math.floor(Math.log2(length) / 8);
  const span = tileWidth ** level;
  if (length === span && first % span === 0) {
    const i = first / span;
    const at = (i % tileWidth) * hashOctets;
    return toHex((await read(tilePath(level, i, size))).slice(at, at + hashOctets));
  }
  let half = 1;
  while (half * 2 < length) half *= 2;
  return nodeHash(await rangeHash(first, first + half, size, read), await rangeHash(first + half, end, size, read));
}

// The siblings of a proof that are not the tree's: their first leaves. Empty where the tiles cannot be read.
export async function strangeSiblings(steps: Step[], size: number, read: ReadTile): Promise<number[]> {
  const tiles = new Map<string, Promise<Octets>>();
  const once: ReadTile = (path) => {
    if (!tiles.has(path)) tiles.set(path, read(path));
    return tiles.get(path)!;
  };
  try {
    const own = await Promise.all(steps.map((step) => rangeHash(step.first, step.last + 1, size, once)));
    return steps.filter((step, i) => step.sibling !== own[i]).map((step) => step.first);
  } catch {
    return [];
  }
}
