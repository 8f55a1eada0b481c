#!/bin/sh
# The way from NO-GO to GO as users meet it: check --explain, the race against the clock, score, the meeting's page, a person's no and go, check
# runs of a CI server, and the same decision by check and depart.
set -eu
folder=$(mktemp -d)
server=
cleanup() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || :
  rm -rf "$folder"
}
trap cleanup EXIT
export XDG_DATA_HOME="$folder/data" GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.org GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.org
unset GITHUB_TOKEN SIGNALBOX_GITHUB_TOKEN_FILE 2>/dev/null || :
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"
train() { "$SIGNALBOX" train "$@"; }
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/aboard.sh"

git init -q -b main "$folder/work" && cd "$folder/work"
mkdir docs && echo "1. deploy the tag before" >docs/rollback.md
cat >signalbox.yaml <<'YAML'
train:
  pass_at: 0
  rubric: []
  changelog: false
  boarding: {lock_before: 0}
  gates:
    - {name: tests, type: evidence/tests/v1, owner: engineering, max_age: 1d, require: 'gt(.predicate.tests; 0) and eq(.predicate.failures; 0)'}
    - {name: more-tests, type: evidence/tests/v1, owner: engineering, require: 'gt(.predicate.tests; 1)'}
    - {name: sign-off, kind: approval, owner: product, not: [requester]}
YAML
git add . && git commit -q -m 'feat: begin' && git tag v0.1.0
git commit -q --allow-empty -m 'feat: go on'
for name in grace alan; do "$SIGNALBOX" evidence key new $name --role approver --no-password >/dev/null; done
"$SIGNALBOX" evidence key new robot --role builder --no-password >/dev/null

# The shortest way: one command turns two gates green, one person the third.
expect 1 train check --dry-run --explain
says "The shortest way to GO: 2 things to do"
says "signalbox evidence add junit results.xml --subject git:HEAD"
says "signalbox train approve --key"
says "Gates and who answers for them"
train check --dry-run --explain --json >"$folder/explained.json" || [ $? = 1 ]
python3 - "$folder/explained.json" <<'END'
import json, sys
explain = json.load(open(sys.argv[1]))["data"]["explain"]
assert explain["is_smallest"] and explain["hopeless"] == [], explain
fixes = [set(a["fixes"]) for a in explain["actions"]]
assert {"tests", "more-tests"} in fixes and {"sign-off"} in fixes, fixes
END

# The meeting's page has open items alone, and shrinks.
expect 0 train meeting
says "3 open"
says "NO-GO until 2 things are done"
echo '<testsuite name="a" tests="2" failures="0"><testcase name="x"/><testcase name="y"/></testsuite>' >"$folder/green.xml"
expect 0 "$SIGNALBOX" evidence add junit "$folder/green.xml" --subject git:HEAD
expect 0 train meeting
says "1 open"
expect 0 train approve --key grace
expect 0 train check --explain

# What is good today is too old in two days: the race says so, and from when it would last.
expect 0 train check --dry-run --explain --depart "$(python3 -c 'import datetime as d; print((d.datetime.now(d.timezone.utc) + d.timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ"))')"
says "too old"
says "renew from"
expect 2 train check --dry-run --explain --depart tomorrow

# A person's no stops what is green, until a person says go; nobody says go while something is red.
expect 3 train no-go --reason "no" --key robot
says "may not decide"
expect 2 train no-go --key alan
says "--reason is missing"
expect 0 train no-go --reason "the fair is on" --key alan
expect 1 train check --dry-run
says "alan decided NO-GO: the fair is on"
expect 0 train go --key grace
says "grace decided GO"
expect 0 train check --dry-run
git commit -q --allow-empty -m 'fix: another'
expect 1 train go --key grace
says "nobody can decide GO while"

# The score, and what would raise it.
expect 0 train score
says "no score is asked for"

# A train: check and depart make one decision.
expect 0 "$SIGNALBOX" evidence add junit "$folder/green.xml" --subject git:HEAD
departs=$(($(date +%s) + 10))
put_aboard now 10
expect 1 train check now --dry-run
says "signalbox train approve now --gate sign-off --key KEY"
checked=$(echo "$out" | grep -c "sign-off")
expect 1 train depart now --dry-run
says "signalbox train approve now --gate sign-off --key KEY"
[ "$checked" = "$(echo "$out" | grep -c "sign-off")" ]
# An exception for the train excuses both, for a named gate; the locked scope is no gate.
expect 2 train exception request now --gate manifests --reason "the fair" --key grace
expect 0 train exception request now --gate sign-off --reason "the fair" --for 1h --key grace --json
number=$(echo "$out" | python3 -c 'import json,sys; print(json.load(sys.stdin)["data"]["request"])')
expect 0 train exception approve "$number" --key alan
expect 0 train check now --dry-run
says "1 excepted: sign-off"
while [ "$(date +%s)" -le $departs ]; do sleep 0.2; done
expect 0 train depart now --dry-run
expect 1 train check now --dry-run --head HEAD~1
says "manifest"
expect 1 train depart now --dry-run --head HEAD~1
says "manifest"
expect 0 train veto now --condition sign-off --reason "not in spite of it" --key alan
expect 1 train check now --dry-run
expect 1 train depart now --dry-run
says "alan vetoes because of sign-off"
expect 0 train approve now --key alan --withdraw
# What was approved before the lock was approved without it.
expect 0 train approve --key alan
expect 0 train check now --dry-run
says "given before the scope was locked"
expect 0 train approve now --key alan
expect 0 train check now --dry-run
git commit -q --allow-empty -m 'feat: too late for it'
expect 0 train check now --dry-run
says "signalbox train depart now"
expect 1 train check now --dry-run --head HEAD
says "manifest"
expect 0 train depart now --dry-run

# A CI server of one's own is asked once its configuration is allowed, for this commit, and no answer is no GO.
python3 "$SIGNALBOX_SOURCE_DIR/src/instruments/train/gating/testdata/check_runs.py" >"$folder/port" & server=$!
for _ in $(seq 100); do [ -s "$folder/port" ] && break; sleep 0.1; done
api=http://127.0.0.1:$(cat "$folder/port")
cat >signalbox.yaml <<YAML
train:
  pass_at: 0
  rubric: []
  changelog: false
  gates:
    - {name: ci, kind: ci, source: github, repository: octo/shop, api: "$api", jobs: [unit]}
YAML
git commit -qam 'ci: ask the server' && git tag v0.2.0
git commit -q --allow-empty -m 'feat: asked'
expect 3 train check --dry-run
says "is asked once its configuration is allowed"
# shellcheck disable=SC2046
eval "$(echo "$out" | sed -n "s|^hint: signalbox |\"\$SIGNALBOX\" |p")" >/dev/null
curl -fsS "$api/seen" >"$folder/seen" && [ "$(cat "$folder/seen")" = '{}' ] || { echo "it was asked before it was allowed"; exit 1; }
expect 0 train check --dry-run
curl -fsS "$api/control/other" >/dev/null
expect 1 train check --dry-run
says "ran on bbbbbbbbbbbb"
curl -fsS "$api/control/missing" >/dev/null
expect 3 train check --dry-run
says "ci could not be asked"
kill "$server" && wait "$server" 2>/dev/null || :
server=
expect 3 train check --dry-run
expect 0 "$SIGNALBOX" evidence log audit
