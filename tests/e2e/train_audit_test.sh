#!/bin/sh
# A departed train in one file: audited here, on a machine that has nothing but the file and public keys, and by a verifier that shares no code with
# Signalbox. What is changed in the file, or taken out of it, is found.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/scratch.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/aboard.sh"
/usr/bin/python3 -c 'import nacl' 2>/dev/null || { echo "left out: PyNaCl (python3-nacl) is not here"; exit 77; }
evidence() { "$SIGNALBOX" evidence "$@"; }

mkdir "$folder/shop" && cd "$folder/shop" && git init -q -b main .
cat >signalbox.yaml <<'END'
train:
  changelog: false
  pass_at: 0
  tag: true
  boarding: {lock_before: 0}
  driver: noop
  canary: {initial: 5, hold: 1s, steps: [50], baseline: 2s, announce: 1s}
  approvals: {people: {ada: [ada@example.org], grace: [grace@example.org], alan: [alan@example.org]}}
  gates:
    - {name: tests, type: evidence/tests/v1, require: 'gt(.predicate.tests; 0) and eq(.predicate.failures; 0)'}
    - {name: coverage, type: evidence/document/v1, require: 'ge(.predicate.document.coverage; 80)'}
    - {name: sign-off, kind: approval}
END
open_shop
git commit -q --allow-empty -m "feat: sell more"
head=$(git rev-parse HEAD)
expect 2 train audit one
says "there is no train one"
put_aboard one 6
expect 2 train audit one
says "neither left nor been taken back"
expect 2 train audit nobody

# --- evidence of two gates, a person's word, and an exception from the third gate
printf '<testsuite tests="3" failures="0"><testcase name="a"/><testcase name="b"/><testcase name="c"/></testsuite>' >"$folder/junit.xml"
printf '{"coverage": 71}' >"$folder/coverage.json"
expect 0 evidence add junit "$folder/junit.xml" --subject git:HEAD
expect 0 evidence add json "$folder/coverage.json" --subject git:HEAD
for person in ada alan; do expect 0 evidence key new "$person" --role approver --no-password; done
expect 0 train approve one --key grace
expect 0 train exception request one --gate coverage --reason "measured without the new module" --key ada --json
request=$(echo "$out" | sed -n 's/.*"request": *\([0-9]*\).*/\1/p' | head -1)
expect 0 train exception approve "$request" --key grace
sleep 5
expect 0 train depart one

# --- the log here shows that it left by its rules; the exception is still to be audited
expect 0 train audit one --bundle "$folder/one.sbx.json" --complete
says "gate tests"
says "#"
says "under an exception"
says "its audit is due"
says "no other of the"
expect 0 train exception audit "$request" --outcome justified --finding "the module is tested elsewhere" --key alan
expect 0 train audit one --bundle "$folder/one.sbx.json"
says "alan audited it"

# --- a machine with the file and public keys alone
keys=$(evidence key list --json | sed -n 's/.*"vkey": *"\([^"]*\)".*/\1/p')
set --
for key in $keys; do set -- "$@" --key "$key"; done
export XDG_DATA_HOME="$folder/auditor"
mkdir "$folder/elsewhere" && cd "$folder/elsewhere"
expect 0 train audit --from "$folder/one.sbx.json" "$@"
says "it left by its rules"
says "again tests"
says "no: the condition is false"
says "$(echo "$head" | cut -c 1-12)"
expect 0 evidence verify "$folder/one.sbx.json" "$@"
says "everything holds"
expect 0 /usr/bin/python3 "$SIGNALBOX_SOURCE_DIR/docs/verify_bundle.py" "$folder/one.sbx.json" $keys
says "whole stories: train:one"
says "GO for $head"
says "the policy here judged"

# --- whom to trust is never in the file
expect 2 train audit --from "$folder/one.sbx.json"
says "whom to trust is not said"
expect 2 train audit two --from "$folder/one.sbx.json" "$@"
says "about the train one"
expect 1 train audit --from "$folder/one.sbx.json" --key "$(echo "$keys" | head -1)"

# --- what is taken out, or changed, is found by all of them
cat >"$folder/tamper.py" <<'END'
import base64, json, sys
source, out, how = sys.argv[1:]
bundle = json.load(open(source))
kind = lambda entry: json.loads(base64.b64decode(entry["record"]))["type"].split("/")[-2]
entries = bundle["entries"]
if how.startswith("without-"):
    wanted = how[len("without-"):]
    victim = next(entry for entry in reversed(entries) if kind(entry) == wanted)
    entries.remove(victim)
elif how == "other-envelope":
    first, second = [entry for entry in entries if kind(entry) == "step"][:2]
    first["envelope"], first["salt"] = second["envelope"], second["salt"]
elif how == "other-policy":
    bundle["policy"]["text"] = bundle["policy"]["text"].replace("80", "10")
elif how == "no-policy":
    del bundle["policy"]
elif how == "strange-member":
    bundle["trust"] = []
json.dump(bundle, open(out, "w"))
END
tamper() { /usr/bin/python3 "$folder/tamper.py" "$folder/one.sbx.json" "$folder/bad.json" "$1"; }
for how in without-passenger without-lease without-tests without-approval without-decision without-manifest other-envelope other-policy; do
  tamper "$how"
  expect 1 train audit --from "$folder/bad.json" "$@"
  code=0
  /usr/bin/python3 "$SIGNALBOX_SOURCE_DIR/docs/verify_bundle.py" "$folder/bad.json" $keys >"$folder/said" 2>&1 || code=$?
  [ "$code" = 1 ] || { echo "$how: the other verifier ended with $code"; cat "$folder/said"; exit 1; }
done
tamper no-policy
expect 0 train audit --from "$folder/bad.json" "$@"
says "the decision names sha256:"
tamper strange-member
expect 2 train audit --from "$folder/bad.json" "$@"
says "no member of a bundle"
echo "a departed train in one file, audited by two verifiers; what was changed or taken out was found"
