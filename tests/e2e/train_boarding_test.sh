#!/bin/sh
# A train from its making to its lock on a generated repository: candidates, refusals by code, the queue, approval, dry run, lock, manifest,
# hotfix, simulation; two writers at once; what the schemas promise of what was recorded.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/scratch.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/aboard.sh"
mkdir "$folder/x" && cd "$folder/x"

# With what a person says where nothing proves it.
board_all() { # CHANGE RISK, then more options
  change=$1 risk=$2
  shift 2
  board_answered "a test of boarding" "$change" --owner ada --risk "$risk" --rollback docs/rollback.md "$@"
}

git init -q -b main .
commit a "$(seq 5)" "feat: begin"
git tag v1.0.0
expect 0 train list
says "no train was made yet"
expect 0 train new 2026-12 --depart +21d --cadence monthly
expect 2 train new 2026-12 --depart +21d
says "there already"
expect 2 train new 'Bad Name' --depart +1d
expect 2 train new old --depart 2020-01-01T00:00:00Z
says "has passed"
commit docs/rollback.md "1. deploy the tag before" "docs: the way back"
commit one 1 "feat: one"
one=$(git rev-parse HEAD)
commit migrations/1.sql "$(seq 400)" "feat(db): two (#7)"
commit three "$(seq 400)" "feat(db): three (#8)"
commit four 4 "feat: four (#9)"

# Candidates, each with the command that brings it on.
expect 0 train triage
says "signalbox train board pr-9"
says "5 candidates"
expect 0 train triage v1.0.0..HEAD~1
expect 1 train board "$one"
for code in no-owner no-risk no-rollback; do says "train/$code"; done
expect 2 train board nosuch
says "unknown-commit"
expect 1 train board "$one" --owner ada --risk low --rollback missing.md
says "there is no file missing.md"
expect 1 train board v1.0.0 --owner ada --risk low --rollback docs/rollback.md
says "train/already-shipped"
expect 1 train board '#7' --owner ada --risk low --rollback docs/rollback.md
says "train/note-needed"
expect 0 train board "$one" --owner ada --risk low --rollback docs/rollback.md
says "candidate"
expect 2 train board "$one" --check tests
expect 1 train board "$one" --check tests=#99
says "train/bad-evidence"
printf '<testsuite name="s"><testcase name="a"/><testcase name="b"/></testsuite>' >"$folder/results.xml"
expect 0 "$SIGNALBOX" evidence add junit "$folder/results.xml" --subject git:HEAD
expect 0 board_all "$one" low
says "slotted"
says "2 tests, none failed" # the log's evidence outranks what was said

# Approval by somebody else, with the role.
id=$(printf %.12s "$one")
expect 2 train approve-passenger "$id"
says "a key with the role approver approves"
expect 0 "$SIGNALBOX" evidence key new grace --role approver --no-password
expect 0 train approve-passenger "$id" --key grace
says "is aboard"
expect 1 train board "$one" --owner eve
says "train/already-approved"

# Two of high risk at most; the third waits and gets the place that is freed. A high risk needs a dry run.
expect 0 board_all '#7' high
expect 0 board_all '#8' high
expect 1 board_all '#9' high
says "train/too-many-high-risk"
expect 0 board_all '#9' high --wait
says "waits for a place"
expect 0 train bump pr-8 --reason "not ready"
says "got its place"
expect 0 train approve-passenger pr-7 --key grace
says "approved"
index=$(train show --json | python3 -c 'import json,sys; print(json.load(sys.stdin)["data"]["passenger_list"][0]["checklist"]["tests"]["evidence"])')
expect 2 train dry-run pr-7 --evidence 0
expect 0 train dry-run pr-7 --evidence "$index"
expect 0 train approve-passenger pr-9 --key grace
expect 0 train dry-run '#9' --evidence "$index"

# The lock: who was bumped has to be out of what departs.
expect 1 train lock
says "train/bumped-still-in"
git revert --no-edit HEAD~1 >/dev/null
expect 0 train lock
says "2026-12 is locked"
expect 1 train lock
expect 1 board_all "$(git rev-parse HEAD~6)" low
says "train/locked"
expect 2 train bump pr-9 --reason late
says "locked"
expect 0 train manifest
says "| pr-7 |"
expect 0 train manifest --format json --public
case $out in *docs/rollback.md*) echo "the public manifest tells the rollback plan"; exit 1 ;; esac
train manifest --format json --public >"$folder/view.json"
signed=$(train manifest --format json | python3 -c 'import json,sys; print(json.load(sys.stdin)["digest"][7:])')
python3 - "$folder/view.json" "$signed" <<'END'
import hashlib, json, sys
view = json.load(open(sys.argv[1]))
octets = json.dumps(view, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
assert hashlib.sha256(octets).hexdigest() == sys.argv[2], "the public view has another digest than was signed"
commits = view["commits"]
assert commits["total"] == commits["classified"] + commits["unclassified"] + commits["excluded"], commits
END

# The simulator: what goes with each, and who can leave where one cannot.
expect 0 train simulate
says "Without each of them"
expect 0 train simulate --fail "$id"
says "can leave without"
expect 2 train simulate --fail pr-99

# A move raises the sequence number; a cancelled train takes nobody.
expect 2 train move 2026-12 +30d
expect 0 train move 2026-12 +30d --reason holidays
says "1 time,"
expect 0 train new later --depart +90d
expect 0 train cancel later --reason "nothing to carry"
says "cancelled"
expect 2 train move later +99d --reason x

# A hotfix departs from the tag with checks of its own.
expect 0 train hotfix fix-1 --from v1.0.0
says "git switch -c hotfix/fix-1 v1.0.0"
expect 2 train hotfix fix-2 --from nosuch

# Two at once: one is told who came first.
expect 0 train new race --depart +40d
(code=0; train move race +41d --reason a >"$folder/a" 2>&1 || code=$?; echo "$code" >"$folder/a.code") &
(code=0; train move race +42d --reason b >"$folder/b" 2>&1 || code=$?; echo "$code" >"$folder/b.code") &
wait
moves=$(train show race --json | python3 -c 'import json,sys; print(json.load(sys.stdin)["data"]["sequence"])')
won=$(cat "$folder/a.code" "$folder/b.code" | grep -c '^0$')
[ "$moves" = "$won" ] || { echo "$won writers were told yes, and the train moved $moves times"; cat "$folder/a" "$folder/b"; exit 1; }

# Flags and passengers' files.
cat >signalbox.yaml <<'END'
train:
  flags:
    - {name: old-flag, owner: ada, kind: release, expires: 2020-01-01}
END
expect 0 train flags
never_says old-flag # not committed, it is not in what departs
git add signalbox.yaml
git commit -q -m "chore: a flag"
mkdir -p signalbox/train/passengers
printf 'pr: 7\nowner: ada\n' >signalbox/train/passengers/a.yaml
printf 'commit: nosuch\n' >signalbox/train/passengers/b.yaml
expect 0 train flags
says "train/flag-expired"
says "train/flag-unreferenced"
expect 1 train board
says "unknown-commit"
printf 'pr: 7\nowners: ada\n' >signalbox/train/passengers/a.yaml
expect 2 train board
says "passengers/a.yaml:2:"

# What was recorded is what the schemas say.
if python3 -c 'import jsonschema' 2>/dev/null; then
  python3 "$SIGNALBOX_SOURCE_DIR/tests/e2e/recorded.py" "$SIGNALBOX_SOURCE_DIR/docs/schemas" schedule passenger manifest
fi
expect 0 "$SIGNALBOX" evidence log audit
echo "a train from its making to its lock"
