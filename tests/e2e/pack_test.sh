#!/bin/sh
# `signalbox pack`: one order, many, a container, and the judge of plans; the corpus of real orders where it is there.
set -eu
here=$(dirname "$0")
. "$here/expect.sh"
. "$here/scratch.sh"
cd "$folder"
export NO_COLOR=1
pack() { "$SIGNALBOX" pack "$@"; }

printf 'sku,qty,l_in,w_in,h_in,weight_lb\nA,3,11.1,8,6,2\nB,1,4 1/2,4,4,1\n' >order.csv
printf 'sku,inner_l_in,inner_w_in,inner_h_in,max_weight_lb\nS,12,10,8,40\nM,16,12,12,40\nL,24,16,16,40\n' >boxes.csv
expect 0 pack plan order.csv --boxes boxes.csv --on 2026-03-01
says '4 units in 1 box: M'
says 'billed 17 lb by ups-2026-01-26'
says 'optimal' # an A in a box of its own is billed 7 lb, and no S takes two
says 'billed at least  17 lb'
expect 0 pack plan order.csv --boxes boxes.csv --on 2026-03-01 --objective boxes
says 'optimal'

# A plan is read again and judged; whatever is changed in it is found.
pack plan order.csv --boxes boxes.csv --json >plan.json
expect 0 pack verify plan.json
jq '.data.packages[0].placements[1].at[0] -= 1' plan.json >overlap.json
expect 1 pack verify overlap.json
says 'overlap by 1 x'
jq '.data.packages[0].placements[0].at[2] = 300' plan.json >outside.json
expect 1 pack verify outside.json
says 'pack/outside'
jq 'del(.data.packages[0].placements[3])' plan.json >missing.json
expect 1 pack verify missing.json
says "are packed"
jq '.data.boxes[0].max_weight = 3000' plan.json >heavy.json
expect 1 pack verify heavy.json
says 'pack/weight'

# What goes into no box, what is missing and what is wrong.
printf 'sku,l_in,w_in,h_in,weight_lb\npole,60,1,1,2\n' >pole.csv
expect 2 pack plan pole.csv --boxes boxes.csv
says "'pole' is larger than every box; the nearest, 'L', lacks 914.4 mm along its length"
expect 2 pack plan order.csv
says 'which boxes are there?'
printf 'sku,l,w,h,weight\nA,1,1,1,1\n' >bare.csv
expect 2 pack plan bare.csv --boxes boxes.csv
says "bare.csv:2:2: the length '1' has no unit"
expect 2 pack plan order.csv --boxes boxes.csv --support most
says "'most' is no rule"

# Many orders: each has a plan, or is told why not; all plans are valid.
printf 'order,sku,qty,l_in,w_in,h_in,weight_lb\n1,A,3,11.1,8,6,2\n2,B,9,4,4,4,1\n3,pole,1,60,1,1,2\n' >orders.csv
expect 1 pack batch orders.csv --boxes boxes.csv --plans plans.ndjson
says "2 orders in 2 boxes, billed"
says "1 without a plan"
says "order '3': 'pole' is larger than every box"
expect 0 pack verify plans.ndjson
says '2 plans, all valid'
[ "$(jq -r .packages[0].box plans.ndjson | tr '\n' ' ')" = 'M S ' ] || { cat plans.ndjson; exit 1; }

# What a carrier bills: UPS' own example of its rule of 2025-08-18, 11.1 in is 12 in.
expect 0 pack bill --dims 11.1x8x6in --weight 3.2lb --on 2026-03-01
says '12 x 8 x 6 in, 576 cu in / 139 = 5 lb; weighs 4 lb; billed 5 lb by ups-2026-01-26'
expect 0 pack bill --dims 11.1x8x6in --weight 3.2lb --on 2025-08-17
says 'billed 4 lb by ups-before-2025-08-18'
expect 1 pack bill --dims 110x8x6in --weight 3lb --on 2026-03-01
says 'longest side 110 in is over 108 in'
expect 2 pack bill --dims 11.1x8x6in --weight 3.2lb --carrier pigeon
says 'carriers are fedex, ups, usps'
expect 3 pack bill --dims 11.1x8x6in --weight 3.2lb --on 1999-01-01
says 'no rule of ups holds on 1999-01-01'
expect 2 pack bill --dims 11.1x8x6 --weight 3.2lb
says "has no unit"
expect 0 pack whatif plans.ndjson --carrier usps --on 2026-07-11 --then 2026-07-12
says 'usps-2026-07-12 instead of usps-before-2026-07-12'

# With prices of the user's own: the least cost, by whom, and what has no price.
{
  echo 'carrier,service,zone,lb,price,surcharge'
  for lb in $(seq 1 40); do printf 'ups,ground,5,%s,%s,\nfedex,ground,5,%s,%s,\n' "$lb" "$((9 + lb))" "$lb" "$((6 + 2 * lb))"; done
} >rates.csv
expect 0 pack plan order.csv --boxes boxes.csv --on 2026-03-01 --rates rates.csv --zone 5
says 'package 1 goes by  ups ground: 26.00' # 17 lb: 9 + 17, not 6 + 34
expect 2 pack plan order.csv --boxes boxes.csv --rates rates.csv --zone 9
says "no rate to a zone '9'"
expect 2 pack plan order.csv --boxes boxes.csv --rates rates.csv
says 'to which zone'
sed -n '1,5p' rates.csv >short.csv
expect 0 pack plan order.csv --boxes boxes.csv --on 2026-03-01 --rates short.csv --zone 5
says 'pack/unpriced'
expect 1 pack batch orders.csv --boxes boxes.csv --rates rates.csv --zone 5
says 'cost, with boxes'

# A container.
printf '1\n1 1\n4 4 4\n1\n1 2 1 2 1 2 1 9\n' >cubes.txt
expect 0 pack load cubes.txt --time 50ms
says '100.00'

corpus=${SIGNALBOX_CORPUS:-$SIGNALBOX_SOURCE_DIR/../shared/corpus}/pack
[ -d "$corpus" ] || { echo "no corpus at $corpus: the real orders were not tried"; exit 0; }
expect 0 pack batch "$corpus/boxpacker/items.csv" --columns order,qty,sku,l_mm,w_mm,h_mm,weight_g --boxes "$corpus/boxpacker/boxes.csv" \
  --box-columns sku,outer_l_mm,outer_w_mm,outer_h_mm,tare_g,inner_l_mm,inner_w_mm,inner_h_mm,max_weight_g --plans real.ndjson --objective boxes
expect 0 pack verify real.ndjson
says '4288 plans, all valid'
# No more boxes than BoxPacker takes (the 5th column of its results), in all and of any order.
jq -r '[.order.id, (.packages | length)] | @csv' real.ndjson | tr -d '"' | sort >ours
tr -d '\r' <"$corpus/boxpacker/expected.csv" | awk -F, '{ print $1 "," $5 }' | sort >theirs
join -t, ours theirs | awk -F, '$2 > $3 { print "order " $1 ": " $2 " boxes, BoxPacker " $3; bad = 1 } { a += $2; b += $3; n++ } END { print n " orders: " a " boxes, BoxPacker " b; exit bad || n != 4288 || a > b }'

# Cards of real orders: a picture for each step, and well-formed.
pack card real.ndjson --order 6d3a1f35383f5a21e69f0477bfe8ba3b -o card.html
[ "$(grep -c '<li class="step">' card.html)" = "$(grep -o '<svg' card.html | wc -l)" ] || { echo 'a step without a picture'; exit 1; }
pack card real.ndjson --order 6d3a1f35383f5a21e69f0477bfe8ba3b --format svg | python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.stdin)'
