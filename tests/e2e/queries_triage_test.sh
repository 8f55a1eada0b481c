#!/bin/sh
# A fault is planted in a real PostgreSQL under load: an index goes. `queries triage` names the statement, its other plan and the index that
# mends it; `queries compare` says no to what came after, and yes to what was the same; the remedy, applied, makes the time go. A session that
# holds a lock is found at the root of those who wait.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/watched.sh"

start_postgres shared_preload_libraries=pg_stat_statements,auto_explain pg_stat_statements.max=10000 logging_collector=on log_destination=jsonlog \
  auto_explain.log_min_duration=0 auto_explain.log_analyze=on auto_explain.log_buffers=on auto_explain.log_format=json \
  max_parallel_workers_per_gather=0 jit=off
psql -q <<'END'
create extension pg_stat_statements;
create table orders as select i as id, i % 5000 as customer, md5(i::text) as note from generate_series(1, 100000) i;
alter table orders add primary key (id);
create index orders_customer on orders (customer);
vacuum analyze orders;
END
cat >"$work/load.sql" <<'END'
\set c random(0, 4999)
SELECT count(*), max(note) FROM orders WHERE customer = :c;
\set i random(1, 100000)
SELECT note FROM orders WHERE id = :i;
END
"$SIGNALBOX" queries watch --server shop --stats-every 500ms --ash-hz 5 --log "$work/server/data/log" --listen 127.0.0.1:0 >"$work/watched" 2>"$work/lines" &
watcher=$!
wait_for 60 grep -q "counted since" "$work/lines"
load() { $programs/pgbench -n -c 2 -R 60 -T "$1" -f "$work/load.sql" >"$work/pgbench" 2>&1; }
now() { date -u +%Y-%m-%dT%H:%M:%S.%3NZ; }
began=$(now)
load 12
middle=$(now)
load 12
psql -qc "drop index orders_customer"
dropped=$(now)
load 12
sleep 1
ended=$(now)

# One of two spans that are the same, and one of those before and after the fault.
code=0
queries compare --baseline "$began/$middle" --candidate "$middle/$dropped" --max-mean-ratio 3 --json >"$work/same.json" || code=$?
[ "$(jq -r '[.data.regressions[] | select(.statement | startswith("SELECT"))] | length' "$work/same.json")" = 0 ] || fail "a regression where nothing changed: $(jq -c .data.regressions "$work/same.json")"
code=0
queries compare --baseline "$began/$dropped" --candidate "$dropped/$ended" --json >"$work/slower.json" || code=$?
[ "$code" = 1 ] || fail "compare lets a slower release pass: exit $code"
jq -e '.data.verdict == "fail" and ([.data.regressions[] | select(.judgement == "slower") | .statement] == ["SELECT count(*), max(note) FROM orders WHERE customer = $1"])' "$work/slower.json" >/dev/null ||
  fail "compare does not find the statement: $(jq -c '.data.regressions' "$work/slower.json")"

# The chain from "it became slow" to the remedy.
code=0
queries triage --recent 10s --before 24s --until "$ended" --json >"$work/triage.json" || code=$?
[ "$code" = 1 ] || fail "triage: exit $code"
jq -e '.data.single and (.data.cause | startswith("its plan became another"))' "$work/triage.json" >/dev/null || fail "triage does not see the cause: $(jq -c '.data, .checks' "$work/triage.json")"
remedy=$(jq -r '.findings[0].remedy' "$work/triage.json")
[ "$remedy" = "CREATE INDEX CONCURRENTLY ON orders (customer);" ] || fail "the remedy is: $remedy"
queries triage --recent 10s --before 24s --until "$ended" --dsn "postgresql://postgres@127.0.0.1:$PGPORT/postgres" --json >"$work/known.json" || :
jq -e '.findings[0].remedy == "CREATE INDEX CONCURRENTLY ON orders (customer);"' "$work/known.json" >/dev/null || fail "with the catalogue: $(jq -c .findings "$work/known.json")"
fp=$(jq -r .data.fingerprint "$work/triage.json")
queries show "$fp" --json >"$work/show.json"
flip=$(jq -r '.data.plans.flips[-1] | "\(.before_id) \(.after_id)"' "$work/show.json")
# shellcheck disable=SC2086
queries plan diff $flip | grep -q "Seq Scan on orders" || fail "the plans are not told apart"
# A plan of a file and of standard input, as text and as JSON.
psql -qAtc "explain (analyze, buffers) select count(*) from orders where customer = 3" >"$work/plan.txt"
queries plan "$work/plan.txt" --diagnose | grep -q "CREATE INDEX" || fail "a plan of a file is not diagnosed"
psql -qAtc "explain (analyze, buffers, format json) select count(*) from orders where customer = 3" | queries plan - --diagnose | grep -q "CREATE INDEX" ||
  fail "a plan of standard input is not diagnosed"
! sqlite3 .signalbox/signalbox.db "select plan_text from queries_plan" 2>/dev/null | grep -q "customer = [0-9]" || fail "a kept plan has a constant"

# It mends.
before=$(now)
psql -qc "$remedy"
load 14
sleep 1
code=0
queries compare --baseline "$dropped/$ended" --candidate "$before/$(now)" --json >"$work/mended.json" || code=$?
jq -e '[.data.statements[] | select(.statement | startswith("SELECT count"))][0] | .judgement == "faster" and .ratio < 0.2' "$work/mended.json" >/dev/null ||
  fail "the remedy does not mend: $(jq -c '[.data.statements[] | select(.statement | startswith("SELECT"))]' "$work/mended.json")"

# Who waits for whom: the lock is held until both have been seen.
(echo "begin; update orders set note = 'hidden word' where id = 7;"; wait_for 120 test -e "$work/seen"; echo "commit;") | psql -q >/dev/null &
wait_for 60 sh -c "psql -qAtc \"select state from pg_stat_activity where query like 'update orders%'\" | grep -q 'idle in transaction'"
psql -qc "update orders set note = 'b' where id = 7" &
wait_for 30 sh -c "'$SIGNALBOX' queries locks --json | jq -e '.data.tree | length == 2'"
queries locks --json >"$work/locks.json"
jq -e '.data.tree[0].state == "idle in transaction" and .data.tree[1].depth == 1 and (.data.tree[0].statement | contains("update orders"))' "$work/locks.json" >/dev/null || fail "the tree: $(jq -c .data.tree "$work/locks.json")"
! grep -q "hidden word" "$work/locks.json" || fail "a constant is in the tree"
wait_for 60 sh -c "'$SIGNALBOX' queries ash --by wait --json | jq -e '.data.shares | map(.name) | index(\"Lock\")'"
touch "$work/seen"

# Metrics name statements by their ids alone.
port=$(grep -o 'metrics on port [0-9]*' "$work/lines" | grep -o '[0-9]*')
curl -fsS "http://127.0.0.1:$port/metrics" >"$work/metrics"
grep -q 'pg_stat_statements_calls{server="shop",datname="postgres",user="postgres",queryid="-\?[0-9]*"}' "$work/metrics" || fail "no statement in /metrics"
grep -q 'queryid="other"' "$work/metrics" || fail "/metrics has no remainder"
! grep -qi "orders" "$work/metrics" || fail "a text is in /metrics"
if /usr/bin/python3 -c "import prometheus_client" 2>/dev/null; then
/usr/bin/python3 - "$work/metrics" <<'END' || fail "another reader of metrics does not take them"
import sys
from prometheus_client.parser import text_string_to_metric_families
families = {family.name: family for family in text_string_to_metric_families(open(sys.argv[1]).read())}
labels = {name for family in families.values() for sample in family.samples for name in sample.labels}
assert labels <= {"server", "datname", "user", "queryid", "state", "mode", "wait"}, labels
assert families["pg_settings_max_connections"].samples[0].value == 100
END
else
  echo "no python3-prometheus-client: metrics are not read by it"
fi
kill -TERM "$watcher"
wait "$watcher" || fail "the watch ends with $?"
watcher=
echo "a planted fault is found, told and mended"
