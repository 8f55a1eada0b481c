#!/bin/sh
# Notes of the whole history of angular-cli beside `git log` printing the same commits: with nothing kept from before, and again after ten
# more commits; interleaved, median of the ratios of wall time. The processor time of it beside git-cliff's, where npm can fetch that.
set -eu
corpus=${SIGNALBOX_CORPUS:-$SIGNALBOX_SOURCE_DIR/../shared/corpus}/train/angular-cli.fast-import.xz
[ -r "$corpus" ] || { echo "train: left out, there is no $corpus"; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
git init -q -b main "$folder/r"
xz -dc "$corpus" | git -C "$folder/r" fast-import --quiet
(cd "$folder" && echo '{}' >package.json && npm install --no-audit --no-fund --silent --fetch-retries=0 --fetch-timeout=60000 git-cliff@2.14.2 >npm.log 2>&1) || :
exec python3 - "$SIGNALBOX" "$folder/r" "$folder/node_modules/.bin/git-cliff" <<'END'
import json, os, pathlib, resource, shutil, statistics, subprocess, sys, time
signalbox, repository, cliff = sys.argv[1:]
PAIRS = 7
KEPT = pathlib.Path(repository, ".git", "signalbox", "train", "history.cache")

def spent(*words):
    """Wall and processor seconds of a program with all that it starts."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(words, cwd=repository, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

def print_row(what, pair, peer, floor, goal):
    print(json.dumps({"bench": "train", "what": what, "unit": "s", "ours": round(pair[0], 4), "peer": peer, "peer_value": round(pair[1], 4),
                      "ratio": round(pair[0] / pair[1], 4), "floor": floor, "goal": goal, "better": "lower", "command": "bench/run train"}), flush=True)

def row(what, ours, peer, peer_name, floor, goal, kept=True):
    pairs = []
    for _ in range(PAIRS):
        if not kept:
            KEPT.unlink(missing_ok=True)
        pairs.append((spent(*ours)[0], spent(*peer)[0]))
    print_row(what, sorted(pairs, key=lambda pair: pair[0] / pair[1])[PAIRS // 2], peer_name, floor, goal)

log = ["git", "log", "--format=%H%x00%P%x00%ct%x00%B"]
whole = log + ["HEAD", "--tags=v*", "--tags=[0-9]*"]
notes = [signalbox, "train", "notes", "--all", "-o", "/dev/null"]
plan = [signalbox, "train", "plan", "-o", "/dev/null"]
row("notes of every release, 26,652 commits, 1,166 tags, nothing kept", notes, whole, "git log of the same commits", 2.0, 1.0, kept=False)
row("plan, nothing kept", plan, whole, "git log of all commits", 2.0, 1.0, kept=False)
if os.access(cliff, os.X_OK):
    KEPT.unlink(missing_ok=True)
    print_row("the same notes, processor time", (spent(*notes)[1], spent(cliff, "-o", "/dev/null")[1]), "git-cliff 2.14.2 on the same repository", 0.025, 0.025)
else:
    print("train: git-cliff could not be installed with npm, so processor time is not compared with it")
head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=repository, capture_output=True, text=True, check=True).stdout.strip()
more = "".join(f"commit refs/heads/main\ncommitter A <a@a> {1790000000 + i} +0000\ndata <<END\nfix: number {i}\nEND\n" + (f"from {head}\n" if i == 0 else "") for i in range(10))
subprocess.run(["git", "fast-import", "--quiet"], cwd=repository, input=more, text=True, check=True)
row("notes of every release again, after 10 more commits", notes, whole, "git log of the same commits", 0.3, 0.15)
row("plan again, after 10 more commits", plan, whole, "git log of all commits", 0.3, 0.2)
END
