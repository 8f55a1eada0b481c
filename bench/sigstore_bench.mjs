#!/usr/bin/env node
// 10,000 Sigstore bundles v0.3, each of one statement signed with a bare Ed25519 key, one a line: read and verified by `signalbox evidence verify`
// and by Sigstore's own @sigstore/bundle and @sigstore/verify, in turn. Ours is the whole program from its start to its report; theirs is the
// loop alone, in a Node that runs already. The bundles are signed by Node.
import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BUNDLES = 10_000;
const PAIRS = 3;
const folder = mkdtempSync(join(tmpdir(), 'sigstore-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

try {
  execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', '--fetch-retries=1', '--prefix', folder,
    '@sigstore/core@2.0.0', '@sigstore/bundle@3.1.0', '@sigstore/verify@2.1.1'], { stdio: 'ignore' });
} catch {
  console.log('sigstore: left out, npm cannot install @sigstore/verify here');
  process.exit(0);
}
const require = createRequire(join(folder, 'package.json'));
const { bundleFromJSON } = require('@sigstore/bundle');
const { dsse } = require('@sigstore/core');
const { Verifier, toSignedEntity } = require('@sigstore/verify');

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const payloadType = 'application/vnd.in-toto+json';
const lines = Array.from({ length: BUNDLES }, (_, number) => {
  const payload = Buffer.from(JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'r', digest: { gitCommit: 'a'.repeat(40) } }],
    predicateType: 'https://signalbox.dev/evidence/document/v1',
    predicate: { number, text: 'x'.repeat(600) },
  }));
  return JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint: 'bench' }, tlogEntries: [] },
    dsseEnvelope: {
      payload: payload.toString('base64'), payloadType,
      signatures: [{ keyid: 'bench', sig: sign(null, dsse.preAuthEncoding(payloadType, payload), privateKey).toString('base64') }],
    },
  });
});
const file = join(folder, 'bundles.jsonl');
const key = join(folder, 'key.pem');
writeFileSync(file, lines.join('\n') + '\n');
writeFileSync(key, publicKey.export({ type: 'spki', format: 'pem' }));

const verifier = new Verifier(
  { certificateAuthorities: [], timestampAuthorities: [], ctlogs: [], tlogs: [],
    publicKey: () => ({ publicKey, validFor: () => true }) },
  { tlogThreshold: 0, ctlogThreshold: 0, tsaThreshold: 0 });

const seconds = (work) => {
  const began = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - began) / 1e9;
};
const theirs = () => {
  let verified = 0;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '') continue;
    verifier.verify(toSignedEntity(bundleFromJSON(JSON.parse(line))));
    ++verified;
  }
  if (verified !== BUNDLES) throw new Error(`they verified ${verified}`);
};
const ours = () => {
  const ran = spawnSync(process.env.SIGNALBOX, ['evidence', 'verify', file, '--key', key, '--json'],
    { cwd: folder, env: { ...process.env, XDG_DATA_HOME: folder }, maxBuffer: 1 << 28, encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`ours ended with ${ran.status}: ${ran.stderr}`);
  return ran.stdout;
};
const passed = JSON.parse(ours()).checks.filter((check) => check.verdict === 'pass').length;
if (passed !== BUNDLES) throw new Error(`ours verified ${passed}`);
theirs();

const pairs = [];
for (let i = 0; i < PAIRS; ++i) pairs.push({ ours: BUNDLES / seconds(ours), theirs: BUNDLES / seconds(theirs) });
pairs.sort((a, b) => a.ours / a.theirs - b.ours / b.theirs);
const middle = pairs[PAIRS >> 1];
console.log(JSON.stringify({
  bench: 'sigstore', what: '10,000 Sigstore bundles of a bare key, read and verified',
  ours: middle.ours, unit: 'bundles/s', peer: '@sigstore/verify 2.1.1 in Node', peer_value: middle.theirs,
  ratio: middle.ours / middle.theirs, floor: 2, goal: 4, command: 'bench/run sigstore',
}));
