#!/bin/sh
# What `signalbox pack` says of a history: which sizes serve it best, beside every choice that there is; the lock file; what an
# inch is worth; a carrier's invoice.
set -eu
here=$(dirname "$0")
. "$here/expect.sh"
. "$here/scratch.sh"
cd "$folder"
export NO_COLOR=1
pack() { "$SIGNALBOX" pack "$@"; }

# Forty orders of one or two things, six sizes.
python3 - <<'END'
import random
chance = random.Random(4)
with open("history.csv", "w") as out:
    out.write("order,sku,qty,l_in,w_in,h_in,weight_lb\n")
    for order in range(40):
        for line in range(chance.randint(1, 2)):
            sides = sorted((chance.randint(2, 11) for _ in range(3)), reverse=True)
            out.write(f"{order},s{order}-{line},1,{sides[0]},{sides[1]},{sides[2]},{chance.randint(1, 9)}\n")
with open("sizes.csv", "w") as out:
    out.write("sku,inner_l_in,inner_w_in,inner_h_in\n")
    for name, l, w, h in (("a", 8, 6, 4), ("b", 12, 9, 6), ("c", 12, 12, 8), ("d", 14, 12, 12), ("e", 18, 14, 12), ("f", 24, 16, 16)):
        out.write(f"{name},{l},{w},{h}\n")
END
expect 0 pack assortment history.csv --boxes sizes.csv --k 3 --on 2026-03-01 --lock three.lock
says '3 sizes of 6 for 40 orders'
pack assortment history.csv --boxes sizes.csv --k 3 --on 2026-03-01 --json >three.json

# The cost of every choice of three, by planning each order in one box of them: none is less.
SIGNALBOX="$SIGNALBOX" python3 - <<'END'
import csv, itertools, json, os, subprocess
sizes = list(csv.reader(open("sizes.csv")))
def billed(rows):
    with open("some.csv", "w") as out:
        csv.writer(out).writerows([sizes[0], *rows])
    done = subprocess.run([os.environ["SIGNALBOX"], "pack", "batch", "history.csv", "--boxes", "some.csv", "--on", "2026-03-01", "--max-packages", "1", "--effort", "fast",
                           "--baseline", "none", "--json"], capture_output=True, text=True)
    totals = json.loads(done.stdout)["data"]["totals"]
    return totals["billed_lb"] if totals["orders"] == 40 else None
costs = {choice: cost for choice in itertools.combinations([row[0] for row in sizes[1:]], 3)
         if (cost := billed([row for row in sizes[1:] if row[0] in choice])) is not None}
lock = json.load(open("three.json"))["data"]
chosen = tuple(sorted(box["sku"] for box in lock["boxes"]))
assert costs[chosen] == lock["result"]["cost"] == min(costs.values()), (chosen, costs)
assert lock["result"]["bound"] <= min(costs.values())
assert lock["result"]["bound"] >= 0.9 * min(costs.values()), lock["result"]
END

# The same history has the same lock, to the octet; a lock is boxes; what changed is told.
pack assortment history.csv --boxes sizes.csv --k 3 --on 2026-03-01 --lock again.lock >/dev/null
cmp three.lock again.lock
expect 0 pack assortment history.csv --boxes sizes.csv --k 3 --on 2026-03-01 --locked three.lock
expect 1 pack assortment history.csv --boxes sizes.csv --k 3 --on 2025-03-01 --locked three.lock
says 'the objective, or the rules that hold changed'
sed '2s/,1,/,2,/' history.csv >other.csv
expect 1 pack assortment other.csv --boxes sizes.csv --k 3 --on 2026-03-01 --locked three.lock
says 'the history changed'
expect 0 pack batch history.csv --boxes three.lock --on 2026-03-01
says '40 orders in'
expect 2 pack assortment history.csv --boxes sizes.csv --k 3 --must z
says "there is no size 'z'"
expect 2 pack assortment history.csv --k 3
says 'of which sizes is chosen?'
expect 0 pack assortment history.csv --boxes sizes.csv --k 2 --must c --on 2026-03-01 --json
says '"sku": "c"'
sed 's/"k": 3/"k": "three"/' three.lock >bad.lock
expect 2 pack batch history.csv --boxes bad.lock
says "bad.lock: 'k': a whole number is meant"

# Sizes made from the history: no more pounds with eight of them than with the six that were there.
expect 0 pack assortment history.csv --boxes sizes.csv --grid 1in --k 8 --on 2026-03-01 --json
printf '%s\n' "$out" | jq -e '[.facts[] | select(.unit == "lb" and (.name | startswith("planned")))] | (.[0].value <= .[1].value)' >/dev/null || { echo "$out"; exit 1; }

# What an inch is worth: the sums that trim tells are those of bills of each parcel, one side cut.
pack batch history.csv --boxes sizes.csv --on 2026-03-01 --plans plans.ndjson --baseline none >/dev/null
pack trim plans.ndjson --on 2026-03-01 --json >trims.json
python3 - <<'END'
import json, math
trims = {(t["box"], t["side"]): t for t in json.load(open("trims.json"))["data"]["trims"]}
def billed(sides, grams):
    sides = [math.ceil(round(s / 25.4, 9)) for s in sides]
    dim = math.ceil(sides[0] * sides[1] * sides[2] / 139)
    pounds = max(1, math.ceil(round(grams / 453.59237, 9)), dim)
    if sides[0] * sides[1] * sides[2] > 10368: pounds = max(pounds, 40)
    return pounds
saved = {}
for line in open("plans.ndjson"):
    plan = json.loads(line)
    boxes = {box["sku"]: box for box in plan["boxes"]}
    for package in plan["packages"]:
        outer = boxes[package["box"]]["outer"]
        for side, name in enumerate(("length", "width", "height")):
            cut = list(outer)
            cut[side] -= 25.4
            saved[package["box"], name] = saved.get((package["box"], name), 0) + billed(outer, package["weight_g"]) - billed(cut, package["weight_g"])
assert saved == {key: t["saved_lb"] for key, t in trims.items()}, (saved, trims)
order = [t["saved_lb"] for t in json.load(open("trims.json"))["data"]["trims"]]
assert order == sorted(order, reverse=True)
END
sed -n '1,2p' history.csv >history_one.csv
expect 0 pack plan history_one.csv --boxes sizes.csv --on 2026-03-01
says 'what an inch is worth'
says 'distance to a surcharge'

# An invoice that agrees but for two lines; the claims are those two.
SIGNALBOX="$SIGNALBOX" python3 - <<'END'
import json, os, subprocess
plans = [json.loads(line) for line in open("plans.ndjson")]
with open("invoice.csv", "w") as out:
    out.write("tracking,order,package,billed_lb,l_in,w_in,h_in\n")
    number = 0
    for plan in plans:
        boxes = {box["sku"]: box for box in plan["boxes"]}
        for index, package in enumerate(plan["packages"], 1):
            number += 1
            done = subprocess.run([os.environ["SIGNALBOX"], "pack", "bill", "--dims", "x".join(str(side) for side in boxes[package["box"]]["outer"]) + "mm", "--weight", f"{package['weight_g']}g",
                                   "--on", "2026-03-01", "--json"], capture_output=True, text=True)
            pounds = next(fact["value"] for fact in json.loads(done.stdout)["facts"] if fact["name"] == "billed")
            sides = [round(side / 25.4, 6) for side in boxes[package["box"]]["outer"]]
            if number == 3: pounds += 2
            if number == 5: out.write(f"T{number}b,{plan['order']['id']},{index},{pounds},,,\n")
            out.write(f"T{number},{plan['order']['id']},{index},{pounds},{sides[0]},{sides[1]},{sides[2]}\n")
END
expect 1 pack audit invoice.csv --plans plans.ndjson --on 2026-03-01 --claims claims.csv
says '2 of '
[ "$(wc -l <claims.csv)" = 3 ] || { cat claims.csv; exit 1; }
[ "$(sed 1d claims.csv | cut -d, -f4 | sort | tr '\n' ' ')" = 'duplicate pounds ' ] || { cat claims.csv; exit 1; }
sed '/^T5b/d; /^T3,/d' invoice.csv >good.csv
expect 0 pack audit good.csv --plans plans.ndjson --on 2026-03-01
says 'is on no line'
expect 2 pack audit good.csv
says 'which plans were carried?'
printf 'tracking,order,billed_lb\nT1,1,2.5\n' >bad.csv
expect 2 pack audit bad.csv --plans plans.ndjson
says 'carriers bill whole pounds'

corpus=${SIGNALBOX_CORPUS:-$SIGNALBOX_SOURCE_DIR/../shared/corpus}/pack/boxpacker
[ -d "$corpus" ] || { echo "no corpus at $corpus: the real orders were not tried"; exit 0; }
# Of the real orders: the choice of six sizes is within one part in a hundred of what no choice is below.
expect 0 pack assortment "$corpus/items.csv" --columns order,qty,sku,l_mm,w_mm,h_mm,weight_g --boxes "$corpus/boxes.csv" \
  --box-columns sku,outer_l_mm,outer_w_mm,outer_h_mm,tare_g,inner_l_mm,inner_w_mm,inner_h_mm,max_weight_g --grid 1in --sizes 40 --max-weight 15kg --k 6 --on 2026-03-01 --json
printf '%s\n' "$out" | jq -e '.data.result | .cost - .bound <= .cost / 100' >/dev/null || { echo 'the gap is over 1 %'; exit 1; }
