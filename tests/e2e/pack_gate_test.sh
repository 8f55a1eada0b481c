#!/bin/sh
# A train in a real repository asks for pack/batch/v1. Boxes that save nothing are recorded so, and the train says NO-GO; the next release has
# boxes that do, and the train says GO. The evidence is as its schema says, and its figures are those that the command told.
set -eu
here=$(dirname "$0")
. "$here/expect.sh"
. "$here/scratch.sh"
export HOME="$folder" XDG_DATA_HOME="$folder/data" GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 NO_COLOR=1
export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.org GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.org
fail() { echo "FAIL: $*" >&2; exit 1; }
pack() { "$SIGNALBOX" pack "$@"; }
train() { "$SIGNALBOX" train "$@"; }

git init -q -b main "$folder/shop" && cd "$folder/shop"
cat >signalbox.yaml <<'YAML'
train:
  pass_at: 0
  rubric: []
  changelog: false
  boarding: {lock_before: 0}
  gates:
    - name: packing
      type: pack/batch/v1
      owner: engineering
      max_age: 1d
      require: eq(.predicate.unverified_plans; 0) and eq(.predicate.without_plan; 0) and gt(.predicate.saving.ci95.lower; 0) and ge(.predicate.orders; 100)
YAML
python3 - <<'END'
import random
chance = random.Random(5)
with open("orders.csv", "w") as out:
    out.write("order,sku,qty,l_in,w_in,h_in,weight_lb\n")
    for order in range(150):
        for line in range(chance.randint(1, 3)):
            out.write(f"{order},s{line},{chance.randint(1, 3)},{chance.randint(4, 11)},{chance.randint(3, 8)},{chance.randint(1, 6)},{chance.randint(1, 30) / 10}\n")
END
printf 'sku,inner_l_in,inner_w_in,inner_h_in,max_weight_lb\nHUGE,36,24,24,90\n' >boxes.csv
git add . && git commit -q -m 'feat: begin' && git tag v0.1.0
git commit -q --allow-empty -m 'feat: one box for all'

expect 1 train check --dry-run --explain
says "signalbox pack batch ORDERS --boxes BOXES --record"
expect 0 pack batch orders.csv --boxes boxes.csv --on 2026-03-02 --record
says "recorded"
expect 1 train check --dry-run
says "packing"

printf 'sku,inner_l_in,inner_w_in,inner_h_in,max_weight_lb\nS,9,6,4,40\nM,12,9,6,40\nL,16,12,10,60\nHUGE,36,24,24,90\n' >boxes.csv
expect 2 pack batch orders.csv --boxes boxes.csv --on 2026-03-02 --record
says "about which release"
git commit -qam 'feat: boxes that fit'
expect 1 train check --dry-run
pack batch orders.csv --boxes boxes.csv --on 2026-03-02 --record --json >"$folder/told.json"
expect 0 train check --dry-run

entry=$("$SIGNALBOX" evidence query --type pack/batch/v1 --json | jq '[.. | objects | select(has("index")) | .index] | max')
"$SIGNALBOX" evidence show "$entry" --json | jq .data.predicate >"$folder/predicate.json"
# Beside the plans of the same run, and the interval beside sums of our own.
expect 0 pack batch orders.csv --boxes boxes.csv --on 2026-03-02 --plans "$folder/plans.ndjson" --baseline none
python3 - "$SIGNALBOX_SOURCE_DIR/docs/schemas/pack-batch-v1.json" <<'END'
import hashlib, json, sys
predicate = json.load(open("../predicate.json"))
told = json.load(open("../told.json"))["data"]
plans = [json.loads(line) for line in open("../plans.ndjson")]
digest = lambda name: hashlib.sha256(open(name, "rb").read()).hexdigest()
assert predicate["orders"] == len(plans) == 150, predicate
assert predicate["inputs"] == {"orders": digest("orders.csv"), "boxes": digest("boxes.csv")}, predicate
assert predicate["boxes"] == sum(len(plan["packages"]) for plan in plans), predicate
assert predicate["proven"] == sum(plan["proof"] == "optimal" for plan in plans), predicate
assert predicate["saving"]["baseline_lb"] == told["baseline"]["billed_lb"], (predicate, told["baseline"])
assert predicate["saving"]["billed_lb"] == predicate["billed_lb"] == told["totals"]["billed_lb"], predicate
saved = predicate["saving"]["baseline_lb"] - predicate["saving"]["billed_lb"]
assert abs(predicate["saving"]["lb_per_order"] - saved / 150) < 1e-9
assert predicate["saving"]["ci95"]["lower"] < saved / 150 < predicate["saving"]["ci95"]["upper"]
try:
    import jsonschema
    jsonschema.validate(predicate, json.load(open(sys.argv[1])))
except ImportError:
    pass
END
expect 2 pack batch - --boxes boxes.csv --record --subject git:HEAD <orders.csv
says "must be a file"
echo "boxes that save nothing are stopped, and those that do go"
