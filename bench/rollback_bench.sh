#!/bin/sh
# From the sample that breaches to all traffic back on the baseline: nginx splits real requests, a smoke check fails at 50 %, and the last
# answer of the candidate that a client saw ends the time. Beside it what nginx itself takes from a weight file that is replaced by hand.
# shellcheck disable=SC2154
set -eu
RUNS=20
for program in nginx prometheus python3 node curl; do # those of shop/world.sh
  command -v $program >/dev/null 2>&1 || { echo "rollback: left out, $program is not installed"; exit 0; }
done
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/scratch.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/aboard.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/shop/world.sh"
start_backend "$blue" v1.0.0 0
start_backend "$green" v1.1.0 0
mkdir "$folder/shop" && cd "$folder/shop" && git init -q -b main .
# Fails at 50 %, and keeps when it was asked.
printf '#!/bin/sh\n[ "$SIGNALBOX_WEIGHT" -lt 50 ] || { date +%%s.%%N >>"$SAMPLES"; exit 1; }\n' >smoke.sh
chmod +x smoke.sh
export SAMPLES="$folder/samples"
cat >signalbox.yaml <<YAML
train:
  changelog: false
  pass_at: 0
  gates: []
  boarding: {lock_before: 0}
$(driver)
  hooks:
    smoke: [[./smoke.sh]]
  canary: {initial: 5, hold: 1s, steps: [50], baseline: 60s, announce: 60s, smoke_every: 1s}
YAML
open_shop
"$SIGNALBOX" allow --revision v1.0.0 >/dev/null
git commit -q --allow-empty -m "feat: sell more"
"$SIGNALBOX" train traffic --init >/dev/null
start_nginx
start_traffic
sleep 1

# Seconds from SINCE to the last answer of the candidate; 0 where none came after it.
last_of_candidate() { # SINCE
  awk -v since="$1" '$3 == "v1.1.0" && $1 > since { last = $1 } END { printf "%.3f\n", last ? last - since : 0 }' "$folder/traffic.log"
}
weigh() { # WEIGHT OF THE CANDIDATE; by hand, as an operator would
  sed -E "s/(server 127.0.0.1:$blue).*/\1 $([ "$1" = 0 ] && echo "" || echo "weight=50");/; s/(server 127.0.0.1:$green).*/\1 $([ "$1" = 0 ] && echo down || echo "weight=50");/" "$folder/weights.conf" >"$folder/weights.new"
  mv "$folder/weights.new" "$folder/weights.conf"
  nginx -s reload -p "$folder" -e "$folder/nginx.log" -c "$folder/nginx.conf"
}
for run in $(seq $RUNS); do
  rm -f "$SAMPLES"
  put_aboard "r$run" 3
  "$SIGNALBOX" train depart "r$run" >"$folder/out" 2>&1 && { echo "r$run departed"; exit 1; }
  sleep 0.3
  last_of_candidate "$(head -n 1 "$SAMPLES")" >>"$folder/ours"
  cp "$folder/weights.conf" "$folder/weights.kept"
  weigh 50
  sleep 0.7
  since=$(date +%s.%N)
  weigh 0
  sleep 0.7
  last_of_candidate "$since" >>"$folder/by_hand"
  cp "$folder/weights.kept" "$folder/weights.conf"
  nginx -s reload -p "$folder" -e "$folder/nginx.log" -c "$folder/nginx.conf"
  sleep 0.5
done
end_traffic
python3 - "$folder" <<'PYTHON'
import json, pathlib, statistics, sys
folder = pathlib.Path(sys.argv[1])
ours, by_hand = ([float(line) for line in (folder / name).read_text().split()] for name in ("ours", "by_hand"))
answers = [line.split() for line in (folder / "traffic.log").read_text().splitlines()]
lost = [line for line in answers if line[1] != "200"]
assert not lost, f"{len(lost)} of {len(answers)} requests were lost: {lost[:3]}"
def row(what, mine, other, bound):
    print(json.dumps({"bench": "rollback", "what": what, "unit": "s", "ours": round(mine, 3), "peer": "a weight file replaced by hand, nginx -s reload", "peer_value": round(other, 3),
                      "ratio": round(mine / other, 3) if other else None, "floor": bound, "goal": bound, "better": "lower", "judged": "ours", "command": "bench/run rollback"}), flush=True)
row(f"sample that breaches to all traffic back, nginx, the longest of {len(ours)}, no request lost", max(ours), max(by_hand), 2.0)
row(f"the same, median of {len(ours)}", statistics.median(ours), statistics.median(by_hand), 2.0)
PYTHON
