#!/bin/sh
# `signalbox profile dump` on a program that prints its own stacks by backtrace() of glibc: the same functions in the same order, for threads
# that wait and for one that works, with and without frame pointers; what threads wait in; the program is not disturbed.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/profiling.sh"

dump() { "$SIGNALBOX" profile dump "$@"; }

expect 2 dump
says "whose stacks?"
expect 2 dump --pid 999999999
says "no process 999999999"
expect 0 dump --help
says "the threads of this process"
never_says "its children"
command -v cc >/dev/null || { echo "left out: stacks of a program, since there is no compiler"; exit 0; }

cat >threads.c <<'END'
#define _GNU_SOURCE
#include <execinfo.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t all;
volatile double sink;
volatile int over;
/* "NAME: function function …", callers of the function that calls it, leaf first. */
__attribute__((noinline)) static void tell(const char *thread) {
  void *addresses[64];
  const int count = backtrace(addresses, 64);
  char **names = backtrace_symbols(addresses, count);
  char line[4096] = "";
  for (int i = 1; i < count; ++i) {
    char *begin = strchr(names[i], '('), *end = begin ? strpbrk(begin, "+)") : NULL;
    if (!end || end == begin + 1) continue;
    *end = 0;
    strcat(strcat(line, " "), begin + 1);
  }
  printf("%s:%s\n", thread, line);
  fflush(stdout);
  pthread_barrier_wait(&all);
}
__attribute__((noinline)) void wait_for_lock(int depth) {
  if (depth > 0) { wait_for_lock(depth - 1); sink += depth; return; }
  tell("locked");
  pthread_mutex_lock(&held);
  sink += 1;
}
__attribute__((noinline)) void work_hard(void) { tell("worker"); while (!over) sink += 1; }
__attribute__((noinline)) void read_pipe(int end) { char octet; tell("reader"); while (read(end, &octet, 1) >= 0) sink += 1; }
void *locked(void *x) { pthread_setname_np(pthread_self(), "locked"); wait_for_lock(6); return x; }
void *worker(void *x) { pthread_setname_np(pthread_self(), "worker"); work_hard(); return x; }
void *reader(void *x) { pthread_setname_np(pthread_self(), "reader"); read_pipe(*(int *)x); return x; }
int main(void) {
  pthread_t thread;
  int ends[2];
  if (pipe(ends)) return 1;
  pthread_mutex_lock(&held);
  pthread_barrier_init(&all, NULL, 4);
  pthread_create(&thread, NULL, locked, NULL);
  pthread_create(&thread, NULL, worker, NULL);
  pthread_create(&thread, NULL, reader, ends);
  pthread_barrier_wait(&all);
  puts("ready");
  fflush(stdout);
  poll(NULL, 0, -1);
  return 0;
}
END

# compare TOLD DUMP PARTLY: each thread's functions of the program as it told them, against the dump; a stack that ends early, and says so,
# has to begin as the told one does.
cat >compare.py <<'END_OF_PYTHON'
import json, sys
told = dict(line.strip().split(":", 1) for line in open(sys.argv[1]) if ":" in line)
report = json.load(open(sys.argv[2]))
threads = {thread["name"]: thread for thread in report["data"]["threads"]}
for name, line in told.items():
    wanted = line.split()
    assert len(wanted) >= 2, line
    thread = threads[name]
    frames = thread["frames"]
    ours = [frame["function"] for frame in frames if frame["module"].startswith("threads")]
    ends_early = any(frame["function"].startswith("[truncated") for frame in frames)
    assert frames, thread
    if ends_early:
        assert sys.argv[3] == "partly" and name != "worker", (name, frames)
        assert ours == wanted[:len(ours)], (ours, wanted)
    else:
        assert ours == wanted, (name, ours, wanted)
        assert frames[-1]["function"].startswith(("clone", "__clone", "_start")), frames
    if name == "worker":
        assert thread["state"] == "R", thread
    else:
        assert thread["state"] == "S" and not thread["runs"], thread
        assert thread["system_call"] == {"locked": "futex", "reader": "read"}[name], thread
    print(name, thread["state"], "ends early" if ends_early else "whole", len(frames), "frames")
END_OF_PYTHON

# Whether all threads are where they stay.
settled() { # PID
  [ "$(grep -h "^State:.*S" /proc/$1/task/*/status | wc -l)" = 3 ]
}

rest_where_sampled "stacks"
grep -q 'the BPF program loads' "$folder/doctor" && in_kernel=1 || in_kernel=0

for flags in "-O2 -fomit-frame-pointer" "-O0 -fno-omit-frame-pointer"; do
  cc $flags -g -rdynamic -pthread -o threads threads.c
  ./threads >told &
  target=$!
  pids="$pids $target"
  wait_for 60 grep -q ready told
  wait_for 60 settled $target
  echo "$flags"
  if [ $in_kernel = 1 ]; then
    dump --pid $target --json >dump.json || fail "$(cat dump.json)"
    /usr/bin/python3 compare.py told dump.json whole
  fi
  dump --pid $target --no-bpf --json >dump.json || fail "$(cat dump.json)"
  /usr/bin/python3 compare.py told dump.json partly
  # It was neither stopped nor ended.
  [ "$(grep -h '^State:' /proc/$target/task/*/status | grep -c '[Tt] (')" = 0 ] || fail "a thread was stopped"
done

expect 0 dump --pid $target
# What the doctor says of dumps is how they are made.
if grep -q 'a BPF program reads them' "$folder/doctor"; then
  says "BPF: registers of threads at rest"
else
  says "/proc, without frame pointers"
fi
says "locked sleeps in futex"
says "threads.c:"
case $out in *"worker runs"* | *"worker waits for a processor"*) ;; *) fail "$out" ;; esac
# Of several each thread says whose it is; one that is gone does, too.
sleep 600 & idle=$!
pids="$pids $idle"
wait_for 60 is_called $idle sleep
expect 0 dump --pid $target,$idle,999999999
says "Stacks of 6 threads of 3 processes"
says "locked of threads ($target) sleeps in futex"
says "sleep of sleep ($idle) sleeps"
says "no stack, it ended"
expect 0 dump --name '^threads$' --format folded
says ";reader;read_pipe;"
expect 0 dump --pid $target -o dump.svg
grep -q '<svg' dump.svg
if has_nobody && nobody "$SIGNALBOX" profile doctor >/dev/null 2>&1; then
  expect 3 nobody "$SIGNALBOX" profile dump --pid $target
  says "may not be looked into"
  # The program in the kernel tells of registers, but the memory of others needs a right of its own: stacks of nothing are no answer.
  with="--reuid 65534 --regid 65534 --clear-groups --inh-caps -all,+bpf,+perfmon --ambient-caps +bpf,+perfmon"
  if [ $in_kernel = 1 ] && setpriv $with env HOME=/nonexistent "$SIGNALBOX" profile doctor 2>&1 | grep -q 'the BPF program loads'; then
    expect 3 setpriv $with env HOME=/nonexistent "$SIGNALBOX" profile dump --pid $target
    says "may not be looked into"
    says "CAP_SYS_PTRACE"
  fi
fi

# Within a namespace of processes the kernel has other numbers than are seen there: the second process is no other, above all not the
# kernel's second one.
if unshare --pid --fork --mount-proc true 2>/dev/null; then
  unshare --pid --fork --mount-proc sh -c '
    sh -c "while :; do :; done" & busy=$!
    sleep 600 & idle=$!
    tries=0
    until [ "$(cat /proc/$idle/comm)" = sleep ] && grep -q "^State:.*S" /proc/$idle/status; do
      [ $((tries += 1)) -lt 600 ] || exit 9
      sleep 0.1
    done
    code=0
    "$SIGNALBOX" profile dump --pid $idle --json >dump.json || code=$?
    "$SIGNALBOX" profile --pid $busy --duration 1s -o inside --format folded >said || code=$?
    kill $idle $busy
    exit $code' || fail "in a namespace of processes: $(cat dump.json said)"
  /usr/bin/python3 - dump.json said <<'END_OF_PYTHON'
import json, sys
report, said = json.load(open(sys.argv[1])), open(sys.argv[2]).read()
(thread,) = report["data"]["threads"]
names = [frame["function"] for frame in thread["frames"]]
assert thread["name"] == "sleep" and "nanosleep" in thread["system_call"], thread
assert any("nanosleep" in name for name in names), names
assert report["data"]["read_by"].startswith("/proc"), report["data"]["read_by"]
assert "perf_event" in said, said
print("within a namespace of processes:", names[0])
END_OF_PYTHON
else
  echo "left out: a namespace of processes, which cannot be made here"
fi
kill $target
