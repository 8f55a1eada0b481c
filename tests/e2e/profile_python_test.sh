#!/bin/sh
# Functions of Python in the stacks of `signalbox profile`: with files and lines, above and below the machine code that calls them and that they
# call, in each thread, attached and launched, for every version of CPython that is there.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/scratch.sh"
mkdir "$folder/x" && cd "$folder/x"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"

. "$SIGNALBOX_SOURCE_DIR/tests/e2e/wait.sh"

fail() { echo "$*"; exit 1; }
profile() { "$SIGNALBOX" profile "$@"; }

profile doctor >doctor 2>&1 || { echo "skipped: this machine or container does not let programs be sampled"; exit 77; }
grep -q 'the BPF program loads' doctor || { echo "skipped: stacks cannot be walked in the kernel here, which frames of Python are read by"; exit 77; }

cat >work.py <<'END'
import json, sys, threading, time, zlib

class Shop:
    def total(self, n):
        return self.hot_of_python(n)

    def hot_of_python(self, n):
        s = 0
        for i in range(n):
            s += i * i % 7
        return s

def packs(data):
    return zlib.compress(data, 9)

def key_of(pair):
    return sum(range(50)) + pair

def sorts(values):
    return sorted(values, key=key_of)

def in_thread(end):
    while time.monotonic() < end:
        packs(b"some words to pack" * 4000)

end = time.monotonic() + float(sys.argv[2])
thread = threading.Thread(target=in_thread, args=(end,), name="packer")
thread.start()
first = True
while time.monotonic() < end:
    Shop().total(20000)
    sorts(list(range(2000)))
    if first:
        open(sys.argv[1], "w").write("x")
        first = False
thread.join()
END
hot_line=$(grep -n 's += i' work.py | cut -d: -f1)

tried=
for version in 3 3.8 3.9 3.10 3.11 3.12 3.13; do
  python=$(command -v "python$version" || :)
  [ "$version" != 3 ] || python=/usr/bin/python3
  [ -n "$python" ] && minor=$("$python" -c 'import sys; print(sys.version_info[1])' 2>/dev/null) || continue
  [ "$minor" -ge 8 ] && [ "$minor" -le 13 ] || continue
  # A wrapper that starts Python is none.
  program=$("$python" -c 'import sys; print(sys.executable)')
  rm -f ready
  "$program" work.py "$folder/x/ready" 600 &
  pids=$!
  wait_for 60 test -s ready
  expect 0 profile --pid $pids --duration 3s --rate 499 -o "attached$version" --format folded --format pprof
  never_says "profile/runtime"
  kill $pids && wait $pids 2>/dev/null || :
  pids=
  out="attached$version.folded"
  # Python calls Python, C calls Python, Python calls C: each in one stack.
  grep -q '<module>[^;]*;.*total[^;]*;.*hot_of_python' "$out" || fail "$program: no functions of Python: $(head -3 "$out")"
  grep -q 'sorts[^;]*;[^;]*;.*key_of' "$out" || fail "$program: no function of Python that C called: $(grep sorts "$out" | head -3)"
  grep -q 'in_thread[^;]*;.*packs[^;]*;.*deflate' "$out" || fail "$program: no C below Python in a thread: $(grep in_thread "$out" | head -3)"
  grep 'hot_of_python' "$out" | grep -v '_PyEval_EvalFrameDefault' >/dev/null || fail "$program: the loop stands beside what it runs"
  tried="$tried $version"
  # With files and lines, in what others read.
  if [ "$minor" = 11 ] && command -v go >/dev/null; then
    go tool pprof -lines -top "attached$version.pb.gz" 2>/dev/null >lines || fail "pprof does not read it"
    grep -q "hot_of_python .*work.py:$hot_line" lines || fail "no line of Python: $(head -12 lines)"
  fi
done
[ -n "$tried" ] || { echo "skipped: no CPython of 3.8 to 3.13 is there"; exit 77; }
echo "tried:$tried"

# Launched, each function once.
expect 0 profile --rate 499 -o launched --format folded -- /usr/bin/python3 work.py "$folder/x/ready" 3
grep -q 'total[^;]*;.*hot_of_python' launched.folded || fail "launched: no functions of Python: $(head -3 launched.folded)"
! grep -q 'hot_of_python.*hot_of_python' launched.folded || fail "a function stands twice: $(grep hot_of_python launched.folded | head -2)"

# Waits have them, too, in threads that began after the recording.
if grep -q 'the BPF programs at the scheduler load' doctor; then
cat >naps.py <<'END'
import threading, time
def nap(): time.sleep(0.05)
def naps():
    for _ in range(60): nap()
threads = [threading.Thread(target=naps) for _ in range(2)]
for one in threads: one.start()
for one in threads: one.join()
END
expect 0 profile --mode off-cpu -o naps --format folded -- /usr/bin/python3 naps.py
awk '/nanosleep/ { all += $NF } /;naps;(.*;)?nap;.*nanosleep/ { named += $NF } END { exit !(all > 0 && named > all / 2) }' naps.folded ||
  fail "waits of threads have no functions of Python: $(grep nanosleep naps.folded | head -3)"
else
  echo "left out: waits, which may not be told of here"
fi

# Processes that were forked have other functions at the same addresses: each its own.
cat >forks.py <<'END'
import os, time
end = time.monotonic() + 3
for name in ("first_work", "other_work"):
    if os.fork() == 0:
        with open(name + ".pid", "w") as file: file.write(str(os.getpid()))
        made = {}
        exec(f"import time\ndef {name}(end):\n  n = 0\n  while time.monotonic() < end:\n    for i in range(1000): n += i * i % 7\n", made)
        made[name](end)
        os._exit(0)
os.wait()
os.wait()
END
expect 0 profile --rate 499 -o forks --format pprof -- /usr/bin/python3 forks.py
for name in first_work other_work; do
  expect 0 profile report forks.pb.gz --pid "$(cat $name.pid)" --format folded
  says ";$name"
  never_says "$([ $name = first_work ] && echo other_work || echo first_work)"
done
