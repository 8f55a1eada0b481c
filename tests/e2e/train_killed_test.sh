#!/bin/sh
# `train depart` killed with kill -9 a hundred times: each ramp is resumed or taken back rightly, each step took effect once, none was both
# promoted and taken back. Then two controllers at once: one of them is told who acts.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/scratch.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/aboard.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/shop/deployer.sh"
mkdir "$folder/shop" && cd "$folder/shop" && git init -q -b main .
# A deployer that keeps what it did: weight, and each step that took effect, in one file that is replaced as a whole.
cat >deploy.sh <<'END'
#!/bin/sh
set -eu
state=$TRAFFIC
touch "$state"
case $1 in
  observe) if [ -s "$state" ]; then tail -n 1 "$state" | sed 's/.* //'; else echo 0; fi ;;
  *)
    grep -q "^$SIGNALBOX_TRAIN $SIGNALBOX_STEP " "$state" && exit 0
    { cat "$state"; echo "$SIGNALBOX_TRAIN $SIGNALBOX_STEP $2"; } >"$state.$$"
    mv "$state.$$" "$state" ;;
esac
END
printf '#!/bin/sh\n[ ! -e "$BAD" ] || [ "$SIGNALBOX_WEIGHT" -lt 50 ]\n' >smoke.sh
chmod +x deploy.sh smoke.sh
cat >signalbox.yaml <<END
train:
  changelog: false
  pass_at: 0
  gates: []
  tag: true
  boarding: {lock_before: 0}
  driver: command
$(deployer_hooks 20s)
  canary: {initial: 5, hold: 1s, steps: [50], baseline: 3s, announce: 1s, smoke_every: 1s}
END
open_shop
export TRAFFIC="$folder/traffic" BAD="$folder/bad"
"$SIGNALBOX" allow --revision v1.0.0 >/dev/null

# Whether a train has come to its end: one that was taken back departs anew when it is told to.
has_ended() { # TRAIN
  "$SIGNALBOX" train status "$1" --json 2>/dev/null | grep -qE '"phase": ?"(departed|rolled-back)"'
}

kills=0
number=0
while [ $kills -lt 100 ] && [ $number -lt 60 ]; do
  number=$((number + 1))
  git commit -q --allow-empty -m "feat: number $number"
  rm -f "$BAD" "$TRAFFIC"
  [ $((number % 2)) = 1 ] || touch "$BAD"
  put_aboard "n$number" 4
  sleep 1
  mine=0
  while [ $mine -lt 30 ] && ! has_ended "n$number"; do
    "$SIGNALBOX" train depart "n$number" >"$folder/out" 2>&1 &
    controller=$!
    # From a tenth of a second to a whole one.
    sleep "$(awk -v n=$((kills * 7 + number)) 'BEGIN { srand(n); printf "%.2f", 0.1 + rand() * 0.9 }')"
    if kill -9 $controller 2>/dev/null; then
      kills=$((kills + 1)) mine=$((mine + 1))
      wait $controller 2>/dev/null || :
      [ $kills -lt 100 ] || break
    else
      wait $controller 2>/dev/null || :
      break
    fi
  done
  has_ended "n$number" || "$SIGNALBOX" train depart "n$number" >"$folder/out" 2>&1 || :
  "$SIGNALBOX" train status "n$number" --json >"$folder/status" || :
  python3 - "$folder/status" "$TRAFFIC" "$((number % 2))" <<'END' || { cat "$folder/out"; exit 1; }
import json, sys
data = json.load(open(sys.argv[1]))["data"]
effects = [line.split() for line in open(sys.argv[2])]
steps = [step.split(".", 1)[1] for _, step, _ in effects]
assert len(set(steps)) == len(steps), steps
assert ("promote" in steps) != ("revert" in steps), steps
weight = int(effects[-1][2])
if sys.argv[3] == "1":
    assert data["phase"] == "departed" and weight == 100, (data["phase"], effects)
    assert steps == ["set-5", "set-50", "promote"], steps
else:
    assert data["phase"] == "rolled-back" and weight == 0, (data["phase"], effects)
    assert data["breach"]["reason"] == "smoke", data["breach"]
END
done
[ $kills -ge 100 ] || { echo "only $kills kills"; exit 1; }
"$SIGNALBOX" evidence log audit >/dev/null

# Two at once: one departs, the other is told who acts.
git commit -q --allow-empty -m "feat: for two"
rm -f "$BAD" "$TRAFFIC"
put_aboard two 4
sleep 1
"$SIGNALBOX" train depart two >"$folder/first" 2>&1 & first=$!
"$SIGNALBOX" train depart two >"$folder/second" 2>&1 & second=$!
one=0 other=0
wait $first || one=$?
wait $second || other=$?
case "$one $other" in
  "0 2" | "2 0") ;;
  *) echo "two controllers ended with $one and $other"; cat "$folder/first" "$folder/second"; exit 1 ;;
esac
grep -hE 'acts for train two since|came after|has departed' "$folder/first" "$folder/second" >/dev/null || { cat "$folder/first" "$folder/second"; exit 1; }
[ "$(sort "$TRAFFIC" | uniq -d | wc -l)" = 0 ]
echo "$kills kills over $number trains"
