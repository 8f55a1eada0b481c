#!/bin/sh
# Sigstore's own libraries accept the Sigstore bundle we write, and refuse it with any bit of payload or signature
# flipped; their pre-authentication encoding is ours. They come from npm into a folder that goes away again.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*" >&2; exit 1; }

mkdir -p "$work/oracle" "$work/repository"
(cd "$work/oracle" && npm install --silent --no-audit --no-fund --fetch-retries=1 --fetch-timeout=60000 \
  @sigstore/core@2.0.0 @sigstore/bundle@3.1.0 @sigstore/verify@2.1.1) >"$work/npm.log" 2>&1 || {
  echo "skipped: npm cannot install @sigstore/verify here"
  exit 77
}

export HOME="$work/home" XDG_DATA_HOME="$work/home/data"
cd "$work/repository"
printf 'an artifact\n' >artifact
printf '{"findings": 0}' >document.json
"$SIGNALBOX" evidence add json document.json --subject artifact >/dev/null 2>&1 || fail "evidence add"
"$SIGNALBOX" evidence bundle 0 --format sigstore -o "$work/oracle/bundle.json" || fail "evidence bundle"
key=$("$SIGNALBOX" evidence key list --json | sed -n 's/.*"name": *"\(builder@[^"]*\)".*/\1/p' | head -1)
"$SIGNALBOX" evidence key export "$key" --format pem -o "$work/oracle/key.pem" || fail "key export"

cat >"$work/oracle/check.mjs" <<'END'
import { bundleFromJSON } from '@sigstore/bundle';
import { dsse } from '@sigstore/core';
import { Verifier, toSignedEntity } from '@sigstore/verify';
import { createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

const key = createPublicKey(readFileSync('key.pem'));
const text = readFileSync('bundle.json', 'utf8');
const verifier = new Verifier(
  { certificateAuthorities: [], timestampAuthorities: [], ctlogs: [], tlogs: [],
    publicKey: () => ({ publicKey: key, validFor: () => true }) },
  { tlogThreshold: 0, ctlogThreshold: 0, tsaThreshold: 0 });
const check = (json) => verifier.verify(toSignedEntity(bundleFromJSON(json)));
check(JSON.parse(text));

const { payload, payloadType, signatures } = JSON.parse(text).dsseEnvelope;
const body = Buffer.from(payload, 'base64');
if (!verify(null, dsse.preAuthEncoding(payloadType, body), key, Buffer.from(signatures[0].sig, 'base64')))
  throw new Error('the signature is not over their pre-authentication encoding');

let refused = 0;
for (const part of ['payload', 'sig']) {
  const octets = Buffer.from(part === 'sig' ? signatures[0].sig : payload, 'base64');
  for (let bit = 0; bit < octets.length * 8; ++bit) {
    const flipped = Buffer.from(octets);
    flipped[bit >> 3] ^= 1 << (bit & 7);
    const json = JSON.parse(text);
    if (part === 'sig') json.dsseEnvelope.signatures[0].sig = flipped.toString('base64');
    else json.dsseEnvelope.payload = flipped.toString('base64');
    try { check(json); } catch { ++refused; continue; }
    throw new Error(`accepted with bit ${bit} of ${part} flipped`);
  }
}
console.log(`accepted ours, refused it with each of ${refused} bits flipped`);
END
cd "$work/oracle" && node check.mjs || fail "Sigstore does not agree"
