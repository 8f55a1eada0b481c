// The Merkle tree of RFC 6962, recomputed with the browser's own SHA-256.

export type Octets = Uint8Array<ArrayBuffer>;

export interface Step {
  side: 'left' | 'right'; // where the sibling stands
  sibling: string; // hexadecimal, of the proof
  first: number; // leaves the sibling covers, first and last
  last: number;
  result: string; // the parent, recomputed
}

export function fromHex(hex: string): Octets {
  if (hex.length % 2 !== 0 || /[^0-9a-f]/i.test(hex)) throw new Error('not hexadecimal');
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

export function toHex(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('');
}

// Standard or URL-safe, with or without padding.
export function fromBase64(text: string): Octets {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
}

export function concat(...parts: Uint8Array[]): Octets {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export async function sha256(octets: Octets): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', octets)));
}

// SHA-256(0x00 ‖ record)
export function leafHash(record: Uint8Array): Promise<string> {
  return sha256(concat(Uint8Array.of(0), record));
}

// SHA-256(0x01 ‖ left ‖ right)
export function nodeHash(left: string, right: string): Promise<string> {
  return sha256(concat(Uint8Array.of(1), fromHex(left), fromHex(right)));
}

// Which leaves each hash of an inclusion proof covers, from the leaf to the root (RFC 6962 section 2.1.1).
export function siblings(index: number, size: number): { side: 'left' | 'right'; first: number; last: number }[] {
  const path: { side: 'left' | 'right'; first: number; last: number }[] = [];
  let first = 0;
  let end = size;
  while (end - first > 1) {
    let half = 1;
    while (half * 2 < end - first) half *= 2;
    const split = first + half;
    if (index < split) {
      path.push({ side: 'right', first: split, last: end - 1 });
      end = split;
    } else {
      path.push({ side: 'left', first, last: split - 1 });
      first = split;
    }
  }
  return path.reverse();
}

// Every hash from the leaf to the root. Refuses a proof of the wrong length.
export async function climb(leaf: string, index: number, size: number, proof: string[]): Promise<Step[]> {
  const places = siblings(index, size);
  if (index < 0 || index >= size || places.length !== proof.length)
    throw new Error(`a proof of entry ${index} among ${size} has ${places.length} hashes, not ${proof.length}`);
  const steps: Step[] = [];
  let result = leaf;
  for (const [i, place] of places.entries()) {
    const sibling = proof[i]!;
    result = place.side === 'left' ? await nodeHash(sibling, result) : await nodeHash(result, sibling);
    steps.push({ ...place, sibling, result });
  }
  return steps;
}

// Does the log of `to` leaves begin with the log of `from` leaves? The proof is checked as RFC 9162 section 2.1.4.2 says.
export async function hasOnlyGrown(from: number, fromRoot: string, to: number, toRoot: string, proof: string[]): Promise<boolean> {
  if (from > to) return false;
  if (from === to) return fromRoot === toRoot && proof.length === 0;
  if (from === 0) return proof.length === 0;
  let node = from - 1;
  let last = to - 1;
  while (node % 2 === 1) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  const path = node === 0 ? [fromRoot, ...proof] : [...proof];
  let [old, now] = [path[0] ?? '', path[0] ?? ''];
  for (const hash of path.slice(1)) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      [old, now] = [await nodeHash(hash, old), await nodeHash(hash, now)];
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else {
      now = await nodeHash(now, hash);
    }
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 && old === fromRoot && now === toRoot;
}

export function flipBit(octets: Uint8Array, bit: number): Octets {
  const copy = Uint8Array.from(octets);
  const at = Math.floor(bit / 8);
  copy[at] = copy[at]! ^ (1 << (bit % 8));
  return copy;
}
