#!/bin/sh
# Rules and the dashboard that `signalbox queries export` writes: promtool takes the rules and fires each alert on series made for it, the seed's
# when ten minutes after the rate is known; a real Prometheus that scrapes `queries watch --listen` records, evaluates every rule and every
# expression of the dashboard, fires an alert of a real statement, and has no text of a statement anywhere.
set -eu
command -v promtool >/dev/null && command -v prometheus >/dev/null || { echo "no Prometheus: left out"; exit 77; }
work=$(mktemp -d)
watcher= prometheus= load=
cleanup() {
  for each in $load $watcher $prometheus; do kill "$each" 2>/dev/null || :; done
  for each in $load $watcher $prometheus; do wait "$each" 2>/dev/null || :; done
  stop_postgres
  rm -rf "$work"
}
fail() { echo "FAIL: $*" >&2; exit 1; }
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/wait.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/postgres.sh"
trap cleanup EXIT
export HOME="$work" XDG_DATA_HOME="$work/data"
mkdir "$work/place"
cd "$work/place"
queries() { "$SIGNALBOX" queries "$@"; }

queries export rules -o "$work/rules.yaml" || fail "no rules"
promtool check rules "$work/rules.yaml" >"$work/said" 2>&1 || fail "promtool does not take the rules: $(cat "$work/said")"
grep -q "22 rules found" "$work/said" || fail "another number of rules: $(cat "$work/said")"

# The rule as people have it from elsewhere, to the letter.
python3 - "$work/rules.yaml" <<'END' || fail "PostgresHighAvgQueryLatency is another"
import sys
text = open(sys.argv[1]).read()
for words in ("alert: PostgresHighAvgQueryLatency", "(sum by (queryid) (rate(pg_stat_statements_total_time_seconds[5m]))",
              "/ sum by (queryid) (rate(pg_stat_statements_calls[5m]))", ") > 0.5", "for: 10m", "severity: page",
              "Postgres average query latency > 500ms for a fingerprint", "A query fingerprint has average latency above 500ms for 10m."):
    assert words in text, words
END

# Each alert on series made for it, and on none of the quiet ones. A series that begins hot has a rate from its second sample on: its alert
# fires after eleven minutes, not ten. Recordings come first in each evaluation: left alone, promtool takes the groups in any order.
cat >"$work/tests.py" <<'END'
import json, re, sys
hot = {
    "PostgresHighAvgQueryLatency": (["calls 0+1x200", "time 0+0.7x200"], "11m", "10m", {"queryid": "7"}),
    "PostgresStatementSurge": (["calls 0+1x200", "time 0+6x30 180+60x170"], "36m", "31m", {"server": "s", "queryid": "7"}),
    "PostgresLoadSurge": (['signalbox_aas{server="s",wait="CPU"} 1x70 6x130'], "82m", "80m", {"server": "s"}),
    "PostgresSessionsWaitForLocks": (['signalbox_aas{server="s",wait="Lock"} 3x200'], "5m", "4m", {"server": "s"}),
    "PostgresSessionsWaitForBlocks": (['signalbox_aas{server="s",wait="IO"} 3x200', 'signalbox_aas{server="s",wait="CPU"} 1x200'], "10m", "9m", {"server": "s"}),
    "PostgresCacheMissStorm": (['pg_stat_database_blks_hit{server="s",datname="d"} 0+1000x30 30000+1000x170', 'pg_stat_database_blks_read{server="s",datname="d"} 0+10x30 300+1000x170'], "36m", "31m", {"server": "s"}),
    "PostgresConnectionsHigh": (['pg_stat_activity_count{server="s",state="idle"} 85x200'], "5m", "4m", {"server": "s"}),
    "PostgresConnectionsNearlyGone": (['pg_stat_activity_count{server="s",state="idle"} 96x200'], "1m", "0m", {"server": "s"}),
    "PostgresLongTransaction": (['pg_stat_activity_max_tx_duration{server="s"} 0+60x200'], "16m", "15m", {"server": "s"}),
    "PostgresRollbacks": (['pg_stat_database_xact_commit{server="s",datname="d"} 0+600x200', 'pg_stat_database_xact_rollback{server="s",datname="d"} 0+120x200'], "11m", "10m", {"server": "s"}),
    "PostgresDeadlocks": (['pg_stat_database_deadlocks{server="s",datname="d"} 0x30 1x170'], "31m", "30m", {"server": "s"}),
    "PostgresTemporaryFiles": (['pg_stat_database_temp_bytes{server="s",datname="d"} 0+6000000000x200'], "13m", "12m", {"server": "s"}),
    "PostgresNotWatched": ([], "5m", "4m", {}),
}
quiet = ["calls 0+60x200", "time 0+0.06x200", 'signalbox_aas{server="s",wait="CPU"} 1x200', 'signalbox_aas{server="s",wait="Lock"} 0x200', 'signalbox_aas{server="s",wait="IO"} 0x200',
         'pg_stat_activity_count{server="s",state="idle"} 10x200', 'pg_settings_max_connections{server="s"} 100x200', 'pg_stat_activity_max_tx_duration{server="s"} 1x200',
         'pg_stat_database_xact_commit{server="s",datname="d"} 0+600x200', 'pg_stat_database_xact_rollback{server="s",datname="d"} 0+1x200', 'pg_stat_database_deadlocks{server="s",datname="d"} 0x200',
         'pg_stat_database_temp_bytes{server="s",datname="d"} 0x200', 'pg_stat_database_blks_hit{server="s",datname="d"} 0+1000x200', 'pg_stat_database_blks_read{server="s",datname="d"} 0+10x200']
labels = '{server="s",datname="d",user="u",queryid="7"}'
def series(text):
    name, values = text.rsplit("} ", 1) if "} " in text else text.split(" ", 1)
    name = {"calls": "pg_stat_statements_calls" + labels, "time": "pg_stat_statements_total_time_seconds" + labels}.get(name, name + "}")
    return {"series": name, "values": values}
tests = []
for alert, (made, when, before, found) in hot.items():
    names = {series(each)["series"] for each in made}
    rest = [each for each in quiet if series(each)["series"] not in names]
    if alert == "PostgresNotWatched":
        rest = []
    cases = [{"eval_time": when, "alertname": alert, "exp_alerts": "FIRES"}, {"eval_time": before, "alertname": alert, "exp_alerts": []}]
    tests.append({"interval": "1m", "input_series": [series(each) for each in made + rest], "alert_rule_test": cases, "found": found})
tests.append({"interval": "1m", "input_series": [series(each) for each in quiet], "alert_rule_test": [{"eval_time": f"{at}m", "alertname": alert, "exp_alerts": []} for alert in hot for at in (1, 30, 90, 150)]})
rules = open(sys.argv[1]).read()
# promtool compares annotations whole; these have values in them, so it is asked for the series that alerts leave.
out = []
for test in tests:
    found = test.pop("found", None)
    exprs = []
    for case in test.pop("alert_rule_test"):
        samples = []
        if case["exp_alerts"] == "FIRES":
            severity = re.search("severity: (.*)", rules.split(f"alert: {case['alertname']}\n")[1]).group(1)
            label = dict(found, alertname=case["alertname"], alertstate="firing", severity=severity)
            samples = [{"labels": "ALERTS{" + ",".join(f'{k}="{v}"' for k, v in label.items()) + "}", "value": 1}]
        exprs.append({"expr": f'ALERTS{{alertname="{case["alertname"]}",alertstate="firing"}}', "eval_time": case["eval_time"], "exp_samples": samples})
    out.append(dict(test, promql_expr_test=exprs))
json.dump({"rule_files": [sys.argv[1]], "evaluation_interval": "1m", "group_eval_order": ["postgres.recording", "postgres.rules"], "tests": out}, open(sys.argv[2], "w"))
END
python3 "$work/tests.py" "$work/rules.yaml" "$work/tests.yaml"
promtool test rules "$work/tests.yaml" >"$work/said" 2>&1 || fail "an alert fires when it should not, or does not when it should: $(cat "$work/said")"

# A real server, a real Prometheus.
start_postgres shared_preload_libraries=pg_stat_statements
psql -qc "create extension pg_stat_statements"
"$SIGNALBOX" queries watch --server shop --stats-every 2s --ash-hz 4 --listen 127.0.0.1:0 >/dev/null 2>"$work/lines" &
watcher=$!
wait_for 60 grep -q "metrics on port" "$work/lines"
metrics=$(grep -o 'metrics on port [0-9]*' "$work/lines" | grep -o '[0-9]*')
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# As it is, but that an alert need not hold for ten minutes: the test would take as long.
sed 's/for: 10m/for: 2s/' "$work/rules.yaml" >"$work/soon.yaml"
cat >"$work/prometheus.yml" <<END
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [$work/soon.yaml]
scrape_configs:
  - job_name: postgres
    static_configs: [{targets: ["127.0.0.1:$metrics"]}]
END
promtool check config "$work/prometheus.yml" >/dev/null || fail "the configuration"
prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/series" --web.listen-address="127.0.0.1:$port" >"$work/prometheus.log" 2>&1 &
prometheus=$!
(while :; do psql -qAtc "select pg_sleep(0.7) /* secret words */" >/dev/null 2>&1 || exit 0; done) &
load=$!
ask() { curl -fsS "http://127.0.0.1:$port/api/v1/$1"; }
number() { curl -fsS --get --data-urlencode "query=$1" "http://127.0.0.1:$port/api/v1/query" | jq -r '.data.result | length'; }
has() { [ "$(number "$1")" -gt 0 ]; }
wait_for 60 ask status/config
# What people are told to ask is answered.
wait_for 120 has 'sum(rate(pg_stat_database_xact_commit[1m])) > 0'
wait_for 120 has 'topk(10, sum by (queryid) (rate(pg_stat_statements_total_time_seconds[5m]))) > 0'
wait_for 120 has 'server_queryid:pg_stat_statements_mean_time_seconds:rate5m > 0.5'
wait_for 120 has 'server:pg_stat_activity_count:ratio > 0'
wait_for 120 has signalbox_aas
# The alert of the statement that sleeps.
wait_for 120 has 'ALERTS{alertname="PostgresHighAvgQueryLatency",alertstate="firing",severity="page"}'
id=$(curl -fsS --get --data-urlencode 'query=ALERTS{alertname="PostgresHighAvgQueryLatency",alertstate="firing"}' "http://127.0.0.1:$port/api/v1/query" | jq -r '.data.result[0].metric.queryid')
queries show -- "$id" | grep -q "pg_sleep" || fail "the alert is about $id, which is another statement"
# What the watch asks itself has no series.
for each in $(curl -fsS "http://127.0.0.1:$metrics/metrics" | grep '^pg_stat_statements_calls' | grep -o 'queryid="-\?[0-9]*"' | grep -o '[0-9-]*' | sort -u); do
  ! queries show --json -- "$each" | grep -q "pg_stat_\|pg_locks" || fail "what the watch asks has a series: $(queries show -- "$each" | head -5)"
done
# Every rule was evaluated, and none failed.
[ "$(ask rules | jq '[.data.groups[].rules[] | select(.health != "ok")] | length')" = 0 ] || fail "a rule fails: $(ask rules | jq -c '[.data.groups[].rules[] | select(.health != "ok")]')"
# Every expression of the dashboard is one.
queries export grafana --console https://box.example -o "$work/dashboard.json"
python3 - "$work/dashboard.json" "http://127.0.0.1:$port" <<'END' || fail "the dashboard"
import json, sys, urllib.parse, urllib.request
board = json.load(open(sys.argv[1]))
panels = board["panels"]
assert [panel["title"] for panel in panels if panel["type"] == "row"] == ["Top line", "Offenders", "Statement $queryid", "Contention", "System"]
assert len({panel["id"] for panel in panels}) == len(panels)
empty = []
for panel in panels:
    for target in panel.get("targets", []):
        expression = target["expr"].replace("$server", ".*").replace("$queryid", ".*")
        answer = json.load(urllib.request.urlopen(sys.argv[2] + "/api/v1/query?" + urllib.parse.urlencode({"query": expression})))
        assert answer["status"] == "success"
        if not answer["data"]["result"]:
            empty.append(expression)
assert all("node_" in each or "block_read" in each for each in empty), empty
# No two panels overlap.
cells = [(x, y) for panel in panels for p in [panel["gridPos"]] for x in range(p["x"], p["x"] + p["w"]) for y in range(p["y"], p["y"] + p["h"])]
assert len(cells) == len(set(cells)) and all(x < 24 for x, _ in cells)
END
# No text of a statement, and no label but those that are told.
ask labels | jq -e '.data - ["__name__","server","datname","user","queryid","state","mode","wait","instance","job","alertname","alertstate","severity"] == []' >/dev/null || fail "labels: $(ask labels)"
for label in server datname user queryid state mode wait; do ask "label/$label/values"; done >"$work/values"
! grep -qi "pg_sleep\|secret\|select" "$work/values" || fail "a text is in a label"
echo "rules are taken, alerts fire, and no text leaves"
