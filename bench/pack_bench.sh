#!/bin/sh
# Plans for the public corpus of real orders (4,288 orders, 4 boxes), the whole command with reading, checking and writing of each plan, for
# each objective; and how long one plan took, by what `batch` tells of each order.
set -eu
corpus=${SIGNALBOX_CORPUS:-$SIGNALBOX_SOURCE_DIR/../shared/corpus}/pack/boxpacker
[ -r "$corpus/items.csv" ] || { echo "pack: left out, there is no $corpus"; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
exec python3 - "$SIGNALBOX" "$corpus" "$folder" <<'END'
import json, resource, subprocess, sys, time
signalbox, corpus, folder = sys.argv[1:]
ROUNDS = 3

def row(what, ours, unit, floor, goal, better="higher"):
    print(json.dumps({"bench": "pack", "what": what, "unit": unit, "ours": round(ours, 3), "judged": "ours", "floor": floor, "goal": goal,
                      "better": better, "command": "bench/run pack"}), flush=True)

def batch(objective, *more):
    began = time.monotonic()
    subprocess.run([signalbox, "pack", "batch", f"{corpus}/items.csv", "--columns", "order,qty,sku,l_mm,w_mm,h_mm,weight_g", "--boxes", f"{corpus}/boxes.csv",
                    "--box-columns", "sku,outer_l_mm,outer_w_mm,outer_h_mm,tare_g,inner_l_mm,inner_w_mm,inner_h_mm,max_weight_g",
                    "--objective", objective, "--baseline", "none", "--plans", f"{folder}/plans.ndjson", *more], cwd=folder, stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - began

for objective, told in (("boxes", "fewest boxes"), ("billed", "least billed weight")):
    best = min(batch(objective) for _ in range(ROUNDS))
    orders = sum(1 for _ in open(f"{folder}/plans.ndjson"))
    row(f"orders planned in a second, {told}", orders / best, "orders/s", 5000, 20000)
    tails = []
    for _ in range(ROUNDS):
        batch(objective, "--format", "json", "-o", f"{folder}/report.json")
        took = sorted(each["us"] for each in json.load(open(f"{folder}/report.json"))["data"]["orders"])
        tails.append(took[len(took) * 99 // 100] / 1000)
    row(f"one plan, the slowest of a hundred, {told}", min(tails), "ms", 20, 5, "lower")
END
