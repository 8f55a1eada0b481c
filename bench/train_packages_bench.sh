#!/bin/sh
# Notes of 50 packages over the whole history of vite, all at once and with nothing kept, beside `git log --name-only` of the same commits:
# interleaved, median of the ratios of wall time. The history at hand has graph, messages and tags but empty trees: each commit gets paths of
# one package or two, made from its number, and the packages that vite has no tags of get tags of their own.
set -eu
corpus=${SIGNALBOX_CORPUS:-$SIGNALBOX_SOURCE_DIR/../shared/corpus}/train/vite.fast-import.xz
[ -r "$corpus" ] || { echo "train_packages: left out, there is no $corpus"; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
git init -q -b main "$folder/r"
cat >"$folder/paths.py" <<'END'
import random, sys
read, write = sys.stdin.buffer, sys.stdout.buffer
OWN = ["create-app", "create-vite", "plugin-legacy", "plugin-react", "plugin-react-refresh", "plugin-vue", "plugin-vue-jsx"]
PACKAGES = OWN + [f"part-{i:02}" for i in range(len(OWN), 50)]

def changes(mark):
    chance = random.Random(mark)
    for package in chance.sample(PACKAGES, 2 if chance.random() < 0.15 else 1):
        for _ in range(chance.randint(1, 4)):
            text = f"{mark}\n"
            yield f"M 100644 inline packages/{package}/src/file-{chance.randint(0, 19):02}.ts\ndata {len(text)}\n{text}".encode()

mark, is_open, in_commit, marks = 0, False, False, []
for line in read:
    if is_open and not line.startswith((b"from ", b"merge ", b"M ", b"D ", b"deleteall")):
        write.writelines(changes(mark))
        is_open = False
    if line.startswith(b"mark :"):
        mark = int(line[6:])
    write.write(line)
    in_commit = line.startswith(b"commit ") or (in_commit and not line.startswith((b"reset ", b"tag ")))
    if line.startswith(b"data ") and in_commit:
        write.write(read.read(int(line[5:])))
        is_open = True  # the message has ended, parents and paths follow
        marks.append(mark)
if is_open:
    write.writelines(changes(mark))
for number, package in enumerate(PACKAGES[len(OWN):]):
    for release, at in enumerate(marks[100 + 7 * number::400]):
        write.write(f"reset refs/tags/{package}@1.{release}.0\nfrom :{at}\n\n".encode())
with open(sys.argv[1], "w") as out:
    out.write("train:\n  packages:\n" + "".join(f"    {package}: packages/{package}\n" for package in PACKAGES))
END
xz -dc "$corpus" | python3 "$folder/paths.py" "$folder/r/signalbox.yaml" | git -C "$folder/r" fast-import --quiet
git -C "$folder/r" repack -q -a -d
exec python3 - "$SIGNALBOX" "$folder/r" <<'END'
import json, pathlib, subprocess, sys, time
signalbox, repository = sys.argv[1:]
PAIRS = 7
KEPT = pathlib.Path(repository, ".git", "signalbox", "train", "history.cache")

def wall_s(*words):
    began = time.monotonic()
    subprocess.run(words, cwd=repository, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.monotonic() - began

ours = [signalbox, "train", "notes", "--all", "--packages", "-o", "/dev/null"]
peer = ["git", "log", "--name-only", "--no-renames", "HEAD", "--tags"]
commits = subprocess.run(["git", "rev-list", "--count", "HEAD", "--tags"], cwd=repository, capture_output=True, text=True, check=True).stdout.strip()
def row(what, kept, goal):
    pairs = []
    for _ in range(PAIRS):
        if not kept:
            KEPT.unlink(missing_ok=True)
        pairs.append((wall_s(*ours), wall_s(*peer)))
    middle = sorted(pairs, key=lambda pair: pair[0] / pair[1])[PAIRS // 2]
    print(json.dumps({"bench": "train_packages", "what": what, "unit": "s", "ours": round(middle[0], 4), "peer": "git log --name-only --no-renames, once",
                      "peer_value": round(middle[1], 4), "ratio": round(middle[0] / middle[1], 4), "floor": None, "goal": goal, "better": "lower",
                      "command": "bench/run train_packages"}), flush=True)
row(f"notes of every release of 50 packages, {int(commits):,} commits, nothing kept", False, 2.0)
row("the same again, commits kept from before", True, 2.0)
END
