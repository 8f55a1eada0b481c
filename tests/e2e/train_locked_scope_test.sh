#!/bin/sh
# A locked scope changes by an exception that is for it, asked for by one and approved by another, and by no other number.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export XDG_DATA_HOME="$folder/data" GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@a GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@a
mkdir "$folder/x" && cd "$folder/x"

. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"
train() { "$SIGNALBOX" train "$@"; }
commit() { # FILE TEXT MESSAGE
  mkdir -p "$(dirname "$1")"
  printf '%s\n' "$2" >"$1"
  git add -A
  git commit -q -m "$3"
}
field() { python3 -c "import json,sys; print(json.load(sys.stdin)['data']['$1'])"; }
board() { # CHANGE, then more options
  change=$1
  shift
  for item in tests merged-ci integration-tests security-scan migration-plan migration-reversible data-rollback feature-toggle observability business-impact; do
    set -- "$@" --check "$item=n/a: a test of the lock"
  done
  train board "$change" --owner ada --risk low --rollback docs/rollback.md "$@"
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
