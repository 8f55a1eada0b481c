#!/bin/sh
# For browser tests: a real PostgreSQL under load is watched from the folder it is called in; its index goes, a lock is held, and the server ends.
set -eu
work=$(mktemp -d)
watcher=
cleanup() {
  [ -z "$watcher" ] || kill "$watcher" 2>/dev/null || :
  stop_postgres
  rm -rf "$work"
}
fail() { echo "FAIL: $*" >&2; exit 1; }
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/wait.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/postgres.sh"
trap cleanup EXIT
start_postgres shared_preload_libraries=pg_stat_statements,auto_explain logging_collector=on log_destination=jsonlog auto_explain.log_min_duration=0 \
  auto_explain.log_analyze=on auto_explain.log_buffers=on auto_explain.log_format=json max_parallel_workers_per_gather=0 jit=off
psql -q <<'END'
create extension pg_stat_statements;
create table orders as select i as id, i % 5000 as customer, md5(i::text) as note from generate_series(1, 200000) i;
create index orders_customer on orders (customer);
vacuum analyze orders;
END
printf '\\set c random(0, 4999)\nSELECT count(*), max(note) FROM orders WHERE customer = :c;\n' >"$work/load.sql"
"$SIGNALBOX" queries watch --server "shop <b>" --stats-every 500ms --ash-hz 5 --log "$work/server/data/log" >/dev/null 2>"$work/lines" &
watcher=$!
wait_for 60 grep -q "counted since" "$work/lines"
load() { $programs/pgbench -n -c 2 -R 60 -T "${SHOP_SECONDS:-5}" -f "$work/load.sql" >/dev/null 2>&1; }
load
psql -qc "drop index orders_customer"
# The lock is held for a second after another session is seen to wait for it: that is in some samples, and costs less than the statement.
sees() { [ "$(psql -qAtc "select count(*) from pg_stat_activity where $1")" != 0 ]; }
held() {
  echo "begin; update orders set note = '<i>' where id = 7;"
  wait_for 60 sees "wait_event_type = 'Lock'"
  sleep 1
  echo "commit;"
}
held | psql -q &
wait_for 60 sees "state = 'idle in transaction' and query like 'update orders%'"
psql -qc "update orders set note = 'b' where id = 7" &
load
sleep 1
# Indexes are proven on a copy where that is wanted.
if [ -n "${SHOP_COPY:-}" ]; then
  $programs/createdb shop_copy
  $programs/pg_dump postgres | psql -q shop_copy >/dev/null
  psql -q shop_copy -c "vacuum analyze orders"
  "$SIGNALBOX" queries advise --budget-size 100% --prove "postgresql://postgres@127.0.0.1:$PGPORT/shop_copy" --json >advice.json 2>"$work/said" || fail "$(cat "$work/said")"
fi
kill -TERM "$watcher"
wait "$watcher"
watcher=
