#!/bin/sh
# A server's log asked from elsewhere: what it answers is what the log holds, and each lie that a server can tell of an entry, of its order and of
# the log is found; what cannot be seen is said.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/scratch.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"
unset SIGNALBOX_TOKEN SIGNALBOX_TOKEN_FILE SIGNALBOX_CA_FILE SIGNALBOX_STORE || :
evidence() { "$SIGNALBOX" evidence "$@"; }

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
vkey=$(evidence log status --json | python3 -c 'import json, sys
facts = {f["name"]: f["value"] for f in json.load(sys.stdin)["facts"]}
print(facts["verifier key"])')
token=$("$SIGNALBOX" serve token add reader --role operator 2>/dev/null)
viewer=$("$SIGNALBOX" serve token add looker --role viewer 2>/dev/null)
"$SIGNALBOX" serve --listen 127.0.0.1:0 >"$folder/serve" 2>&1 & pids="$pids $!"
for _ in $(seq 400); do grep -q '^http' "$folder/serve" && break; sleep 0.05; done
origin=$(sed -n 's|^\(http://[^/]*\)/.*|\1|p' "$folder/serve" | head -1)
echo honest >"$folder/lie"
/usr/bin/python3 "$SIGNALBOX_SOURCE_DIR/tests/e2e/liar.py" "$origin" "$folder/lie" >"$folder/liar" 2>&1 & pids="$pids $!"
for _ in $(seq 200); do [ -s "$folder/liar" ] && break; sleep 0.05; done
through="http://127.0.0.1:$(head -1 "$folder/liar")"

# --- elsewhere: keys and memory of its own
mkdir "$folder/away"
ask() { (cd "$folder/away" && env XDG_DATA_HOME="$folder/home-away" SIGNALBOX_TOKEN="$token" "$SIGNALBOX" evidence query --store "$through" "$@"); }
asked() { ask --log-key "$vkey" "$@"; }
indexes() { python3 -c 'import json, sys; print(*[e["index"] for e in json.load(sys.stdin)["data"]["entries"]])'; }
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
  cmp "$folder/here" "$folder/there" || { echo "$*: $(cat "$folder/there") instead of $(cat "$folder/here")"; exit 1; }
}
same
same --limit 2
same --subject "gitCommit:$first"
same --subject "gitCommit:$second" --type evidence/document/v1
same --type evidence/tests/v1
same --jq '.predicate.document.n >= 2'
same --subject "gitCommit:$second" --limit 1
same --until 2020-01-01T00:00:00Z
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
lies "record 2" "entry 2 of $through: is not in the log that was signed"
lies "record-time 4" "entry 4 of $through: is not in the log that was signed" --limit 1
lies "envelope 3 1" "its envelope is not the one that its record commits to"
lies "hide 1" "the log has it, and the server does not show it"
lies "hide 3" "the log has it, and the server does not show it" --subject "gitCommit:$second"
lies "proof 4" "is not in the log that was signed"
lies "instead 0" "as one about gitCommit:$second, and it is not" --subject "gitCommit:$second"
lies "instead 1" "as one of the type that was asked for" --type evidence/tests/v1
lies "instead 7" "lists entries that it was not asked for" --type evidence/tests/v1
lies forged "no trusted key of a log signed the checkpoint"
lies "checkpoint $folder/older.note" "rollback: the log"
lies empty "rollback: $through says that its log is empty"
other=$(XDG_DATA_HOME="$folder/home-other" evidence key new other@log --role log --no-password --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["data"]["vkey"])')
expect 1 ask --log-key "$other"
says "no trusted key of a log signed the checkpoint"

# What is left out of a list: found where the log's own chain leads past it, and said where nothing shows it.
echo "drop 3" >"$folder/lie"
[ "$(asked --subject "gitCommit:$second" --json 2>/dev/null | indexes)" = "4 3 2" ] || { echo "an entry in the middle was left out"; exit 1; }
[ "$(asked --json 2>/dev/null | indexes)" = "4 3 2 1 0" ] || { echo "an entry was left out of all"; exit 1; }
echo none >"$folder/lie"
expect 0 asked --subject "gitCommit:$second"
says "0 entries"
says "that none is newer is the server's word alone"
echo honest >"$folder/lie"

# Another history under the same key, told later to who has seen the first: a fork.
cp -r "$folder/shop" "$folder/shop-fork" && cp -r "$folder/data" "$folder/data-fork"
add_document 4
expect 0 asked --limit 1
says "6 entries, signed by"
says "extends the 5 seen before"
(cd "$folder/shop-fork" && export XDG_DATA_HOME="$folder/data-fork" && add_document 5 && evidence log checkpoint -o "$folder/fork.note")
lies "checkpoint $folder/fork.note" "fork: the first 6 entries of the log"
echo "a server's log was asked, and each lie of it found"
