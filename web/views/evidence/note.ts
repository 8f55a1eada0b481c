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

// Is the note signed by the key of `vkey` ("name+8hex+base64(0x01‖key)")?
export async function verifySignature(checkpoint: Checkpoint, vkey: string): Promise<SignatureAnswer> {
  const match = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey);
  if (!match) return 'invalid';
  const typed = fromBase64(match[3]!);
  const signature = checkpoint.signatures.find((s) => s.name === match[1] && toHex(s.octets.slice(0, 4)) === match[2]);
  if (!signature || typed[0] !== 1) return 'invalid';
  const id = await crypto.subtle.digest('SHA-256', concat(new TextEncoder().encode(`${match[1]}\n`), typed));
  if (toHex(new Uint8Array(id).slice(0, 4)) !== match[2]) return 'invalid';
  try {
    const key = await crypto.subtle.importKey('raw', typed.slice(1), 'Ed25519', false, ['verify']);
    const octets = new TextEncoder().encode(checkpoint.text);
    return (await crypto.subtle.verify('Ed25519', key, signature.octets.slice(4), octets)) ? 'valid' : 'invalid';
  } catch {
    return 'unsupported';
  }
}
