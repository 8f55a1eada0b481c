#!/bin/sh
# Notes of the whole history of angular-cli beside `git log` printing the same commits; interleaved, median of the ratios of wall time.
set -eu
corpus=${SIGNALBOX_CORPUS:-$SIGNALBOX_SOURCE_DIR/../shared/corpus}/train/angular-cli.fast-import.xz
[ -r "$corpus" ] || { echo "train: left out, there is no $corpus"; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
git init -q -b main "$folder/r"
xz -dc "$corpus" | git -C "$folder/r" fast-import --quiet
exec python3 - "$SIGNALBOX" "$folder/r" <<'END'
import json, statistics, subprocess, sys, time
signalbox, repository = sys.argv[1:]
PAIRS = 5

def seconds(*words):
    began = time.monotonic()
    subprocess.run(words, cwd=repository, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.monotonic() - began

def row(what, ours, peer, peer_name):
    pairs = [(seconds(*ours), seconds(*peer)) for _ in range(PAIRS)]
    middle = sorted(pairs, key=lambda pair: pair[0] / pair[1])[PAIRS // 2]
    print(json.dumps({"bench": "train", "what": what, "unit": "s", "ours": round(middle[0], 3), "peer": peer_name, "peer_value": round(middle[1], 3),
                      "ratio": round(middle[0] / middle[1], 2), "floor": None, "goal": 1.0, "better": "lower", "command": "bench/run train"}))

log = ["git", "log", "--format=%H%x00%P%x00%ct%x00%B"]
row("notes of every release, 26,652 commits, 1,166 tags", [signalbox, "train", "notes", "--all", "-o", "/dev/null"], log + ["HEAD", "--tags=v*", "--tags=[0-9]*"],
    "git log of the same commits")
row("plan: 8 commits since the last of 1,166 releases", [signalbox, "train", "plan", "-o", "/dev/null"], log + ["v22.2.0-next.4..HEAD"], "git log of the range")
END
