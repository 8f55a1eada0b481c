#!/bin/sh
# A watch that is killed, 80 times and more at points nobody chose: what was seen of the log is never forgotten, an alarm that stands stands on, and
# each cause is in the workspace's log once.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.org GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.org
unset SIGNALBOX_STORE 2>/dev/null || :
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"
evidence() { "$SIGNALBOX" evidence "$@"; }
states=14

# The log as it was at each size.
export XDG_DATA_HOME="$folder/ci"
git init -q -b main "$folder/shop" && cd "$folder/shop"
git commit -q --allow-empty -m 'feat: begin'
printf '{"coverage": 81}\n' >"$folder/coverage.json"
for size in $(seq $states); do
  expect 0 evidence add json "$folder/coverage.json" --subject git:HEAD
  expect 0 evidence log export "$folder/states/$size"
done
log=$(evidence key list --json | sed -n 's/.*"vkey": *"\(shop-[^"]*\)".*/\1/p' | head -1)

export XDG_DATA_HOME="$folder/auditor"
mkdir "$folder/elsewhere" && cd "$folder/elsewhere"
FOLDER="$folder" LOG="$log" STATES=$states python3 -u - <<'END_OF_PYTHON'
import json, os, pathlib, random, subprocess, time

folder, states = pathlib.Path(os.environ["FOLDER"]), int(os.environ["STATES"])
served, memory = folder / "served", folder / "auditor/signalbox/checkpoints"
evidence = [os.environ["SIGNALBOX"], "evidence"]
watching = [*evidence, "watch", str(served), "--key", os.environ["LOG"]]
seed = int(os.environ.get("SEED", time.time()))
random.seed(seed)
print(f"seed {seed}")


def serve(size):
    """Readers see the log as it was at that size, all of it at once."""
    link = folder / "next"
    link.symlink_to(folder / "states" / str(size))
    os.replace(link, served)


def note_size(file):
    return int(file.read_text().split("\n")[1])


def kept(suffix=""):
    """The note that is remembered, or the one that contradicts it; None where there is none."""
    found = [file for file in memory.glob("shop-*") if file.name.endswith(suffix) and (suffix or file.suffix not in (".alarm", ".envelope", ".lock"))]
    assert len(found) <= 1, found
    return found[0] if found else None


def run(*more):
    done = subprocess.run([*watching, "--once", *more], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def killed(longest_s, *more):
    child = subprocess.Popen([*watching, "--every", "1s", *more], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(random.uniform(0, longest_s))
    child.kill()
    child.wait()


def conflicts():
    done = subprocess.run([*evidence, "query", "--type", "evidence/log-conflict/v1", "--json"], capture_output=True, text=True)
    return len(json.loads(done.stdout)["data"]["entries"]) if done.returncode == 0 else 0


def took(action):
    begin = time.monotonic()
    action()
    return time.monotonic() - begin


# Growing: killed 40 times, never further back than before.
serve(1)
longest = 1.5 * took(lambda: run())
assert note_size(kept()) == 1
seen, advanced = 1, 0
for turn in range(40):
    size = min(states, seen + 1)
    serve(size)
    killed(longest)
    now = note_size(kept())
    assert seen <= now <= size, (seen, now, size)
    advanced += now > seen
    seen = now
code, text = run()
assert code == 0, text
seen = note_size(kept())
serve(states)
code, text = run()
assert code == 0 and note_size(kept()) == states, text

# Going back: each older state is a cause. Killed four times each, then left to end.
longest, alarms_by_killed, causes = 2.5 * longest, 0, list(range(2, states - 1))
for index, older in enumerate(causes):
    serve(older)
    stood = False
    for turn in range(4):
        killed(longest, "--record")
        assert note_size(kept()) == states, "what was seen is forgotten"
        alarm = kept(".alarm")
        assert alarm is not None or not stood, "the alarm is lost"
        stood = alarm is not None
        assert not stood or note_size(alarm) == older
        assert conflicts() <= index + 1, "one cause, told twice"
    alarms_by_killed += stood
    serve(states if index % 2 else older)  # the log may be as it should again: what stands, stands
    code, text = run("--record")
    if not stood and index % 2:
        serve(older)
        code, text = run("--record")
    assert code == 1, text
    code, text = run("--record")
    assert code == 1 and "stands" in text, text
    assert conflicts() == index + 1, (conflicts(), index + 1)
    kept(".alarm").unlink()
    serve(states)
    code, text = run("--record")
    assert code == 0, text
print(f"killed {40 + 4 * len(causes)} times: {advanced} looks had gone on, {alarms_by_killed} of {len(causes)} alarms stood; all were logged, each once")
END_OF_PYTHON
