#!/bin/sh
# A session holds a lock on a real PostgreSQL and others wait: `act` shows it and does nothing, refuses what is another session or statement by
# now, and with the identity it printed ends it, which is evidence. The incident around it is kept with its ticket and bundle, which stay when
# the store forgets the time they are of.
set -eu
work=$(mktemp -d)
watcher= holder= waiter=
fail() { echo "FAIL: $*" >&2; exit 1; }
cleanup() {
  for each in $watcher $holder $waiter; do kill "$each" 2>/dev/null || :; done
  stop_postgres
  rm -rf "$work"
}
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/wait.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/postgres.sh"
trap cleanup EXIT
export HOME="$work" XDG_DATA_HOME="$work/data"
mkdir "$work/place"
cd "$work/place"
queries() { "$SIGNALBOX" queries "$@"; }
start_postgres shared_preload_libraries=pg_stat_statements
psql -q <<'END'
create extension pg_stat_statements;
create table orders as select i as id, md5(i::text) as note from generate_series(1, 10000) i;
END
"$SIGNALBOX" queries watch --server shop --stats-every 500ms --ash-hz 5 >/dev/null 2>"$work/lines" &
watcher=$!
wait_for 60 grep -q "counted since" "$work/lines"
wait_for 60 sh -c "'$SIGNALBOX' queries top --json | jq -e '.data.since_reset | not'"

expect 0 queries incident start "orders hang"
says "it is open"
one() { psql -qAtc "select pid from pg_stat_activity where $1"; }
sees() { [ -n "$(one "$1")" ]; }
PGAPPNAME=holder psql -qc "begin; update orders set note = 'hidden word' where id = 7; select pg_sleep(600)" >/dev/null 2>"$work/holder" &
holder=$!
wait_for 60 sees "application_name = 'holder' and query like '%pg_sleep%' and wait_event = 'PgSleep'"
PGAPPNAME=waiter psql -qc "update orders set note = 'b' where id = 7" >/dev/null 2>"$work/waiter" &
waiter=$!
wait_for 60 sees "application_name = 'waiter' and wait_event_type = 'Lock'"
pid=$(one "application_name = 'holder'")
wait_for 60 sh -c "'$SIGNALBOX' queries locks --json | jq -e '.data.tree | length == 2 and any(.[]; .statement | test(\"pg.*sleep\"))'"

# Without --confirm it is shown, and nothing is done.
expect 0 queries act cancel "$pid"
says "nothing was done"
never_says "hidden word"
confirm=$(queries act cancel "$pid" --json | jq -r '.data.target.identity')
[ "$(queries act cancel "$pid" --json | jq '.data.target.waiting_for_it')" = 1 ] || fail "nobody is seen to wait for it"
sees "application_name = 'holder' and wait_event = 'PgSleep'" || fail "looking ended it"
# Another session, another statement, no session, no identity.
expect 2 queries act cancel "$pid" --confirm "1${confirm}"
says "nothing was done"
expect 2 queries act terminate "$pid" --confirm "${confirm%.*}.12345"
says "nothing was done"
expect 2 queries act cancel 1 --confirm "$confirm"
expect 2 queries act cancel "$pid" --confirm yes
expect 2 queries act cancel no
sees "application_name = 'holder' and wait_event = 'PgSleep'" || fail "what was refused was done"
# A user who may not is told so.
psql -qc "create role guest login"
expect 3 queries act cancel "$pid" --confirm "$confirm" --dsn "postgresql://guest@$PGHOST:$PGPORT/postgres"
sees "application_name = 'holder' and wait_event = 'PgSleep'" || fail "a guest ended it"

expect 0 queries act cancel "$pid" --confirm "$confirm"
says "the statement has ended"
wait "$holder" || :
holder=
grep -q "canceling statement due to user request" "$work/holder" || fail "it ended otherwise: $(cat "$work/holder")"
wait "$waiter" || fail "who waited does not go on: $(cat "$work/waiter")"
waiter=
expect 2 queries act cancel "$pid" --confirm "$confirm"

# A session that is idle in its transaction is ended as a whole.
(echo "begin; update orders set note = 'c' where id = 7;"; wait_for 120 test -e "$work/ended") | PGAPPNAME=idler psql -q >/dev/null 2>"$work/idler" &
holder=$!
wait_for 60 sees "application_name = 'idler' and state = 'idle in transaction'"
pid=$(one "application_name = 'idler'")
confirm=$(queries act terminate "$pid" --json | jq -r '.data.target.identity')
expect 0 queries act terminate "$pid" --confirm "$confirm"
says "the session has ended"
! sees "application_name = 'idler'" || fail "it is still there"
touch "$work/ended"
wait "$holder" || :
holder=
expect 0 "$SIGNALBOX" evidence query --type queries/action/v1 --json
[ "$(echo "$out" | jq '[.. | objects | select(has("index"))] | length')" -ge 2 ] || fail "two actions are not two entries: $out"

judged_by_schema() { # KIND
  /usr/bin/python3 -c 'import jsonschema' 2>/dev/null || return 0
  entry=$("$SIGNALBOX" evidence query --type "queries/$1/v1" --json | jq '[.. | objects | select(has("index")) | .index] | first')
  "$SIGNALBOX" evidence show "$entry" --json >"$work/entry"
  /usr/bin/python3 -c 'import json, jsonschema, sys
jsonschema.validate(json.load(open(sys.argv[1]))["data"]["predicate"], json.load(open(sys.argv[2])))' "$work/entry" "$SIGNALBOX_SOURCE_DIR/docs/schemas/queries-$1-v1.json" ||
    fail "queries/$1 is not as its schema says"
}
judged_by_schema action

# The incident, as it is now and once it is over.
expect 0 queries incident export
says "Incident 1: orders hang"
expect 0 queries incident stop --before 1m --record
expect 2 queries incident stop 1
queries incident export 1 --format md >"$work/ticket.md"
queries incident export 1 --format json >"$work/bundle.json"
for words in "orders hang" "select pg.*sleep" "idle in transaction\|PgSleep"; do grep -q "$words" "$work/ticket.md" || fail "the ticket does not say $words: $(cat "$work/ticket.md")"; done
jq -e '.data.locks | length > 0 and any(.tree | length == 2)' "$work/bundle.json" >/dev/null || fail "the bundle has no tree: $(jq -c .data.locks "$work/bundle.json")"
jq -e '.data.timeline.points | length > 0' "$work/bundle.json" >/dev/null || fail "the bundle has no timeline"
! grep -q "hidden word" "$work/ticket.md" "$work/bundle.json" || fail "a constant is in the incident"
judged_by_schema incident
digest=$(sha256sum "$work/bundle.json" | cut -d' ' -f1)
entry=$("$SIGNALBOX" evidence query --type queries/incident/v1 --json | jq '[.. | objects | select(has("index")) | .index] | first')
"$SIGNALBOX" evidence show "$entry" --json | jq -e --arg digest "$digest" '.data.predicate.bundle == $digest' >/dev/null || fail "the evidence is of another bundle"
# What it is of is forgotten; the ticket stays.
kill -TERM "$watcher"
wait "$watcher" || fail "the watch ends with $?"
watcher=
sqlite3 .signalbox/signalbox.db "delete from queries_delta; delete from queries_window; delete from queries_blocked" 2>/dev/null ||
  python3 -c 'import sqlite3; d = sqlite3.connect(".signalbox/signalbox.db"); [d.execute("delete from " + t) for t in ("queries_delta", "queries_window", "queries_blocked")]; d.commit()'
queries incident export 1 --format json | cmp - "$work/bundle.json" || fail "the bundle went with its windows"
expect 0 queries incident list
says "orders hang"
expect 2 queries incident export 9
echo "what is in the way is ended by hand alone, and the incident stays"
