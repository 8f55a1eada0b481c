#!/bin/sh
# `signalbox profile` on real programs: shares of a program with a known split, stacks to the bottom, children, files of both formats,
# what go tool pprof reads of them; an idle target, a missing program, a place that cannot be written to, Ctrl-C.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/profiling.sh"

only_where_sampled

# Two functions share the processor time 70 : 30, measured by the program itself, below a stack of known depth.
cat >split.c <<'END'
#include "split.h"
__attribute__((noinline)) void deeper(int depth) {
  if (depth > 0) { deeper(depth - 1); sink += depth; return; }
  for (int i = 0; i < 20; ++i) { burn_much(0.035); burn_little(0.015); }
}
int main(int argc, char **argv) { deeper(argc > 1 ? atoi(argv[1]) : 10); return argc > 2 ? atoi(argv[2]) : 0; }
END
cc -O2 -g -fomit-frame-pointer -o split split.c
cp split stripped && strip stripped

share() { # FUNCTION FILE: its own share in per cent, by go tool pprof
  go tool pprof -top -nodecount=100 "$2" 2>/dev/null | awk -v name="$1" '$6 == name { sub("%", "", $2); print $2 }'
}

expect 0 profile -o out --rate 999 ./split 10
says "burn_much"
[ -s out.svg ] && [ -s out.pb.gz ]
if command -v go >/dev/null; then
  much=$(share burn_much out.pb.gz)
  # Some 1,000 samples: three standard deviations are 4.3 points; the clock is read in it, too.
  awk -v share="$much" 'BEGIN { exit !(share > 60 && share < 76) }' || fail "burn_much has $much % of 70"
  go tool pprof -traces out.pb.gz 2>/dev/null | grep -q 'main' || fail "stacks do not reach main"
  [ "$(go tool pprof -raw out.pb.gz 2>/dev/null | grep -c 'deeper')" -ge 1 ] || fail "no recursion"
fi

# Each rung of the ladder says what it is: as asked for, and where the one above is taken away by running as nobody.
expect 0 profile -o rung --format folded --unwind dwarf ./split 3
says "unwound by tables"
grep -q '^split;_start;.*main;.*deeper;burn_much [0-9]' rung.folded || fail "$(head -3 rung.folded)"
expect 0 profile -o rung --format folded --unwind fp ./split 3
says "by frame pointers"
says "not known"
if [ "$(id -u)" = 0 ]; then
  if has_nobody && nobody "$SIGNALBOX" profile doctor >/dev/null 2>&1; then
    mkdir -m 777 nobody
    expect 0 nobody "$SIGNALBOX" profile -o nobody/out --format folded ./split 3
    says "unwound by tables"
    says "not walked in the kernel"
    grep -q '^split;_start;.*main;.*deeper;burn_much [0-9]' nobody/out.folded || fail "$(head -3 nobody/out.folded)"
  else
    echo "left out: nobody cannot run this build, or may not sample"
  fi
fi

# What a run was is evidence, about its files, its program and, where nothing was changed, its commit.
git init -q -b main repository && cd repository && cp ../split . && git add -A && git commit -q -m "feat: x"
expect 0 profile -o ../kept --format folded --work 20 --label team=a --record ./split 2
says "recorded"
expect 0 "$SIGNALBOX" evidence query --type https://signalbox.dev/profile/run/v1 --json
says "$(git rev-parse HEAD)"
says "$(sha256sum ../kept.folded | cut -c1-64)"
cd ..

# The exit code is the report's, or the program's.
expect 0 profile -o code --format folded -- ./split 1 5
says "exit code of the program"
expect 5 profile -o code --format folded --propagate-exit -- ./split 1 5
# Also where it was over before its first sample.
expect 3 profile -o none --format folded --rate 1 --propagate-exit -- sh -c 'exit 3'
says "Nothing was captured"
expect 0 profile -o none --format folded --rate 1 --propagate-exit -- true
expect 1 profile -o none --format folded --rate 1 -- true
grep -q '^split;.*main;.*deeper;burn_much [0-9]' code.folded || fail "$(head -3 code.folded)"

# Children are followed; a stripped program is named by its file.
expect 0 profile -o child --format folded --rate 999 sh -c './split 1 & ./stripped 1 & wait'
grep -q '^split;' child.folded
grep -q '^stripped;.*\[stripped\]' child.folded || fail "$(grep stripped child.folded | head -3)"

# Without children there are the threads of the process itself still, those that it makes later, too.
cat >both.c <<'END'
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>
#include "split.h"
static void *in_thread(void *x) { burn_much(0.5); return x; }
int main(void) {
  pthread_t thread;
  const pid_t child = fork();
  if (child == 0) { burn_little(0.5); return 0; }
  pthread_create(&thread, 0, in_thread, 0);
  pthread_join(thread, 0);
  waitpid(child, 0, 0);
  return 0;
}
END
cc -O2 -g -pthread -o both both.c
expect 0 profile -o alone --format folded --no-children ./both
grep -q ';in_thread;burn_much [0-9]' alone.folded || fail "the thread is not there: $(head -3 alone.folded)"
! grep -q burn_little alone.folded || fail "the child is there"

# A running process, and its threads; the process goes on.
./split 10 & # some 1 s
running=$!
expect 0 profile --pid $running --duration 2s -o running --format pprof
wait $running
[ -s running.pb.gz ]
# It ended before the recording did, which says what it was all the same.
gunzip <running.pb.gz | grep -aq 'command.*\./split 10' || fail "the recording does not say of which command it is"

# Nothing to sample: said, with what to do, and no file.
sleep 60 &
idle=$!
expect 1 profile --pid $idle --duration 1s -o idle
says "idle"
[ ! -e idle.svg ]
kill $idle
expect 2 profile ./there-is-none
expect 2 profile --pid 999999999
expect 2 profile --pid 4194304
expect 2 profile -o x.svg --format pprof ./split
says "is a file of format"
expect 2 profile -o no-such-folder/x ./split
expect 2 profile --format svgg ./split
says "flamegraph"
expect 2 profile

# Ctrl-C ends it early, and what was sampled is written. The program says when it has run for a while, and would do so for long.
cat >long.c <<'END'
#include <unistd.h>
#include "split.h"
int main(void) { burn_much(0.2); printf("runs as %d\n", (int)getpid()); fflush(stdout); burn_much(600); return 0; }
END
cc -O2 -g -o long long.c
"$SIGNALBOX" profile -o early --rate 999 ./long >said 2>&1 &
profiler=$!
pids="$pids $profiler"
tries=0
until grep -q '^runs as ' said; do
  tries=$((tries + 1))
  [ $tries -lt 600 ] || fail "the program does not begin: $(cat said)"
  sleep 0.1
done
long=$(sed -n 's/^runs as //p' said)
pids="$pids $long"
kill -INT $profiler
wait $profiler || fail "ended by Ctrl-C: $(cat said)"
[ -s early.svg ]
grep -q burn_much said || fail "what was sampled is not told: $(cat said)"
kill -0 $long || fail "the program ended with its profiler"
