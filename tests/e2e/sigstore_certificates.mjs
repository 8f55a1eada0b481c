// A Sigstore deployment in memory (timestamps and some certificates by @sigstore/mock, logs and the other certificates made here), bundles of it,
// good ones and ones with every kind of tampering: `signalbox evidence verify` says of each what @sigstore/verify says, and why.
// Where Signalbox asks for more than Sigstore's library, the case says so (`stricter`), and both verdicts are held to it.
import { initializeCA, initializeTSA } from '@sigstore/mock';
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { Verifier, toSignedEntity, toTrustMaterial } from '@sigstore/verify';
import { dsse } from '@sigstore/core';
import x509 from '@peculiar/x509';
import asn1js from 'asn1js';
import canonicalize from 'canonicalize';
import { createHash, generateKeyPairSync, sign, webcrypto as crypto } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const program = process.env.SIGNALBOX;
const kMinute = 60_000;
const start = new Date(Math.ceil(Date.now() / 1000) * 1000 + kMinute);
const at = (minutes) => new Date(start.getTime() + minutes * kMinute);
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const b64 = (octets) => Buffer.from(octets).toString('base64');
const keys = (curve = 'prime256v1') => generateKeyPairSync('ec', { namedCurve: curve });
const spki = (pair) => pair.publicKey.export({ format: 'der', type: 'spki' });
const pem = (der) => `-----BEGIN CERTIFICATE-----\n${b64(der).match(/.{1,64}/g).join('\n')}\n-----END CERTIFICATE-----\n`;

// ---- certificates

x509.cryptoProvider.set(crypto);
const kP256 = { name: 'ECDSA', namedCurve: 'P-256' };
const kSigning = { name: 'ECDSA', hash: 'SHA-256' };
const webKeys = async (pair) => ({
  publicKey: await crypto.subtle.importKey('spki', spki(pair), kP256, true, ['verify']),
  privateKey: await crypto.subtle.importKey('pkcs8', pair.privateKey.export({ format: 'der', type: 'pkcs8' }), kP256, true, ['sign']),
});
const kIssuerText = '1.3.6.1.4.1.57264.1.8', kIssuerOctets = '1.3.6.1.4.1.57264.1.1', kScts = '1.3.6.1.4.1.11129.2.4.2';

async function authority(name, { issuer, from = at(-2), to = at(10_000), ca = true, codeSigning = false } = {}) {
  const pair = keys();
  const web = await webKeys(pair);
  const by = issuer ?? { name, web };
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: b64(sha256(name)).charCodeAt(0).toString(16).padStart(2, '0'),
    subject: name, issuer: by.name, notBefore: from, notAfter: to,
    publicKey: web.publicKey, signingKey: by.web.privateKey, signingAlgorithm: kSigning,
    extensions: [
      new x509.BasicConstraintsExtension(ca, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      ...(codeSigning ? [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.codeSigning])] : []),
      await x509.SubjectKeyIdentifierExtension.create(web.publicKey, false, crypto),
      await x509.AuthorityKeyIdentifierExtension.create(by.web.publicKey, false, crypto),
    ],
  }, crypto);
  return { name, pair, web, der: Buffer.from(certificate.rawData) };
}

const kWorkflow = 'https://github.com/shop/shop/.github/workflows/release.yml@refs/heads/main';
const kGithub = 'https://token.actions.githubusercontent.com';

async function leaf(by, { names = [{ type: 'url', value: kWorkflow }], issuer = kGithub, issuerForm = 'text', usage = [x509.ExtendedKeyUsage.codeSigning],
  ctlog, sctOf, from = at(0), to = at(10), ca = false, pair = keys() } = {}) {
  const web = await webKeys(pair);
  const extensions = [
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    ...(usage.length > 0 ? [new x509.ExtendedKeyUsageExtension(usage)] : []),
    ...(ca ? [new x509.BasicConstraintsExtension(true, 0, true)] : []),
    new x509.SubjectAlternativeNameExtension(names, true),
    await x509.SubjectKeyIdentifierExtension.create(web.publicKey, false, crypto),
    await x509.AuthorityKeyIdentifierExtension.create(by.web.publicKey, false, crypto),
  ];
  if (issuerForm !== 'none' && issuerForm !== 'octets')
    extensions.push(new x509.Extension(kIssuerText, false, new asn1js.Utf8String({ value: issuer }).toBER(false)));
  if (issuerForm === 'octets' || issuerForm === 'two')
    extensions.push(new x509.Extension(kIssuerOctets, false, Buffer.from(issuerForm === 'two' ? `${issuer}.evil` : issuer)));
  const shape = {
    serialNumber: '11182004', subject: '', issuer: by.name, notBefore: from, notAfter: to, publicKey: web.publicKey,
    signingKey: by.web.privateKey, signingAlgorithm: kSigning, extensions,
  };
  if (ctlog) {
    const before = sctOf ?? (await x509.X509CertificateGenerator.create(shape, crypto)).rawData;
    const one = Buffer.from(await ctlog.log(before, sha256(spki(by.pair))));
    const list = new asn1js.OctetString({ valueHex: Buffer.concat([Buffer.from([one.length >> 8, one.length & 255]), one]) });
    extensions.push(new x509.Extension(kScts, false, list.toBER(false)));
  }
  const certificate = await x509.X509CertificateGenerator.create(shape, crypto);
  return { pair, der: Buffer.from(certificate.rawData) };
}

// A log of certificates (RFC 6962 section 3.2), as @sigstore/mock asks for one: an SCT with its length before it.
const uint = (value, octets) => Buffer.from(value.toString(16).padStart(octets * 2, '0'), 'hex');
function certificateLog(pair, time = at(0)) {
  return {
    async log(certificate, issuerId) {
      const tbs = Buffer.from(asn1js.fromBER(certificate).result.valueBlock.value[0].valueBeforeDecodeView);
      const stamped = uint(time.getTime(), 8);
      const signature = sign('sha256', Buffer.concat([Buffer.from([0, 0]), stamped, uint(1, 2), Buffer.from(issuerId), uint(tbs.length, 3), tbs, uint(0, 2)]), pair.privateKey);
      const one = Buffer.concat([Buffer.from([0]), sha256(spki(pair)), stamped, uint(0, 2), Buffer.from([4, 3]), uint(signature.length, 2), signature]);
      return Buffer.concat([uint(one.length, 2), one]);
    },
  };
}

// ---- the log

const leafHash = (body) => sha256(Buffer.from([0]), body);
const split = (n) => 2 ** Math.floor(Math.log2(n - 1));
const root = (hashes) => hashes.length === 1 ? hashes[0]
  : sha256(Buffer.from([1]), root(hashes.slice(0, split(hashes.length))), root(hashes.slice(split(hashes.length))));
function path(index, hashes) {
  if (hashes.length === 1) return [];
  const k = split(hashes.length);
  return index < k ? [...path(index, hashes.slice(0, k)), root(hashes.slice(k))]
    : [...path(index - k, hashes.slice(k)), root(hashes.slice(0, k))];
}
function transparencyLog(pair = keys()) {
  const id = sha256(spki(pair));
  return {
    pair, id,
    entry(body, { time = at(1), index = 5, size = 7, global = 1000 + index, promise = true, proof = true, kind, version } = {}) {
      const said = JSON.parse(body.toString());
      const hashes = Array.from({ length: size }, (_, i) => (i === index ? leafHash(body) : sha256(`other ${i}`)));
      const text = `log.example - 77\n${size}\n${b64(root(hashes))}\nTimestamp: 1\n`;
      const signature = sign('sha256', Buffer.from(text), pair.privateKey);
      const integratedTime = String(time.getTime() / 1000);
      const promised = canonicalize({ body: b64(body), integratedTime: Number(integratedTime), logID: id.toString('hex'), logIndex: global });
      return {
        logIndex: String(global), logId: { keyId: b64(id) }, kindVersion: { kind: kind ?? said.kind, version: version ?? said.apiVersion },
        integratedTime, canonicalizedBody: b64(body),
        ...(promise ? { inclusionPromise: { signedEntryTimestamp: b64(sign('sha256', Buffer.from(promised), pair.privateKey)) } } : {}),
        ...(proof ? { inclusionProof: { logIndex: String(index), treeSize: String(size), rootHash: b64(root(hashes)), hashes: path(index, hashes).map(b64),
          checkpoint: { envelope: `${text}\n\u2014 log.example ${b64(Buffer.concat([id.subarray(0, 4), signature]))}\n` } } } : {}),
      };
    },
  };
}
const dsseBody = (payload, signature, certificate) => Buffer.from(canonicalize({ apiVersion: '0.0.1', kind: 'dsse', spec: {
  envelopeHash: { algorithm: 'sha256', value: sha256('unused').toString('hex') }, payloadHash: { algorithm: 'sha256', value: sha256(payload).toString('hex') },
  signatures: [{ signature: b64(signature), verifier: b64(pem(certificate)) }] } }));
const intotoBody = (payload, signature, certificate) => Buffer.from(canonicalize({ apiVersion: '0.0.2', kind: 'intoto', spec: { content: {
  envelope: { payloadType: kType, signatures: [{ publicKey: b64(pem(certificate)), sig: b64(b64(signature)) }] },
  hash: { algorithm: 'sha256', value: sha256('unused').toString('hex') }, payloadHash: { algorithm: 'sha256', value: sha256(payload).toString('hex') } } } }));

// ---- bundles

const kType = 'application/vnd.in-toto+json';
const kV3 = 'application/vnd.dev.sigstore.bundle.v0.3+json', kV1 = 'application/vnd.dev.sigstore.bundle+json;version=0.1';
const payload = Buffer.from(JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', subject: [{ name: 'app', digest: { sha256: 'c'.repeat(64) } }],
  predicateType: 'https://slsa.dev/provenance/v1', predicate: { buildDefinition: {} } }));
const signed = (by, text = payload) => sign('sha256', dsse.preAuthEncoding(kType, text), by.pair.privateKey);
const kSha256 = '2.16.840.1.101.3.4.2.1';
const stamp = async (tsa, signature, certReq = false) => b64(await tsa.timestamp(
  { artifactHash: sha256(signature), hashAlgorithmOID: kSha256, nonce: 17, policyOID: '1.3.6.1.4.1.57264.2', certReq }));

function bundle(by, { mediaType = kV3, chain = false, text = payload, signature = signed(by), entries, timestamps } = {}) {
  const certificate = { rawBytes: b64(by.der) };
  return {
    mediaType,
    verificationMaterial: {
      ...(chain ? { x509CertificateChain: { certificates: [certificate] } } : { certificate }),
      tlogEntries: entries ?? [log.entry(dsseBody(text, signature, by.der))],
      ...(timestamps ? { timestampVerificationData: { rfc3161Timestamps: timestamps.map((signedTimestamp) => ({ signedTimestamp })) } } : {}),
    },
    dsseEnvelope: { payload: b64(text), payloadType: kType, signatures: [{ sig: b64(signature), keyid: '' }] },
  };
}

// ---- the deployment

const rootCa = await authority('CN=root,O=example');
const middle = await authority('CN=intermediate,O=example', { issuer: rootCa, codeSigning: true });
const stranger = await authority('CN=root,O=example');
const spentMiddle = await authority('CN=spent,O=example', { issuer: rootCa, from: at(-2), to: at(-1) });
const noCa = await authority('CN=no authority,O=example', { issuer: rootCa, ca: false });
const log = transparencyLog(), otherLog = transparencyLog();
const ctKeys = keys(), ctlog = certificateLog(ctKeys), otherCtlog = certificateLog(keys());
const tsaKeys = keys();
const tsa = await initializeTSA(tsaKeys, at(2)), otherTsa = await initializeTSA(keys(), at(2));
const mockCa = await initializeCA(keys(), ctlog, at(0));

const valid = (from, to) => ({ start: from.toISOString(), ...(to ? { end: to.toISOString() } : {}) });
const instance = (pair, id, from = at(-2), to) => ({ baseUrl: 'https://log.example', hashAlgorithm: 'SHA2_256', logId: { keyId: b64(id) },
  publicKey: { rawBytes: b64(spki(pair)), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor: valid(from, to) } });
const issuing = (certificates, from = at(-2), to) => ({ subject: { organization: 'example', commonName: 'root' }, uri: 'https://ca.example',
  certChain: { certificates: certificates.map((der) => ({ rawBytes: b64(der) })) }, validFor: valid(from, to) });
const kMedia = 'application/vnd.dev.sigstore.trustedroot+json;version=0.1';
const ctInstance = (pair, from, to) => instance(pair, sha256(spki(pair)), from, to);
const base = {
  mediaType: kMedia,
  certificateAuthorities: [issuing([middle.der, rootCa.der]), issuing([mockCa.rootCertificate])],
  tlogs: [instance(log.pair, log.id)],
  ctlogs: [ctInstance(ctKeys)],
  timestampAuthorities: [issuing([tsa.intCertificate, tsa.rootCertificate])],
};
const rooted = (changes) => ({ ...base, ...changes });

// ---- the cases

const cases = [];
const add = (name, json, { good = false, says, stricter = false, trust = base, subject = kWorkflow, issuer = kGithub } = {}) =>
  cases.push({ name, json, good, says, stricter, trust, subject, issuer });
const change = (json, edit) => { const copy = structuredClone(json); edit(copy.verificationMaterial, copy); return copy; };

const signer = await leaf(middle, { ctlog });
const plain = bundle(signer);
const signature = Buffer.from(plain.dsseEnvelope.signatures[0].sig, 'base64');
const body = dsseBody(payload, signature, signer.der);
const entry = (options) => log.entry(body, options);
const withEntries = (...entries) => bundle(signer, { signature, entries });
const stamps = [await stamp(tsa, signature)];
const noLogs = rooted({ tlogs: [] });

add('promise and proof', plain, { good: true });
add('the first of a log', withEntries(entry({ index: 0, size: 1 })), { good: true });
add('the last of a log', withEntries(entry({ index: 12, size: 13 })), { good: true });
add('version 0.1 with a chain and a promise', bundle(signer, { mediaType: kV1, chain: true, signature, entries: [entry({ proof: false })] }), { good: true });
add('an entry of the kind intoto', withEntries(log.entry(intotoBody(payload, signature, signer.der))), { good: true });
add('log entry and timestamp', bundle(signer, { signature, timestamps: stamps }), { good: true });
add('timestamp alone, where the root has no log', bundle(signer, { signature, entries: [], timestamps: stamps }), { good: true, trust: noLogs });
add('a timestamp that holds its certificate', bundle(signer, { signature, entries: [], timestamps: [await stamp(tsa, signature, true)] }), { good: true, trust: noLogs });
const unlogged = await leaf(middle);
add('no SCT, where the root has no certificate log', bundle(unlogged), { good: true, trust: rooted({ ctlogs: [] }) });
const person = await leaf(middle, { ctlog, names: [{ type: 'email', value: 'ada@example.com' }], issuer: 'https://accounts.example', issuerForm: 'octets' });
add('an e-mail address, its issuer in the old extension', bundle(person), { good: true, subject: 'ada@example.com', issuer: 'https://accounts.example' });
const mockKeys = keys();
add('a certificate of the mock of Fulcio', bundle({ pair: mockKeys, der: await mockCa.issueCertificate(
  { publicKey: spki(mockKeys), subjectAltName: kWorkflow, extensions: [{ oid: kIssuerText, value: kGithub }] }) }), { good: true });

// who
add('another subject', plain, { subject: kWorkflow.replace('main', 'evil'), says: /unknown identity/ });
add('the beginning of the subject', plain, { subject: kWorkflow.slice(0, -5), says: /unknown identity/ });
add('another issuer', plain, { issuer: 'https://accounts.example', says: /unknown identity/ });
add('two issuers in the certificate', bundle(await leaf(middle, { ctlog, issuerForm: 'two' })), { says: /two issuers/, stricter: true });
add('no issuer in the certificate', bundle(await leaf(middle, { ctlog, issuerForm: 'none' })), { says: /which issuer vouched/ });
add('two subjects', bundle(await leaf(middle, { ctlog, names: [{ type: 'url', value: kWorkflow }, { type: 'url', value: 'https://evil.example/' }] })),
  { says: /not one subject/, stricter: true });

// the certificate
add('signed after the certificate expired', withEntries(entry({ time: at(11) })), { says: /certificate has expired/ });
add('signed before it was valid', withEntries(entry({ time: at(-1) })), { says: /not yet valid/ });
add('of an authority that nobody named', bundle(await leaf(stranger, { ctlog })), { says: /certificate: not valid/ });
add('of an authority whose time is over', plain, { trust: rooted({ certificateAuthorities: [issuing([middle.der, rootCa.der], at(-9), at(0.5))] }), says: /no authority that was/ });
add('of an authority whose time is to come', plain, { trust: rooted({ certificateAuthorities: [issuing([middle.der, rootCa.der], at(5))] }), says: /no authority that was/ });
add('under an expired intermediate', bundle(await leaf(spentMiddle, { ctlog })),
  { trust: rooted({ certificateAuthorities: [issuing([spentMiddle.der, rootCa.der])] }), says: /expired/ });
add('under one that is no authority', bundle(await leaf(noCa, { ctlog })),
  { trust: rooted({ certificateAuthorities: [issuing([noCa.der, rootCa.der])] }), says: /certificate: not valid/ });
add('not for signing code', bundle(await leaf(middle, { ctlog, usage: [x509.ExtendedKeyUsage.emailProtection] })), { says: /not for signing code/, stricter: true });
add('that of an authority', bundle({ pair: middle.pair, der: middle.der }), { says: /certificate/ });
add('without a certificate', change(plain, (material) => { material.certificate = { rawBytes: '' }; }), { says: /certificate/ });

// SCT
add('no SCT', bundle(unlogged), { says: /SCT\): there is none/ });
add('SCT of an unknown log', bundle(await leaf(middle, { ctlog: otherCtlog })), { says: /SCT\): of a log that the trust root does not name/ });
add('SCT of another certificate', bundle(await leaf(middle, { ctlog, sctOf: (await x509.X509CertificateGenerator.create({ serialNumber: '7', subject: '',
  issuer: middle.name, notBefore: at(0), notAfter: at(10), publicKey: middle.web.publicKey, signingKey: middle.web.privateKey, signingAlgorithm: kSigning }, crypto)).rawData })),
  { says: /SCT\): its signature does not fit/ });
add('SCT of a log under another key', plain, { trust: rooted({ ctlogs: [instance(keys(), sha256(spki(ctKeys)))] }), says: /SCT\): its signature/ });
add('SCT of a log whose time is over', plain, { trust: rooted({ ctlogs: [ctInstance(ctKeys, at(-9), at(-8))] }), says: /SCT\): of a log that was not in use/ });

// the log
add('no log entry', withEntries(), { says: /log entry: there is none/ });
add('no log entry, but a timestamp', bundle(signer, { signature, entries: [], timestamps: stamps }), { says: /log entry: there is none/ });
add('an entry of another log', bundle(signer, { signature, entries: [otherLog.entry(body)] }), { says: /a log that the trust root does not name/ });
add('a log under another key', plain, { trust: rooted({ tlogs: [instance(otherLog.pair, log.id)] }), says: /promise: its signed entry timestamp/ });
add('a log whose time is over', plain, { trust: rooted({ tlogs: [instance(log.pair, log.id, at(-9), at(0))] }), says: /not in use/ });
add('neither promise nor proof', bundle(signer, { mediaType: kV1, chain: true, signature, entries: [entry({ promise: false, proof: false })] }), { says: /promise/ });
add('a proof alone says nothing of time', withEntries(entry({ promise: false })), { says: /time: neither/, stricter: true });
add('a proof and a timestamp', bundle(signer, { signature, entries: [entry({ promise: false })], timestamps: stamps }), { good: true });
add('version 0.3 without a proof', withEntries(entry({ proof: false })), { says: /inclusionProof: there is none/ });
add('version 0.3 with a chain', bundle(signer, { chain: true, signature }), { says: /x509CertificateChain/ });
add('the same entry twice', withEntries(entry(), entry()), { says: /there twice/ });
add('a promise of another time', withEntries({ ...entry(), integratedTime: String(at(2).getTime() / 1000) }), { says: /promise: its signed entry timestamp/ });
add('a promise of another index', withEntries({ ...entry(), logIndex: '4' }), { says: /promise/ });
add('a promise of another entry', withEntries({ ...entry(), inclusionPromise: entry({ time: at(3) }).inclusionPromise }), { says: /promise/ });
add('a proof of another place', change(plain, (m) => { m.tlogEntries[0].inclusionProof.logIndex = '4'; }), { says: /log entry: proof/ });
add('a proof with a hash too few', change(plain, (m) => { m.tlogEntries[0].inclusionProof.hashes.pop(); }), { says: /log entry: proof/ });
add('a proof of another root', change(plain, (m) => { m.tlogEntries[0].inclusionProof.rootHash = b64(sha256('x')); }), { says: /checkpoint|proof/ });
add('a proof of another size than the checkpoint', change(plain, (m) => { m.tlogEntries[0].inclusionProof.treeSize = '8'; }), { says: /checkpoint: it is not of the tree/, stricter: true });
add('a checkpoint of another log', change(plain, (m) => { m.tlogEntries[0].inclusionProof.checkpoint = otherLog.entry(body).inclusionProof.checkpoint; }),
  { says: /checkpoint: the log did not sign it/ });
add('a checkpoint of another tree', change(plain, (m) => { m.tlogEntries[0].inclusionProof.checkpoint = entry({ size: 9 }).inclusionProof.checkpoint; }), { says: /checkpoint: it is not of the tree/ });
const evil = Buffer.from(payload.toString().replace('ccc', 'ddd'));
add('another payload was logged', withEntries(log.entry(dsseBody(evil, signature, signer.der))), { says: /another payload was logged/ });
add('another signature was logged', withEntries(log.entry(dsseBody(payload, signed(signer, evil), signer.der))), { says: /another signature was logged/ });
add('another certificate was logged', withEntries(log.entry(dsseBody(payload, signature, unlogged.der))), { says: /another certificate was logged/, stricter: true });
add('another payload in an intoto entry', withEntries(log.entry(intotoBody(evil, signature, signer.der))), { says: /another payload was logged/ });
add('the kind is not that of the body', withEntries(entry({ kind: 'intoto', version: '0.0.2' })), { says: /of another kind/ });
add('a kind that nobody reads', withEntries(log.entry(Buffer.from(canonicalize({ apiVersion: '9.9.9', kind: 'dsse', spec: {} })))), { says: /dsse 9\.9\.9/ });
add('one good entry and one bad', withEntries(entry(), otherLog.entry(body, { index: 3 })), { says: /a log that the trust root does not name/ });

// timestamps
const tampered = (timestamps, options) => bundle(signer, { signature, timestamps, ...options });
add('a timestamp of another signature', tampered([await stamp(tsa, 'other')]), { says: /timestamp: it is not over this signature/ });
add('a timestamp of an unknown authority', tampered([await stamp(otherTsa, signature)]), { says: /timestamp: it is not over/ });
add('a timestamp of an unknown authority, its certificate in it', tampered([await stamp(otherTsa, signature, true)]), { says: /timestamp: it is not over/ });
add('a timestamp, and a root that names no authority', tampered(stamps, { entries: [] }),
  { trust: rooted({ tlogs: [], timestampAuthorities: [] }), says: /neither tlogs nor timestampAuthorities/ });
const lateTsa = await initializeTSA(keys(), at(20));
add('a timestamp after the certificate expired', tampered([await stamp(lateTsa, signature)], { entries: [] }),
  { trust: rooted({ tlogs: [], timestampAuthorities: [issuing([lateTsa.intCertificate, lateTsa.rootCertificate])] }), says: /expired/ });
add('a timestamp of an authority whose time is over', tampered(stamps), { trust: rooted({ timestampAuthorities: [issuing([tsa.intCertificate, tsa.rootCertificate], at(-9), at(1))] }),
  says: /timestamp: the trust root names no authority/ });
add('a timestamp without whom vouches for its authority', tampered(stamps), { trust: rooted({ timestampAuthorities: [issuing([tsa.intCertificate])] }), says: /timestamp/ });
add('no timestamp, where the root has no log', withEntries(), { trust: noLogs, says: /time: neither/ });

// the signature
add('another payload', change(plain, (_, json) => { json.dsseEnvelope.payload = b64(evil); }), { says: /signature: it is not by the key/ });
add('signed by another key', bundle(signer, { signature: signed(unlogged) }), { says: /signature: it is not by the key/ });
add('two signatures', change(plain, (_, json) => { json.dsseEnvelope.signatures.push(json.dsseEnvelope.signatures[0]); }), { says: /signature/ });

// ---- verdicts

function theirs({ json, trust, subject, issuer }) {
  const exact = `^${subject.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`;
  try {
    const options = { tlogThreshold: trust.tlogs.length ? 1 : 0, ctlogThreshold: trust.ctlogs.length ? 1 : 0, tsaThreshold: trust.tlogs.length ? 0 : 1 };
    new Verifier(toTrustMaterial(TrustedRoot.fromJSON(trust)), options).verify(toSignedEntity(bundleFromJSON(json)), { subjectAlternativeName: exact, extensions: { issuer } });
    return '';
  } catch (error) {
    return String(error.cause?.message ?? error.message);
  }
}
function ours(file, { trust, subject, issuer }) {
  writeFileSync('root.json', JSON.stringify(trust));
  const ran = spawnSync(program, ['evidence', 'verify', file, '--trusted-root', 'root.json', '--certificate-identity', subject,
    '--certificate-oidc-issuer', issuer, '--json'], { encoding: 'utf8', maxBuffer: 1 << 30 });
  return { code: ran.status, text: ran.stdout + ran.stderr, report: ran.status < 2 ? JSON.parse(ran.stdout) : null };
}

let wrong = 0;
const complain = (text) => { ++wrong; console.error(text); };
for (const one of cases) {
  writeFileSync('bundle.json', JSON.stringify(one.json));
  const mine = ours('bundle.json', one), other = theirs(one);
  if (process.env.VERBOSE) console.log(`${one.name}: ${mine.code} ${mine.report?.checks?.[0]?.answer ?? mine.text} | ${other || 'accepted'}`);
  if ((mine.code === 0) !== one.good) complain(`${one.name}: signalbox exits with ${mine.code}: ${mine.text}`);
  if (!one.good && ![1, 2].includes(mine.code)) complain(`${one.name}: exit code ${mine.code}`);
  if (one.says && !one.says.test(mine.text)) complain(`${one.name}: it does not say ${one.says}: ${mine.text}`);
  if ((other === '') !== (one.good || one.stricter)) complain(`${one.name}: @sigstore/verify says: ${other || 'accepted'}`);
}

// Bits: of everything that a bundle holds in octets. One program reads them all, as JSON lines.
const whole = bundle(signer, { signature, timestamps: [await stamp(tsa, signature)] });
const places = {
  certificate: [(j) => j.verificationMaterial.certificate, 'rawBytes', 11],
  'log id': [(j) => j.verificationMaterial.tlogEntries[0].logId, 'keyId', 3],
  promise: [(j) => j.verificationMaterial.tlogEntries[0].inclusionPromise, 'signedEntryTimestamp', 3],
  body: [(j) => j.verificationMaterial.tlogEntries[0], 'canonicalizedBody', 31],
  root: [(j) => j.verificationMaterial.tlogEntries[0].inclusionProof, 'rootHash', 5],
  hash: [(j) => j.verificationMaterial.tlogEntries[0].inclusionProof.hashes, 0, 5],
  timestamp: [(j) => j.verificationMaterial.timestampVerificationData.rfc3161Timestamps[0], 'signedTimestamp', 7],
  payload: [(j) => j.dsseEnvelope, 'payload', 7],
  signature: [(j) => j.dsseEnvelope.signatures[0], 'sig', 3],
};
const flipped = [];
for (const [name, [holder, member, step]] of Object.entries(places)) {
  const octets = Buffer.from(holder(whole)[member], 'base64');
  for (let bit = 0; bit < octets.length * 8; bit += step) {
    const copy = structuredClone(whole), changed = Buffer.from(octets);
    changed[bit >> 3] ^= 1 << (bit & 7);
    holder(copy)[member] = b64(changed);
    flipped.push({ name: `${name}, bit ${bit}`, json: copy });
  }
}
writeFileSync('flipped.jsonl', `${JSON.stringify(whole)}\n${flipped.map((one) => JSON.stringify(one.json)).join('\n')}\n`);
const all = ours('flipped.jsonl', { trust: base, subject: kWorkflow, issuer: kGithub });
const checks = all.report?.checks ?? [];
if (checks.length !== flipped.length + 1 || checks[0].verdict !== 'pass') complain(`flipped bits: ${all.text.slice(0, 2000)}`);
const tally = { bothRefuse: 0, bothAccept: 0, weAreStricter: [], theyAreStricter: [] };
flipped.forEach((one, i) => {
  const mine = checks[i + 1]?.verdict === 'pass', other = theirs({ json: one.json, trust: base, subject: kWorkflow, issuer: kGithub }) === '';
  if (mine && other) ++tally.bothAccept;
  else if (!mine && !other) ++tally.bothRefuse;
  else (mine ? tally.theyAreStricter : tally.weAreStricter).push(one.name);
});
console.log(`flips: ${tally.bothRefuse} refused by both, ${tally.bothAccept} accepted by both, ${tally.weAreStricter.length} refused by us alone, ${tally.theyAreStricter.length} by them alone`);
if (process.env.VERBOSE) console.log(tally);
// The name of a timestamp's signer is not signed itself, and X.509 compares names without case: those flips alone may pass here.
const outside = tally.theyAreStricter.filter((name) => !/^timestamp, bit \d+$/.test(name) || Number(name.slice(15)) % 8 !== 5);
if (outside.length > 0) complain(`accepted, and refused by @sigstore/verify: ${outside}`);
if (process.env.SAVE) {
  writeFileSync(`${process.env.SAVE}/bundle.json`, `${JSON.stringify(whole, null, 1)}\n`);
  writeFileSync(`${process.env.SAVE}/trusted_root.json`, `${JSON.stringify(base, null, 1)}\n`);
}
console.log(`${cases.length} bundles, ${cases.filter((one) => one.good).length} of them good, ${cases.filter((one) => one.stricter).length} where more is asked than by @sigstore/verify`);
process.exit(wrong === 0 ? 0 : 1);
