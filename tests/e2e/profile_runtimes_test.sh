#!/bin/sh
# `signalbox profile --pid` of runtimes that run already: names of compiled code from V8's dump; a map that an older process of the same number
# left behind is not believed.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/scratch.sh"
mkdir "$folder/x" && cd "$folder/x"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"

fail() { echo "$*"; exit 1; }
profile() { "$SIGNALBOX" profile "$@"; }
left_out() { echo "left out: $*"; }

code=0
profile doctor >doctor 2>&1 || code=$?
case $code in
  0) ;;
  1) echo "skipped: this machine or container does not let programs be sampled"; exit 77 ;;
  *) fail "doctor ended with $code: $(cat doctor)" ;;
esac

# Until a started program wrote this file, for a minute.
until_there() {
  tries=0
  until [ -s "$1" ]; do
    tries=$((tries + 1))
    [ $tries -lt 600 ] || fail "$1 does not come"
    sleep 0.1
  done
}
end_it() { # PID, started by this shell
  kill "$1"
  wait "$1" 2>/dev/null || :
}

if command -v node >/dev/null; then
  cat >work.js <<'END'
function fib_of_node(n) { return n < 2 ? n : fib_of_node(n - 1) + fib_of_node(n - 2); }
for (let i = 0; ; ++i) { fib_of_node(24); if (i === 50) require('fs').writeFileSync(process.argv[2], 'x'); }
END
  # Its code has names in the dump that it mapped, and nowhere else.
  node --perf-prof --interpreted-frames-native-stack work.js dumped &
  pids=$!
  until_there dumped
  expect 0 profile --pid $pids --duration 2s -o dumped --format folded
  never_says "profile/runtime"
  grep -q 'fib_of_node [^;]*work.js:1:[0-9]*;fib_of_node ' dumped.folded || fail "no names by the dump: $(head -3 dumped.folded)"
  end_it $pids

  # Whoever had this number before called all memory something else.
  node work.js plain &
  pids=$!
  until_there plain
  map=/tmp/perf-$pids.map
  echo "1000 7fffffffe000 of_an_older_process" >"$map"
  touch -d '1 day ago' "$map"
  expect 0 profile --pid $pids --duration 1s -o stale --format folded
  says "is older than process $pids"
  ! grep -q of_an_older_process stale.folded || fail "an old map was believed"
  # The same, written now, is the process' own.
  touch "$map"
  expect 0 profile --pid $pids --duration 1s -o fresh --format folded
  rm -f "$map"
  never_says "is older"
  grep -q of_an_older_process fresh.folded || fail "a map of now was not believed: $(head -3 fresh.folded)"
  end_it $pids
  pids=
else
  left_out "Node: it is not there"
fi
