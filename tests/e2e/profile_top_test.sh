#!/bin/sh
# `signalbox profile top` on a program with a known split: tables and lines of JSON into a pipe, and the live table on a pseudo-terminal: keys,
# another size, and the terminal as it was after q, Ctrl-C, SIGTERM, SIGINT and the end of the target.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/profiling.sh"

top() { "$SIGNALBOX" profile top "$@"; }

expect 2 top
says "what is to be profiled?"
expect 2 top --pid 999999999
says "no process"
expect 2 top --pid 1 --interval 1ms
says "--interval"
expect 2 top --pid 1 --rate 100000
expect 2 top --pid 1 --count 0
expect 2 top --pid 1 --sort size
expect 2 top --sort off --system
says "--system"
expect 2 top --pid 1 --sort off --rate 99
says "--rate"

rest_where_sampled "live tables"
command -v cc >/dev/null || { echo "left out: live tables, since there is no compiler"; exit 0; }

cat >split.c <<'END'
#include "split.h"
/* 35 ms are no multiple of the time between samples: the two would go in step. */
int main(int argc, char **argv) {
  puts("the program speaks");
  fflush(stdout);
  for (int i = 0; i < (argc > 1 ? atoi(argv[1]) : 1000000); ++i) { burn_much(0.0245); burn_little(0.0105); }
  return 0;
}
END
cc -O2 -g -fomit-frame-pointer -o split split.c
./split >/dev/null &
target=$!
pids="$pids $target"

# Into a pipe: a table an interval, no control characters.
expect 0 top --pid $target --count 2 --interval 500ms
says "burn_much"
says "split ($target)"
[ "$(echo "$out" | grep -c '^processor ')" = 2 ] || fail "not two intervals: $out"
case $out in *"$(printf '\033')"*) fail "control characters in a pipe" ;; esac

# Lines of JSON, each a report of an interval; shares of all of them together are those of the program.
expect 0 top --pid $target --count 8 --interval 1s --rate 500 --sort cum --json
echo "$out" >lines
/usr/bin/python3 - lines <<'END_OF_PYTHON'
import json, sys
reports = [json.loads(line) for line in open(sys.argv[1])]
assert len(reports) == 8, len(reports)
much = little = total = 0
for number, report in enumerate(reports, 1):
    data = report["data"]
    assert report["version"] == 1 and data["interval"] == number, data["interval"]
    rows = {row["function"]: row for row in data["rows"]}
    for name, row in rows.items():
        assert row["self"]["samples"] <= row["cumulative"]["samples"] <= data["samples"], row
    assert data["rows"][0]["cumulative"]["samples"] == data["samples"], data["rows"][0]
    assert data["processors"] > 0 and data["lost"] == 0, data
    assert rows["main"]["cumulative_share"]["share"] > 0.95, rows["main"]
    much += rows["burn_much"]["cumulative"]["samples"]
    little += rows["burn_little"]["cumulative"]["samples"]
    total += data["samples"]
share = much / (much + little)
# Four standard deviations of what so many samples say, and two points for what the program does beside; never more than ten.
tolerance = min(4 * (0.7 * 0.3 / total) ** 0.5 + 0.02, 0.1)
assert total >= 100 and abs(share - 0.7) < tolerance, (share, total, tolerance)
print(f"burn_much has {share:.1%} of {total} samples")
END_OF_PYTHON

# A program that is launched: its words are none of ours; what it was is shown though it ends within the first interval.
top -- ./split 40 >table 2>words
grep -q burn_much table || fail "$(cat table)"
grep -q 'the program speaks' words
! grep -q 'the program speaks' table || fail "the program speaks between the tables"
top -o kept.json --count 1 --interval 300ms --pid $target >printed
[ ! -s printed ] && grep -q '"interval":1' kept.json || fail "-o: $(cat printed)"

# Idle is said.
sleep 600 & idle=$!
pids="$pids $idle"
expect 0 top --pid $idle --count 1 --interval 300ms
says "idle"

# On a terminal.
cat >terminal.py <<'END_OF_PYTHON'
import fcntl, os, pty, re, select, signal, struct, subprocess, sys, termios, time
signalbox, target = sys.argv[1], sys.argv[2]

class Shown:
    """A live table on a terminal of its own."""
    def __init__(self, words, rows=24, columns=100):
        self.outside, self.inside = pty.openpty()
        self.resize(rows, columns)
        self.before = termios.tcgetattr(self.inside)
        self.octets = b""
        self.ran = subprocess.Popen([signalbox, "profile", "top", *words], stdin=self.inside, stdout=self.inside, stderr=subprocess.PIPE)
    def resize(self, rows, columns):
        self.rows, self.columns = rows, columns
        fcntl.ioctl(self.outside, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    def take(self):
        if select.select([self.outside], [], [], 0.05)[0]:
            self.octets += os.read(self.outside, 65536)
    def frame(self):
        """Lines of the last whole drawing."""
        frames = self.octets.decode(errors="replace").split("\x1b[J")
        if len(frames) < 2: return []
        lines = re.split(r"\x1b\[\d+;1H", frames[-2])[1:]
        return [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line) for line in lines]
    def until(self, what, holds):
        end = time.monotonic() + 60
        while not holds(self.frame()):
            assert time.monotonic() < end, (what, self.frame())
            assert self.ran.poll() is None, (what, self.ran.returncode, self.ran.stderr.read())
            self.take()
    def sees(self, text):
        self.until(text, lambda lines: any(text in line for line in lines))
    def press(self, keys):
        os.write(self.outside, keys.encode())
    def functions(self):
        return [line.split("  [")[0].split()[-1] for line in self.frame()[4:] if "  [" in line]
    def ended(self, code):
        end = time.monotonic() + 60
        while self.ran.poll() is None:
            assert time.monotonic() < end, "it does not end"
            self.take()
        for _ in range(3): self.take()
        errors = self.ran.stderr.read().decode()
        assert self.ran.returncode == code, (self.ran.returncode, errors)
        assert termios.tcgetattr(self.inside) == self.before, "the terminal is not as it was"
        assert self.octets.endswith(b"\x1b[?25h\x1b[?1049l"), self.octets[-80:]
        return errors

table = Shown(["--pid", target, "--interval", "300ms"])
table.sees("burn_much")
table.until("order", lambda lines: table.functions()[:2] == ["burn_much", "burn_little"])
table.press(" ")
table.until("the other order", lambda lines: table.functions()[-1:] and table.functions()[0] not in ("burn_much", "burn_little"))
table.press(" /little\r")
table.until("a filter", lambda lines: table.functions() == ["burn_little"])
table.press("/\x1b")
time.sleep(0.2)
table.until("no filter", lambda lines: "burn_much" in table.functions())
# Whatever comes first where others have the machine, and an interval may have no sample of it to open.
table.press("/^burn_much$\r")
table.until("one function", lambda lines: table.functions() == ["burn_much"])
table.press("\x1b[B\x1b[A")
def opened(lines):
    is_open = any("Heaviest stacks with burn_much" in line for line in lines)
    if not is_open: table.press("\r")
    return is_open
table.until("its stacks", opened)
table.until("its stack", lambda lines: any(line.strip() == "burn_much" for line in lines) and any(line.strip() == "main" for line in lines))
table.press("q")
table.sees("own %")
table.press("p")
table.sees("paused")
paused = table.frame()
for _ in range(30): table.take()
assert table.frame() == paused, "it went on while it paused"
table.press("p")
table.until("goes on", lambda lines: lines and "paused" not in lines[0] and lines[0] != paused[0])
table.resize(8, 40)
table.until("another size", lambda lines: lines and len(lines) <= 8 and all(len(line) <= 40 for line in lines))
table.press("q")
table.ended(0)

for way in ("\x03", signal.SIGTERM, signal.SIGINT):
    table = Shown(["--pid", target, "--interval", "300ms"])
    table.sees("burn_much")
    table.press(way) if isinstance(way, str) else os.kill(table.ran.pid, way)
    table.ended(0)

table = Shown(["--interval", "300ms", "--", "./split", "60"])
table.sees("burn_much")
table.ended(0)
assert b"the program speaks" not in table.octets

table = Shown(["--interval", "300ms", "--", "./split"])
table.sees("burn_much")
table.press("q")
errors = table.ended(0)
launched = re.search(r"goes on as process (\d+)", errors)
assert launched, errors
os.kill(int(launched[1]), signal.SIGTERM)

table = Shown(["--pid", target, "--interval", "200ms", "--count", "2"])
table.ended(0)
print("keys, sizes and ends were tried")
END_OF_PYTHON
/usr/bin/python3 terminal.py "$SIGNALBOX" $target || fail "on a terminal"
[ "$(cut -d' ' -f3 /proc/$target/stat)" != T ] || fail "the target was stopped"
