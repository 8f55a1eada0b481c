// Signed checkpoints (C2SP signed-note and tlog-checkpoint), verified with the browser's own Ed25519.
import { concat, fromBase64, toHex } from './merkle';

export interface Checkpoint {
  origin: string;
  size: number;
  root: string; // hexadecimal
  text: string; // what was signed, its last newline included
  signatures: { name: string; octets: Uint8Array<ArrayBuffer> }[]; // 4 octets of key id, then the signature
}

export function parseCheckpoint(note: string): Checkpoint {
  const split = note.lastIndexOf('\n\n');
  if (split < 0) throw new Error('a signed note has a blank line before its signatures');
  const text = note.slice(0, split + 1);
  const [origin = '', size = '', root = ''] = text.split('\n');
  if (!/^(0|[1-9][0-9]*)$/.test(size)) throw new Error('the second line of a checkpoint is its size');
  const signatures = note
    .slice(split + 2)
    .split('\n')
    .map((line) => /^— (\S+) (\S+)$/u.exec(line))
    .filter((match) => match !== null)
    .map((match) => ({ name: match[1]!, octets: fromBase64(match[2]!) }));
  return { origin, size: Number(size), root: toHex(fromBase64(root)), text, signatures };
}

export type SignatureAnswer = 'valid' | 'invalid' | 'unsupported';

// The 32 octets of an Ed25519 key named by "name+8hex+base64(0x01‖key)", or null where the key's id does not follow from its name.
async function keyOf(vkey: string): Promise<{ name: string; id: string; octets: Uint8Array<ArrayBuffer> } | null> {
  const match = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey);
  if (!match) return null;
  const [, name = '', id = '', typed = ''] = match;
  const octets = fromBase64(typed);
  const digest = await crypto.subtle.digest('SHA-256', concat(new TextEncoder().encode(`${name}\n`), octets));
  return octets[0] === 1 && toHex(new Uint8Array(digest).slice(0, 4)) === id ? { name, id, octets: octets.slice(1) } : null;
}

// Does the key of `vkey` say `message`?
export async function verifyOctets(message: Uint8Array<ArrayBuffer>, signature: Uint8Array<ArrayBuffer>, vkey: string): Promise<SignatureAnswer> {
  const key = await keyOf(vkey);
  if (!key) return 'invalid';
  try {
    const imported = await crypto.subtle.importKey('raw', key.octets, 'Ed25519', false, ['verify']);
    return (await crypto.subtle.verify('Ed25519', imported, signature, message)) ? 'valid' : 'invalid';
  } catch {
    return 'unsupported';
  }
}

// Is the note signed by the key of `vkey`?
export async function verifySignature(checkpoint: Checkpoint, vkey: string): Promise<SignatureAnswer> {
  const key = await keyOf(vkey);
  const signature = checkpoint.signatures.find((s) => s.name === key?.name && toHex(s.octets.slice(0, 4)) === key.id);
  if (!signature) return 'invalid';
  return verifyOctets(new TextEncoder().encode(checkpoint.text), signature.octets.slice(4), vkey);
}
