#!/bin/sh
# After a train was taken back: its review is drafted from the log, published, its actions tracked; what is overdue is seen where the next
# departure is judged. What was recorded is what the schemas say.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/scratch.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/aboard.sh"
train() { "$SIGNALBOX" train "$@"; }

mkdir "$folder/shop" && cd "$folder/shop" && git init -q -b main .
cat >signalbox.yaml <<'END'
train:
  changelog: false
  pass_at: 0
  gates: []
  tag: true
  boarding: {lock_before: 0}
  driver: noop
  canary: {initial: 5, hold: 1s, steps: [50], baseline: 2s, announce: 1s}
  reviews: {due_after: 1s, overdue: block}
END
mkdir docs && echo "1. deploy the tag before" >docs/rollback.md
git add . && git commit -qm "feat: open the shop" && git tag v1.0.0
git commit -q --allow-empty -m "feat: sell more"

# --- there is nothing to review before a train has left
expect 0 train review list
says "no train has left yet"
put_aboard one 4
sleep 3
expect 2 train review new one
says "neither left nor been taken back"
expect 2 train review new nobody
says "there is no train nobody"

# --- it departs, and is taken back by hand
expect 0 train depart one
expect 0 train rollback one --reason "customers cannot pay"
expect 0 train review new one -o review.yaml
grep -q 'v1.1.0 was taken back to v1.0.0' review.yaml || { cat review.yaml; exit 1; }
grep -q '# .*all traffic  (' review.yaml || { cat review.yaml; exit 1; }
expect 2 train review publish one --file review.yaml
says "does not say why nothing is to be done"

# --- an overdue review holds the next train back, until it is published
git commit -q --allow-empty -m "fix: take money again"
sleep 1
expect 1 train check --dry-run
says "the review of train one is"
says "overdue"
cat >"$folder/actions" <<'END'
actions:
  - {class: detect, title: alarm on failed payments, owner: ada, due: "+2s"}
  - {class: prevent, title: test a payment before all traffic, owner: bob, due: 2199-01-01}
END
sed -i "/^actions:/ { r $folder/actions
d }" review.yaml
expect 2 train review publish one --file review.yaml --key nobody
expect 0 train review publish one --file review.yaml --key grace
says "2 actions open"
expect 2 train review publish one --file review.yaml
says "grace published it"
expect 0 train check --dry-run

# --- an action that is late holds it back too, and is seen by whoever looks at the score
expect 2 train action add one "page somebody" --due +1d
says "--owner is missing"
expect 2 train action add one "page somebody" --owner ada --due 2001-01-01
says "that has passed"
expect 0 train action add one "page somebody" --owner ada --class mitigate --due +1d
sleep 2
expect 1 train check --dry-run
says "alarm on failed payments (ada)"
expect 0 train score
says "reviews: no score buys them back"
expect 0 train action list --overdue --json
[ "$(echo "$out" | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["data"]["actions"]))')" = 1 ] || { echo "$out"; exit 1; }
expect 2 train action "done" one a9 --note "there"
says "has no action a9"
expect 2 train action "done" one a1 --note "there" --evidence 99999
says "no such entry"
expect 0 train action "done" one a1 --note "the alarm is there" --evidence 0
expect 2 train action "done" one a1 --note "again"
says "is done since"
expect 0 train action change one a2 --due +30d --reason "waits for the bank"
says "first 2199-01-01T23:59:59Z"
expect 0 train check --dry-run
expect 0 train review show one
says "customers cannot pay"

# --- trouble that users had is told beside it, and counts in the delivery measures
expect 2 train incident restored one i1
says "there is no incident i1"
expect 0 train incident open one "carts are empty"
says "1 incident, 1 not over"
expect 0 train incident restored one i1 --note "cache emptied"
says "1 incident, 0 not over"
expect 2 train incident restored one i1
says "is over since"
expect 0 train review show one --json
says "incident i1: carts are empty"
expect 0 train dora --since 1d
says "1 release, 1 failed; 0 incidents are not over yet"

# --- what was recorded is what the schemas say
/usr/bin/python3 "$SIGNALBOX_SOURCE_DIR/tests/e2e/recorded.py" "$SIGNALBOX_SOURCE_DIR/docs/schemas" review action incident
echo "a train that was taken back, its review and what came of it"
