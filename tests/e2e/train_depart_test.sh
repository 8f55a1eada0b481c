#!/bin/sh
# Departures of real traffic: nginx splits requests between two back ends by the weight file, Prometheus measures them. One train goes to
# 100 %, the next is taken back because its canary breaks its threshold; no request is lost.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/scratch.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/aboard.sh"

# --- the world: back ends, nginx, Prometheus, traffic
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/shop/world.sh"
start_backend "$blue" v1.0.0 0.02 && blue_pid=$started
start_backend "$green" v1.1.0 0.02
start_prometheus

# --- the service: its configuration is that of v1.0.0
mkdir "$folder/shop" && cd "$folder/shop" && git init -q -b main .
cat >signalbox.yaml <<END
train:
  changelog: false
  pass_at: 0
  gates: []
  tag: true
  boarding: {lock_before: 0}
$(driver_and_metrics)
END
open_shop
git commit -q --allow-empty -m "feat: sell more"

# --- nothing runs before it is allowed
expect 3 train traffic
says "not allowed on this machine"
# shellcheck disable=SC2046
eval "$(echo "$out" | sed -n "s|^hint: signalbox |\"\$SIGNALBOX\" |p")" >/dev/null
expect 0 train traffic --init
start_nginx
expect 0 train traffic
says "0 % on the candidate"
start_traffic
sleep 4

# --- no train leaves that was never made, or is not locked
expect 2 train depart shop-0
says "there is no train shop-0"
expect 0 train new shop-0 --depart +1d
expect 1 train depart shop-0
says "its scope is not locked"
expect 1 train check shop-0 --dry-run
says "its scope is not locked"
expect 0 train cancel shop-0 --reason "a test of refusals"
expect 1 train depart shop-0
says "it is cancelled"

# --- a good train: 5 %, 50 %, all
put_aboard shop-1 6
expect 0 train check shop-1 --dry-run
says "GO: v1.1.0 may depart"
sleep 6
expect 0 train depart shop-1 --dry-run
says "GO: it may depart"
expect 0 train depart shop-1
says "v1.1.0 has departed"
[ "$(git rev-parse 'v1.1.0^{commit}')" = "$(git rev-parse HEAD)" ] || { echo "v1.1.0 is not on HEAD"; exit 1; }
expect 2 train depart shop-1
says "has departed as v1.1.0"
expect 0 "$SIGNALBOX" evidence query --type train/departure/v1
says "train/departure/v1"
train status shop-1 --json >"$folder/status.json"
python3 -c 'import json, sys; d = json.load(open(sys.argv[1]))["data"]; assert [h["passed"] for h in d["held"]] == [True, True], d; assert d["held"][0]["metrics"][0]["name"] == "errors", d' "$folder/status.json"

# --- a bad one: the new version on the other pool answers every second request with 500
git commit -q --allow-empty -m "feat: sell broken things"
kill "$blue_pid" && wait "$blue_pid" 2>/dev/null || :
start_backend "$blue" v1.2.0 0.5
put_aboard shop-2 6
sleep 6
expect 1 train depart shop-2
says "it was taken back"
says "is above 0.25"
train status shop-2 --json >"$folder/status.json" || [ $? = 1 ]
python3 -c 'import json, sys; d = json.load(open(sys.argv[1]))["data"]; assert d["phase"] == "rolled-back" and d["weight"] == 0 and d["breach"]["reason"] == "metric", d' "$folder/status.json"
back=$(date +%s.%N)
sleep 1
end_traffic
expect 0 train traffic
says "0 % on the candidate"

# --- what clients saw: nothing lost, all of it on the good version from the moment the command came back
python3 "$shop/traffic.py" --seen "$folder/traffic.log" "$back" v1.0.0 v1.2.0 v1.1.0
