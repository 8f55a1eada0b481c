# shellcheck shell=sh disable=SC2154,SC2015
# Boarding, for tests that include this.

# Boards CHANGE with the options that follow it; what a person is asked and nothing proves is n/a, for that reason.
board_answered() { # REASON CHANGE, then options
  answered_reason=$1
  shift
  for item in tests merged-ci integration-tests security-scan migration-plan migration-reversible data-rollback feature-toggle observability business-impact; do
    set -- "$@" --check "$item=n/a: $answered_reason"
  done
  "$SIGNALBOX" train board "$@"
}
# Makes the work tree the release v1.0.0, with a plan to go back to it.
open_shop() {
  mkdir docs && echo "1. deploy the tag before" >docs/rollback.md
  git add . && git commit -qm "feat: open the shop" && git tag v1.0.0
}
# A train that may depart in seconds: makes it, puts HEAD aboard, locks it. The policy wants `boarding: {lock_before: 0}`, the tree a
# docs/rollback.md; the key grace approves.
put_aboard() { # TRAIN SECONDS
  "$SIGNALBOX" train new "$1" --depart "+$2s" >/dev/null && seat_head "$1" &&
    { "$SIGNALBOX" train lock "$1" >"$folder/aboard" 2>&1 || { cat "$folder/aboard"; return 1; }; }
}
# HEAD described and approved, in a train that is there and not locked.
seat_head() { # TRAIN
  "$SIGNALBOX" evidence key list 2>/dev/null | grep -q grace || "$SIGNALBOX" evidence key new grace --role approver --no-password >/dev/null
  aboard_train=$1
  aboard_id=$(git rev-parse HEAD)
  board_answered "a test of departures" "$aboard_id" --train "$aboard_train" --owner ada --risk low --rollback docs/rollback.md >"$folder/aboard" 2>&1 &&
    "$SIGNALBOX" train approve-passenger "$aboard_id" --train "$aboard_train" --key grace >"$folder/aboard" 2>&1 || { cat "$folder/aboard"; return 1; }
}
