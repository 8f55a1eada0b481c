#!/bin/sh
# What is signed while the store cannot be written waits in the spool: where a server is away, where a store is held, where not even
# the spool can be written; and who logs it later.
set -eu
work=$(mktemp -d)
processes=
# shellcheck disable=SC2086
trap '[ -z "$processes" ] || kill -9 $processes 2>/dev/null || :; chmod -R u+w "$work"; rm -rf "$work"' EXIT
fail() { echo "FAIL: $*" >&2; cat "$work/out" "$work/err" >&2 2>/dev/null || :; exit 1; }
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/wait.sh"
# run WANTED-CODE WORDS...: `signalbox evidence WORDS`; what it prints is in out and err.
run() {
  wanted=$1; shift; code=0
  "$SIGNALBOX" evidence "$@" >"$work/out" 2>"$work/err" </dev/null || code=$?
  [ "$code" = "$wanted" ] || fail "evidence $*: exit $code instead of $wanted"
}
says() { grep -qF -- "$1" "$work/out" || fail "does not say: $1"; }
complains() { grep -qF -- "$1" "$work/err" || fail "does not complain: $1"; }
# start ARGUMENT...: a server in this folder; $base is its origin, $server its process.
start() {
  : >"$work/serve.out"
  "$SIGNALBOX" serve "$@" >"$work/serve.out" 2>"$work/serve.err" &
  server=$!
  processes="$processes $server"
  for _ in $(seq 400); do
    base=$(sed -n 's|^\(https*://[^/]*\)/.*|\1|p' "$work/serve.out")
    [ -z "$base" ] || return 0
    sleep 0.05
  done
  fail "serve prints no address: $(cat "$work/serve.err")"
}
end() { kill -TERM "$1"; wait "$1" || :; }
export XDG_DATA_HOME="$work/home" GIT_CONFIG_GLOBAL=/dev/null
unset SIGNALBOX_TOKEN SIGNALBOX_TOKEN_FILE SIGNALBOX_CA_FILE SIGNALBOX_STORE || :
subject="gitCommit:$(printf '%040d' 1)"
for number in 1 2 3 4 5; do printf '{"number":%s}' $number >"$work/$number.json"; done
repository() { mkdir "$work/$1" && git init -q "$work/$1"; }
add() { run "$1" add json "$work/$2.json" --subject "$subject" --type https://example.com/n/v1 --store "$3"; }

# A server that went away: in order, once, though asked for twice.
repository box && cd "$work/box"
start --listen 127.0.0.1:0
SIGNALBOX_TOKEN=$("$SIGNALBOX" serve token add ci 2>/dev/null)
export SIGNALBOX_TOKEN
repository job && cd "$work/job"
add 0 1 "$base"
end "$server"
add 3 2 "$base"; complains "what was signed is kept in"; complains "signalbox evidence log drain"
add 3 3 "$base"
run 3 log drain --store "$base"
[ "$(find .git/signalbox/spool -name '*.dsse.json' | wc -l)" = 2 ] || fail "two envelopes should wait"
cd "$work/box" && start --listen "${base#http://}"
cd "$work/job"
add 0 4 "$base"; says "recorded as entry 3"
run 0 log drain --store "$base"; says "nothing was waiting"
cd "$work/box"
run 0 query --subject "$subject" --json
[ "$(grep -c '"index"' "$work/out")" = 4 ] || fail "four entries should be there"
for pair in 0:1 1:2 2:3 3:4; do
  run 0 show "${pair%:*}" --json; says "\"number\": ${pair#*:}"
done
end "$server"

# A store that is held: the server logs what waits as soon as it can.
store=.git/signalbox/signalbox.db
/usr/bin/python3 -c 'import sqlite3, sys, time
store = sqlite3.connect(sys.argv[1], isolation_level=None)
store.execute("begin immediate")
open(sys.argv[2], "w").close()
time.sleep(60)' "$store" "$work/locked" &
holder=$!
processes="$processes $holder"
wait_for 60 test -e "$work/locked"
add 3 5 ""; complains "pid $holder"
kill "$holder"; wait "$holder" 2>/dev/null || :
run 0 log status; says "waiting in the spool"
start --listen 127.0.0.1:0
for _ in $(seq 100); do
  [ -n "$(find .git/signalbox/spool -maxdepth 1 -name '*.dsse.json')" ] || break
  sleep 0.1
done
run 0 show 4 --json; says '"number": 5'
grep -q "envelopes that waited are logged" "$work/serve.err" || fail "the server does not say what it did: $(cat "$work/serve.err")"
end "$server"

# The same envelope again.
run 0 bundle 4 -o "$work/one.json"
run 0 unbundle "$work/one.json" -o "$work/one.jsonl"
run 0 append "$work/one.jsonl" --dedupe; says "0 entries; 1 there already"
run 0 append "$work/one.jsonl"; says "1 entry"
run 0 verify; says "everything holds"

# Where not even the spool can be written, that is said.
cd "$work/job"
find .git/signalbox/spool -mindepth 1 -delete && rmdir .git/signalbox/spool && : >.git/signalbox/spool
add 3 2 "$base"; complains "it cannot be kept for later"
echo "the spool keeps what the store cannot"
