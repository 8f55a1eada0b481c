#!/bin/sh
# What takes long shows a bar on a terminal, and nothing of it into a pipe. Long is made here by strace, which delays each read: a slow disk
# for the log, a slow git for the history.
set -eu
command -v strace >/dev/null || { echo "skipped: strace is not there"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*" >&2; exit 1; }
strace -o /dev/null true 2>/dev/null || { echo "skipped: processes may not be traced here"; exit 77; }
export HOME="$work/home" XDG_DATA_HOME="$work/data" GIT_CONFIG_GLOBAL=/dev/null
mkdir -p "$HOME" "$work/repository"
cd "$work/repository"
git init -q -b main .

# 8,000 commits, and 3,000 entries signed by another's key.
history() {
  /usr/bin/python3 - "$1" <<'END_OF_PYTHON'
import sys
for i in range(int(sys.argv[1])):
    message = f"fix(part{i % 7}): number {i} " + "that says at length what was wrong " * 4
    print(f"commit refs/heads/main\ncommitter A <a@example.com> {1600000000 + i} +0000\ndata {len(message)}\n{message}")
END_OF_PYTHON
}
history 8000 | git fast-import --quiet
/usr/bin/python3 - 3000 >"$work/envelopes.jsonl" <<'END_OF_PYTHON'
import base64, json, sys
import nacl.signing
key, kind = nacl.signing.SigningKey(bytes(32)), "application/vnd.in-toto+json"
for i in range(int(sys.argv[1])):
    payload = json.dumps({"_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "a", "digest": {"sha256": f"{i:064x}"}}],
                          "predicateType": "https://example.com/number/v1", "predicate": {"number": i}}).encode()
    signature = key.sign(b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)).signature
    print(json.dumps({"payload": base64.b64encode(payload).decode(), "payloadType": kind,
                      "signatures": [{"keyid": "theirs", "sig": base64.b64encode(signature).decode()}]}))
END_OF_PYTHON
"$SIGNALBOX" evidence append "$work/envelopes.jsonl" --json >/dev/null 2>&1 || fail "evidence append"

# bar WIDTH SYSCALL=MICROSECONDS UNIT COMMAND…: runs it with standard error on a terminal and looks at what was drawn there.
cat >"$work/bar.py" <<'END_OF_PYTHON'
import fcntl, os, pty, re, struct, subprocess, sys, tempfile, termios
width, (call, delay), unit, command = int(sys.argv[1]), sys.argv[2].split("="), sys.argv[3], sys.argv[4:]
terminal, inside = pty.openpty()
fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
slow = ["strace", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:delay_enter={delay}"]
result = tempfile.TemporaryFile()
ran = subprocess.Popen(slow + command, stdin=subprocess.DEVNULL, stdout=result, stderr=inside)
os.close(inside)
shown = b""
while True:
    try:
        octets = os.read(terminal, 65536)
    except OSError:
        break
    if not octets: break
    shown += octets
    if len(shown) > 1_000_000: break
code = ran.wait()
result.seek(0)
output = result.read().decode()
shown = shown.decode()
drawn = [line for line in re.findall(r"\r\x1b\[K([^\r\n]+)", shown) if "commits = " not in line]
print(f"{' '.join(command[1:4])}: {len(drawn)} times, {drawn[-1:]}", file=sys.stderr)
assert code in (0, 1), (code, shown, output)
assert "\x1b" not in output and "/s" not in output, "the bar is in the result"
assert any(unit in line for line in drawn) if width > 60 else drawn, shown
assert all(len(line) < width for line in drawn), drawn
assert re.search(r"\r\x1b\[K(?!.*━)", shown[shown.rindex(drawn[-1]):]), "the bar was not taken away"
done = [int(re.search(r"(\d+) of", line)[1]) for line in drawn if " of " in line and unit in line]
assert done == sorted(done), done
END_OF_PYTHON
bar() { /usr/bin/python3 "$work/bar.py" "$@" 2>"$work/said" || { cat "$work/said" >&2; fail "no bar: $*"; }; sed -n '$p' "$work/said"; }

bar 100 read=40000 "of 8000 commits" "$SIGNALBOX" train plan --json
bar 100 read=40000 "of 8000 messages" "$SIGNALBOX" train lint --json
bar 100 pread64=5000 "of 3000 entries" "$SIGNALBOX" evidence log audit
bar 100 pread64=5000 "of 3000 entries" "$SIGNALBOX" evidence verify --json
bar 100 pread64=15000 "tiles" "$SIGNALBOX" evidence log export "$work/tiles"
bar 40 pread64=5000 "entries" "$SIGNALBOX" evidence log audit

# A whole history is mapped, not read: it is long by its 300,000 commits.
git init -q -b main "$work/long"
history 300000 | git -C "$work/long" fast-import --quiet
(cd "$work/long" && bar 100 read=20 "commits" "$SIGNALBOX" train notes --all)

# Into a pipe: nothing, a line a second with --progress, nothing at all with --quiet.
slow="strace -o /dev/null -e trace=read -e inject=read:delay_enter=40000"
$slow "$SIGNALBOX" train plan >/dev/null 2>"$work/errors"
[ ! -s "$work/errors" ] || fail "progress where nobody looks: $(cat "$work/errors")"
$slow "$SIGNALBOX" train plan --progress >/dev/null 2>"$work/errors"
grep -q 'of 8000 commits' "$work/errors" || fail "--progress says nothing: $(cat "$work/errors")"
! grep -q "$(printf '\033')" "$work/errors" || fail "--progress writes control characters into a file"
$slow "$SIGNALBOX" train plan --progress --quiet >/dev/null 2>"$work/errors"
[ ! -s "$work/errors" ] || fail "--quiet is not quiet: $(cat "$work/errors")"
echo "bars are drawn and taken away"
