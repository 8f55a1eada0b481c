#!/bin/sh
# A CI machine decides by the log of a server: the same decision as where the log is, recorded there with its summaries; no candidate chooses the
# log that judges it, and a server that lies is NO-GO. One gate alone is asked without a decision.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/scratch.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/wait.sh"
unset SIGNALBOX_TOKEN SIGNALBOX_TOKEN_FILE SIGNALBOX_CA_FILE SIGNALBOX_STORE GITHUB_TOKEN || :
fail() { echo "$*"; exit 1; }
evidence() { "$SIGNALBOX" evidence "$@"; }
of_json() { python3 -c "import json, sys; said = json.load(sys.stdin); print($1)"; }

# --- where the log is
git init -q -b main "$folder/keeper" && cd "$folder/keeper"
git commit -q --allow-empty -m "chore: keep evidence"
evidence log init >/dev/null
log_key=$(evidence log status --json | of_json '{f["name"]: f["value"] for f in said["facts"]}["verifier key"]')
token=$("$SIGNALBOX" serve token add ci --role operator 2>/dev/null)
"$SIGNALBOX" serve --listen 127.0.0.1:0 >"$folder/serve" 2>&1 & pids="$pids $!"
wait_for 20 grep -q '^http' "$folder/serve"
origin=$(sed -n 's|^\(http://[^/]*\)/.*|\1|p' "$folder/serve" | head -1)
echo honest >"$folder/lie"
/usr/bin/python3 "$SIGNALBOX_SOURCE_DIR/tests/e2e/liar.py" "$origin" "$folder/lie" >"$folder/liar" 2>&1 & pids="$pids $!"
wait_for 10 test -s "$folder/liar"
through="http://127.0.0.1:$(head -1 "$folder/liar")"

# --- a CI machine: its own key is trusted as builder and gate by the released trust file, the log's as log
export XDG_DATA_HOME="$folder/data-ci" XDG_CACHE_HOME="$folder/cache-ci" SIGNALBOX_TOKEN="$token"
git init -q -b main "$folder/shop" && cd "$folder/shop"
evidence key new throwaway --no-password >/dev/null
(mkdir "$folder/elsewhere" && cd "$folder/elsewhere" && git init -q && evidence log init >/dev/null)  # makes this machine's key
builder=$(evidence key list --json | of_json '[k["vkey"] for k in said["data"]["keys"] if k["name"].startswith("builder@")][0]')
mkdir signalbox
trust() { printf 'version: signalbox/trust/v1\nkeys:\n  - {vkey: "%s", roles: [log]}\n  - {vkey: "%s", roles: [builder, gate]}\n' "$1" "$builder" >signalbox/trust.yaml; }
trust "$log_key"
cat >signalbox.yaml <<'YAML'
train:
  pass_at: 0
  rubric: []
  changelog: false
  summaries: {forms: [vsa], resource: "pkg:generic/shop@{version}"}
  gates:
    - {name: tests, type: evidence/tests/v1, require: 'gt(.predicate.tests; 0) and eq(.predicate.failures; 0)'}
    - {name: scan, type: evidence/findings/v1, require: 'eq(.predicate.counts.error; 0)'}
YAML
git add . && git commit -q -m 'feat: begin' && git tag v0.1.0
git commit -q --allow-empty -m 'feat: go on'
served() { "$SIGNALBOX" train "$@" --store "$through"; }
printf '<testsuite name="s"><testcase name="a"/></testsuite>' >"$folder/results.xml"
evidence add junit "$folder/results.xml" --subject git:HEAD --store "$through" >/dev/null

# One gate alone: its own answer, and nothing is recorded.
size() { (cd "$folder/keeper" && XDG_DATA_HOME="$folder/data" evidence log checkpoint | sed -n 2p); }
before=$(size)
expect 0 served check --gate tests
says "this gate alone"
never_says "scan"
expect 1 served check --gate scan
says "signalbox evidence add sarif"
expect 2 served check --gate nothing
says "there are tests, scan"
expect 1 served check --dry-run
says "NO-GO"
[ "$(size)" = "$before" ] || fail "something was recorded"

# The decision, there, with its summary; then GO.
expect 1 served check
says "recorded"
says "vsa log #"
echo '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "lint"}}, "results": []}]}' >"$folder/lint.sarif"
evidence add sarif "$folder/lint.sarif" --subject git:HEAD --store "$through" >/dev/null
served check --json >"$folder/go.json" || fail "$(cat "$folder/go.json")"
index=$(of_json 'said["data"]["recorded"]' <"$folder/go.json")
(cd "$folder/keeper" && XDG_DATA_HOME="$folder/data" evidence show "$index") >"$folder/out" || fail "the server's log has no entry $index"
grep -q "train/decision/v1" "$folder/out" || fail "$(cat "$folder/out")"
summary=$(of_json 'said["data"]["summaries"]["vsa"]' <"$folder/go.json")
(cd "$folder/keeper" && XDG_DATA_HOME="$folder/data" evidence show "$summary") | grep -q "verification_summary" || fail "no summary there"

# A server that lies decides nothing.
evidence add junit "$folder/results.xml" --subject git:HEAD --store "$through" >/dev/null
last=$(($(size) - 1))
for lie in "record-time $last" "hide $last" forged empty; do
  echo "$lie" >"$folder/lie"
  expect 1 served check
  says "the server of the log is not believed"
  echo honest >"$folder/lie"
done
expect 0 served check
echo "slow 2" >"$folder/lie"
expect 3 served check --timeout 1s
never_says "is not believed"
echo honest >"$folder/lie"

# A candidate that names another log in its own trust file is judged by nothing of it.
(cd "$folder/elsewhere" && evidence add junit "$folder/results.xml" --subject "gitCommit:$(git -C "$folder/shop" rev-parse HEAD)" >/dev/null)
other_key=$(cd "$folder/elsewhere" && evidence log status --json | of_json '{f["name"]: f["value"] for f in said["facts"]}["verifier key"]')
other_token=$(cd "$folder/elsewhere" && "$SIGNALBOX" serve token add ci --role operator 2>/dev/null)
(cd "$folder/elsewhere" && exec "$SIGNALBOX" serve --listen 127.0.0.1:0 >"$folder/serve-other" 2>&1) & pids="$pids $!"
wait_for 20 grep -q '^http' "$folder/serve-other"
other=$(sed -n 's|^\(http://[^/]*\)/.*|\1|p' "$folder/serve-other" | head -1)
trust "$other_key" && git commit -q -a -m 'feat: our own log'
expect 3 env SIGNALBOX_TOKEN="$other_token" "$SIGNALBOX" train check --store "$other"
says "no candidate chooses the log that judges it"
expect 1 env SIGNALBOX_TOKEN="$other_token" "$SIGNALBOX" train check --dry-run --store "$other" --log-key "$other_key"
says "NO-GO"


echo "a CI machine decided by a server's log, and by none that a candidate chose"
