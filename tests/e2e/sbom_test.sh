#!/bin/sh
# Bills of materials that the real `npm sbom` writes of a lock file, in both formats, become evidence with the counts that `npm ls` has, and a
# gate reads them. npm works from the lock file alone: no network.
set -eu
command -v npm >/dev/null && npm sbom --help >/dev/null 2>&1 || { echo "skipped: no npm with \`npm sbom\`"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*" >&2; cat "$work/out" "$work/err" >&2 2>/dev/null || :; exit 1; }
run() {
  wanted=$1; shift; code=0
  "$SIGNALBOX" evidence "$@" >"$work/out" 2>"$work/err" </dev/null || code=$?
  [ "$code" = "$wanted" ] || fail "evidence $*: exit $code instead of $wanted"
}
unset SIGNALBOX_STORE || :
export HOME="$work/home" XDG_DATA_HOME="$work/home/data" GIT_CONFIG_GLOBAL=/dev/null
export npm_config_update_notifier=false npm_config_offline=true
mkdir -p "$HOME" "$work/shop" && cd "$work/shop"

cat >package.json <<'END'
{"name": "shop", "version": "1.2.0", "license": "MIT", "dependencies": {"tiny": "^1.0.0", "deep": "2.0.0"}}
END
cat >package-lock.json <<'END'
{"name": "shop", "version": "1.2.0", "lockfileVersion": 3, "requires": true, "packages": {
  "": {"name": "shop", "version": "1.2.0", "license": "MIT", "dependencies": {"tiny": "^1.0.0", "deep": "2.0.0"}},
  "node_modules/tiny": {"version": "1.0.3", "resolved": "https://registry.npmjs.org/tiny/-/tiny-1.0.3.tgz", "license": "ISC",
    "integrity": "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="},
  "node_modules/deep": {"version": "2.0.0", "resolved": "https://registry.npmjs.org/deep/-/deep-2.0.0.tgz",
    "integrity": "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "dependencies": {"tiny": "^1.0.0", "deeper": "1.0.0"}},
  "node_modules/deeper": {"version": "1.0.0", "resolved": "https://registry.npmjs.org/deeper/-/deeper-1.0.0.tgz", "license": "MIT"}}}
END
printf 'name: bill\ntype: evidence/sbom/v1\nrequire: gt(.predicate.components; 0) and eq(.predicate.lacking.version; 0)\n' >gate.yaml
git init -q . && git add . && git -c user.name=Ada -c user.email=ada@example.com commit -q -m 'feat: begin'

listed=$(npm ls --all --package-lock-only --parseable | grep -c /node_modules/)
entry=0
for format in cyclonedx spdx; do
  npm sbom --package-lock-only --sbom-format "$format" >"$work/$format.json"
  run 0 add sbom "$work/$format.json" --subject git:HEAD
  run 0 show "$entry" --json
  python3 - "$work/out" "$listed" "$SIGNALBOX_SOURCE_DIR/docs/schemas/evidence-sbom-v1.json" <<'END' || fail "$format: not what npm ls counts, or not as its schema says"
import json, sys
predicate = json.load(open(sys.argv[1]))["data"]["predicate"]
assert predicate["components"] == int(sys.argv[2]) == 3, predicate
assert predicate["dependencies"] == 4, predicate
assert predicate["lacking"] == {"version": 0, "license": 1, "digest": 1, "identifier": 0}, predicate
try:
    import jsonschema
except ImportError:
    sys.exit(0)
jsonschema.validate(predicate, json.load(open(sys.argv[3])))
END
  run 0 check gate.yaml
  entry=$((entry + 1))
done
sed 's/"version": "1.0.3"/"version": ""/' "$work/cyclonedx.json" >"$work/lacking.json"
run 0 add sbom "$work/lacking.json" --subject git:HEAD
run 1 check gate.yaml
run 2 add sbom package-lock.json --subject git:HEAD
grep -q 'CycloneDX 1.5 and 1.6 and SPDX 2.3 are read' "$work/err" || fail "another file is not refused with a hint"
run 0 verify
echo "npm's bills of materials become evidence"
