import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { climb, flipBit, hasOnlyGrown, leafHash, siblings, toHex } from './merkle';

// The test tree of RFC 6962 implementations (certificate-transparency, merkle_tree_test): eight inputs and the roots of 1 to 8 of them.
const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const roots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const octets = (i: number) => Uint8Array.from(Buffer.from(inputs[i]!, 'hex'));
const hash = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest();

// Node's own hash, and the definition of the tree read literally.
function root(first: number, end: number): Buffer {
  if (end - first === 1) return hash(Buffer.of(0), Buffer.from(octets(first)));
  const split = first + 2 ** Math.ceil(Math.log2(end - first) - 1);
  return hash(Buffer.of(1), root(first, split), root(split, end));
}

describe('an inclusion proof', () => {
  it('leads every entry of every size to the published root', async () => {
    for (let size = 1; size <= 8; ++size) {
      for (let index = 0; index < size; ++index) {
        const proof = siblings(index, size).map(({ first, last }) => toHex(root(first, last + 1)));
        const leaf = await leafHash(octets(index));
        const steps = await climb(leaf, index, size, proof);
        expect(steps.at(-1)?.result ?? leaf, `entry ${index} of ${size}`).toBe(roots[size - 1]);
      }
    }
  });
  it('leads elsewhere when any one bit of the record is another', async () => {
    const proof = siblings(5, 8).map(({ first, last }) => toHex(root(first, last + 1)));
    for (let bit = 0; bit < 32; ++bit) {
      const steps = await climb(await leafHash(flipBit(octets(5), bit)), 5, 8, proof);
      expect(steps.at(-1)!.result).not.toBe(roots[7]);
    }
  });
  it('is refused when it has a hash too many or too few', async () => {
    await expect(climb(roots[0]!, 0, 8, [])).rejects.toThrow('3 hashes, not 0');
    await expect(climb(roots[0]!, 8, 8, [])).rejects.toThrow();
  });
});

// SUBPROOF of RFC 6962 section 2.1.2, read literally over the same leaves.
function subproof(m: number, first: number, end: number, whole: boolean): string[] {
  if (m === end - first) return whole ? [] : [toHex(root(first, end))];
  const k = 2 ** Math.ceil(Math.log2(end - first) - 1);
  return m <= k
    ? [...subproof(m, first, first + k, whole), toHex(root(first + k, end))]
    : [...subproof(m - k, first + k, end, false), toHex(root(first, first + k))];
}

describe('a log', () => {
  const pairs = roots.flatMap((_, to) => roots.slice(0, to + 1).map((_, from) => [from + 1, to + 1] as const));
  it.each(pairs)('of %i that became one of %i has only grown', async (from, to) => {
    const proof = subproof(from, 0, to, true);
    expect(await hasOnlyGrown(from, roots[from - 1]!, to, roots[to - 1]!, proof)).toBe(true);
    expect(await hasOnlyGrown(from, '00'.repeat(32), to, roots[to - 1]!, proof)).toBe(false);
    expect(await hasOnlyGrown(from, roots[from - 1]!, to, '00'.repeat(32), proof)).toBe(false);
    expect(await hasOnlyGrown(from, roots[from - 1]!, to, roots[to - 1]!, [...proof, roots[0]!])).toBe(false);
    if (proof.length > 0) expect(await hasOnlyGrown(from, roots[from - 1]!, to, roots[to - 1]!, proof.slice(1))).toBe(false);
  });
  it('that is shorter than it was was rolled back', async () => {
    expect(await hasOnlyGrown(5, roots[4]!, 4, roots[3]!, [])).toBe(false);
  });
});
