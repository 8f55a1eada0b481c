#!/bin/sh
# One load of a real PostgreSQL, logged in three formats at once: `signalbox queries log ingest` counts the same executions and times in each,
# and those that pgbadger counts; what is no log is refused with its place.
set -eu
work=$(mktemp -d)
cleanup() {
  stop_postgres
  rm -rf "$work"
}
fail() { echo "FAIL: $*" >&2; exit 1; }
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/wait.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/postgres.sh"
trap cleanup EXIT
queries() { "$SIGNALBOX" queries "$@"; }
export HOME="$work"
cd "$work"

cat >"$work/prefix.conf" <<'END'
log_line_prefix = '%m [%p] %u@%d '
END
start_postgres
cat "$work/prefix.conf" | $as tee -a "$work/server/data/postgresql.conf" >/dev/null
stop_postgres
start_postgres logging_collector=on log_destination=stderr,csvlog,jsonlog log_min_duration_statement=0 compute_query_id=off
$programs/pgbench -i -q -s 1 >/dev/null 2>&1
$programs/pgbench -n -c 2 -t 200 -M simple >/dev/null 2>&1
psql -qc "select 'a''b
	c' as \"odd name\" -- a comment
where 1 = 1" >/dev/null
sleep 1
stop_postgres
for kind in json csv log; do cat "$work"/server/data/log/*.$kind >"$work/all.$kind"; done

for kind in json csv log; do
  queries log ingest "$work/all.$kind" --json -n 1000 >"$work/$kind.result" || fail "$kind: $?"
  [ "$(jq '.data.files[0].rejected' "$work/$kind.result")" = 0 ] || fail "$kind: lines were rejected: $(jq -c .data.files "$work/$kind.result")"
  jq -c '[.data.rows[] | {fingerprint, calls, total: (.total_ms * 1000 | round)}] | sort_by(.fingerprint)' "$work/$kind.result" >"$work/$kind.rows"
done
cmp "$work/json.rows" "$work/csv.rows" || fail "jsonlog and csvlog differ"
cmp "$work/json.rows" "$work/log.rows" || fail "jsonlog and stderr differ"
gzip -k "$work/all.json"
queries log ingest "$work/all.json.gz" --json | jq -e --argjson wanted "$(jq .data.executions "$work/json.result")" '.data.executions == $wanted' >/dev/null || fail "packed it is another log"

# pgbadger: all executions, their time, and each of pgbench's statements.
if command -v pgbadger >/dev/null; then
  pgbadger -q --pid-dir "$work" -j 1 -f stderr -p '%m [%p] %u@%d ' -x json -o "$work/pgbadger.json" "$work/all.log" >/dev/null 2>&1
  theirs=$(jq '.overall_stat.queries_number' "$work/pgbadger.json")
  ours=$(jq .data.executions "$work/log.result")
  [ "$theirs" = "$ours" ] || fail "pgbadger counts $theirs executions, we count $ours"
  python3 - "$work/pgbadger.json" "$work/log.result" <<'END' || fail "pgbadger's times are others"
import json, sys
theirs = json.load(open(sys.argv[1]))["normalyzed_info"]["postgres"]
ours = json.load(open(sys.argv[2]))["data"]
total = sum(each["duration"] for each in theirs.values())
assert abs(total - ours["total_ms"]) < 1e-6 * total, (total, ours["total_ms"])
for begins in ("update pgbench_accounts", "select abalance", "insert into pgbench_history", "update pgbench_tellers", "update pgbench_branches"):
    their = [each for text, each in theirs.items() if text.startswith(begins)]
    our = [row for row in ours["rows"] if row["statement"].lower().startswith(begins)]
    assert sum(each["count"] for each in their) == sum(row["calls"] for row in our) == 400, begins
    assert abs(sum(each["duration"] for each in their) - sum(row["total_ms"] for row in our)) < 1e-3, begins
    assert max(float(each["max"]) for each in their) == max(row["max_ms"] for row in our), begins
END
else
  echo "no pgbadger: not compared with"
fi

# However many threads read, it is the same to the last digit.
for kind in json csv log; do
  for _ in 1 2 3 4 5 6 7 8; do cat "$work/all.$kind"; done >"$work/long.$kind"
  queries log ingest "$work/long.$kind" -j 1 --json -n 1000 | jq -S .data >"$work/one"
  queries log ingest "$work/long.$kind" -j 3 --json -n 1000 | jq -S .data >"$work/three"
  cmp "$work/one" "$work/three" || fail "$kind: three threads read another log than one"
done

# Kept, it is there for top, and it is kept once.
first=$(jq -r .data.first "$work/json.result")
executions=$(jq .data.executions "$work/json.result")
for round in 1 2; do
  queries log ingest "$work/all.json" --keep shop >"$work/said"
  grep -q "older than what was kept before" "$work/said" && again=2 || again=1
  [ "$again" = "$round" ] || fail "round $round of keeping: $(cat "$work/said")"
  queries top --server shop --since "$(date -u -d "$first - 1 minute" +%Y-%m-%dT%H:%M:%SZ)" --json -n 1000 >"$work/top.json"
  [ "$(jq '[.data.rows[].counters.calls] | add' "$work/top.json")" = "$executions" ] || fail "$(jq '[.data.rows[].counters.calls] | add' "$work/top.json") of $executions executions are kept"
done

# What is wrong is said with its place.
queries log check "$work/all.json" >/dev/null || fail "check of a good log"
{ head -n 2 "$work/all.json"; printf 'torn {\n'; printf 'torn {\n'; } >"$work/torn.json"
code=0
queries log check "$work/torn.json" --json >"$work/check" || code=$?
[ "$code" = 1 ] || fail "check of a torn log: exit $code"
[ "$(jq '.data.files[0].rejected_at[0]' "$work/check")" = "$(head -n 2 "$work/all.json" | wc -c)" ] || fail "the place is wrong: $(cat "$work/check")"
code=0
queries log ingest "$SIGNALBOX_SOURCE_DIR/README.md" >/dev/null 2>"$work/said" || code=$?
[ "$code" = 2 ] || fail "a file that is no log: exit $code"
grep -q -- "--prefix" "$work/said" || fail "no hint: $(cat "$work/said")"
echo "three formats are one log"
