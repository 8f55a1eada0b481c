#!/bin/sh
# `signalbox profile --mode off-cpu` and `wall` beside a program that measures its own waits: sleeps, a lock, a pipe, each with who woke it;
# the sum of a thread's time; idle, many and short-lived threads; a target and a profiler that are killed; what is refused.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/scratch.sh"
mkdir "$folder/x" && cd "$folder/x"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"

. "$SIGNALBOX_SOURCE_DIR/tests/e2e/wait.sh"

fail() { echo "$*"; exit 1; }
profile() { "$SIGNALBOX" profile "$@"; }

# What is refused needs no rights.
expect 2 profile --mode off-cpu --rate 999 true
says "there is no rate"
expect 2 profile --mode off-cpu --system
says "not of --system"
expect 2 profile --mode wall --max-overhead 1% true
says "at half the rate"
expect 2 profile --mode off-cpu --production true
says "at half the rate"
expect 2 profile --wakers true
says "off-cpu"
expect 2 profile --mode wall --unwind fp true
says "--unwind"
for wrong in soon 5 -1ms 1.5ms us 99999999999s 1h; do
  expect 2 profile --mode off-cpu --min-block $wrong true
  says "is no time"
done
expect 2 profile --mode off-line true
says "off-cpu"

if [ "$(id -u)" = 0 ]; then
  chmod 755 "$folder" "$folder/x"
  nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all env HOME=/nonexistent "$@"; }
  if nobody test -x "$SIGNALBOX" && [ "$(cat /proc/sys/kernel/unprivileged_bpf_disabled)" != 0 ]; then
    mkdir -m 777 nobody
    expect 3 nobody "$SIGNALBOX" profile --mode off-cpu -o nobody/out true
    says "BPF"
    says "cap_bpf"
  fi
fi

code=0
profile doctor >doctor 2>&1 || code=$?
[ $code -le 1 ] || fail "doctor ended with $code: $(cat doctor)"
grep -q 'the BPF programs at the scheduler load' doctor || { echo "skipped: this machine or container does not let BPF programs be loaded"; exit 77; }

# Each wait is timed by the program itself, in a function of its own; each thread says how long it lived and ran, by the scheduler's account.
cat >waits.c <<'END'
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int ends[2];
volatile double sink;
static double seconds(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
static void say(const char *what, double s) {
  char line[80];
  int n = snprintf(line, sizeof line, "%s %.6f\n", what, s);
  if (write(1, line, n) != n) _exit(9);
}
static double began(void) { return seconds(CLOCK_MONOTONIC); }
__attribute__((noinline)) void nap(long ms) { struct timespec t = {ms / 1000, ms % 1000 * 1000000}; nanosleep(&t, 0); sink += 1; }
__attribute__((noinline)) void wait_for_lock(void) { pthread_mutex_lock(&lock); sink += 1; }
__attribute__((noinline)) void let_go(void) { pthread_mutex_unlock(&lock); sink += 1; }
__attribute__((noinline)) void wait_for_octet(void) { char c; if (read(ends[0], &c, 1) != 1) _exit(9); sink += 1; }
__attribute__((noinline)) void send_octet(void) { if (write(ends[1], "x", 1) != 1) _exit(9); sink += 1; }
__attribute__((noinline)) void burn(double s) { for (double end = seconds(CLOCK_THREAD_CPUTIME_ID) + s; seconds(CLOCK_THREAD_CPUTIME_ID) < end;) for (int i = 0; i < 10000; ++i) sink += i; }
static void lived(const char *name, double from) {
  char what[40];
  snprintf(what, sizeof what, "lived-%s", name);
  say(what, began() - from);
  snprintf(what, sizeof what, "ran-%s", name);
  say(what, seconds(CLOCK_THREAD_CPUTIME_ID));
}
static void *locker(void *x) {
  double from = began();
  pthread_setname_np(pthread_self(), "locker");
  double t = began();
  wait_for_lock();
  say("wait_for_lock", began() - t);
  pthread_mutex_unlock(&lock);
  lived("locker", from);
  return x;
}
static void *reader(void *x) {
  double from = began();
  pthread_setname_np(pthread_self(), "reader");
  double t = began();
  wait_for_octet();
  say("wait_for_octet", began() - t);
  burn(0.1);
  lived("reader", from);
  return x;
}
int main(void) {
  double from = began(), t;
  pthread_t a, b;
  if (pipe(ends)) return 1;
  pthread_mutex_lock(&lock);
  pthread_create(&a, 0, locker, 0);
  pthread_create(&b, 0, reader, 0);
  t = began();
  nap(300);
  say("nap", began() - t);
  let_go();
  t = began();
  nap(200);
  say("nap", began() - t);
  send_octet();
  pthread_join(a, 0);
  pthread_join(b, 0);
  burn(0.2);
  lived("waits", from);
  return 0;
}
END
cc -O2 -g -fomit-frame-pointer -pthread -o waits waits.c

told() { awk -v name="$1" '$1 == name { sum += $2 } END { printf "%.0f\n", sum * 1e9 }' "$2"; }
within() { # GOT WANTED: of nanoseconds, to two per cent and two milliseconds
  awk -v got="$1" -v wanted="$2" 'BEGIN { d = got - wanted; if (d < 0) d = -d; exit !(d <= 0.02 * wanted + 2e6) }' || fail "$3: $1 ns instead of $2"
}
of() { awk -v pattern="$1" '$0 ~ pattern { sum += $NF } END { printf "%.0f\n", sum }' "$2"; } # what matches in a folded file

# The printed lines are the truth; the profiler's own words go elsewhere.
profile --mode off-cpu --wakers --format folded --format pprof -o off ./waits >said || fail "$(cat said)"
for function in nap wait_for_lock wait_for_octet; do
  within "$(of ";$function;" off.folded)" "$(told $function said)" "off-cpu in $function"
done
grep -q '^waits;_start;.*;main;nap;.*nanosleep' off.folded || fail "no nap below main: $(cat off.folded)"
# Who ended it: the function that unlocked, the one that wrote, a timer.
[ "$(of ';wait_for_lock;.*\[woken by\];waits;.*;let_go;main;' off.folded)" -gt 200000000 ] || fail "let_go did not wake the locker: $(cat off.folded)"
[ "$(of ';wait_for_octet;.*\[woken by\];waits;.*;send_octet;main;' off.folded)" -gt 400000000 ] || fail "send_octet did not wake the reader: $(cat off.folded)"
if [ "$(cat /proc/sys/kernel/kptr_restrict)" = 0 ] || [ "$(id -u)" = 0 ]; then
  [ "$(of ';nap;.*\[woken by\];\[interrupt\];.*hrtimer' off.folded)" -gt 400000000 ] || fail "no timer ended the naps: $(cat off.folded)"
  never_in='__schedule|bpf_prog_'
  grep -E ";($never_in)[; ]" off.folded && fail "the scheduler or the profiler itself stands in a stack of a wait"
fi

# The table is of what was waited in: who woke it did not wait.
"$SIGNALBOX" profile report off.pb.gz --json >off.json
python3 - off.json <<'END' || exit 1
import json, sys
rows = {row["function"]: row for row in json.load(open(sys.argv[1]))["data"]["rows"]}
assert "[woken by]" not in rows and rows["_start"]["self"]["offcpu"] == 0, sorted(rows)
# Both can be taken from their processor themselves, for a moment.
for waker, ended in (("let_go", 300e6), ("send_octet", 500e6)):
    assert rows.get(waker, {"cumulative": {"offcpu": 0}})["cumulative"]["offcpu"] < ended / 2, (waker, rows[waker])
assert rows["nap"]["cumulative"]["offcpu"] > 400e6 and rows["nap"]["self"]["offcpu"] == 0, rows["nap"]
END

# What is waited for, in words: whose function, what in, and who ended it.
python3 - off.json <<'END' || exit 1
import json, sys
waits = json.load(open(sys.argv[1]))["data"]["waits"]
def found(function, woken_by):
    return sum(row["ns"] for row in waits if row["function"] == function and woken_by in row["woken_by"])
assert found("nap", "[interrupt]") > 400e6, waits
assert found("wait_for_lock", "let_go") > 200e6, waits
assert found("wait_for_octet", "send_octet") > 400e6, waits
END

# The same run twice is compared by its waits, and not with one of processor time; what a receiver gets is in nanoseconds of waits.
profile --mode off-cpu --wakers -o again ./waits >said || fail "$(cat said)"
expect 0 profile diff off.pb.gz again.pb.gz
says "offcpu"
says "[woken by]"
expect 0 profile check off.pb.gz -- off.pb.gz
profile --mode cpu --rate 999 -o ran ./waits >said || fail "$(cat said)"
expect 2 profile check off.pb.gz -- ran.pb.gz
expect 2 profile diff off.pb.gz ran.pb.gz
says "differ in mode: off-cpu and cpu"
mkdir got
mkfifo input
python3 "$SIGNALBOX_SOURCE_DIR/tests/e2e/profile_receiver.py" got <input >port &
receiver=$!
pids="$pids $receiver"
exec 9>input
tries=0
until [ -s port ]; do
  tries=$((tries + 1))
  [ $tries -lt 600 ] || fail "the receiver never began"
  sleep 0.1
done
for to in pyroscope parca otlp; do expect 0 profile upload off.pb.gz --to $to "http://127.0.0.1:$(cat port)"; done
exec 9>&-
wait $receiver
if command -v go >/dev/null; then
  go tool pprof -top -sample_index=offcpu got/1.body >top 2>/dev/null || fail "what Pyroscope gets is no profile"
  grep -q 'Type: offcpu' top || fail "$(cat top)"
fi
grep -q off_cpu got/2.body || fail "Parca is not told that it is of waits"
gunzip <got/3.body >otlp
for word in offcpu nanoseconds let_go; do grep -q $word otlp || fail "no $word in what a collector gets"; done

# Without wakers a wait ends in what was waited in.
profile --mode off-cpu --format folded --format pprof --format speedscope -o plain ./waits >said || fail "$(cat said)"
grep -q 'woken by' plain.folded && fail "wakers that were not asked for"
within "$(of ';wait_for_lock;' plain.folded)" "$(told wait_for_lock said)" "off-cpu without wakers"
grep -q '"unit":"nanoseconds"' plain.speedscope.json || fail "speedscope: $(head -c 400 plain.speedscope.json)"
expect 0 profile report plain.pb.gz
says "offcpu"
expect 0 profile report plain.pb.gz --value samples

# Without children there are the process' own threads, those that it makes later, too.
profile --mode off-cpu --no-children --format folded -o alone ./waits >said || fail "$(cat said)"
within "$(of ';wait_for_octet;' alone.folded)" "$(told wait_for_octet said)" "off-cpu without children"

# Longer ones alone; the others are added up.
profile --mode off-cpu --min-block 250ms --format folded -o long ./waits >said || fail "$(cat said)"
awk '$NF < 250000000 && $0 !~ /lost/ { exit 1 }' long.folded || fail "shorter than --min-block: $(cat long.folded)"
grep -q 'waits too short to tell .*s in [1-9]' said || fail "short waits are not counted: $(cat said)"

# Wall: what a thread's samples and waits add up to is its life; processor time is what the scheduler says.
profile --mode wall --format speedscope --format pprof -o wall ./waits >said || fail "$(cat said)"
expect 0 profile report wall.pb.gz --value wall --json
printf '%s\n' "$out" >wall.json
python3 - wall.json wall.speedscope.json said <<'END' || exit 1
import json, sys
truth = {words[0]: float(words[1]) * 1e9 for words in map(str.split, open(sys.argv[3])) if len(words) == 2 and "-" in words[0]}
data = json.load(open(sys.argv[1]))["data"]
assert [v["type"] for v in data["values"]] == ["samples", "cpu", "offcpu", "wall"], data["values"]
totals = data["totals"]
assert totals["cpu"] + totals["offcpu"] == totals["wall"], totals
ran = sum(v for k, v in truth.items() if k.startswith("ran-"))
# Threads begin before they can look at a clock, and end after.
assert 0.98 * ran - 2e6 < totals["cpu"] < 1.05 * ran + 20e6, (totals, ran)
found = {}
for thread in json.load(open(sys.argv[2]))["profiles"]:
    assert min(thread["weights"]) >= 0, thread["name"]
    name = thread["name"].split()[-1]
    found[name] = found.get(name, 0) + sum(thread["weights"])
assert sum(found.values()) == totals["wall"], (found, totals)
# A new thread is called as the one that made it until it has a name of its own: main's has their beginnings, too.
lived = {k[6:]: v for k, v in truth.items() if k.startswith("lived-")}
for name, ns in lived.items():
    assert found[name] > 0.98 * ns - 5e6, (name, found, lived)
assert totals["wall"] < 1.05 * sum(lived.values()) + 200e6, (found, lived)
END
profile --mode wall --format pprof -o wall ./waits >said || fail "$(cat said)"
lifetime=$(awk '/lifetime of all threads/ { print $5 }' said)
expect 0 profile report wall.pb.gz --value wall --json
printf '%s\n' "$out" | python3 -c 'import json, sys; wall = json.load(sys.stdin)["data"]["totals"]["wall"]; sys.exit(abs(wall / 1e9 - float(sys.argv[1])) > 0.0006)' "$lifetime" ||
  fail "the wall column is not the lifetime of all threads, $lifetime s: $out"

# A thousand idle threads cost nothing while they wait, and each is told of; where they wait was known before the recording.
cat >idle.c <<'END'
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
volatile double sink;
__attribute__((noinline)) void rest(void) { struct timespec t = {1000, 0}; for (;;) { nanosleep(&t, 0); sink += 1; } }
static void *forever(void *x) { rest(); return x; }
int main(int argc, char **argv) {
  pthread_attr_t small;
  pthread_t t;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 65536);
  for (int i = 0; i < atoi(argv[argc - 1]); ++i)
    if (pthread_create(&t, &small, forever, 0)) return 1;
  if (write(1, "ready\n", 6) != 6) return 1;
  rest();
}
END
cc -O2 -g -fomit-frame-pointer -pthread -o idle idle.c
./idle 1000 >idle.said &
idle=$!
pids="$pids $idle"
wait_for 60 grep -q ready idle.said
profile --mode off-cpu --pid $idle --duration 2s --format folded --format pprof -o idle.out >said || fail "$(cat said)"
waited=$(of ';forever;rest;.*nanosleep' idle.out.folded)
awk -v waited="$waited" 'BEGIN { exit !(waited > 1000 * 1.9e9) }' || fail "1,000 threads waited $waited ns in 2 s: $(cat idle.out.folded)"
grep -q 'waits longer than what was seen of them' said || fail "$(cat said)"
if command -v go >/dev/null; then
  go tool pprof -tags idle.out.pb.gz 2>/dev/null >tags || :
  grep -q 'longer than the recording' tags || fail "ends that were not seen are not said: $(head -20 tags)"
fi

# Looked at as they go on: in each interval every thread waited all of it, though not one wait is over.
expect 0 "$SIGNALBOX" profile top --sort off --pid $idle --interval 1s --count 3 --json
printf '%s\n' "$out" >idle.lines
python3 - idle.lines <<'END' || exit 1
import json, sys
reports = [json.loads(line)["data"] for line in open(sys.argv[1])]
assert len(reports) == 3, len(reports)
# The first begins before its threads are found. The table is made of what was seen a moment before the interval's end.
waited, lasted = (sum(data[name] for data in reports[1:]) for name in ("waited_s", "duration_s"))
assert 0.85 * 1001 < waited / lasted < 1.15 * 1001, (waited, lasted)
for data in reports:
    assert data["samples"] == 1001, data["samples"]
    rows = {row["function"]: row for row in data["rows"]}
    assert rows["rest"]["cumulative_share"]["share"] > 0.99, rows["rest"]
    assert data["waits"][0]["function"] == "rest", data["waits"]
END
expect 0 "$SIGNALBOX" profile top --sort off --pid $idle --interval 500ms --count 1
says "waited "
says "rest "

# loaded PID: waits until that profiler's programs are in the kernel.
loaded() {
  tries=0
  until [ "$(find "/proc/$1/fd" -lname '*bpf-prog*' 2>/dev/null | wc -l)" -ge 6 ]; do
    tries=$((tries + 1))
    [ $tries -lt 600 ] || fail "the profiler never began"
    sleep 0.1
  done
}

# A profiler that is killed leaves its target alone, and the kernel without its programs.
"$SIGNALBOX" profile --mode wall --wakers --pid $idle --duration 60s -o never >/dev/null 2>&1 &
profiler=$!
pids="$pids $profiler"
loaded $profiler
kill -9 $profiler
wait $profiler 2>/dev/null || :
kill -0 $idle || fail "the target ended with its profiler"

# A target that is killed gives what was seen of it.
"$SIGNALBOX" profile --mode off-cpu --pid $idle --duration 60s --format folded -o killed >said 2>&1 &
profiler=$!
pids="$pids $profiler"
loaded $profiler
sleep 2 # in which it reads where the threads wait
kill -9 $idle
code=0
wait $profiler || code=$?
# 2 where it was gone before the profiler had begun.
case $code in
  0) grep -q ';forever;rest;' killed.folded || fail "$(cat said)" ;;
  2) ;;
  *) fail "ended with $code: $(cat said)" ;;
esac

# Who wakes a target and is none: its whole stack once it was seen.
cat >fifo.c <<'END'
#include <fcntl.h>
#include <time.h>
#include <unistd.h>
volatile double sink;
__attribute__((noinline)) void feed(int to) { if (write(to, "x", 1) != 1) _exit(1); sink += 1; }
__attribute__((noinline)) void be_fed(int from) { char c; if (read(from, &c, 1) != 1) _exit(0); sink += 1; }
int main(int argc, char **argv) {
  int fifo = open("fifo", argc > 1 ? O_WRONLY : O_RDONLY);
  struct timespec t = {0, 20000000};
  (void)argv;
  for (;;) {
    if (argc > 1) { nanosleep(&t, 0); feed(fifo); }
    else be_fed(fifo);
  }
}
END
cc -O2 -g -fomit-frame-pointer -o fifo.reader fifo.c
cp fifo.reader fifo.writer
mkfifo fifo
./fifo.reader &
reader=$!
./fifo.writer x &
writer=$!
pids="$pids $reader $writer"
profile --mode off-cpu --wakers --pid $reader --duration 3s --format folded --format pprof -o fed >said || fail "$(cat said)"
kill $writer $reader
wait $writer $reader 2>/dev/null || :
awk -v fed="$(of ';be_fed;.*\[woken by\];fifo.writer;.*;feed;main;.*_start' fed.folded)" -v all="$(of ';be_fed;' fed.folded)" 'BEGIN { exit !(fed > all / 2 && all > 2.5e9) }' ||
  fail "the writer's stack is not known: $(cat fed.folded)"
expect 0 profile report fed.pb.gz
says "fifo.writer: feed"
[ "$(sed -n 's/;.*//p' fed.folded | sort -u)" = fifo.reader ] || fail "who is no target is told of: $(cat fed.folded)"

# Threads and processes that live for a moment, and a thread that becomes another program.
cat >brief.c <<'END'
#include <pthread.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
static char *self;
__attribute__((noinline)) void moment(void) { struct timespec t = {0, 2000000}; nanosleep(&t, 0); }
static void *brief(void *x) { moment(); return x; }
static void *becomes(void *x) { execl(self, self, "last", (char *)0); return x; }
int main(int argc, char **argv) {
  pthread_t t[8];
  self = argv[0];
  if (argc > 1) { moment(); return 0; }
  for (int i = 0; i < 100; ++i) {
    for (int j = 0; j < 8; ++j) if (pthread_create(&t[j], 0, brief, 0)) return 1;
    for (int j = 0; j < 8; ++j) pthread_join(t[j], 0);
    pid_t child = i % 10 ? 0 : fork();
    if (child > 0) waitpid(child, 0, 0);
    else if (i % 10 == 0) { moment(); return 0; }
  }
  pthread_create(&t[0], 0, becomes, 0);
  for (;;) pause();
}
END
cc -O2 -g -fomit-frame-pointer -pthread -o brief brief.c
profile --mode off-cpu --format folded --format pprof -o brief.out ./brief >said || fail "$(cat said)"
waited=$(of ';brief;moment;.*nanosleep' brief.out.folded)
# 800 threads, two milliseconds each, and what the machine adds.
awk -v waited="$waited" 'BEGIN { exit !(waited > 800 * 2e6) }' || fail "brief threads waited $waited ns: $(cat brief.out.folded)"
[ "$(of ';main;moment;' brief.out.folded)" -gt 22000000 ] || fail "ten children and the last program: $(cat brief.out.folded)"

# A hundred thousand waits of some microseconds, more than find room at times: whatever is lost, the sum is the lifetime.
cat >ping.c <<'END'
#include <pthread.h>
#include <unistd.h>
static int a[2], b[2];
static void *pong(void *x) { char c; while (read(a[0], &c, 1) == 1) if (write(b[1], &c, 1) != 1) break; return x; }
int main(void) {
  pthread_t t;
  char c = 1;
  if (pipe(a) || pipe(b) || pthread_create(&t, 0, pong, 0)) return 1;
  for (int i = 0; i < 100000; ++i) if (write(a[1], &c, 1) != 1 || read(b[0], &c, 1) != 1) return 1;
  close(a[1]);
  pthread_join(t, 0);
  return 0;
}
END
cc -O2 -g -pthread -o ping ping.c
profile --mode wall --min-block 0us --format pprof -o ping.out ./ping >said || fail "$(cat said)"
lifetime=$(awk '/lifetime of all threads/ { print $5 }' said)
expect 0 profile report ping.out.pb.gz --value wall --json
printf '%s\n' "$out" | python3 -c 'import json, sys; wall = json.load(sys.stdin)["data"]["totals"]["wall"]; sys.exit(abs(wall / 1e9 - float(sys.argv[1])) > 0.0006)' "$lifetime" ||
  fail "the wall column is not the lifetime of all threads, $lifetime s: $out"

# Wall of one that never waits: all of it is processor time, or waiting for a processor.
profile --mode wall --no-kernel --format folded -o busy sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done' >said || fail "$(cat said)"
grep -q '_\[k\]\|entry_SYSCALL' busy.folded && fail "frames of the kernel: $(cat busy.folded)"

# A picture says what it is of.
profile --mode off-cpu -o picture ./waits >said || fail "$(cat said)"
grep -q 'Time off CPU' picture.svg || fail "the picture has no title"
grep -q '[0-9] waits' picture.svg || fail "the picture does not count waits"
grep -q '· [0-9,]* samples\|1000000000 Hz' picture.svg && fail "the picture says a rate, or samples"
echo "waits are told"
