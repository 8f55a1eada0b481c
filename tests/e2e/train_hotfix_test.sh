#!/bin/sh
# A hotfix and its way back: a short train departs from a tag, and the next regular train is not locked before what it carried is in the main
# line, by content; until the hotfix has left nothing is asked of it.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/scratch.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/aboard.sh"

mkdir "$folder/shop" && cd "$folder/shop" && git init -q -b main .
cat >signalbox.yaml <<'END'
train:
  changelog: false
  pass_at: 0
  gates: []
  tag: true
  boarding: {lock_before: 0}
  driver: noop
  canary: {initial: 5, hold: 1s, steps: [50], baseline: 1s, announce: 1s}
END
open_shop
commit shelf "more" "feat: sell more"

# --- the short train: from the tag, with what its branch has on top of it
expect 0 train hotfix fix-1 --from v1.0.0 --depart +8s
says "git switch -c hotfix/fix-1 v1.0.0"
eval "$(echo "$out" | sed -n 's/.*\(git switch -c hotfix.*\)$/\1/p')" 2>/dev/null
commit refunds "each is paid once" "fix: pay refunds once"
fix=$(git rev-parse HEAD)
short=$(git rev-parse --short=12 HEAD)
seat_head fix-1
expect 0 train lock fix-1
says "v1.0.1"

# --- while it has not left, a regular train is not asked for it
git switch -q main
expect 0 train new early --depart +1d
seat_head early
expect 0 train lock early
says "early is locked"
expect 0 train cancel early --reason "a test of what is not asked yet"

# --- it departs as v1.0.1, beside a main line that lacks it
git switch -q hotfix/fix-1
sleep 8 # its countdown begins a second before the time that it was made for
expect 0 train depart fix-1
says "v1.0.1 has departed"
[ "$(git rev-parse 'v1.0.1^{commit}')" = "$fix" ] || { echo "v1.0.1 is not on the fix"; exit 1; }

# --- what it carried would be lost with the next regular train: named, with the commit and the command
git switch -q main
expect 0 train new next --depart +8s
seat_head next
expect 1 train lock next
says "train/hotfix-not-carried"
says "$short of the hotfix fix-1 is not in what departs"
says "git cherry-pick $short"
expect 1 train check next --dry-run
says "its scope is not locked"

# --- the same words over other content carry nothing
commit refunds "some are paid once" "fix: pay refunds once"
expect 1 train lock next
says "$short of the hotfix fix-1 is not in what departs"
git reset -q --hard HEAD~1

# --- carried by the command that was named: another commit, the same change
eval "$(echo "$out" | grep -o "git cherry-pick $short" | head -1)" >/dev/null
[ "$(git rev-parse HEAD)" != "$fix" ] || { echo "the main line has the hotfix's own commit"; exit 1; }
expect 0 train lock next
says "next is locked"
never_says "hotfix-not-carried"
sleep 8
expect 0 train depart next
says "v1.1.0 has departed"
git merge-base --is-ancestor "$fix" v1.1.0 && { echo "v1.1.0 holds the hotfix's own commit"; exit 1; }
[ "$(git show v1.1.0:refunds)" = "each is paid once" ] || { echo "v1.1.0 lacks the fix"; exit 1; }
echo "a hotfix left from its tag, was missed in the main line, and was carried back"
