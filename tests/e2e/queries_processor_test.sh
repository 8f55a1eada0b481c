#!/bin/sh
# More is asked of a real PostgreSQL at once than the machine has cores for: `ash`, `top`, `triage` and the API tell how many sessions ran and how
# many waited for a core, and `triage` names it as the cause.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/watched.sh"

awk '{ exit !($1 > 0) }' /proc/self/schedstat 2>/dev/null || { echo "this kernel does not count in /proc/PID/schedstat: left out"; exit 77; }
cores=$(nproc)
start_postgres shared_preload_libraries=pg_stat_statements max_connections=$((4 * cores + 20)) max_parallel_workers_per_gather=0 jit=off
psql -qc 'create extension pg_stat_statements'
cat >"$work/load.sql" <<'END2'
SELECT count(*) FROM generate_series(1, 20000) AS n WHERE n % 7 = 3;
END2
"$SIGNALBOX" queries watch --server shop --stats-every 500ms --ash-hz 10 >"$work/watched" 2>"$work/lines" &
watcher=$!
wait_for 60 grep -q "counted since" "$work/lines"
! grep -q "is not told" "$work/lines" || fail "the server is on this machine: $(cat "$work/lines")"
load() { $programs/pgbench -n "$@" -f "$work/load.sql" >"$work/pgbench" 2>&1; }
load -c 1 -R 10 -T 8
sleep 1
busy=$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)
load -c $((4 * cores + 2)) -j "$cores" -T 8
sleep 1
kill -TERM "$watcher"
wait "$watcher" || fail "the watch ends with $?"
watcher=

queries ash --since "$busy" --json >"$work/ash.json"
jq -e --argjson cores "$cores" '.data.processor | .queued > 1 and .running > 0 and .running <= 1.2 * $cores and .cores == $cores and .not_told == null' "$work/ash.json" >/dev/null ||
  fail "who waits for a core: $(jq -c .data "$work/ash.json")"
jq -e '(.data.shares | map({(.name): .active}) | add) as $by | ($by.RunQueue - .data.processor.queued | fabs) < 1e-9' "$work/ash.json" >/dev/null || fail "the shares are not those: $(jq -c .data.shares "$work/ash.json")"
queries ash --since "$busy" | grep -q "RunQueue" || fail "ash does not show the queue"
queries ash --by query --since "$busy" | grep -q "for a core" || fail "statements do not show it"
queries top --since "$busy" | grep -q "sessions waiting for a core" || fail "top does not show it"
queries top --since "$busy" --json | jq -e '.data.processor.queued > 1' >/dev/null || fail "top does not tell it"
code=0
queries triage --recent 10s --before 10s --json >"$work/triage.json" || code=$?
[ "$code" = 1 ] || fail "triage: exit $code"
jq -e '(.data.cause | startswith("it waits for a core")) and .findings[-1].rule == "queries/cpu_starved" and (.findings[-1].message | contains("waited for a core"))' "$work/triage.json" >/dev/null ||
  fail "triage does not see it: $(jq -c '.data, .checks, .findings' "$work/triage.json")"
echo "who waits for a core is told"
