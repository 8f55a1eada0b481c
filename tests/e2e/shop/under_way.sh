#!/bin/sh
# A shop with a train in each phase, for tests of the console: `under_way.sh FOLDER` makes it in FOLDER/shop, prints "ready" once the train
# 2026-11 has its first 5 % of real traffic, and ends all that it started when its standard input is closed.
set -eu
folder=$1
pids=
cleanup() {
  for pid in $pids; do kill "$pid" 2>/dev/null || :; done
  for pid in $pids; do wait "$pid" 2>/dev/null || :; done
}
trap cleanup EXIT
train() { "$SIGNALBOX" train "$@"; }
quietly() { "$@" >"$folder/said" 2>&1 || { cat "$folder/said" >&2; echo "$* failed" >&2; exit 1; }; }

. "$SIGNALBOX_SOURCE_DIR/tests/e2e/aboard.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/shop/world.sh"
start_backend "$blue" v1.0.0 0.02 && blue_pid=$started
start_backend "$green" v1.1.0 0.02
start_prometheus

more_metrics='
      - name: answers
        requests: http_requests_total{$side}
        bad: http_requests_total{$side, code=~"5.."}
        judge: sequential
        min_requests: 10'
configure() {
  cat >signalbox.yaml <<YAML
train:
  changelog: false
  pass_at: 0
  tag: true
  gates:
    - {name: tests, type: evidence/tests/v1, require: 'gt(.predicate.tests;0) and eq(.predicate.failures;0) and eq(.predicate.errors;0)'}
  boarding: {lock_before: 0}
$(driver_and_metrics)
YAML
}
allow() {
  train traffic >"$folder/said" 2>&1 || eval "$(sed -n "s|^hint: signalbox |\"\$SIGNALBOX\" |p" "$folder/said")" >/dev/null
}
add_tests() {
  printf '<testsuite name="units"><testcase name="a"/><testcase name="b"/></testsuite>' >"$folder/results.xml"
  quietly "$SIGNALBOX" evidence add junit "$folder/results.xml" --subject git:HEAD
}
# HEAD with its tests, on a train that leaves in a moment.
board_and_wait() {
  add_tests
  put_aboard "$1" 8
  sleep 8
}

mkdir "$folder/shop" && cd "$folder/shop" && git init -q -b main .
hold=8s
configure
open_shop
hold=10m
configure
git commit -qam "feat: sell more"
allow
quietly train traffic --init
start_nginx
start_traffic

board_and_wait 2026-09
quietly train depart 2026-09
git commit -q --allow-empty -m "feat(cart): remember the basket"
allow # its policy is that of v1.1.0
kill "$blue_pid" && wait "$blue_pid" 2>/dev/null || :
start_backend "$blue" v1.2.0 0.02
board_and_wait 2026-11
train depart 2026-11 >"$folder/departure" 2>&1 &
pids="$! $pids"

git commit -q --allow-empty -m "feat(search): find by colour (#41)"
git commit -q --allow-empty -m "fix(mail): one mail for one order (#42)"
quietly train new 2026-12 --depart +21d --cadence monthly
quietly train board '#41' --train 2026-12 --owner alan --risk high --rollback docs/rollback.md --risk-note "the index is built anew"
quietly train board '#42' --train 2026-12 --owner ada --risk low --rollback docs/rollback.md
quietly train new 2027-01 --depart +50d --cadence monthly
quietly train new 2026-11b --depart +3d
quietly train cancel 2026-11b --reason "merged into 2026-11"

for _ in $(seq 300); do
  grep -q " 5 %" "$folder/departure" && break
  sleep 0.1
done
grep -q " 5 %" "$folder/departure" || { cat "$folder/departure" >&2; exit 1; }
echo ready
cat >/dev/null
