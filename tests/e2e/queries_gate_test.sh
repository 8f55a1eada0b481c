#!/bin/sh
# A train in a real repository asks for queries/regression/v1. A real PostgreSQL under load is watched; what was before the release is frozen in
# a file. A release that made a statement slower is recorded so, and the train says NO-GO; the next one mends it, and the train says GO.
set -eu
work=$(mktemp -d)
watcher=
cleanup() {
  [ -z "$watcher" ] || kill "$watcher" 2>/dev/null || :
  stop_postgres
  rm -rf "$work"
}
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/wait.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/postgres.sh"
folder=$work
fail() { echo "FAIL: $*" >&2; exit 1; }
trap cleanup EXIT
export HOME="$work" XDG_DATA_HOME="$work/data" GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.org GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.org
queries() { "$SIGNALBOX" queries "$@"; }
train() { "$SIGNALBOX" train "$@"; }

start_postgres shared_preload_libraries=pg_stat_statements,auto_explain logging_collector=on log_destination=jsonlog auto_explain.log_min_duration=0 \
  auto_explain.log_analyze=on auto_explain.log_format=json max_parallel_workers_per_gather=0 jit=off
psql -q <<'END'
create extension pg_stat_statements;
create table orders as select i as id, i % 5000 as customer, md5(i::text) as note from generate_series(1, 200000) i;
create index orders_customer on orders (customer);
vacuum analyze orders;
END
printf '\\set c random(0, 4999)\nSELECT count(*), max(note) FROM orders WHERE customer = :c;\n' >"$work/load.sql"

git init -q -b main "$work/shop" && cd "$work/shop"
cat >signalbox.yaml <<'YAML'
train:
  pass_at: 0
  rubric: []
  changelog: false
  boarding: {lock_before: 0}
  gates:
    - name: statements
      type: queries/regression/v1
      owner: engineering
      max_age: 1d
      require: eq(.predicate.verdict; "pass") and none(.predicate.regressions) and ge(.predicate.coverage.stats; 0.5) and eq(.predicate.coverage.dealloc; 0) and ge(.predicate.candidate.calls; 200)
YAML
git add . && git commit -q -m 'feat: begin' && git tag v0.1.0
git commit -q --allow-empty -m 'feat: the index goes'

"$SIGNALBOX" queries watch --server shop --stats-every 500ms --ash-hz 2 --log "$work/server/data/log" >/dev/null 2>"$work/lines" &
watcher=$!
wait_for 60 grep -q "counted since" "$work/lines"
now() { date -u +%Y-%m-%dT%H:%M:%S.%3NZ; }
load() { $programs/pgbench -n -c 2 -R 60 -T 14 -f "$work/load.sql" >"$work/pgbench" 2>&1 || fail "pgbench: $(cat "$work/pgbench")"; }
# Waits until what was done up to now is in a window that has ended.
read_up_to() { [ "$(queries top --json | jq -r .data.ended)" \> "$1" ]; }
settle() { at=$(now); wait_for 60 read_up_to "$at"; }
# A span of load in which nothing else is asked of the server.
span() {
  settle
  since=$(now)
  load
  settle
  echo "$since/$at"
}

before=$(span)
expect 0 queries snapshot --since "${before%/*}" --until "${before#*/}" -o "$work/before.jsonl"
grep -q '"format":"https://signalbox.dev/queries/snapshot/v1"' "$work/before.jsonl" || fail "the snapshot is none"

# What the watch asks itself is no offender, and is not lost either.
queries top --since "${before%/*}" --json -n 10000 >"$work/top.json"
jq -e '[.data.rows[] | select(.statement | test("pg_stat|pg_locks|current_setting"))] == [] and .data.own.calls > 10 and
  (([.data.rows[].counters.calls] | add) + .data.other.counters.calls) == .data.all.calls' "$work/top.json" >/dev/null || fail "the rows: $(jq -c '.data | [.rows[].statement, .own.calls, .other, .all.calls]' "$work/top.json")"

# Nothing was compared yet.
expect 1 train check --dry-run --explain
says "signalbox queries compare --record --baseline SPAN --candidate SPAN"

psql -qc "drop index orders_customer"
slower=$(span)
expect 1 queries compare --baseline "$work/before.jsonl" --candidate "$slower" --max-mean-ratio 3 --record
says "slower"
says "recorded"
expect 1 train check --dry-run
says "statements"
expect 0 "$SIGNALBOX" evidence query --type queries/regression/v1 --jq 'eq(.predicate.verdict; "fail") and (arr(.predicate.regressions) | any(eq(.why; "slower") and gt(.ratio; 3)))'
says "1 entry"
entry=$("$SIGNALBOX" evidence query --type queries/regression/v1 --json | jq '[.. | objects | select(has("index")) | .index] | first')
"$SIGNALBOX" evidence show "$entry" --json >"$work/entry"
jq -e '.data.predicate.regressions[0] | .plan_before != null and .plan_after != null and .plan_before != .plan_after' "$work/entry" >/dev/null || fail "the plans are not told: $(jq -c .data.predicate "$work/entry")"
! jq -c .data.predicate "$work/entry" | grep -qi "orders" || fail "a text of a statement is in evidence"
if /usr/bin/python3 -c 'import jsonschema' 2>/dev/null; then
  /usr/bin/python3 -c 'import json, jsonschema, sys
jsonschema.validate(json.load(open(sys.argv[1]))["data"]["predicate"], json.load(open(sys.argv[2])))' "$work/entry" "$SIGNALBOX_SOURCE_DIR/docs/schemas/queries-regression-v1.json" ||
    fail "the evidence is not as its schema says"
fi

# What was compared is about that commit alone. Of a work tree with changes it says nothing.
git commit -q --allow-empty -m 'fix: the index is back'
echo change >>signalbox.yaml
expect 2 queries compare --baseline "$work/before.jsonl" --candidate "$slower" --record
says "about which release"
git checkout -q signalbox.yaml
expect 1 train check --dry-run

psql -qc "create index orders_customer on orders (customer)"
mended=$(span)
expect 0 queries compare --baseline "$work/before.jsonl" --candidate "$mended" --max-mean-ratio 3 --record
expect 0 train check --dry-run

# A file that was cut off is refused, and too little to judge by is no pass.
head -c 300 "$work/before.jsonl" >"$work/cut.jsonl"
expect 2 queries compare --baseline "$work/cut.jsonl" --candidate "$mended"
says "cut.jsonl: line 2"
expect 1 queries compare --baseline "$work/before.jsonl" --candidate "2001-01-01T00:00:00Z/2001-01-02T00:00:00Z" --record
says "inconclusive"
expect 1 train check --dry-run
kill -TERM "$watcher"
wait "$watcher" || fail "the watch ends with $?"
watcher=
echo "a release that made a statement slower is stopped, and the one that mends it goes"
