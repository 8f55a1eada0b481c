#!/bin/sh
# Functions of Python in `signalbox profile dump`: of each thread that waits what the program itself says of it by sys._current_frames(), with files and
# lines, for every version of CPython that is there.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/profiling.sh"

command -v jq >/dev/null || { echo "skipped: no jq"; exit 77; }
cat >rest.py <<'END_OF_PYTHON'
import functools, json, os, queue, sys, threading, time

lock = threading.Lock()
lock.acquire()
nothing = queue.Queue()

def holds(name):
    with lock:
        return name

class Shop:
    def waits(self, depth):
        if depth:
            return self.waits(depth - 1)
        return nothing.get()

def key(value):
    time.sleep(1000)

def sorts():
    return sorted([3, 1, 2], key=key)

threads = {
    "holder": threading.Thread(target=holds, args=("a",), name="holder"),
    "shopper": threading.Thread(target=Shop().waits, args=(5,), name="shopper"),
    "sorter": threading.Thread(target=functools.partial(sorts), name="sorter"),
}
for thread in threads.values():
    thread.daemon = True
    thread.start()

def frames_of(thread):
    frame, out = sys._current_frames().get(thread.ident), []
    while frame:
        code = frame.f_code
        out.append("%s %s:%d" % (getattr(code, "co_qualname", code.co_name), code.co_filename, frame.f_lineno))
        frame = frame.f_back
    return out

# What they are in once it stays the same.
last, same = None, 0
while same < 20:
    now = {name: frames_of(thread) for name, thread in threads.items()}
    same = same + 1 if now == last and all(now.values()) else 0
    last = now
    time.sleep(0.02)
with open(sys.argv[1] + ".new", "w") as out:
    json.dump(last, out)
os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(1000)
END_OF_PYTHON

compare() { # PYTHON OPTIONS...
  python=$1
  shift
  rm -f said
  "$python" rest.py said &
  target=$!
  pids=$target
  wait_for 60 test -s said
  expect 0 profile dump --pid $target "$@" --format speedscope -o dump.speedscope.json
  expect 0 profile dump --pid $target "$@" --json
  printf '%s' "$out" >dump.json
  kill $target
  wait $target 2>/dev/null || :
  pids=
  /usr/bin/python3 - "$PWD" "$python" <<'END_OF_PYTHON'
import json, sys
said = json.load(open("said"))
scope = json.load(open("dump.speedscope.json"))
frames = scope["shared"]["frames"]
found = []
for profile in scope["profiles"]:
    for sample in profile["samples"]:
        found.append(["%s %s:%d" % (frames[i]["name"], frames[i].get("file"), frames[i].get("line", 0)) for i in reversed(sample) if str(frames[i].get("file", "")).endswith(".py")])
for name, theirs in said.items():
    assert theirs in found, (sys.argv[2], name, theirs, found)
# C that Python called stands above it, and C that called Python below.
names = [[frames[i]["name"] for i in reversed(sample)] for profile in scope["profiles"] for sample in profile["samples"]]
sorter = next(each for each in names if "sorts" in each)
at = sorter.index("key"), sorter.index("sorts")
assert at[0] < at[1] and at[0] > 0, sorter
print("%s: %d threads as it says itself" % (sys.argv[2], len(said)))
END_OF_PYTHON
}

tried=
for version in 3 3.8 3.9 3.10 3.11 3.12 3.13; do
  python=$(command -v "python$version" || :)
  [ "$version" != 3 ] || python=/usr/bin/python3
  [ -n "$python" ] && [ -x "$python" ] || continue
  "$python" -c 'import sys; sys.exit(not (3, 8) <= sys.version_info[:2] <= (3, 13))' || continue
  compare "$python" --no-bpf
  if "$SIGNALBOX" profile doctor | grep -q 'the BPF program loads'; then compare "$python"; fi
  tried=yes
done
[ -n "$tried" ] || { echo "skipped: no CPython of 3.8 to 3.13 is there"; exit 77; }
