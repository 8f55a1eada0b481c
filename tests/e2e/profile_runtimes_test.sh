#!/bin/sh
# `signalbox profile --pid` of runtimes that run already: names of compiled code from V8's dump; a map that an older process of the same number
# left behind is not believed; a JVM is asked for names, also for those of what it compiles meanwhile.
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

if command -v javac >/dev/null && command -v java >/dev/null; then
  cat >Work.java <<'END'
import java.io.File;
public class Work {
  static volatile double sink;
  static double compute_in_java(int n) { double s = 0; for (int i = 1; i < n; i++) s += Math.sqrt(i) / (i + s); return s; }
  static double compute_later(int n) { double s = 0; for (int i = 1; i < n; i++) s += Math.sqrt(i + 1) / (i + s); return s; }
  static void turn(boolean later) { sink += later ? compute_later(20000) : compute_in_java(20000); }
  public static void main(String[] a) throws Exception {
    boolean later = false;
    for (long i = 0; ; i++) {
      turn(later);
      if (i == 3000) new java.io.FileOutputStream(a[0]).write('x');
      if (i % 1000 == 0) later = new File(a[1]).exists();
    }
  }
}
END
  javac Work.java
  java="java -XX:CompileCommand=quiet -XX:CompileCommand=dontinline,Work.compute*"
  $java -XX:+PreserveFramePointer Work ready later >said &
  pids=$!
  until_there ready
  expect 0 profile --pid $pids --duration 2s -o java --format folded
  never_says "profile/runtime"
  grep -q 'Work.turn[^;]*;[^;]*Work.compute_in_java' java.folded || fail "no names of a JVM: $(head -3 java.folded)"
  # What is compiled while it is recorded.
  (sleep 1 && touch later) &
  expect 0 profile --pid $pids --duration 4s -o meanwhile --format folded
  grep -q 'Work.compute_later' meanwhile.folded || fail "no names of what was compiled meanwhile: $(head -3 meanwhile.folded)"
  end_it $pids
  [ ! -s said ] || fail "the JVM said: $(head -3 said)"
  rm -f "/tmp/perf-$pids.map" later ready

  # Asked for nothing, and where it keeps no frame pointers.
  $java Work ready later &
  pids=$!
  until_there ready
  expect 0 profile --pid $pids --duration 1s -o unasked --format folded --no-runtimes
  ! grep -q 'compute_in_java' unasked.folded || fail "a JVM was asked"
  expect 0 profile --pid $pids --duration 1s -o frames --format folded
  says "PreserveFramePointer"
  grep -q 'Work.compute_in_java' frames.folded || fail "no names: $(head -3 frames.folded)"
  end_it $pids
  rm -f "/tmp/perf-$pids.map"

  # Another user's, asked as that user.
  if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    chmod 755 "$folder" "$folder/x"
    mkdir -m 777 nobody
    setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all $java -XX:+PreserveFramePointer -cp "$folder/x" Work nobody/ready later &
    pids=$!
    until_there nobody/ready
    expect 0 profile --pid $pids --duration 1s -o other --format folded
    never_says "profile/runtime"
    grep -q 'Work.compute_in_java' other.folded || fail "no names of another user's JVM: $(head -3 other.folded)"
    end_it $pids
    rm -f "/tmp/perf-$pids.map"
  else
    left_out "a JVM of another user: that needs root"
  fi
  pids=
else
  left_out "Java: javac is not there"
fi

# A stripped program of Go, by the table of its runtime.
if command -v go >/dev/null; then
  mkdir go && cat >go/main.go <<'END'
package main

import "os"

var sink float64

//go:noinline
func computeInGo(n int) {
	for i := 1; i < n; i++ {
		sink += smaller(i)
	}
}

func smaller(i int) float64 { return 1 / (float64(i) + sink) }

func main() {
	for i := 0; ; i++ {
		computeInGo(100000)
		if i == 10 {
			os.WriteFile(os.Args[1], []byte("x"), 0o644)
		}
	}
}
END
  (cd go && GOCACHE="$folder/gocache" GO111MODULE=off go build -ldflags='-s -w' -o work main.go)
  ./go/work going &
  pids=$!
  until_there going
  expect 0 profile --pid $pids --duration 1s -o going --format folded
  grep -q 'runtime.goexit;runtime.main;.*main.computeInGo' going.folded || fail "no names of a stripped Go program: $(head -3 going.folded)"
  grep -q 'main.computeInGo;main.smaller' going.folded || fail "no inlined functions: $(head -3 going.folded)"
  end_it $pids
  pids=
else
  left_out "Go: it is not there"
fi
