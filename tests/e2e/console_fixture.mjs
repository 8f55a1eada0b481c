// A server with a real log of five signed-for records, in the shapes of docs/console.md: the console's own behaviour is tested against it, apart
// from what `signalbox serve` does. Faults are switched on by its members.
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

const hash = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; " +
  "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html default";
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const commit = '3f9c2b7a41d05e86c7d1f2a9b8043e6d5c7a1b90';
const subject = `gitCommit:${commit}`;

const makeKey = (name) => {
  const pair = generateKeyPairSync('ed25519');
  const typed = Buffer.concat([Buffer.of(1), pair.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)]);
  const id = hash(Buffer.from(`${name}\n`), typed).subarray(0, 4);
  return { id, vkey: `${name}+${id.toString('hex')}+${typed.toString('base64')}`, sign: (octets) => sign(null, octets, pair.privateKey) };
};
const builder = makeKey('builder@example');
const log = makeKey('signalbox.example/log');
const salt = Buffer.alloc(16, 7);
const payload = Buffer.from(JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', subject: [{ name: 'HEAD', digest: { gitCommit: commit } }], predicateType: 'https://signalbox.dev/evidence/tests/v1', predicate: { tool: 'ctest', tests: 412, failures: 0, errors: 0 } }));
const payloadType = 'application/vnd.in-toto+json';
const pae = Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `), payload]);
const envelope = Buffer.from(JSON.stringify({ payload: payload.toString('base64'), payloadType, signatures: [{ sig: builder.sign(pae).toString('base64') }] }));
const records = [0, 1, 2, 3, 4].map((i) =>
  Buffer.from(JSON.stringify({ envelope: `sha256:${hash(salt, envelope).toString('hex')}`, keys: ['1f2e3d4c'], subjects: [subject], time: 1764000000000 + i, type: 'https://signalbox.dev/evidence/tests/v1', v: 1 })),
);
const leaves = records.map((record) => hash(Buffer.of(0), record));
const split = (n) => 2 ** Math.ceil(Math.log2(n) - 1);
const root = (all) => (all.length === 1 ? all[0] : hash(Buffer.of(1), root(all.slice(0, split(all.length))), root(all.slice(split(all.length)))));
function prove(index, all) {
  if (all.length === 1) return [];
  const k = split(all.length);
  const [left, right] = [all.slice(0, k), all.slice(k)];
  return index < k ? [...prove(index, left), root(right)] : [...prove(index - k, right), root(left)];
}

const text = `signalbox.example/log\n5\n${root(leaves).toString('base64')}\n`;
const checkpoint = `${text}\n— signalbox.example/log ${Buffer.concat([log.id, log.sign(Buffer.from(text))]).toString('base64')}\n`;

function check(name, verdict, asked, answer, remedy, evidence) {
  return { name, verdict, asked, answer, reason: verdict === 'fail' ? 'missing' : '', remedy, age_s: evidence === null ? null : 312, evidence };
}

function decision(go) {
  const tests = go
    ? check('tests', 'pass', 'tests ran on this commit and none failed', '412 tests, none failed', '', 4)
    : check('tests', 'fail', 'tests ran on this commit and none failed', 'no evidence about this commit', './test --fast', null);
  return {
    version: 1, instrument: 'train', title: 'Departure decision for signalbox at 3f9c2b7', verdict: go ? 'pass' : 'fail',
    summary: go ? 'All four gates are green.' : '1 of 4 gates is red: tests', findings: [], tables: [], charts: [], attachments: [], next: [],
    facts: [{ name: 'commits since the last release', value: 9, unit: '' }],
    checks: [
      tests,
      check('changelog', 'pass', 'the changelog has an entry for the next version', 'CHANGELOG.md names 0.2.0', '', 2),
      check('freeze', 'pass', 'no freeze is in force', 'none is planned', '', null),
      check('readiness', go ? 'pass' : 'warn', 'the readiness score reaches 80', go ? '100 of 100' : '70 of 100', '', null),
    ],
    data: {
      decision: go ? 'GO' : 'NO-GO',
      score: { value: go ? 100 : 70, pass_at: 80, items: [{ name: 'tests', weight: 30, value: go ? 1 : 0 }, { name: 'security', weight: 20, value: 1 }, { name: 'rollback', weight: 20, value: 1 }, { name: 'sign-off', weight: 30, value: 1 }] },
      commit: { id: commit, short: '3f9c2b7', subject: 'feat(store): keep blobs by digest' }, last_release: { tag: 'v0.1.0', commit },
      next_version: '0.2.0', passengers: 3, policy: { source: 'built-in defaults', digest: `sha256:${'ab'.repeat(32)}` }, self_trusted: true, fix: go ? '' : './test --fast',
    },
  };
}

const passenger = (short, scope, what, author) => ({ id: short.repeat(6), short, type: 'feat', scope, subject: what, author, time: 0, breaking: false });
const plan = {
  version: 1, instrument: 'train', title: 'Plan', verdict: 'none', summary: '', facts: [], checks: [], findings: [], tables: [], charts: [], attachments: [], next: [],
  data: {
    next_version: '0.2.0', bump: 'minor', commits: { total: 3, classified: 3, excluded: 0, unclassified: 0 },
    sections: [
      { title: 'Features', passengers: [passenger('3f9c2b7', 'store', 'keep blobs by digest', 'Ada Lovelace'), passenger('91b0c2d', 'http', 'answer with problem+json', 'Grace Hopper')] },
      { title: 'Fixes', passengers: [passenger('5d7e8fa', 'git', 'keep commits of odd encodings', 'Ada Lovelace')] },
    ],
    notes_markdown: '## 0.2.0\n\n### Features\n\n- **store:** keep blobs by digest\n- **http:** answer with problem+json\n\n### Fixes\n\n- **git:** keep commits of odd encodings\n',
  },
};

function answer(fixture, path) {
  const [, number] = /\/(\d+)$/.exec(path) ?? [];
  const index = Number(number);
  if (path === '/api/v1/workspace') return { name: 'signalbox', root: '/src', version: '0.1.0', commit: null, self_trusted: true };
  if (path === '/api/v1/train/decision') return decision(fixture.go);
  if (path === '/api/v1/train/plan') return plan;
  if (path === '/api/v1/evidence/status') return { size: 5, origin: 'signalbox.example/log', vkey: log.vkey, checkpoint, root: root(leaves).toString('hex') };
  if (path === '/api/v1/evidence/entries')
    return { size: 5, entries: [4, 3, 2, 1, 0].map((i) => ({ index: i, time: new Date(Date.now() - 1000 * (5000 - 997 * i)).toISOString(), type: 'https://signalbox.dev/evidence/tests/v1', subjects: [subject], keys: ['1f2e3d4c'], leaf: leaves[i].toString('hex'), erased: false })) };
  if (path.startsWith('/api/v1/evidence/entries/') && index < 5)
    return {
      index, time: new Date(Date.now() - 4e5).toISOString(), leaf: leaves[index].toString('hex'), record: records[index].toString('base64'),
      salt: salt.toString('base64'), envelope_octets: envelope.toString('base64'),
      signers: [{ name: 'builder@example', vkey: builder.vkey, roles: ['builder'], valid: true, why: '' }],
    };
  if (path.startsWith('/api/v1/evidence/proof/') && index < 5)
    return { index, size: 5, leaf: leaves[index].toString('hex'), proof: prove(index, leaves).map((h) => h.toString('hex')), root: root(leaves).toString('hex'), checkpoint };
  return null;
}

export async function startFixture(dist) {
  const fixture = { go: false, expired: false, streams: new Set(), root: root(leaves).toString('hex') };
  const server = createServer((request, response) => {
    const path = request.url.split('?')[0];
    const file = path === '/' ? '/index.html' : path;
    if (path === '/evidence/tile/0/000.p/5') return response.end(Buffer.concat(leaves));
    if (!path.startsWith('/api/')) {
      response.writeHead(200, { 'content-type': types[extname(file)] ?? 'text/plain', 'content-security-policy': policy });
      return response.end(readFileSync(join(dist, file)));
    }
    if (fixture.expired) return response.writeHead(401, { 'content-type': 'application/problem+json' }).end('{"title":"no session"}');
    if (path.endsWith('/stream')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(path.includes('train') ? `event: decision\ndata: ${JSON.stringify(decision(fixture.go))}\n\n` : ':\n\n');
      fixture.streams.add(response);
      return response.on('close', () => fixture.streams.delete(response));
    }
    const body = answer(fixture, path);
    response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? { title: 'not found' }));
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  fixture.address = `http://127.0.0.1:${server.address().port}/`;
  fixture.depart = () => {
    fixture.go = true;
    for (const stream of fixture.streams) stream.write(`event: decision\ndata: ${JSON.stringify(decision(true))}\n\n`);
  };
  fixture.cut = () => fixture.streams.forEach((stream) => stream.destroy());
  fixture.stop = () => {
    fixture.cut();
    server.closeAllConnections();
    server.close();
  };
  return fixture;
}
