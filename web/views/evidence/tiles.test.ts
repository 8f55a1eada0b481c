import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { climb, siblings, toHex } from './merkle';
import { strangeSiblings, tilePath } from './tiles';

describe('the path of a tile', () => {
  // The examples of c2sp.org/tlog-tiles: 1234067 is x001/x234/067, and a tree of 70,000 has 273 full tiles and one of 112, then 1 and 17, then 1.
  it('is that of the specification', () => {
    expect(tilePath(0, 1234067 * 256, 1234068 * 256)).toBe('tile/0/x001/x234/067');
    expect(tilePath(0, 69_999, 70_000)).toBe('tile/0/273.p/112');
    expect(tilePath(1, 272, 70_000)).toBe('tile/1/001.p/17');
    expect(tilePath(1, 3, 70_000)).toBe('tile/1/000');
    expect(tilePath(2, 0, 70_000)).toBe('tile/2/000.p/1');
  });
});

// Tiles and proofs of 1,000 leaves, by Node's own hash and the definition of the tree.
const hash = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
const leaves = Array.from({ length: 1_000 }, (_, i) => hash(Buffer.of(0), Buffer.from(String(i + 1))));
const roots = new Map<string, Buffer>();
function root(first: number, end: number): Buffer {
  if (end - first === 1) return leaves[first]!;
  const known = roots.get(`${first} ${end}`);
  if (known) return known;
  const split = first + 2 ** Math.ceil(Math.log2(end - first) - 1);
  const result = hash(Buffer.of(1), root(first, split), root(split, end));
  roots.set(`${first} ${end}`, result);
  return result;
}
const tiles = new Map([0, 1, 2, 3].map((n) => [tilePath(0, n * 256, 1_000), Buffer.concat(leaves.slice(n * 256, (n + 1) * 256))]));
tiles.set('tile/1/000.p/3', Buffer.concat([0, 1, 2].map((n) => root(n * 256, (n + 1) * 256))));
const read = async (path: string) => Uint8Array.from(tiles.get(path)!);

describe('a proof with one hash changed', () => {
  it.each([0, 500, 767, 768, 999])('of entry %i is told where', async (index) => {
    const proof = siblings(index, 1_000).map(({ first, last }) => toHex(root(first, last + 1)));
    expect(await strangeSiblings(await climb(toHex(leaves[index]!), index, 1_000, proof), 1_000, read)).toEqual([]);
    for (let i = 0; i < proof.length; ++i) {
      const changed = proof.map((hash, j) => (j === i ? 'ab'.repeat(32) : hash));
      const steps = await climb(toHex(leaves[index]!), index, 1_000, changed);
      expect(await strangeSiblings(steps, 1_000, read)).toEqual([steps[i]!.first]);
    }
  });
});
it('knows the root that Go’s sumdb/tlog gives for these leaves', () => {
  expect(root(0, 1_000).toString('base64')).toBe('x0pUROLjzF1lG60HZJkl5yI2zKp9KD+p8CJdc4W+XtU=');
});
