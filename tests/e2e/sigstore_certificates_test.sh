#!/bin/sh
# Sigstore bundles that a certificate signed: verdicts as those of Sigstore's own library, bundle by bundle and bit by bit; then one is
# imported under the identities of signalbox.yaml, counts for a gate, and comes out of the log as their library accepts it.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*" >&2; exit 1; }

mkdir -p "$work/oracle" "$work/saved" "$work/shop"
(cd "$work/oracle" && npm install --silent --no-audit --no-fund --fetch-retries=1 --fetch-timeout=60000 \
  @sigstore/core@2.0.0 @sigstore/bundle@3.1.0 @sigstore/verify@2.1.1 @sigstore/mock@0.10.0 @sigstore/protobuf-specs@0.4.1) >"$work/npm.log" 2>&1 || {
  echo "skipped: npm cannot install @sigstore/verify here"
  exit 77
}
export HOME="$work/home" XDG_DATA_HOME="$work/home/data" GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.org GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.org

cp "$SIGNALBOX_SOURCE_DIR/tests/e2e/sigstore_certificates.mjs" "$work/oracle/"
(cd "$work/oracle" && SAVE="$work/saved" node sigstore_certificates.mjs) || fail "Sigstore's library says something else"

# trust PATTERN: a workspace that believes workflows of that pattern.
trust() {
  {
    printf 'train:\n  pass_at: 0\n  rubric: []\n  changelog: false\n  gates:\n'
    printf '    - {name: provenance, type: "https://slsa.dev/provenance/v1", subject: "sha256:%s", signer: {role: builder}}\n' "$digest"
    printf 'trust:\n  identities:\n    - {issuer: "https://token.actions.githubusercontent.com", subject_glob: "%s", roles: [builder]}\n  trusted_root:\n' "$1"
    sed 's/^/    /' "$work/saved/trusted_root.json"
  } >signalbox.yaml
}
digest=cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc
cd "$work/shop" && git init -q -b main

trust 'https://github.com/other/**'
"$SIGNALBOX" evidence import "$work/saved/bundle.json" >"$work/out" 2>&1 && fail "imported from a stranger"
grep -q 'unknown identity' "$work/out" || fail "it does not say that the identity is unknown: $(cat "$work/out")"

trust 'https://github.com/shop/shop/.github/workflows/*@refs/heads/main'
git add . && git commit -q -m 'feat: begin' && git tag v0.1.0 && git commit -q --allow-empty -m 'feat: go on'
"$SIGNALBOX" evidence import "$work/saved/bundle.json" >"$work/out" 2>&1 || fail "import: $(cat "$work/out")"
"$SIGNALBOX" evidence import "$work/saved/bundle.json" | grep -q '1 there already' || fail "logged twice"
"$SIGNALBOX" evidence show 0 >"$work/out" || fail "show"
grep -q 'release.yml@refs/heads/main (https://token.actions.githubusercontent.com)' "$work/out" || fail "show does not name the signer: $(cat "$work/out")"
"$SIGNALBOX" train check --json >"$work/out" || fail "the gate does not take it: $(cat "$work/out")"

# What is in the log proves it again, and comes out as it went in.
"$SIGNALBOX" evidence bundle 0 --format sigstore -o "$work/oracle/out.json" || fail "bundle"
cp "$work/saved/trusted_root.json" "$work/oracle/root.json"
cat >"$work/oracle/out.mjs" <<'JS'
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { Verifier, toSignedEntity, toTrustMaterial } from '@sigstore/verify';
import { readFileSync } from 'node:fs';
const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
new Verifier(toTrustMaterial(TrustedRoot.fromJSON(read('root.json')))).verify(toSignedEntity(bundleFromJSON(read('out.json'))));
JS
(cd "$work/oracle" && node out.mjs) || fail "their library refuses what comes out of the log"

# Who is trusted no more does not count, though the log holds it.
trust 'https://github.com/other/**'
git commit -qam 'feat: trust others' && git tag v0.2.0 && git commit -q --allow-empty -m 'feat: go further'
"$SIGNALBOX" train check --json >"$work/out" && fail "the gate takes an identity that is not trusted"
grep -q 'unknown identity' "$work/out" || fail "the gate does not say why: $(cat "$work/out")"
echo "imported, taken by a gate, given back as it came"
