#!/bin/sh
# Two sessions of a real PostgreSQL wait for each other: `locks` of a watched server, `log ingest` and what of it is kept tell who, with which
# statement, in which order, and no constant of theirs.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/watched.sh"

start_postgres shared_preload_libraries=pg_stat_statements logging_collector=on log_destination=jsonlog log_lock_waits=on deadlock_timeout=300ms
psql -q <<'END2'
create extension pg_stat_statements;
create table stock (id int primary key, left_over int, note text);
insert into stock select i, 100, '' from generate_series(1, 10) i;
END2
"$SIGNALBOX" queries watch --server shop --stats-every 500ms --log "$work/server/data/log" >"$work/watched" 2>"$work/lines" &
watcher=$!
wait_for 60 grep -q "counted since" "$work/lines"
# Each takes a row, and then the other's once both have theirs.
order() {
  wait="touch '$work/$3'; i=0; while [ ! -e '$work/$4' ] && [ \$i -lt 1200 ]; do sleep 0.05; i=\$((i + 1)); done"
  printf "begin;\nupdate stock set note = 'hidden word' where id = %s;\n\\\\! %s\n%s;\ncommit;\n" "$1" "$wait" "$2" | psql -q >/dev/null 2>&1 || :
}
order 1 "update stock set left_over = left_over - 1 where id = 2" one other &
order 2 "delete from stock where id = 1 and note <> 'hidden word'" other one &
second=$!
wait $second
wait_for 60 sh -c "'$SIGNALBOX' queries locks --json | jq -e '.data.lock_deadlocks | length == 1'"
queries locks --json >"$work/locks.json"
jq -e '.data.lock_deadlocks[0] | (.parties | length == 2) and .parties[0].blocked_by == .parties[1].pid and .parties[1].blocked_by == .parties[0].pid
  and ([.parties[].statement | rtrimstr(";")] | sort == ["delete from stock where id = $1 and note <> $2", "update stock set left_over = left_over - $1 where id = $2"])' "$work/locks.json" >/dev/null ||
  fail "who was in it: $(jq -c .data.lock_deadlocks "$work/locks.json")"
jq -e '.findings | map(.rule) | index("queries/deadlock")' "$work/locks.json" >/dev/null || fail "no finding: $(jq -c .findings "$work/locks.json")"
queries locks | grep -q "delete from stock" || fail "the table does not show it"
[ "$(psql -qAtc 'select sum(deadlocks) from pg_stat_database')" = 1 ] || fail "the server counts another number"
kill -TERM "$watcher"
wait "$watcher" || fail "the watch ends with $?"
watcher=

queries log ingest "$work"/server/data/log/*.json --json >"$work/log.json"
[ "$(jq -c .data.lock_deadlocks "$work/log.json")" = "$(jq -c .data.lock_deadlocks "$work/locks.json")" ] || fail "the log tells another one: $(jq -c .data.lock_deadlocks "$work/log.json")"
jq -e '.data.deadlocks == 1 and (.data.lock_waits | length > 0)' "$work/log.json" >/dev/null || fail "of the log: $(jq -c '.data | del(.rows)' "$work/log.json")"
for _ in 1 2; do queries log ingest "$work"/server/data/log/*.json --keep file >/dev/null; done
[ "$(queries locks --server file --since 1h --until 1ms --json | jq '.data.lock_deadlocks | length')" = 1 ] || fail "it is not kept once: $(queries locks --server file --since 1h --until 1ms --json | jq -c .data)"
cat "$work"/*.json >"$work/all"
strings .signalbox/signalbox.db >>"$work/all"
! grep -q "hidden word" "$work/all" || fail "a constant is told or kept"
echo "a deadlock is told with who, what and in which order"
