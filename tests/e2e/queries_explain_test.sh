#!/bin/sh
# A bare PostgreSQL is set up by `queries setup`, as `doctor` wants it. `queries explain` tells plans of it and what is wrong with them, from SQL,
# from standard input and by a statement's key, and executes nothing that could do harm.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/watched.sh"
code_of() {
  code=0
  "$@" >"$work/out" 2>"$work/error" || code=$?
}

start_postgres max_parallel_workers_per_gather=0 jit=off
dsn="postgresql://postgres@127.0.0.1:$PGPORT/postgres"
psql -q <<'END'
create table orders as select i as id, i % 5000 as customer, md5(i::text) as note from generate_series(1, 100000) i;
analyze orders;
END

# Setting it up: said, not done; done; then nothing is left.
queries setup --dsn "$dsn" --json >"$work/setup.json"
jq -e '.data.restart and ([.data.steps[].sql] | index("ALTER SYSTEM SET auto_explain.sample_rate = '"'0.1'"';") != null)' "$work/setup.json" >/dev/null || fail "setup says: $(jq -c .data "$work/setup.json")"
[ "$(psql -qAtc "select count(*) from pg_extension where extname = 'pg_stat_statements'")" = 0 ] || fail "setup did something without --apply"
queries setup --dsn "$dsn" --script | grep -q "^SELECT pg_reload_conf();" || fail "there is no script"
for _ in 1 2; do
  queries setup --dsn "$dsn" --apply >"$work/applied" || fail "setup --apply: $(cat "$work/applied")"
  stop_postgres
  start_postgres max_parallel_workers_per_gather=0 jit=off
  dsn="postgresql://postgres@127.0.0.1:$PGPORT/postgres"
done
queries setup --dsn "$dsn" | grep -q "nothing to change" || fail "something is left to set up"
queries doctor --dsn "$dsn" >/dev/null || fail "doctor is not content"

# Plans. (A busy machine is told too.)
queries explain "select * from orders where customer = 7" --dsn "$dsn" --json >"$work/planned.json"
jq -e '.data.measured == false' "$work/planned.json" >/dev/null || fail "it was executed"
queries explain "select * from orders where customer = 7" --dsn "$dsn" --analyze --json >"$work/executed.json"
jq -e '.data.measured and ([.findings[] | select(.rule == "queries/seqscan_discard") | .remedy] == ["CREATE INDEX CONCURRENTLY ON public.orders (customer);"])' "$work/executed.json" >/dev/null ||
  fail "what is wrong is not told: $(jq -c .findings "$work/executed.json")"
echo "select count(*) from orders where customer = \$1" | queries explain - --dsn "$dsn" --params '[7]' --analyze | grep -q "Seq Scan" || fail "no plan of standard input"
echo "select count(*) from orders where customer = \$1" | queries explain - --dsn "$dsn" --generic | grep -q "for all values" || fail "no generic plan"
# Harm.
for sql in "delete from orders" "drop table orders" "select 1; drop table orders" "select pg_reload_conf()" "select * from orders for update"; do
  code_of queries explain "$sql" --dsn "$dsn" --analyze
  [ "$code" = 2 ] || fail "$sql: exit $code"
done
queries explain "delete from orders" --dsn "$dsn" --analyze --allow-write --json | jq -e .data.rolled_back >/dev/null || fail "a write is not told to be rolled back"
[ "$(psql -qAtc 'select count(*) from orders')" = 100000 ] || fail "rows are gone"
code_of queries explain "select pg_sleep(20)" --dsn "$dsn" --analyze --allow-write --timeout 300ms
[ "$code" = 3 ] || fail "a statement that takes too long: exit $code, $(cat "$work/error")"

# By its key.
queries watch --dsn "$dsn" --server s --stats-every 500ms --count 1 >/dev/null 2>&1
psql -qc "select note from orders where id = 5" >/dev/null
queries watch --dsn "$dsn" --server s --stats-every 500ms --count 1 >/dev/null 2>&1
fp=$(queries top --json | jq -r '[.. | objects | select((.statement? // "" | tostring) | test("select note from orders")) | .fingerprint?][0]')
queries explain "$fp" --dsn "$dsn" --params '[5]' --analyze | grep -q "Seq Scan on public.orders" || fail "no plan by the key $fp"
echo "a server is set up, and plans are told without harm"
