#!/bin/sh
# A server's log asked from elsewhere: what it answers is what the log holds, and each lie that a server can tell of an entry, of its order and of
# the log is found; what cannot be seen is said.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/scratch.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/wait.sh"
unset SIGNALBOX_TOKEN SIGNALBOX_TOKEN_FILE SIGNALBOX_CA_FILE SIGNALBOX_STORE || :
fail() { echo "$*"; exit 1; }
evidence() { "$SIGNALBOX" evidence "$@"; }
of_json() { python3 -c "import json, sys; said = json.load(sys.stdin); print($1)"; }

# --- the server: tests and documents about two commits
git init -q -b main "$folder/shop" && cd "$folder/shop"
git commit -q --allow-empty -m "feat: begin"
printf '<testsuite name="s"><testcase name="a"/></testsuite>' >"$folder/results.xml"
add_tests() { evidence add junit "$folder/results.xml" --subject "git:HEAD" >/dev/null; }
add_document() { echo "{\"n\": $1}" >"$folder/n.json" && evidence add json "$folder/n.json" --subject git:HEAD >/dev/null; }
add_tests && add_document 1
first=$(git rev-parse HEAD)
evidence log checkpoint -o "$folder/older.note"
git commit -q --allow-empty -m "feat: go on"
add_tests && add_document 2 && add_document 3
second=$(git rev-parse HEAD)
vkey=$(evidence log status --json | of_json '{f["name"]: f["value"] for f in said["facts"]}["verifier key"]')
token=$("$SIGNALBOX" serve token add reader --role operator 2>/dev/null)
viewer=$("$SIGNALBOX" serve token add looker --role viewer 2>/dev/null)
"$SIGNALBOX" serve --listen 127.0.0.1:0 >"$folder/serve" 2>&1 & pids="$pids $!"
wait_for 20 grep -q '^http' "$folder/serve"
origin=$(sed -n 's|^\(http://[^/]*\)/.*|\1|p' "$folder/serve" | head -1)
echo honest >"$folder/lie"
/usr/bin/python3 "$SIGNALBOX_SOURCE_DIR/tests/e2e/liar.py" "$origin" "$folder/lie" >"$folder/liar" 2>&1 & pids="$pids $!"
wait_for 10 test -s "$folder/liar"
through="http://127.0.0.1:$(head -1 "$folder/liar")"

# --- elsewhere: keys and memory of its own
mkdir "$folder/away"
ask() { (cd "$folder/away" && env XDG_DATA_HOME="$folder/home-away" SIGNALBOX_TOKEN="$token" "$SIGNALBOX" evidence query --store "$through" "$@"); }
asked() { ask --log-key "$vkey" "$@"; }
indexes() { of_json '*[e["index"] for e in said["data"]["entries"]]'; }
expect 3 ask
says "is not believed without the key of its log"
expect 0 asked
says "5 entries, newest first"
says "seen for the first time"
never_says "server's word alone"
expect 0 asked --subject "gitCommit:$second"
says "extends the 5 seen before"
says "that none is newer is the server's word alone"
expect 0 asked --type evidence/tests/v1
says "that there are no others is the server's word alone"

# What it answers is what is answered where the log is.
same() {
  asked "$@" --json 2>/dev/null | indexes >"$folder/there"
  evidence query "$@" --json | indexes >"$folder/here"
  cmp "$folder/here" "$folder/there" || fail "$*: $(cat "$folder/there") instead of $(cat "$folder/here")"
}
same
same --limit 2
same --subject "gitCommit:$first"
same --subject "gitCommit:$second" --type evidence/document/v1
same --type evidence/tests/v1
same --jq '.predicate.document.n >= 2'
same --subject "gitCommit:$second" --limit 1
same --until 2020-01-01T00:00:00Z
expect 0 asked --until 2020-01-01T00:00:00Z
says "5 entries, read and left out"
expect 0 env SIGNALBOX_TOKEN="$viewer" "$SIGNALBOX" evidence query --store "$through" --log-key "$vkey"
expect 3 env SIGNALBOX_TOKEN=sbx_wrong "$SIGNALBOX" evidence query --store "$through" --log-key "$vkey"

# --- each lie is found: exit 1, and what it was about
lies() { # HOW WORDS QUERY…
  echo "$1" >"$folder/lie"
  wanted_words=$2
  shift 2
  expect 1 asked "$@"
  says "the server is not believed"
  says "$wanted_words"
  echo honest >"$folder/lie"
}
lies "record 2" "are not in the log that was signed"
lies "record-time 4" "are not in the log that was signed" --limit 1
lies hide-records "the log has them, and the server does not show them"
lies fewer-records "entries of $through from 0:"
lies "record 2" "entry 2 of $through: is not in the log that was signed" --subject "gitCommit:$second"
lies "record-time 4" "entry 4 of $through: is not in the log that was signed" --type evidence/document/v1
lies "envelope 3 1" "envelope 3: is not the one its record commits to" --jq true
lies "envelope 3 1" "envelope 3: is not the one its record commits to" --type evidence/document/v1
lies "hide 1" "the log has it, and the server does not show it" --jq true
lies "hide 3" "the log has it, and the server does not show it" --subject "gitCommit:$second"
lies "proof 4" "is not in the log that was signed" --type evidence/document/v1
lies "instead 0" "as one about gitCommit:$second, and it is not" --subject "gitCommit:$second"
lies "instead 1" "as one of the type that was asked for" --type evidence/tests/v1
lies "instead 7" "lists entries that it was not asked for" --type evidence/tests/v1
lies forged "no trusted key of a log signed the checkpoint"
lies "checkpoint $folder/older.note" "rollback: the log"
lies empty "rollback: $through says that its log is empty"
other=$(XDG_DATA_HOME="$folder/home-other" evidence key new other@log --role log --no-password --json | of_json 'said["data"]["vkey"]')
expect 1 ask --log-key "$other"
says "no trusted key of a log signed the checkpoint"

# Of two logs that are asked for one may be empty: which one nobody can tell.
echo empty >"$folder/lie"
expect 0 asked --log-key "$other"
says "0 entries"
says "that the log is empty is the server's word alone"
echo honest >"$folder/lie"

# What is left out of a list: found where the log's own chain leads past it, and said where nothing shows it.
echo "drop 3" >"$folder/lie"
[ "$(asked --subject "gitCommit:$second" --json 2>/dev/null | indexes)" = "4 3 2" ] || fail "an entry in the middle was left out"
[ "$(asked --json 2>/dev/null | indexes)" = "4 3 2 1 0" ] || fail "an entry was left out of all"
echo none >"$folder/lie"
expect 0 asked --subject "gitCommit:$second"
says "0 entries"
says "that none is newer is the server's word alone"
echo honest >"$folder/lie"

# A server that takes its time ends the query, and is no liar.
echo "slow 1" >"$folder/lie"
expect 3 asked --type evidence/tests/v1 --timeout 2s
never_says "is not believed"
echo honest >"$folder/lie"

# --- Whom the trust file does not believe any more is not believed: the file of the place that asks.
git init -q -b main "$folder/guarded" && mkdir "$folder/guarded/signalbox"
guarded() { (cd "$folder/guarded" && env XDG_DATA_HOME="$folder/home-guarded" SIGNALBOX_TOKEN="$token" "$SIGNALBOX" evidence query --store "$through" "$@"); }
trusts() { printf 'version: signalbox/trust/v1\nkeys:\n  - {vkey: "%s", roles: [log]%s}\n' "$vkey" "$1" >"$folder/guarded/signalbox/trust.yaml"; }
trusts ''
expect 0 guarded
trusts ', revoked_at: 2026-01-01T00:00:00Z, reason: lost'
expect 3 guarded
says "revoked at 2026-01-01T00:00:00Z: lost"
expect 3 guarded --log-key "$vkey"
says "revoked at 2026-01-01T00:00:00Z: lost"
trusts ', not_after: 2026-01-01T00:00:00Z'
expect 3 guarded
says "expired at 2026-01-01T00:00:00Z"
trusts ', not_after: 2126-01-01T00:00:00Z'
expect 0 guarded

# What a witness has to have seen, and has not: told, and not remembered.
git init -q "$folder/witness"
witness=$(cd "$folder/witness" && XDG_DATA_HOME="$folder/home-witness" evidence witness list --json | of_json 'said["data"]["vkey"]')
with_witness() { printf 'version: signalbox/trust/v1\nwitnesses: 1\nkeys:\n  - {vkey: "%s", roles: [log]}\n  - {vkey: "%s", roles: [witness]}\n' "$vkey" "$witness" >"$folder/guarded/signalbox/trust.yaml"; }
with_witness
rm -rf "$folder/home-guarded"
expect 1 guarded
says "cosigned by 1 of 1 trusted witnesses"
says "by none of them"
remembered=$(find "$folder/home-guarded" -path '*/checkpoints/*' ! -name '*.lock' 2>/dev/null || :)
[ -z "$remembered" ] || fail "an unwitnessed checkpoint was remembered"
(cd "$folder/witness" && XDG_DATA_HOME="$folder/home-witness" exec "$SIGNALBOX" evidence witness serve --listen 127.0.0.1:0 >"$folder/witness.out" 2>&1) & pids="$pids $!"
wait_for 20 grep -q 'http://' "$folder/witness.out"
at=$(grep -o 'http://127.0.0.1:[0-9]*' "$folder/witness.out" | head -1)
(cd "$folder/witness" && XDG_DATA_HOME="$folder/home-witness" evidence witness add "$vkey" >/dev/null)
evidence witness add "$witness" --url "$at/evidence" >/dev/null
evidence witness ask >/dev/null
expect 0 guarded
says "seen for the first time"
says "by $(echo "$witness" | cut -d+ -f1) at "

# --- An entry that names more subjects than a record does: without its envelope nothing but the server's word says that it is about one.
python3 -c 'import json, sys
print(json.dumps({"_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "s%d" % n, "digest": {"sha256": "%064x" % n}} for n in range(70)],
"predicateType": "https://example.com/many/v1", "predicate": {"x": 1}}))' >"$folder/many.json"
evidence sign "$folder/many.json" --key "$(evidence key list --json | of_json '[k["name"] for k in said["data"]["keys"] if k["name"].startswith("builder@")][0]')" --append >/dev/null
last=sha256:$(printf '%064x' 69)
same --subject "$last"
[ "$(asked --subject "$last" --json 2>/dev/null | indexes)" = 5 ] || fail "the entry of many subjects is not found"
echo conceal >"$folder/lie"
expect 0 asked --subject "$last"
says "0 entries"
says "1 entry is left out: that they are about the subject the server alone says"
echo honest >"$folder/lie"

# --- Two clients of one machine: one is answered late, after the other has seen the log grow.
cat >"$folder/meanwhile.sh" <<END
cd "$folder/shop" && echo '{"n": 6}' >"$folder/n.json" && "$SIGNALBOX" evidence add json "$folder/n.json" --subject git:HEAD >/dev/null
cd "$folder/away" && XDG_DATA_HOME="$folder/home-away" SIGNALBOX_TOKEN="$token" "$SIGNALBOX" evidence query --store "$origin" --log-key "$vkey" --limit 1 >"$folder/other-client"
END
echo "meanwhile $folder/meanwhile.sh" >"$folder/lie"
expect 0 asked --limit 1
says "6 entries, signed by"
grep -q "7 entries, signed by" "$folder/other-client" || fail "the other client did not see the log grow"

# That what was seen is the beginning has to be shown, and a damaged memory is nobody's lie.
add_document 7
lies "consistency 404" "does not show that the 8 entries it has signed extend the 7 that were seen before"
lies "consistency 400" "does not show that the 8 entries"
lies "consistency nohash" "does not show that the 8 entries"
lies "consistency short" "fork: the first 7 entries"
echo "consistency 503" >"$folder/lie"
expect 3 asked --timeout 3s
echo honest >"$folder/lie"
cp -r "$folder/home-away" "$folder/home-sound"
for note in "$folder"/home-away/signalbox/checkpoints/*; do case $note in *.lock) ;; *) echo "no note" >"$note" ;; esac; done
expect 3 asked
says "what was seen of the log is damaged"
rm -rf "$folder/home-away" && mv "$folder/home-sound" "$folder/home-away"

# --- What passengers keep private a viewer does not read: listed, and unknown where it is asked what is in it.
cat >"$folder/passenger.json" <<END
{"_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "p", "digest": {"gitCommit": "$second"}}],
"predicateType": "https://signalbox.dev/train/passenger/v1", "predicate": {"note": "for the crew"}}
END
evidence sign "$folder/passenger.json" --key "$(evidence key list --json | of_json '[k["name"] for k in said["data"]["keys"] if k["name"].startswith("builder@")][0]')" --append >/dev/null
looks() { (cd "$folder/away" && env XDG_DATA_HOME="$folder/home-away" SIGNALBOX_TOKEN="$viewer" "$SIGNALBOX" evidence query --store "$through" --log-key "$vkey" "$@"); }
expect 0 looks --type train/passenger/v1
says "1 entry, newest first"
expect 0 looks --type train/passenger/v1 --jq '.predicate.note == "for the crew"'
says "0 entries"
says "erased or not shown, so nobody knows"
expect 0 asked --type train/passenger/v1 --jq '.predicate.note == "for the crew"'
says "1 entry, newest first"

# Another history under the same key, told later to who has seen the first: a fork.
cp -r "$folder/shop" "$folder/shop-fork" && cp -r "$folder/data" "$folder/data-fork"
add_document 8
expect 0 asked --limit 1
says "10 entries, signed by"
says "extends the 9 seen before"
(cd "$folder/shop-fork" && export XDG_DATA_HOME="$folder/data-fork" && add_document 9 && evidence log checkpoint -o "$folder/fork.note")
lies "checkpoint $folder/fork.note" "fork: the first 10 entries of the log"

# Right after it grew a log is shown as its witnesses have seen it: that takes the server a moment.
for n in 10 11; do
  add_document "$n"
  expect 0 guarded --limit 1
  says "by $(echo "$witness" | cut -d+ -f1) at "
done
echo "a server's log was asked, and each lie of it found"
