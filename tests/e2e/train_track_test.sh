#!/bin/sh
# One train on a track, and the ways back that a person has: a driver that cannot tell the weight, two trains of a service at once, a
# controller that stands still in the middle, a rollback that fails and is put right by hand.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/scratch.sh"
stopped=
cleanup() { # a process that stands still is not ended by less
  [ -z "$stopped" ] || kill -9 "$stopped" 2>/dev/null || :
  rm -rf "$folder"
}
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/aboard.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/shop/deployer.sh"
mkdir "$folder/shop" && cd "$folder/shop" && git init -q -b main .
# A deployer that keeps each step that took effect, can be struck dumb, and can get stuck on the way back.
cat >deploy.sh <<'SCRIPT'
#!/bin/sh
set -eu
touch "$TRAFFIC"
case $1 in
  observe)
    if [ -e "$DUMB" ]; then echo '{}'
    elif [ -s "$TRAFFIC" ]; then tail -n 1 "$TRAFFIC" | sed 's/.* //'
    else echo 0
    fi ;;
  *)
    [ "$2" != 0 ] || [ ! -e "$STIFF" ] || { echo "the lever is stiff" >&2; exit 1; }
    grep -q "^$SIGNALBOX_TRAIN $SIGNALBOX_STEP " "$TRAFFIC" || echo "$SIGNALBOX_TRAIN $SIGNALBOX_STEP $2" >>"$TRAFFIC" ;;
esac
SCRIPT
printf '#!/bin/sh\n[ ! -e "$BAD" ]\n' >smoke.sh
chmod +x deploy.sh smoke.sh
cat >signalbox.yaml <<YAML
train:
  changelog: false
  pass_at: 0
  gates: []
  boarding: {lock_before: 0}
  driver: {kind: command, timeout: 2s}
$(deployer_hooks 2s)
  canary: {initial: 5, hold: 2s, steps: [50], baseline: 30s, announce: 1s, smoke_every: 1s, lease: 4s, rollback_budget: 4s}
YAML
open_shop
export TRAFFIC="$folder/traffic" BAD="$folder/bad" DUMB="$folder/dumb" STIFF="$folder/stiff"
"$SIGNALBOX" allow --revision v1.0.0 >/dev/null
git commit -q --allow-empty -m "feat: sell more"

# --- where the traffic goes is known before any of it is moved
put_aboard dumb 8
touch "$DUMB"
expect 3 train depart dumb
says "command cannot tell where the traffic goes now"
rm "$DUMB"
expect 0 train cancel dumb --reason "a test of refusals"

# --- two trains of a service at once: one departs, the other moves nothing
put_aboard left 14
git checkout -q -b right v1.0.0 && git commit -q --allow-empty -m "feat: sell other things"
put_aboard right 8
train depart left >"$folder/left" 2>&1 & left=$!
train depart right >"$folder/right" 2>&1 & right=$!
left_code=0 right_code=0
wait $left || left_code=$?
wait $right || right_code=$?
case "$left_code $right_code" in
  "0 1" | "0 2" | "1 0" | "2 0") ;;
  *) echo "two trains ended with $left_code and $right_code"; cat "$folder/left" "$folder/right"; exit 1 ;;
esac
[ "$(cut -d ' ' -f 1 "$TRAFFIC" | sort -u | wc -l)" = 1 ] || { echo "two trains moved traffic:"; cat "$TRAFFIC"; exit 1; }
grep -qE 'is on its way' "$folder/left" "$folder/right" || { cat "$folder/left" "$folder/right"; exit 1; }
departed=$(cut -d ' ' -f 1 "$TRAFFIC" | sort -u)
expect 0 train rollback "$departed" --reason "the next test"
says "it was taken back"
for name in left right; do [ "$name" = "$departed" ] || train cancel "$name" --reason "the next test" >/dev/null 2>&1 || :; done

# --- a controller that stands still: who waits for it goes on once its lease has run out, and its late words count for nothing
rm -f "$TRAFFIC"
git commit -q --allow-empty -m "feat: sell even more"
put_aboard still 8
train depart still >"$folder/still" 2>&1 & stopped=$!
for _ in $(seq 200); do grep -q ' 5$' "$TRAFFIC" 2>/dev/null && break; sleep 0.1; done
sleep 0.4 # past the outcome, before the next renewal: it holds no lock of the store
kill -STOP $stopped
expect 0 train rollback still --reason "it hangs"
says "it was taken back: rollback by"
[ "$(tail -n 1 "$TRAFFIC" | sed 's/.* //')" = 0 ]
before=$(wc -l <"$TRAFFIC")
kill -CONT $stopped
code=0
wait $stopped || code=$?
stopped=
[ $code = 1 ] || [ $code = 2 ] || { echo "the one that stood still ended with $code"; cat "$folder/still"; exit 1; }
[ "$(wc -l <"$TRAFFIC")" = "$before" ] || { echo "it acted without its turn:"; cat "$TRAFFIC"; exit 1; }

# --- a rollback that fails is stuck; an approver's word ends it, nobody else's
rm -f "$TRAFFIC"
git commit -q --allow-empty -m "feat: sell everything"
put_aboard stiff 8
touch "$BAD" "$STIFF"
expect 1 train depart stiff
says "rollback failed: 5 % of the traffic is frozen"
rm "$BAD"
git checkout -q -b after v1.0.0 && git commit -q --allow-empty -m "feat: sell nothing else"
put_aboard after 8
expect 2 train depart after
says "train stiff could not be rolled back"
expect 1 train rollback stiff
says "rollback failed"
expect 2 train rollback stiff --by-hand --reason "the pools were swapped by hand"
says "a person signs with a key of their own"
"$SIGNALBOX" evidence key new bob --role builder --no-password >/dev/null
expect 3 train rollback stiff --by-hand --reason "the pools were swapped by hand" --key bob
says "the key is no approver's"
expect 2 train rollback stiff --by-hand --key grace
says "--reason is missing"
expect 0 train rollback stiff --by-hand --reason "the pools were swapped by hand" --key grace
says "command says that 5 % are on the candidate"
train status stiff --json >"$folder/status.json" || [ $? = 1 ]
python3 - "$folder/status.json" <<'END_OF_CHECK'
import json, sys
data = json.load(open(sys.argv[1]))["data"]
assert data["phase"] == "rolled-back" and data["weight"] == 0, data
assert data["by_hand"].endswith(": the pools were swapped by hand"), data
END_OF_CHECK
# The driver still says otherwise: nothing departs before it agrees.
expect 2 train depart after
says "5 % of the traffic is on a candidate already"
echo "stiff by-hand 0" >>"$TRAFFIC"
rm "$STIFF"
expect 0 train depart after
says "has departed"
