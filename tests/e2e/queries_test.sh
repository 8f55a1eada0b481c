#!/bin/sh
# `signalbox queries` on a real PostgreSQL under pgbench: what it says was done is what the server counted and what pgbench says it did.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/watched.sh"

# A server without what is needed: doctor says what, with exit 1; its script mends it.
start_postgres
code=0
queries doctor --fix-file "$work/fix.sql" >"$work/doctor" || code=$?
[ "$code" = 1 ] || fail "doctor on a bare server: exit $code"
grep -q "CREATE EXTENSION pg_stat_statements" "$work/fix.sql" || fail "doctor does not mend: $(cat "$work/fix.sql")"
code=0
queries watch --count 1 >/dev/null 2>"$work/said" || code=$?
[ "$code" = 3 ] || fail "watch on a bare server: exit $code"
grep -q "shared_preload_libraries" "$work/said" || fail "watch does not say what is missing: $(cat "$work/said")"
psql -qf "$work/fix.sql" >/dev/null
stop_postgres
start_postgres
queries doctor >/dev/null || fail "what doctor said did not mend it"

# A load of known size, read twice.
$programs/pgbench -i -q -s 1 >/dev/null 2>&1
psql -qAtc 'select pg_stat_statements_reset()' >/dev/null
queries watch --count 1 --server bench >/dev/null 2>&1
$programs/pgbench -n -c 2 -t 500 >"$work/pgbench" 2>&1
queries watch --count 1 --server bench >/dev/null 2>&1
queries top --json -n 3 >"$work/top.json"
jq -e '.data.rows | length == 3' "$work/top.json" >/dev/null || fail "top has not three rows"
calls() { queries top --json --by calls -n 100 | jq --arg begins "$1" '[.data.rows[] | select(.statement | startswith($begins))] | map(.counters.calls) | add'; }
for statement in "UPDATE pgbench_accounts" "SELECT abalance" "INSERT INTO pgbench_history" "BEGIN" "END"; do
  [ "$(calls "$statement")" = 1000 ] || fail "pgbench ran '$statement' 1000 times, not $(calls "$statement")"
done
jq -e '.data | ([.rows[].counters.calls] | add) + .other.counters.calls == .all.calls' "$work/top.json" >/dev/null || fail "rows and other are not all"
server_ms=$(psql -qAtc "select sum(total_exec_time) from pg_stat_statements where query like 'UPDATE pgbench%'")
ours_ms=$(queries top --json -n 100 | jq '[.data.rows[] | select(.statement | startswith("UPDATE pgbench")) | .counters.total_exec_ms] | add')
python3 -c "import sys; a, b = map(float, sys.argv[1:]); sys.exit(abs(a - b) > 1e-6 * a)" "$server_ms" "$ours_ms" || fail "times: the server says $server_ms, we say $ours_ms"
id=$(queries top --json -n 100 | jq -r '.data.rows[] | select(.statement | startswith("UPDATE pgbench_branches")) | .queryids[0]')
queries show -- "$id" | grep -q "bbalance" || fail "show does not show the statement"
fp=$(queries show --json -- "$id" | jq -r .data.fingerprint)
queries show "$fp" --json | jq -e --arg id "$id" '.data.queryids == [$id]' >/dev/null || fail "the fingerprint does not lead to the statement"

# Nothing secret is kept: utility statements have constants in pg_stat_statements.
psql -qc "create role somebody password 'topsecret'"
queries watch --count 1 --server bench >/dev/null 2>&1
! grep -qa topsecret .signalbox/signalbox.db* || fail "a password is in the store"

# The server goes and comes back while it is watched; SIGTERM ends the watch with 0.
"$SIGNALBOX" queries watch --stats-every 500ms --server bench >"$work/watched" 2>"$work/lines" &
watcher=$!
wait_for 60 grep -q "ran" "$work/lines"
port=$PGPORT
stop_postgres
wait_for 60 grep -q "again in" "$work/lines"
(cd "$work/server" && exec $as $programs/postgres -D data -k "$work/server" -p "$port" -c listen_addresses=127.0.0.1 -c fsync=off >>log 2>&1) &
postgres_pid=$!
lines=$(wc -l <"$work/lines")
# shellcheck disable=SC2016
wait_for 60 sh -c 'tail -n +$(($1 + 1)) "$2" | grep -q " ran"' - "$lines" "$work/lines"
kill -TERM "$watcher"
code=0
wait "$watcher" || code=$?
watcher=
[ "$code" = 0 ] || fail "SIGTERM: exit $code"
grep -q "was watched" "$work/watched" || fail "no report at the end"

# What is wrong is said.
code=0
queries top --server nobody >/dev/null 2>"$work/said" || code=$?
[ "$code" = 2 ] || fail "a server that is not watched: exit $code"
code=0
queries doctor --dsn "postgresql://me@127.0.0.1:1/x" >/dev/null 2>"$work/said" || code=$?
[ "$code" = 3 ] || fail "a server that is away: exit $code"
grep -q -- "--dsn" "$work/said" || fail "no hint: $(cat "$work/said")"
echo "queries are told of as the server counts them"
