#!/bin/sh
# newcomer.sh: a newcomer's first minutes in this checkout, each step timed and checked: ./run decides NO-GO and serves the board, the one
# command it ends with is run, and the open board goes GO. Best in a new clone: on a bare system, scripts/fresh.sh scripts/newcomer.sh.
# The checkout must be clean, else the tests' results are not evidence for its commit.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
server=
watcher=
finish() {
  [ -z "$watcher" ] || kill "$watcher" 2>/dev/null || :
  [ -z "$server" ] || kill "$server" 2>/dev/null || :
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM
now_ms() { date +%s%3N; }
fail() {
  echo "FAIL: $*" >&2
  [ ! -s "$work/out" ] || tail -n 30 "$work/out" >&2
  exit 1
}
step() { # TEXT: ends the step that began when the last one ended
  ended=$(now_ms)
  printf '%6d.%01d s  %s\n' $(((ended - began) / 1000)) $(((ended - began) % 1000 / 100)) "$1"
  began=$(now_ms)
}
# Waits until FILE holds PATTERN: `await FILE PATTERN SECONDS WHAT`.
await() {
  tries=$(($3 * 10))
  until grep -q "$2" "$1" 2>/dev/null; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || { cp "$1" "$work/out"; fail "$4 did not come in $3 s"; }
    sleep 0.1
  done
}

[ -z "$(git status --porcelain | head -n 1)" ] || fail "the checkout has changes that are not committed"
began=$(now_ms)
./run --version >"$work/out" 2>&1 || fail "./run --version ended with $?"
step "./run --version, the first time: $(tail -n 1 "$work/out")"

./run --version >"$work/out" 2>&1 || fail "the second ./run --version ended with $?"
took=$(($(now_ms) - began))
[ "$(wc -l <"$work/out")" = 1 ] || fail "the second call says more than its answer"
[ $took -lt 500 ] || fail "the second call takes $took ms, which is not under 500"
step "./run --version, the second time ($took ms)"
if unshare -n true 2>/dev/null; then
  unshare -n ./run --version >"$work/out" 2>&1 || fail "without network ./run --version ended with $?"
  step "./run --version without network"
fi

./run >"$work/run" 2>&1 &
server=$!
await "$work/run" '/open?token=' 60 "the console's address"
cp "$work/run" "$work/out"
grep -q 'NO-GO' "$work/run" || fail "the first decision is not NO-GO"
grep -qi 'self-trusted' "$work/run" || fail "the decision does not say that it is self-trusted"
grep -q '^next: \./test --fast$' "$work/run" || fail "the decision does not end with ./test --fast"
address=$(grep -o 'http://[^ ]*/open?token=[^ ]*' "$work/run" | head -n 1)
step "./run: NO-GO, and the console's address"

# The board as a page has it: the link's cookie, then the stream of decisions.
cat >"$work/watch.mjs" <<'END'
const opened = await fetch(process.argv[2], { redirect: 'manual' });
const cookie = opened.headers.get('set-cookie').split(';')[0];
const stream = await fetch(new URL('/api/v1/train/stream', process.argv[2]), { headers: { cookie } });
let held = '';
for await (const part of stream.body.pipeThrough(new TextDecoderStream())) {
  held += part;
  for (let end = held.indexOf('\n\n'); end >= 0; end = held.indexOf('\n\n')) {
    const data = held.slice(0, end).split('\n').filter((line) => line.startsWith('data:')).map((line) => line.slice(5)).join('\n');
    if (data) console.log('board:', JSON.parse(data).data.decision);
    held = held.slice(end + 2);
  }
}
END
node "$work/watch.mjs" "$address" >"$work/board" 2>&1 &
watcher=$!
await "$work/board" 'board: NO-GO' 30 "the board's NO-GO"
step "the open board says NO-GO"

./test --fast >"$work/out" 2>&1 || fail "./test --fast ended with $?"
step "./test --fast: $(tail -n 1 "$work/out")"
await "$work/board" 'board: GO' 15 "the board's GO"
step "the open board went GO by itself"
./run train check >"$work/out" 2>&1 || fail "train check ended with $?"
step "./run train check: GO"
kill -TERM "$server"
code=0
wait "$server" || code=$?
server=
[ $code = 0 ] || { cp "$work/run" "$work/out"; fail "the server ended with $code"; }
step "the server ended at SIGTERM"
