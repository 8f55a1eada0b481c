#!/bin/sh
# A real PostgreSQL under load is watched; `queries advise` finds the index that its statements lack, proves it on a copy that it leaves as it
# was, and what it promised is what the watched database gains. `queries hygiene` finds what was planted and nothing once that is mended.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/watched.sh"

start_postgres shared_preload_libraries=pg_stat_statements,auto_explain logging_collector=on log_destination=jsonlog auto_explain.log_min_duration=0 \
  auto_explain.log_analyze=on auto_explain.log_buffers=on auto_explain.log_format=json max_parallel_workers_per_gather=0 jit=off autovacuum=off
psql -q <<'END'
create extension pg_stat_statements;
create table orders as select i as id, i % 5000 as customer, md5(i::text) as note from generate_series(1, 100000) i;
alter table orders add primary key (id);
create index orders_note on orders (note);
create index orders_note_again on orders (note);
vacuum analyze orders;
END
cat >"$work/load.sql" <<'END'
\set c random(0, 4999)
SELECT count(*), max(note) FROM orders WHERE customer = :c;
\set i random(1, 100000)
SELECT note FROM orders WHERE id = :i;
END
"$SIGNALBOX" queries watch --server shop --stats-every 500ms --log "$work/server/data/log" >/dev/null 2>"$work/lines" &
watcher=$!
wait_for 60 grep -q "counted since" "$work/lines"
load() { $programs/pgbench -n -c 2 -t "$1" -f "$work/load.sql" >"$work/pgbench" 2>&1; }
load 200
wait_for 60 sh -c "'$SIGNALBOX' queries top --json | grep -q 'WHERE customer'"
wait_for 60 sh -c "'$SIGNALBOX' queries advise --json | jq -e '.data.proposed | length > 0'"
kill -TERM "$watcher"
wait "$watcher" || fail "the watch ends with $?"
watcher=

# Ideas are no promises.
queries advise --json >"$work/ideas.json"
jq -e '.data.measured == false and (.findings | length) == 0 and [.data.proposed[].columns] == [["customer"]]' "$work/ideas.json" >/dev/null ||
  fail "without a copy: $(jq -c '.data.proposed, .findings' "$work/ideas.json")"

# Never on the watched one.
code=0
queries advise --prove "postgresql://postgres@127.0.0.1:$PGPORT/postgres" >/dev/null 2>"$work/error" || code=$?
{ [ "$code" = 3 ] && grep -q "no copy of it" "$work/error"; } || fail "the watched database is taken for its copy: $code, $(cat "$work/error")"

$programs/createdb --template postgres shop_copy
before=$(psql -qAt shop_copy -c "select count(*) from pg_class")
queries advise --budget-size 100% --prove "postgresql://postgres@127.0.0.1:$PGPORT/shop_copy" --json >"$work/advice.json" 2>"$work/said"
[ "$before" = "$(psql -qAt shop_copy -c 'select count(*) from pg_class')" ] || fail "something stays in the copy"
jq -e '.data.measured and (.data.indexes | length) == 1 and .data.indexes[0].columns[0] == "customer" and .data.indexes[0].gain > 0.5 and .data.indexes[0].size_bytes > 0
  and .data.indexes[0].write.after_wal_bytes > .data.indexes[0].write.before_wal_bytes and .data.after_ms < .data.before_ms / 2' "$work/advice.json" >/dev/null ||
  fail "the advice: $(jq -c '.data | .before_ms, .after_ms, .rejected, .skipped, (.indexes[] | {columns, gain, size_bytes, write})' "$work/advice.json")"
queries advise --budget-size 100% --prove "postgresql://postgres@127.0.0.1:$PGPORT/shop_copy" 2>/dev/null | grep -q "CREATE INDEX CONCURRENTLY" || fail "no statement in the text"
# What was promised comes true where people are at work.
fastest() { # ms of five executions: others may be at work on the machine
  for _ in 1 2 3 4 5; do psql -qAt -c "explain (analyze, format json) select count(*), max(note) from orders where customer = 77"; done |
    jq -s '[.[][0]["Execution Time"]] | min'
}
was=$(fastest)
psql -qc "$(jq -r '.data.indexes[0].create' "$work/advice.json")"
psql -qc "vacuum analyze orders"
is=$(fastest)
awk -v was="$was" -v is="$is" 'BEGIN { exit !(is < was / 2) }' || fail "$was ms became $is ms"

# Hygiene: what was planted, and nothing when it is gone.
code=0
queries hygiene --dsn "postgresql://postgres@127.0.0.1:$PGPORT/postgres" --json >"$work/hygiene.json" || code=$?
[ "$code" = 0 ] || fail "hygiene: exit $code"
jq -e '[.data.findings[] | [.code, .object]] == [["duplicate_index", "public.orders_note_again"]]' "$work/hygiene.json" >/dev/null || fail "hygiene: $(jq -c .data.findings "$work/hygiene.json")"
psql -qc "$(jq -r '.data.findings[0].remedy' "$work/hygiene.json")"
queries hygiene --dsn "postgresql://postgres@127.0.0.1:$PGPORT/postgres" | grep -q "nothing lies about" || fail "hygiene says something of a clean database"
code=0
queries hygiene --dsn "postgresql://postgres@127.0.0.1:1/postgres" >/dev/null 2>&1 || code=$?
[ "$code" = 3 ] || fail "hygiene of a server that is not there: exit $code"
echo "what a database lacks is proven on a copy, and comes true"
