// What the page itself proves of an entry: each link from the log's signed checkpoint down to the statement, so that what is broken is named.
import { get } from '../../shell/api';
import { climb, concat, fromBase64, leafHash, sha256, type Octets, type Step } from './merkle';
import { parseCheckpoint, verifyOctets, verifySignature, type Checkpoint } from './note';
import { strangeSiblings } from './tiles';
import type { Entry, Proof, Signer, Statement, Status } from './types';

export type Answer = 'holds' | 'broken' | 'unknown';

export interface Link {
  id: 'checkpoint' | 'leaf' | 'path' | 'envelope' | 'signature';
  answer: Answer;
  says: string;
}

// The octets in question, apart from how they were asked for, so that one bit of each can be flipped.
export interface Octet {
  record: Octets;
  salt: Octets;
  envelope: Octets; // empty: erased
  checkpoint: string;
  proof: string[];
}

export interface Checked {
  links: Link[];
  checkpoint: Checkpoint;
  leaf: string;
  steps: Step[];
  strange: number[]; // first leaves of the siblings that are not the tree's own
  statement: Statement | null;
}

interface Envelope {
  payload: string;
  payloadType: string;
  signatures: { keyid?: string; sig: string }[];
}

export function octetsOf(entry: Entry, proof: Proof): Octet {
  return {
    record: fromBase64(entry.record),
    salt: fromBase64(entry.salt),
    envelope: fromBase64(entry.envelope_octets),
    checkpoint: proof.checkpoint,
    proof: proof.proof,
  };
}

function parse<T>(octets: Octets): T | null {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(octets)) as T;
  } catch {
    return null;
  }
}

function read(envelope: Envelope | null): Octets | null {
  try {
    return envelope ? fromBase64(envelope.payload) : null;
  } catch {
    return null;
  }
}

// Pre-authentication encoding of DSSE 1.0.2: what an envelope's signature is of.
export function preAuthentication(type: string, payload: Octets): Octets {
  const utf8 = new TextEncoder();
  const typed = utf8.encode(type);
  return concat(utf8.encode(`DSSEv1 ${typed.length} `), typed, utf8.encode(` ${payload.length} `), payload);
}

async function checkSignature(envelope: Envelope | null, payload: Octets | null, signers: Signer[], absent: string): Promise<Link> {
  const link = (answer: Answer, says: string): Link => ({ id: 'signature', answer, says });
  if (absent) return link('unknown', absent);
  if (!envelope || !payload) return link('broken', 'The envelope cannot be read.');
  const known = signers.filter((signer) => signer.vkey !== '');
  if (known.length === 0) return link('unknown', 'No Ed25519 key is known for its signatures.');
  const message = preAuthentication(envelope.payloadType, payload);
  const held: string[] = [];
  for (const signer of known) {
    const answers = await Promise.all(envelope.signatures.map(({ sig }) => verifyOctets(message, fromBase64(sig), signer.vkey)));
    if (answers.includes('unsupported')) return link('unknown', 'This browser has no Ed25519: signatures were not checked.');
    if (!answers.includes('valid')) return link('broken', `The envelope is not signed by ${signer.name}.`);
    held.push(signer.name);
  }
  return link('holds', `The envelope is signed by ${held.join(', ')}.`);
}

async function checkEnvelope(octets: Octet, hidden: boolean): Promise<Link> {
  const link = (answer: Answer, says: string): Link => ({ id: 'envelope', answer, says });
  if (hidden) return link('unknown', 'Part of it is for operators, so its envelope is not shown; that it is in the log is proven all the same.');
  if (octets.envelope.length === 0) return link('unknown', 'The envelope was erased; that it existed is proven all the same.');
  const promised = parse<{ envelope?: string }>(octets.record)?.envelope;
  return promised === `sha256:${await sha256(concat(octets.salt, octets.envelope))}`
    ? link('holds', 'The envelope is the one that the record commits to.')
    : link('broken', 'The envelope is not the one that the record commits to.');
}

async function checkCheckpoint(checkpoint: Checkpoint, vkey: string): Promise<Link> {
  const answers = {
    valid: ['holds', `The checkpoint of ${checkpoint.size} is signed by ${checkpoint.origin}.`],
    invalid: ['broken', `The checkpoint is not signed by the log's key.`],
    unsupported: ['unknown', 'This browser has no Ed25519: the checkpoint was not checked.'],
  } as const;
  const [answer, says] = answers[await verifySignature(checkpoint, vkey)];
  return { id: 'checkpoint', answer, says };
}

function siblingName({ first, last }: Step): string {
  return first === last ? `entry ${first}` : `entries ${first} to ${last}`;
}

export async function checkEntry(entry: Entry, claimed: Proof, status: Status, octets: Octet): Promise<Checked> {
  const checkpoint = parseCheckpoint(octets.checkpoint);
  const head = await checkCheckpoint(checkpoint, status.vkey);
  const leaf = await leafHash(octets.record);
  const isLeaf = leaf === claimed.leaf && leaf === entry.leaf;
  const steps = await climb(leaf, entry.index, checkpoint.size, octets.proof);
  const reaches = (steps.at(-1)?.result ?? leaf) === checkpoint.root;
  const blame = isLeaf && !reaches && head.answer !== 'broken';
  const strange = blame ? await strangeSiblings(steps, checkpoint.size, readTile) : [];
  const named = steps.filter((step) => strange.includes(step.first)).map(siblingName);
  const envelope = parse<Envelope>(octets.envelope);
  const payload = read(envelope);
  const hidden = (entry.hidden ?? []).length > 0;
  const gone = octets.envelope.length === 0 ? 'The envelope was erased, and its signature with it.' : '';
  const absent = hidden ? 'The server judged its signature: the envelope that it is of is for operators.' : gone;
  const links: Link[] = [
    head,
    isLeaf
      ? { id: 'leaf', answer: 'holds', says: `The record hashes to leaf ${entry.index}.` }
      : { id: 'leaf', answer: 'broken', says: `The record does not hash to leaf ${entry.index}: an octet of it is another.` },
    reaches
      ? { id: 'path', answer: 'holds', says: `Leaf ${entry.index} leads to the root that the checkpoint signs.` }
      : { id: 'path', answer: 'broken', says: `The path does not lead to the signed root${named.length > 0 ? `: the hash of ${named.join(', ')} is not the tree's` : ''}.` },
    await checkEnvelope(octets, hidden),
    await checkSignature(envelope, payload, entry.signers, absent),
  ];
  const statement = hidden ? (entry.statement ?? null) : payload && parse<Statement>(payload);
  return { links, checkpoint, leaf, steps, strange, statement };
}

async function readTile(path: string): Promise<Octets> {
  const response = await fetch(`/evidence/${path}`);
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

export async function fetchEntry(index: number): Promise<[Entry, Proof, Status]> {
  return Promise.all([
    get<Entry>(`/api/v1/evidence/entries/${index}`),
    get<Proof>(`/api/v1/evidence/proof/${index}`),
    get<Status>('/api/v1/evidence/status'),
  ]);
}
