#!/bin/sh
# GO or NO-GO with 40 gates over 2,000 statements about one commit, each gate with a condition of its own over a list of 21 results, warm; beside
# jq over the 40 predicates that answer; and with conditions that need jq.
set -eu
command -v jq >/dev/null || { echo "train_check: left out, jq is not installed"; exit 0; }
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/scratch.sh"
git init -q -b main "$folder/r" && cd "$folder/r"
policy() { # WHAT STANDS BEHIND EACH CONDITION
  printf 'train:\n  changelog: false\n  pass_at: 0\n  rubric: []\n  gates:\n'
  for gate in $(seq 40); do
    printf "    - {name: g%s, type: bench/g%s/v1, max_age: 30d, require: 'gt(.predicate.total; %s) and every(.predicate.items; eq(.ok; true))%s'}\n" \
      "$gate" "$gate" $((gate - 30)) "$1"
  done
}
policy '' >signalbox.yaml
git add . && git commit -qm 'feat: begin' && git tag v1.0.0
git checkout -q -b by-jq && policy ' | .' >signalbox.yaml && git commit -qam 'feat: conditions that need jq' && git checkout -q main
git commit -q --allow-empty -m 'feat: go on'
items=$(for n in $(seq 21); do printf '{"name":"case %s","ok":true},' "$n"; done)
for n in $(seq 50); do
  printf '{"total":%s,"failed":0,"items":[%s]}' $((n + 10)) "${items%,}" >"$folder/$n.json"
done
"$SIGNALBOX" evidence add json "$folder/1.json" --type https://signalbox.dev/bench/other/v1 --subject git:HEAD --quiet >/dev/null 2>&1 # makes the key
for gate in $(seq 40); do
  seq -f "$folder/%g.json" 50 | xargs -P 2 -I @ "$SIGNALBOX" evidence add json @ --type "https://signalbox.dev/bench/g$gate/v1" --subject git:HEAD --quiet >/dev/null
done
for n in $(seq 40); do cat "$folder/50.json" && echo; done >"$folder/all.json"
python3 - "$SIGNALBOX" "$folder" <<'END'
import json, statistics, subprocess, sys, time
signalbox, folder = sys.argv[1:]
ROUNDS = 11

def seconds(*words):
    began = time.monotonic()
    subprocess.run(words, cwd=folder + "/r", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.monotonic() - began

answer = json.loads(subprocess.run([signalbox, "train", "check", "--dry-run", "--json"], cwd=folder + "/r", capture_output=True, check=True).stdout)
green = [check for check in answer["checks"] if check["name"].startswith("g") and check["verdict"] == "pass"]
assert len(green) == 40, len(green)
peer = ["jq", "-e", "(.total > 10) and all(.items[]; .ok == true)", folder + "/all.json"]
check = [signalbox, "train", "check", "--dry-run"]
for what, ours, goal, rounds in [("decision: 40 gates over 21 results each, 2,000 statements", check, 150, ROUNDS),
                                 ("the same, explained", check + ["--explain"], 150, ROUNDS),
                                 ("the same, by conditions that need jq", check + ["--policy-ref", "by-jq"], None, 4)]:
    pairs = [(seconds(*ours), seconds(*peer)) for _ in range(rounds)][1:]
    mine, theirs = (statistics.median(column) for column in zip(*pairs))
    print(json.dumps({"bench": "train_check", "what": what, "unit": "ms", "ours": round(1000 * mine, 1), "peer": "jq over 40 predicates, nothing signed, no log",
                      "peer_value": round(1000 * theirs, 1), "ratio": round(mine / theirs, 2), "floor": None, "goal": goal, "judged": "ours", "better": "lower",
                      "command": "bench/run train_check"}))
END
