#!/bin/sh
# Under a trust that does not name this machine's key no command of boarding writes what would not count; with keys that it names a train goes from its
# making to its lock.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/scratch.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/aboard.sh"
mkdir "$folder/x" && cd "$folder/x"

board() { # CHANGE, then more options
  board_answered "a test of signing" "$@" --owner ada --risk low --rollback plan.md
}
newest() { train show 2026-12 --json | python3 -c 'import json,sys; print(json.load(sys.stdin)["data"]["last_index"])'; }

git init -q -b main .
for key in ada:builder grace:approver; do
  expect 0 "$SIGNALBOX" evidence key new "${key%:*}" --role "${key#*:}" --no-password
done
mkdir signalbox
cat >signalbox/trust.yaml <<END
version: signalbox/trust/v1
keys:
  - {vkey: "$("$SIGNALBOX" evidence key export ada --format vkey)", roles: [builder]}
  - {vkey: "$("$SIGNALBOX" evidence key export grace --format vkey)", roles: [approver]}
END
echo "1. deploy the tag before" >plan.md
git add -A && git commit -q -m "docs: the way back" && git tag v1.0.0
for n in 1 2; do
  echo $n >$n && git add $n && git commit -q -m "feat: change $n (#$n)"
done

# The machine's key is not trusted: every command says so, and writes nothing.
expect 3 train new 2026-12 --depart +21d
says "the policy does not trust the key"
says "--key NAME"
expect 0 train new 2026-12 --depart +21d --key ada
before=$(newest)
expect 3 board '#1'
expect 3 train move 2026-12 +30d --reason holidays
expect 3 train cancel 2026-12 --reason none
expect 3 train hotfix fix-1 --from v1.0.0
expect 0 board '#1' --dry-run
expect 0 train list
never_says fix-1
[ "$(newest)" = "$before" ] || { echo "something was written that does not count"; exit 1; }

expect 0 board '#1' --key ada
says "slotted"
before=$(newest)
expect 3 train approve-passenger pr-1
expect 3 train bump pr-1 --reason late
expect 2 train approve-passenger pr-1 --key ada
says "a key with the role approver approves, and ada has it not"
[ "$(newest)" = "$before" ] || { echo "something was written that does not count"; exit 1; }
expect 0 train approve-passenger pr-1 --key grace
says "signed by grace"
expect 0 board '#2' --key grace
expect 2 train approve-passenger pr-2 --key grace
says "grace described it and cannot approve it"
expect 0 train bump pr-2 --reason "not ready" --key ada
git revert --no-edit HEAD >/dev/null
expect 3 train lock
expect 0 train lock --key ada
says "2026-12 is locked"
expect 0 "$SIGNALBOX" evidence log audit
echo "what would not count is not written"
