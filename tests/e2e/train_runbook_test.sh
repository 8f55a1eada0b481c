#!/bin/sh
# The page for the day of a release, before and after it left, its steps ticked; how the release is afterwards, by a real Prometheus, recorded.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/scratch.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/aboard.sh"
for program in prometheus curl; do
  command -v $program >/dev/null 2>&1 || { echo "left out: $program is not installed"; exit 77; }
done
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$folder/prometheus.yml" <<YAML
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: itself
    static_configs: [{targets: ["127.0.0.1:$port"], labels: {version: v1.1.0}}]
YAML
prometheus --config.file="$folder/prometheus.yml" --storage.tsdb.path="$folder/tsdb" --web.listen-address="127.0.0.1:$port" --log.level=error >"$folder/prometheus.log" 2>&1 &
pids="$pids $!"
for _ in $(seq 150); do curl -fsS "http://127.0.0.1:$port/-/ready" >/dev/null 2>&1 && break; sleep 0.1; done

mkdir "$folder/shop" && cd "$folder/shop" && git init -q -b main .
cat >signalbox.yaml <<END
train:
  changelog: false
  pass_at: 0
  gates: []
  tag: true
  boarding: {lock_before: 0}
  driver: noop
  canary: {initial: 5, hold: 1s, steps: [50], baseline: 2s, announce: 1s}
  metrics: {prometheus: "http://127.0.0.1:$port", baseline: 'version="\$baseline"', canary: 'version="\$candidate"'}
  health:
    after: 1s
    measures:
      - {name: up, query: 'sum(up{version="\$candidate"})', at_least: 1}
      - {name: orders, query: 'sum(orders{version="\$candidate"})', at_least: 1}
END
open_shop
git commit -q --allow-empty -m "feat: sell more"
expect 2 train runbook one
says "there is no train one"
put_aboard one 4

# --- before it leaves: what is still to be done stands open
expect 0 train runbook one
says "[x]  lock"
says "[ ]  depart"
says "Open #release-1.1.0"
says "signalbox train rollback one --reason TEXT"
expect 2 train tick one depart
says "the log itself ticks the step depart"
expect 2 train tick one coffee
says "has no step coffee"
expect 0 train tick one readout --note "all are here" --key grace
says "by grace: all are here"
expect 2 train tick one readout
says "is done since"
expect 2 train tick one readout --undo
says "why it is not done after all is not said"
expect 0 train tick one readout --undo --note "bob was missing" --key grace
expect 2 train health one
says "neither left nor been taken back"

# --- it leaves: the log ticks what happened
sleep 3
expect 0 train depart one
expect 0 train runbook one --format html -o "$folder/runbook.html"
grep -q 'all-traffic' "$folder/runbook.html"
expect 0 train runbook one --json
echo "$out" | python3 -c '
import json, sys
steps = {step["id"]: step for step in json.load(sys.stdin)["data"]["steps"]}
for name in ("lock", "check", "depart", "weight-5", "weight-50", "all-traffic"):
    assert steps[name]["state"] == "done", steps[name]
for name in ("readout", "journeys", "ticket", "hotfix-sync", "health"):
    assert steps[name]["state"] == "open", steps[name]
assert steps["journeys"]["ticked_by"] == "people" and steps["depart"]["ticked_by"] == "log", steps'

# --- how it is: nobody is asked before the configuration is allowed, and what was not measured is no success
sleep 2
expect 3 train health one
says "signalbox allow"
allow=$(echo "$out" | sed -n 's/.*signalbox \(allow[a-z0-9. -]*\).*/\1/p')
# shellcheck disable=SC2086
expect 0 "$SIGNALBOX" $allow
expect 1 train health one --record
says "up"
says "nothing was measured"
expect 0 train runbook one
says "fail, log #"

# --- what was recorded is what the schemas say
/usr/bin/python3 "$SIGNALBOX_SOURCE_DIR/tests/e2e/recorded.py" "$SIGNALBOX_SOURCE_DIR/docs/schemas" tick health
echo "the page of a release's day, ticked; its health, measured and recorded"
