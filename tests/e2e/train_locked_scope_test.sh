#!/bin/sh
# A locked scope changes by an exception that is for it, asked for by one and approved by another, and by no other number.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/scratch.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/aboard.sh"
mkdir "$folder/x" && cd "$folder/x"

field() { python3 -c "import json,sys; print(json.load(sys.stdin)['data']['$1'])"; }
board() { # CHANGE, then more options
  board_answered "a test of the lock" "$@" --owner ada --risk low --rollback docs/rollback.md
}

git init -q -b main .
commit docs/rollback.md "1. deploy the tag before" "docs: the way back"
git tag v1.0.0
commit one 1 "feat: one (#1)"
commit two 2 "feat: two (#2)"
for key in grace:approver hal:builder; do
  expect 0 "$SIGNALBOX" evidence key new "${key%:*}" --role "${key#*:}" --no-password
done
expect 0 train new 2026-12 --depart +21d
expect 0 board '#1'
expect 0 train approve-passenger pr-1 --key grace
expect 0 train lock
says "2026-12 is locked"

# Numbers that are no exception, of a gate alone, of nobody's approval.
expect 1 board '#2' --exception 9999
says "log #9999 asks for no exception"
expect 1 train lock --exception 0
says "log #0 asks for no exception"
gate=$(train exception request 2026-12 --gate tests --reason "a test" --key hal --json | field request)
expect 0 train exception approve "$gate" --key grace
expect 1 board '#2' --exception "$gate"
says "not for the scope lock"
number=$(train exception request 2026-12 --scope-lock --reason "two cannot wait" --key hal --json | field request)
expect 1 board '#2' --exception "$number"
says "exception/not-approved"
expect 3 train exception approve "$number" --key hal
expect 0 train exception approve "$number" --key grace

# The number is the one that was printed. Each command that changes the scope names it.
expect 1 board '#2'
says "train/locked"
expect 0 board '#2' --exception "$number"
says "slotted"
expect 2 train approve-passenger pr-2 --key grace
says "locked"
expect 0 train approve-passenger pr-2 --key grace --exception "$number"
says "is aboard"
expect 1 train lock
expect 0 train lock --exception "$number"
expect 0 train manifest
says "| pr-2 |"

# The new manifest is another scope: that exception opened the one before.
expect 2 train bump pr-2 --reason late --exception "$number"
says "exception $number is of train 2026-12, manifest"

# What time has locked stays locked where the departure is moved away.
expect 0 train new soon --depart +24h
says "train/locked-already"
expect 0 train move soon +40d --reason "to open it"
expect 1 board '#2' --train soon
says "a later departure does not open it"
expect 0 "$SIGNALBOX" evidence log audit
echo "a locked scope changes by its exception alone"
