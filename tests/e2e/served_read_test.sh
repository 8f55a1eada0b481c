#!/bin/sh
# A server's log read from elsewhere by verify, check, show, bundle, prove and log export: they say what they say where the log is, a lie of the
# server is found, and what was erased there is erased here. A log that was exported, or that a server keeps, imported: the same log.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/scratch.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/wait.sh"
unset SIGNALBOX_TOKEN SIGNALBOX_TOKEN_FILE SIGNALBOX_CA_FILE SIGNALBOX_STORE || :
fail() { echo "$*"; exit 1; }
evidence() { "$SIGNALBOX" evidence "$@"; }
of_json() { python3 -c "import json, sys; said = json.load(sys.stdin); print($1)"; }

# --- the server
git init -q -b main "$folder/shop" && cd "$folder/shop"
git commit -q --allow-empty -m "feat: begin"
commit=gitCommit:$(git rev-parse HEAD)
printf '<testsuite name="s"><testcase name="a"/></testsuite>' >"$folder/results.xml"
evidence add junit "$folder/results.xml" --subject git:HEAD >/dev/null
add_document() { echo "{\"n\": $1}" >"$folder/n.json" && evidence add json "$folder/n.json" --subject git:HEAD >/dev/null; }
for n in 1 2 3; do add_document $n; done
log_key=$(evidence log status --json | of_json '{f["name"]: f["value"] for f in said["facts"]}["verifier key"]')
builder=$(evidence key list --json | of_json '[k["vkey"] for k in said["data"]["keys"] if k["name"].startswith("builder@")][0]')
token=$("$SIGNALBOX" serve token add reader --role operator 2>/dev/null)
viewer=$("$SIGNALBOX" serve token add looker --role viewer 2>/dev/null)
"$SIGNALBOX" serve --listen 127.0.0.1:0 >"$folder/serve" 2>&1 & pids="$pids $!"
wait_for 20 grep -q '^http' "$folder/serve"
origin=$(sed -n 's|^\(http://[^/]*\)/.*|\1|p' "$folder/serve" | head -1)
echo honest >"$folder/lie"
/usr/bin/python3 "$SIGNALBOX_SOURCE_DIR/tests/e2e/liar.py" "$origin" "$folder/lie" >"$folder/liar" 2>&1 & pids="$pids $!"
wait_for 10 test -s "$folder/liar"
through="http://127.0.0.1:$(head -1 "$folder/liar")"

# --- elsewhere: a checkout with a trust file, keys, memory and cache of its own
git clone -q "$folder/shop" "$folder/away" && mkdir "$folder/away/signalbox"
printf 'version: signalbox/trust/v1\nkeys:\n  - {vkey: "%s", roles: [log]}\n  - {vkey: "%s", roles: [builder]}\n' "$log_key" "$builder" >"$folder/away/signalbox/trust.yaml"
cat >"$folder/tests.yaml" <<'YAML'
name: tests
type: evidence/tests/v1
require: gt(.predicate.tests; 0) and eq(.predicate.failures; 0)
YAML
sed 's/gt(.predicate.tests; 0)/gt(.predicate.tests; 5)/' "$folder/tests.yaml" >"$folder/more.yaml"
away() { (cd "$folder/away" && env XDG_DATA_HOME="$folder/home-away" XDG_CACHE_HOME="$folder/cache-away" SIGNALBOX_TOKEN="$token" "$SIGNALBOX" evidence "$@" --store "$through"); }
expect 0 away verify
says "everything holds"
says "everything holds"
expect 0 away verify --complete "$commit"
says "these are all 4 entries about $commit among 4"
expect 0 away check "$folder/tests.yaml" --subject "$commit"
expect 1 away check "$folder/more.yaml" --subject "$commit"
expect 0 away lint "$folder/tests.yaml"
says "tried on entry 0"
expect 0 away show 3
says "Entry"
same() { # COMMAND…: the same octets here and there
  evidence "$@" >"$folder/here" 2>/dev/null
  away "$@" >"$folder/there" 2>/dev/null
  cmp "$folder/here" "$folder/there" || fail "$*: not what is said where the log is"
}
same log checkpoint
same prove 2
same prove 2 --format record
same consistency 2 4
same bundle 1 2
expect 0 away log export "$folder/exported-there"
evidence log export "$folder/exported-here" >/dev/null
diff -r "$folder/exported-here" "$folder/exported-there" || fail "another export"
[ "$(stat -c %a "$folder/cache-away/signalbox/logs")" = 700 ] || fail "others may read the copy"

# What is new is asked for, and nothing else: entries that are here are not.
add_document 4
expect 0 away show 4
says "Entry"

# --- lies: exit 1, and nothing of them stays
lies() { # HOW WORDS COMMAND…
  echo "$1" >"$folder/lie"
  wanted_words=$2
  shift 2
  expect 1 away "$@"
  says "the server is not believed"
  says "$wanted_words"
  echo honest >"$folder/lie"
  expect 0 away verify
}
add_document 5
lies "record-time 5" "do not give the root that was signed" verify
add_document 6
lies "hide 6" "the log has it, and the server does not show it" show 6
add_document 7
lies "envelope 7 1" "envelope 7: is not the one its record commits to" check "$folder/tests.yaml" --subject "$commit"
lies forged "no trusted key of a log signed the checkpoint" verify
lies empty "rollback" log status

# A stranger's key, nobody's key, a viewer who may not read all of it.
stranger=$(XDG_DATA_HOME="$folder/home-other" evidence key new other@log --role log --no-password --json | of_json 'said["data"]["vkey"]')
expect 1 away show 1 --log-key "$stranger"
says "no trusted key of a log signed"
mkdir "$folder/bare"
expect 3 env -C "$folder/bare" XDG_DATA_HOME="$folder/home-bare" XDG_CACHE_HOME="$folder/cache-bare" SIGNALBOX_TOKEN="$token" "$SIGNALBOX" evidence show 1 --store "$through"
says "not believed without the key of its log"
printf '{"_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "p", "digest": {"gitCommit": "%s"}}],
"predicateType": "https://signalbox.dev/train/passenger/v1", "predicate": {"note": "for the crew"}}' "${commit#gitCommit:}" >"$folder/passenger.json"
evidence sign "$folder/passenger.json" --key "${builder%%+*}" --append >/dev/null
expect 3 env -C "$folder/away" XDG_DATA_HOME="$folder/home-away" XDG_CACHE_HOME="$folder/cache-viewer" SIGNALBOX_TOKEN="$viewer" "$SIGNALBOX" evidence show 1 --store "$through"
says "with a token of the role operator"
expect 0 away show 8

# --- erased there: erased in the copy here with the next look
evidence key new dpo@example --role approver --no-password >/dev/null
evidence redact 2 --reason "holds a name" --requester ada@example --key dpo@example >/dev/null
expect 0 away log status
copy=$(find "$folder/cache-away/signalbox/logs" -name '*.db')
/usr/bin/python3 -c 'import sqlite3, sys
gone, there = (sqlite3.connect(sys.argv[1]).execute("select body is null from evidence_blob where id = ?", (i,)).fetchone()[0] for i in (2, 1))
sys.exit(not (gone and not there))' "$copy" || fail "what was erased is still here"
expect 1 away show 2
says "holds a name"

# --- import: from an export with its envelopes, and from a server
evidence log export "$folder/whole" --envelopes >/dev/null
[ "$(stat -c %a "$folder/whole/envelopes.jsonl")" = 600 ] || fail "everybody may read the envelopes"
imports() { (cd "$folder/$1" && shift && env XDG_DATA_HOME="$folder/home-import" XDG_CACHE_HOME="$folder/cache-import" SIGNALBOX_TOKEN="$token" "$SIGNALBOX" evidence log import "$@"); }
for name in one two three; do git init -q "$folder/$name"; done
expect 3 imports one "$folder/whole"
says "give the log's verifier key with --key"
expect 2 imports one "$folder/exported-here" --key "$log_key"
says "and no entry says that it was erased"
expect 0 imports one "$folder/whole" --key "$log_key"
says "10 entries, 10 of them new; every leaf, tile and root holds"
says "no, its key is elsewhere"
expect 0 imports one "$folder/whole" --key "$log_key"
says "10 entries, 0 of them new"
expect 0 imports two "$origin" --key "$log_key"
says "10 entries, 10 of them new"
for name in one two; do
  (cd "$folder/$name" && "$SIGNALBOX" evidence log export "$folder/again-$name" --envelopes >/dev/null && "$SIGNALBOX" evidence log audit >/dev/null)
  diff -r "$folder/whole" "$folder/again-$name" || fail "$name: another log than was exported"
done
add_document 10
expect 0 imports two "$origin" --key "$log_key"
says "11 entries, 1 of them new"
expect 1 imports three "$folder/whole" --key "$log_key"
says "rollback: the log"
evidence log export "$folder/newest" --envelopes >/dev/null
cp -r "$folder/newest" "$folder/damaged"
/usr/bin/python3 -c 'import pathlib, sys
file = pathlib.Path(sys.argv[1]); octets = bytearray(file.read_bytes()); octets[300] ^= 1; file.write_bytes(octets)' "$(find "$folder/damaged/tile/entries" -type f)"
expect 1 imports three "$folder/damaged" --key "$log_key"
says "the export is not believed"
(cd "$folder/three" && evidence log status) >"$folder/out" 2>&1 && fail "something of it was written: $(cat "$folder/out")"
grep -q "nothing was" "$folder/out" || fail "$(cat "$folder/out")"

# The log's key is on the machine that exported it: there an import goes on, in a store of its own, and the old one is not signed over.
git init -q "$folder/moved"
(cd "$folder/moved" && "$SIGNALBOX" evidence log import "$folder/newest" --key "$log_key" >"$folder/out") || fail "not imported"
grep -q "yes, its key is on this machine" "$folder/out" || fail "$(cat "$folder/out")"
(cd "$folder/moved" && echo '{"n": 11}' >n.json && "$SIGNALBOX" evidence add json n.json --subject "$commit" >/dev/null && "$SIGNALBOX" evidence log audit >/dev/null) || fail "the imported log does not go on"
[ "$(cd "$folder/moved" && evidence log checkpoint | sed -n 2p)" = 12 ] || fail "it went on elsewhere"
# Elsewhere it goes on as another log.
(cd "$folder/one" && export XDG_DATA_HOME="$folder/home-import" && "$SIGNALBOX" evidence log fork >/dev/null && echo '{"n": 12}' >n.json && "$SIGNALBOX" evidence add json n.json --subject "$commit" >/dev/null && "$SIGNALBOX" evidence log audit >/dev/null) || fail "it does not go on under another name"
echo "a server's log was read and imported: what it says is what the log holds, and each lie was found"
