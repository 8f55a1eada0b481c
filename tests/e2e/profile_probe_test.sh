#!/bin/sh
# `signalbox profile --probe` beside programs that know how often they come by a place: functions, static probes (of the C++ library, and one of their
# own with a counter), tracepoints; children, threads of a running process, each tenth time; what is refused.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/profiling.sh"

# What is refused needs no rights.
for wrong in malloc uprobe: uprobe:/bin/sh usdt:/bin/sh:throw tracepoint:sched kprobe: uretprobe:/bin/sh:main; do
  expect 2 profile --probe $wrong true
  says "is no probe"
done
for option in '--rate 99' --local --production '--max-overhead 1%' '--mode off-cpu'; do
  # shellcheck disable=SC2086
  expect 2 profile --probe tracepoint:sched:sched_switch $option true
  says "is not for --probe"
done
expect 2 profile --every 10 true
says "is of a --probe or --event"
expect 2 profile --event page-fault true
says "did you mean page-faults?"
expect 2 profile --event cycles --probe kprobe:vfs_write true
says "name one of them"
expect 2 profile --event page-faults --local true
says "is not for --event"
for wrong in 0 -1 ten 1.5; do
  expect 2 profile --probe tracepoint:sched:sched_switch --every $wrong true
  says "is no number"
done

# Events that are counted: each page that is touched first, by the program's own account; of processors, where there is a counter.
cat >pages.c <<'END'
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
__attribute__((noinline)) void touch(volatile char* at, int pages) { for (int i = 0; i < pages; ++i) at[(long)i * 4096] = 1; }
int main(void) {
  char* at = mmap(0, 5000L * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  madvise(at, 5000L * 4096, MADV_NOHUGEPAGE);
  struct rusage before, after;
  getrusage(RUSAGE_SELF, &before);
  touch(at, 5000);
  getrusage(RUSAGE_SELF, &after);
  printf("%ld\n", after.ru_minflt - before.ru_minflt);
  return 0;
}
END
cc -O1 -g pages.c -o pages || fail "the test program was not built"
if may_sample; then
  expect 0 profile --event page-faults -o faults -- ./pages
  says "page-faults"
  own=$(./pages)
  [ "$own" -ge 5000 ] || fail "the program tells of $own page faults"
  expect 0 profile report faults.pb.gz --format folded -o faults.folded
  touched=$(awk '/;touch/ {n += $NF} END {print n + 0}' faults.folded)
  [ "$touched" -ge 5000 ] && [ "$touched" -le $((own + 8)) ] || fail "$touched page faults in touch, and $own by its own account"
  expect 0 profile --event minor-faults --every 100 -o faults.folded -- ./pages
  # A unit that counts is called cpu on x86, armv8_pmuv3_0 and others elsewhere.
  if [ "$(uname -m)" != x86_64 ]; then
    echo "left out: events of the processor, whose unit has a name that is known of x86-64 alone"
  elif [ -e /sys/bus/event_source/devices/cpu ]; then
    expect 0 profile --event cycles -o cycles.folded -- ./pages
  else
    expect 3 profile --event cycles -- ./pages
    says "counts no such event"
  fi
fi

code=0
profile doctor >doctor 2>&1 || code=$?
[ $code -le 1 ] || fail "doctor ended with $code: $(cat doctor)"
grep -q 'probes in programs.*the kernel sets them' doctor || {
  expect 3 profile --probe uprobe:/bin/sh:0x1000 true
  echo "skipped: this machine or container sets no probes"
  exit 77
}

cat >shop.cpp <<'END'
#include <fcntl.h>
#include <stdexcept>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>
#define APART __attribute__((noinline, noclone))
volatile long sink;
extern "C" { __attribute__((section(".probes"))) volatile unsigned short looked_at = 0; }
#define MARK asm volatile("990: nop\n .pushsection .note.stapsdt,\"\",\"note\"\n .balign 4\n" \
    ".4byte 992f-991f, 994f-993f, 3\n 991: .asciz \"stapsdt\"\n 992: .balign 4\n" \
    "993: .8byte 990b, 0, looked_at\n .asciz \"shop\"\n .asciz \"sold\"\n .asciz \"\"\n 994: .balign 4\n .popsection\n");
namespace shop {
APART void sell(int amount) { sink = sink + amount; }
APART void sell(double amount) { sink = sink + (long)amount; }
}
APART void throw_one() { throw std::runtime_error("sold out"); }
APART void often() { for (int i = 0; i < 300; ++i) { try { throw_one(); } catch (const std::exception&) { sink = sink + 1; } } }
APART void seldom() { for (int i = 0; i < 100; ++i) { try { throw_one(); } catch (const std::exception&) { sink = sink + 2; } } }
APART void write_many() { int out = open("/dev/null", O_WRONLY); for (int i = 0; i < 250; ++i) sink = sink + write(out, "x", 1); close(out); }
APART void sell_many() { for (int i = 0; i < 1234; ++i) shop::sell(i); for (int i = 0; i < 66; ++i) shop::sell(i * 0.5); }
APART void sell_marked() { for (int i = 0; i < 77; ++i) if (looked_at) { MARK; sink = sink + 3; } }
// Until a probe stands at its first octets, which is how the kernel sets one, whatever instruction it takes for that.
static void wait_for_probe() {
  const auto* code = (volatile const unsigned char*)(void (*)(int))shop::sell;
  const unsigned char before[4] = {code[0], code[1], code[2], code[3]};
  const auto is_as_before = [&] { for (int i = 0; i < 4; ++i) if (code[i] != before[i]) return false; return true; };
  for (int i = 0; i < 600 && is_as_before(); ++i) usleep(100000);
  sleep(2);
}
int main(int argc, char** argv) {
  const char* what = argc > 1 ? argv[1] : "all";
  if (!strcmp(what, "threads")) {
    wait_for_probe();
    std::vector<std::thread> all;
    for (int t = 0; t < 4; ++t) all.emplace_back([] { for (int i = 0; i < 500; ++i) { shop::sell(i); usleep(100); } });
    for (auto& each : all) each.join();
    sleep(60);
    return 0;
  }
  const bool forks = !strcmp(what, "children");
  const pid_t child = forks ? fork() : 0;
  sell_many();
  if (forks) { if (child == 0) return 0; waitpid(child, nullptr, 0); }
  often();
  seldom();
  write_many();
  sell_marked();
}
END
c++ -O1 -g -fno-omit-frame-pointer -no-pie -pthread shop.cpp -o shop || fail "the test program was not built"

# `hits_are N REGEX FILE`: the hits in a folded file whose stack has a match.
hits_are() {
  got=$(grep -E -- "$2" "$3" | awk '{n += $NF} END {print n + 0}')
  [ "$got" = "$1" ] || fail "$got hits of $1 match $2 in $3: $(head -5 "$3")"
}

# A function by each of its names: every time, with its caller; the other of the same name is another.
expect 0 profile --probe 'uprobe:./shop:shop::sell(int)' --format folded,pprof,flamegraph -o sold -- ./shop
says "1234 times"
hits_are 1234 '^shop;(.*;)?main;sell_many(\(\))?;shop::sell(\(int\))? [0-9]+$' sold.folded
hits_are 1234 . sold.folded
expect 0 profile --probe uprobe:./shop:_ZN4shop4sellEd -o other.folded -- ./shop
says "66 times"
expect 0 profile --probe uprobe:./shop:shop::sell -o both.folded -- ./shop
says "1300 times"
hits_are 1300 ';sell_many(\(\))?;shop::sell' both.folded
grep -q 'shop::sell' sold.svg || fail "the flame graph does not name it"
expect 0 profile report sold.pb.gz
says "hits"
if command -v go >/dev/null; then
  go tool pprof -top -sample_index=hits sold.pb.gz >top.txt 2>/dev/null || fail "go tool pprof does not read it"
  grep -Eq '^ +1234 .*shop::sell' top.txt || fail "go tool pprof tells otherwise: $(cat top.txt)"
fi

# Without frame pointers to walk by and with them alone.
expect 0 profile --probe 'uprobe:./shop:shop::sell(int)' --unwind fp -o fp.folded -- ./shop
says "1234 times"

# Static probes: of the C++ library, by its name alone, from where each was thrown; and one with a counter, which nobody passes while nobody looks.
expect 0 profile --probe usdt:libstdc++.so.6:libstdcxx:throw -o thrown.folded -- ./shop
says "400 times"
hits_are 300 ';often;throw_one;' thrown.folded
hits_are 100 ';seldom;throw_one;' thrown.folded
expect 0 profile --probe usdt:./shop:shop:sold -o marked.folded -- ./shop
says "77 times"
hits_are 77 ';sell_marked' marked.folded

# Each tenth time, on one processor: each counts by itself.
expect 0 taskset -c 0 "$SIGNALBOX" profile --probe 'uprobe:./shop:shop::sell(int)' --every 10 -o tenth.folded -- ./shop
says "1230 times"
says "123 stacks"

# Children as well, or not.
expect 0 profile --probe 'uprobe:./shop:shop::sell(int)' -o family.folded -- ./shop children
says "2468 times"
expect 0 profile --probe 'uprobe:./shop:shop::sell(int)' --no-children -o alone.folded -- ./shop children
says "1234 times"

# Threads of a process that runs, also those that begin later.
./shop threads & target=$!; pids="$pids $target"
wait_for 60 is_called $target shop
expect 0 profile --probe 'uprobe:./shop:shop::sell(int)' --pid $target --duration 8s -o threads.folded
says "2000 times"
expect 1 profile --probe 'uprobe:./shop:throw_one' --pid $target --duration 1s -o none.folded
says "did not come by"
[ ! -e none.folded ] || fail "an empty recording was written"
# The library that it has mapped, by its name.
expect 1 profile --probe uprobe:libc:fork --pid $target --duration 1s
says "did not come by"

# A target that cannot start threads or processes while a probe stands in it would be broken by us: it says what it could not.
cat >starts.c <<'END'
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
__attribute__((noinline)) void hit(void) { __asm__ volatile(""); }
static void* run(void* none) { hit(); return none; }
int main(void) {
  pthread_t thread;
  int failed = 0;
  for (int i = 0; i < 50; ++i) {
    const pid_t child = fork();
    if (child == 0) { hit(); _exit(0); }
    failed += child < 0 || waitpid(child, NULL, 0) != child;
    failed += pthread_create(&thread, NULL, run, NULL) != 0 || pthread_join(thread, NULL) != 0;
  }
  return failed > 100 ? 100 : failed;
}
END
cc -O1 -g -pthread starts.c -o starts || fail "the test program was not built"
expect 0 profile --probe uprobe:./starts:hit --propagate-exit -o starts.folded -- ./starts
says "100 times"

# One call is one hit, whatever the compiler made of the function: parts that it goes on with, copies for a caller's constants, destructors that
# call each other. The program counts for itself.
cat >made.cpp <<'END'
#include <cstdio>
#include <cstdlib>
volatile long sink, sold, sums;
__attribute__((cold, noinline)) void complain() { sink = sink + 1; }
extern "C" __attribute__((noinline)) long sell(long amount) {
  sold = sold + 1;
  if (amount % 2 == 0) { complain(); sink = sink - amount; complain(); }
  return amount + sink;
}
extern "C" { static __attribute__((noinline)) long sum(long amount, long by) {
  sums = sums + 1;
  for (long i = 0; i < amount; ++i) { sink = sink + i * by; if (sink % 7 == 3) sink = sink * by; }
  return sink;
} }
#include "ledger.hpp"
int main(int argc, char**) {
  for (int i = 0; i < 40; ++i) { sell(argc + i); sum(argc + i, 7); Base* volatile freed = new Ledger(); delete freed; Ledger kept{}; }
  printf("%ld %ld\n", sold, sums);
}
END
cat >ledger.hpp <<'END'
struct Base { virtual ~Base(); };
struct Ledger : Base { ~Ledger() override; long room[4]; };
END
cat >ledger.cpp <<'END'
#include "ledger.hpp"
volatile long summed;
Base::~Base() { summed = summed + 1; }
Ledger::~Ledger() { for (long each : room) summed = summed + each; }
END
for optimization in -O0 -O2; do
  c++ $optimization -g made.cpp ledger.cpp -o made || fail "the test program was not built"
  [ "$(./made)" = "40 40" ] || fail "the test program counts $(./made)"
  expect 0 profile --probe uprobe:./made:sell -o made.folded -- ./made
  says " 40 times"
  expect 0 profile --probe uprobe:./made:sum -o made.folded -- ./made
  says " 40 times"
  expect 0 profile --probe uprobe:./made:Ledger::~Ledger -o made.folded -- ./made
  says " 80 times"
done

# A file that was replaced while its process runs: by its name the one that runs is probed, by its path it is said. Two processes with files of
# their own by one name are both probed.
build_worker() { # FILE OCTETS: a program whose function lies behind so many others, and that calls itself as it is told to
  { printf '#include <sys/prctl.h>\n#include <unistd.h>\n__attribute__((noinline)) void before(void) { __asm__ volatile(".skip %s, 0x90"); }\n' "$2"
    echo '__attribute__((noinline)) void work(void) { __asm__ volatile(""); }'
    echo 'int main(int argc, char** argv) { prctl(PR_SET_NAME, argv[argc - 1]); for (int i = 0; i < 6000; ++i) { work(); usleep(20000); } before(); }'; } >worker.c
  cc -O1 -g worker.c -o "$1.new" && mv "$1.new" "$1"
}
many_hits() { # NAME FILE: whether the process of that name came by often
  awk -v "name=^$1;.*;work " '$0 ~ name {n += $NF} END {exit !(n > 10)}' "$2" || fail "work of $1 was not come by: $(cat "$2")"
}
mkdir -p one two
build_worker one/worker 16 && build_worker two/worker 4096
one/worker first & first=$!; pids="$pids $first"
two/worker second & second=$!; pids="$pids $second"
wait_for 60 is_called $first first
wait_for 60 is_called $second second
expect 0 profile --probe uprobe:worker:work --pid $first --pid $second --duration 2s -o workers.folded
many_hits first workers.folded
many_hits second workers.folded
build_worker one/worker 8192
expect 0 profile --probe uprobe:worker:work --pid $first --duration 2s -o replaced.folded
many_hits first replaced.folded
expect 2 profile --probe uprobe:one/worker:work --pid $first --duration 1s -o replaced.folded
says "runs one that is gone"

# An instruction that the kernel runs nowhere else, in a program that has it in memory.
cat >halts.c <<'END'
#include <unistd.h>
__attribute__((noinline)) void halt(void) { __asm__ volatile("hlt"); }
int main(int argc, char** argv) { if (argc > 1) halt(); sleep(600); return 0; }
END
if [ "$(uname -m)" = x86_64 ]; then
  cc -O0 -no-pie halts.c -o halts || fail "the test program was not built"
  ./halts & halts=$!; pids="$pids $halts"
  wait_for 60 is_called $halts halts
  at=$(objdump -d halts | awk '$2 == "f4" && /hlt/ {sub(":", "", $1); print $1}' | tail -1)
  base=$(readelf -lW halts | awk '$1 == "LOAD" && /R E/ {print $3, $2}')
  expect 2 profile --probe "uprobe:./halts:0x$(printf '%x' $((0x$at - ${base% *} + ${base#* })))" --pid $halts --duration 1s -o none.folded
  says "does not support the instruction there"
else
  echo "left out: an instruction that the kernel cannot run elsewhere, which is known of x86-64 alone"
fi

# What was made in the kernel goes with the recording; what a killed one left, with the next.
events() { unshare -m sh -c 'mount -t tracefs none /mnt && cat /mnt/uprobe_events' 2>/dev/null; }
if events >events.now; then
  ! grep -q signalbox_ events.now || fail "events were left: $(cat events.now)"
  "$SIGNALBOX" profile --probe 'uprobe:./shop:shop::sell(int)' --pid $target --duration 60s -o killed.folded >killed.said 2>&1 & profiler=$!; pids="$pids $profiler"
  made() { events | grep -q "signalbox_[0-9]*/probe_"; }
  wait_for 60 made
  kill -9 $profiler
  wait $profiler 2>/dev/null || :
  made || fail "who is killed removes nothing"
  expect 0 profile --probe 'uprobe:./shop:shop::sell(int)' -o after.folded -- ./shop
  says "1234 times"
  ! made || fail "what a killed one left is there still: $(events)"
else
  echo "left out: what is left in the kernel, which may not be looked at here"
fi

# Tracepoints: every call of write(2) there is, with the kernel's part of the stack.
if grep -q 'tracepoints.*may be read' doctor; then
  expect 0 profile --probe tracepoint:syscalls:sys_enter_write -o written.folded -- ./shop
  hits_are 250 ';write_many;' written.folded
  # One that the kernel counts as its nanoseconds is one hit each time, also where each tenth is asked for: as many as its own trace has of them,
  # less those of the moment in which a thread is not the running one any more.
  cat >burner.c <<'END'
#include <time.h>
volatile double sink;
int main(void) {
  for (struct timespec t = {0, 0}; t.tv_sec == 0 && t.tv_nsec < 300000000; clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t)) for (int i = 0; i < 20000; ++i) sink += i;
  return 0;
}
END
  cc -O1 burner.c -o burner || fail "the test program was not built"
  traced() { # OPTION…: hits by our profile, then by the kernel's trace
    # shellcheck disable=SC2016
    unshare -m sh -c 'mount -t tracefs none /mnt && mkdir /mnt/instances/$1 || exit 1
      trace=/mnt/instances/$1; shift
      echo 20000 >$trace/buffer_size_kb && echo 1 >$trace/events/sched/sched_stat_runtime/enable
      "$SIGNALBOX" profile --probe tracepoint:sched:sched_stat_runtime "$@" -o ran.folded -- ./burner >/dev/null 2>&1
      echo 0 >$trace/events/sched/sched_stat_runtime/enable
      awk "{n += \$NF} END {print n + 0}" ran.folded
      grep -c comm=burner $trace/trace
      rmdir $trace' sh "of_a_test_$$" "$@" 2>/dev/null | tr '\n' ' '
  }
  for every in 1 10; do
    both=$(traced --every $every)
    if [ -z "$both" ]; then echo "left out: what the kernel's own trace has, which may not be asked for here"; break; fi
    echo "$both" | awk '{exit !($2 > 50 && $1 <= $2 && $1 >= $2 / 2)}' || fail "with --every $every: hits by profile and by trace are $both"
  done
  expect 2 profile --probe tracepoint:syscalls:sys_enter_wirte true
  says "did you mean tracepoint:syscalls:sys_enter_write?"
  expect 2 profile --probe tracepoint:shed:sched_switch true
  says "did you mean tracepoint:sched:sched_switch?"
else
  echo "left out: tracepoints, whose list may not be read here"
fi

# Places that are none.
expect 2 profile --probe uprobe:./shop:no_such -- ./shop
says "nm -C ./shop"
expect 2 profile --probe uprobe:no-such-program:main true
says "there is no file"
expect 2 profile --probe uprobe:libc.so.6:memcpy true
says "chooses that function"
expect 2 profile --probe usdt:libstdc++.so.6:libstdcxx:trow true
says "did you mean libstdcxx:throw?"
expect 2 profile --probe usdt:./shop:none:none true
says "it has shop:sold"
expect 2 profile --probe uprobe:./shop:0x0 true
says "no code there"
strip -o stripped shop
expect 2 profile --probe uprobe:./stripped:sell_many -- ./stripped
says "was stripped"
offset=$(nm shop | awk '/ T _Z9sell_manyv$/ {print $1}')
[ -n "$offset" ] || fail "nm does not tell of sell_many"
# Of a program that lies at a fixed place an address is an offset behind where its segment begins.
base=$(readelf -lW shop | awk '$1 == "LOAD" && /R E/ {print $3, $2}')
expect 0 profile --probe "uprobe:./stripped:0x$(printf '%x' $((0x$offset - ${base% *} + ${base#* })))" -o address.folded -- ./stripped
says "1 time"
if [ ! -e /sys/bus/event_source/devices/kprobe ]; then
  expect 3 profile --probe kprobe:vfs_write true
  says "CONFIG_KPROBES"
else
  expect 0 profile --probe kprobe:vfs_write -o kernel.folded -- ./shop
  hits_are 250 ';write_many;' kernel.folded
fi

if has_nobody; then
  mkdir -m 777 nobody
  cp shop nobody/
  expect 3 nobody "$SIGNALBOX" profile --probe 'uprobe:nobody/shop:main' -o nobody/out nobody/shop
  says "for root alone"
fi
