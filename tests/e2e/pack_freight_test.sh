#!/bin/sh
# `signalbox pack pallet` and `trailer`: published patterns, loads that the judge lets pass, and what is refused.
set -eu
here=$(dirname "$0")
. "$here/expect.sh"
. "$here/scratch.sh"
cd "$folder"
export NO_COLOR=1
pack() { "$SIGNALBOX" pack "$@"; }

# The manufacturer's pallet loading problem: one layer of one height, as many as the literature has.
for problem in '22x16 5x3 23' '30x22 7x4 23' '40x25 7x3 47' '34x23 5x4 38'; do
  set -- $problem
  expect 0 pack pallet --pallet "$1x1in" --case "$2x10in" --max-height 12in --json
  [ "$(printf '%s\n' "$out" | jq '.data.pallets[0].units')" = "$3" ] || { echo "$problem"; echo "$out"; exit 1; }
  printf '%s\n' "$out" >pallet.json
  expect 0 pack verify pallet.json
done

# 10 cases a layer, 5 layers, 1,000 lb gross; 48 x 40 x 55.5 in are 61.67 cubic feet: 16.22 lb each, class 70.
expect 0 pack pallet --case 16x12x10in,20lb
says '50 units on 1 pallet'
says '10, 10, 10, 10, 10'
says 'optimal'
says '16.22'
says '70'
expect 0 pack pallet --case 16x12x10in,20lb --interlock --json
printf '%s\n' "$out" >interlock.json
expect 0 pack verify interlock.json
expect 0 pack pallet --case 16x12x10in,100lb # 2,800 lb at most
says '28 units on 1 pallet'
expect 0 pack pallet --pallet eur --case 400x300x200mm,8kg --max-height 1800mm
says '64 units on 1 pallet'
expect 2 pack pallet --case 60x12x10in
says "not one 'case' goes on the pallet 'gma'"
expect 2 pack pallet
says 'what goes on the pallet?'
expect 2 pack pallet --case 0.01x0.02x80mm
says 'more than 300 would lie in a row'
expect 0 pack pallet --case 16x12x0.2in
says '2720 units on 1 pallet'
expect 2 pack pallet --case 16x12in
says 'is not three lengths'

# Things of many kinds, on as few pallets as are found.
printf 'sku,qty,l_in,w_in,h_in,weight_lb,turn\nA,20,16,12,10,20,up\nB,12,20,16,12,30,up\nC,6,24,20,14,25,up\n' >mixed.csv
expect 0 pack pallet mixed.csv --json
printf '%s\n' "$out" >mixed.json
expect 0 pack verify mixed.json

# Three stops: what goes out first stands at the rear; whoever changes that is found.
printf 'order,sku,qty,l_in,w_in,h_in,weight_lb,turn,no_stack\nnorth,P,8,48,40,60,1200,up,yes\nwest,Q,6,48,40,50,900,up,yes\nsouth,R,5,40,48,70,1500,up,yes\n' >loads.csv
expect 0 pack trailer loads.csv
says '19 units for 3 stops'
pack trailer loads.csv --json >load.json
expect 0 pack verify load.json
jq '.data.stops | (.[0].from_mm >= .[1].to_mm) and (.[1].from_mm >= .[2].to_mm)' load.json | grep -q true
jq '(.data.order.items[] | select(.sku == "P").stop) = 3 | (.data.order.items[] | select(.sku == "R").stop) = 1' load.json >swapped.json
expect 1 pack verify swapped.json
says 'pack/blocked'
expect 0 pack trailer loads.csv --stops south,west,north --json
printf '%s\n' "$out" | jq -e '.data.stops[0].order == "south"' >/dev/null
expect 2 pack trailer loads.csv --stops south,west
says "when is 'north' unloaded?"
expect 2 pack trailer loads.csv --trailer barge
says '53ft, iso20, iso40, iso40hc'

# Moments by hand: the loads on kingpin and axles sum up to the weight, and turn about each other.
expect 0 pack trailer loads.csv --kingpin 3ft --rear 41ft --json
printf '%s\n' "$out" >axles.json
python3 - <<'END'
import json
data = json.load(open("axles.json"))["data"]
weights = [item["weight"] for item in data["order"]["items"]]
total = moment = 0
for one in data["packages"][0]["placements"]:
    weight = weights[one["item"]]
    total += weight
    moment += weight * (one["at"][0] + one["size"][0] / 2 - 3 * 304.8)
rear = moment / (38 * 304.8) / 453.59237
assert abs(data["axle_loads"]["rear_lb"] - rear) < 0.01, (data["axle_loads"], rear)
assert abs(data["axle_loads"]["kingpin_lb"] + rear - total / 453.59237) < 0.01
END
expect 1 pack trailer loads.csv --kingpin 3ft --rear 41ft --max-kingpin 2000lb
says 'pack/axle'
expect 0 pack trailer loads.csv --kingpin 3ft --rear 41ft --max-kingpin 14000lb --max-rear 34000lb
says 'rests on the kingpin'

# More than goes in: as much as does, and what stayed.
printf 'sku,qty,l_in,w_in,h_in,weight_lb,turn,no_stack\nP,31,48,40,60,1200,up,yes\n' >much.csv
expect 1 pack trailer much.csv
says "1 of 'P' for stop 1 did not go in"
