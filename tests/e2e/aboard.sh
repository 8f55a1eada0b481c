# shellcheck shell=sh disable=SC2154,SC2015
# A train that may depart in seconds, for tests that include this: `put_aboard TRAIN SECONDS` makes it, puts HEAD aboard, locks it. The policy
# wants `boarding: {lock_before: 0}`, the tree a docs/rollback.md; the key grace approves.
put_aboard() {
  "$SIGNALBOX" evidence key list 2>/dev/null | grep -q grace || "$SIGNALBOX" evidence key new grace --role approver --no-password >/dev/null
  "$SIGNALBOX" train new "$1" --depart "+$2s" >/dev/null || return 1
  aboard_train=$1
  aboard_id=$(git rev-parse HEAD)
  set --
  for item in tests merged-ci integration-tests security-scan migration-plan migration-reversible data-rollback feature-toggle observability business-impact; do
    set -- "$@" --check "$item=n/a: a test of departures"
  done
  "$SIGNALBOX" train board "$aboard_id" --train "$aboard_train" --owner ada --risk low --rollback docs/rollback.md "$@" >"$folder/aboard" 2>&1 &&
    "$SIGNALBOX" train approve-passenger "$aboard_id" --train "$aboard_train" --key grace >"$folder/aboard" 2>&1 &&
    "$SIGNALBOX" train lock "$aboard_train" >"$folder/aboard" 2>&1 || { cat "$folder/aboard"; return 1; }
}
