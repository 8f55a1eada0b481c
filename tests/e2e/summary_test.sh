#!/bin/sh
# A decision said again as SLSA's verification summary and in-toto's simple verification result, verified by PyNaCl and the steps that SLSA gives
# consumers of summaries; an in-toto test result read as evidence of tests.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export XDG_DATA_HOME="$folder/data" GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.org GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.org
unset SIGNALBOX_STORE 2>/dev/null || :
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"
evidence() { "$SIGNALBOX" evidence "$@"; }

git init -q -b main "$folder/shop" && cd "$folder/shop"
cat >signalbox.yaml <<'YAML'
train:
  pass_at: 0
  rubric: []
  changelog: false
  gates:
    - {name: unit tests, type: evidence/tests/v1, require: 'gt(.predicate.tests; 0) and eq(.predicate.failures; 0)'}
YAML
git add . && git commit -q -m 'feat: begin' && git tag v0.1.0
git commit -q --allow-empty -m 'feat: go on'
commit=$(git rev-parse HEAD)

# The steps of a consumer: the signature by the key he knows, the subject, the verifier, the resource, the result, the level.
cat >"$folder/consume.py" <<'END'
import base64, json, sys
from nacl.signing import VerifyKey
file, vkey, commit, verifier, resource = sys.argv[1:6]
envelope = json.load(open(file))
payload = base64.b64decode(envelope["payload"])
kind = envelope["payloadType"].encode()
signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
VerifyKey(base64.b64decode(vkey.split("+", 2)[2])[1:]).verify(signed, base64.b64decode(envelope["signatures"][0]["sig"]))
statement = json.loads(payload)
said = statement["predicate"]
assert statement["_type"] == "https://in-toto.io/Statement/v1"
assert {"gitCommit": commit} in [s["digest"] for s in statement["subject"]], statement["subject"]
assert said["verifier"]["id"] == verifier, said
if statement["predicateType"] == "https://slsa.dev/verification_summary/v1":
    assert said["resourceUri"] == resource and said["policy"]["uri"], said
    result, levels = said["verificationResult"], said["verifiedLevels"]
    assert not any(l.startswith("SLSA_") for l in levels), levels
    print(result, *levels, len(said["inputAttestations"]))
else:
    assert statement["predicateType"] == "https://in-toto.io/attestation/svr/v0.1", statement
    print(*said["properties"])
END
consume() { /usr/bin/python3 "$folder/consume.py" "$1" "$(evidence key list --json | sed -n 's/.*"vkey": *"\(builder@[^"]*\)".*/\1/p' | head -1)" "$commit" "$2" "$3"; }

expect 2 evidence summarize git:HEAD; says "nothing was ever recorded"
expect 1 "$SIGNALBOX" train check
expect 2 evidence summarize git:HEAD; says "--resource"
git remote add origin https://ada:secret@example.org/shop.git
expect 0 evidence summarize git:HEAD -o "$folder/no.json"
expect 0 consume "$folder/no.json" https://signalbox.dev/train "git+https://example.org/shop.git@$commit"
says "FAILED FAILED 1"

# Tests that another tool recorded turn it to GO.
printf '{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"gitCommit":"%s"}}],"predicateType":"https://in-toto.io/attestation/test-result/v0.1",
"predicate":{"result":"PASSED","configuration":[{"name":"ci.yml"}],"passedTests":["build","unit"]}}' "$commit" >"$folder/results.json"
expect 2 evidence add test-result "$folder/results.json" --subject git:HEAD~1; says "it is about gitCommit:$commit"
expect 0 evidence add test-result "$folder/results.json" --subject git:HEAD; says "tests"
expect 0 "$SIGNALBOX" train check
expect 0 evidence summarize git:HEAD --verifier https://ci.example/train --resource pkg:generic/shop@0.2.0 -o "$folder/go.json"
expect 0 consume "$folder/go.json" https://ci.example/train pkg:generic/shop@0.2.0
says "PASSED SIGNALBOX_TRAIN_GO 2"
expect 0 evidence summarize git:HEAD --format svr -o "$folder/svr.json"
expect 0 consume "$folder/svr.json" https://signalbox.dev/train -
says "SIGNALBOX_TRAIN_GO SIGNALBOX_GATE_UNIT_TESTS"
expect 1 consume "$folder/svr.json" https://other.example/train -

# It is evidence itself, and what a gate elsewhere may ask for.
expect 0 evidence summarize git:HEAD --append
expect 0 evidence query --type https://slsa.dev/verification_summary/v1; says "1 entry"
printf 'name: summary\ntype: https://slsa.dev/verification_summary/v1\nrequire: eq(.predicate.verificationResult; "PASSED")\n' >"$folder/gate.yaml"
expect 0 evidence check "$folder/gate.yaml"

# --- The train leaves them by itself, once the release that judges asks for it; a candidate's own wish does nothing.
train() { "$SIGNALBOX" train "$@"; }
recorded() { # EXIT CODE, then the command; its report is in said.json
  wanted=$1
  shift
  code=0
  "$SIGNALBOX" "$@" --json >"$folder/said.json" 2>"$folder/err" || code=$?
  [ "$code" = "$wanted" ] || { echo "$*: exit code $code instead of $wanted"; cat "$folder/said.json" "$folder/err"; exit 1; }
}
index_of() { python3 -c 'import json,sys
for name in sys.argv[2:]: print((json.load(open(sys.argv[1]))["data"].get("summaries") or {}).get(name, "none"))' "$folder/said.json" "$@"; }
# The envelope of one entry, out of a bundle of everything about HEAD.
envelope_of() { # INDEX FILE
  evidence bundle git:HEAD -o "$folder/all.sbx.json" >/dev/null 2>&1
  python3 -c 'import base64,json,sys
print(base64.b64decode(next(e["envelope"] for e in json.load(open(sys.argv[1]))["entries"] if e["index"] == int(sys.argv[2]))).decode())' "$folder/all.sbx.json" "$1" >"$2"
}
same_statement() { python3 -c 'import json,sys; a, b = (json.load(open(f))["payload"] for f in sys.argv[1:]); sys.exit(a != b)' "$1" "$2"; }
cat >>signalbox.yaml <<'YAML'
  summaries:
    forms: [vsa, svr]
    verifier: https://ci.example/train
    resource: pkg:generic/shop@{version}
YAML
git commit -q -a -m 'feat: tell other tools'
recorded 1 train check
[ "$(index_of vsa)" = none ] || { echo "the candidate asked for summaries of itself"; exit 1; }
git tag v0.2.0
git commit -q --allow-empty -m 'fix: go on'
commit=$(git rev-parse HEAD)
recorded 1 train check
vsa=$(index_of vsa)
envelope_of "$vsa" "$folder/left.json"
expect 0 consume "$folder/left.json" https://ci.example/train pkg:generic/shop@0.2.1
says "FAILED FAILED 1"
expect 0 evidence summarize git:HEAD --verifier https://ci.example/train --resource pkg:generic/shop@0.2.1 -o "$folder/said-again.json"
same_statement "$folder/left.json" "$folder/said-again.json" || { echo "check leaves another summary than summarize makes"; exit 1; }
printf '<testsuite name="s"><testcase name="a"/></testsuite>' >"$folder/results.xml"
expect 0 evidence add junit "$folder/results.xml" --subject git:HEAD
expect 0 train check --dry-run
never_says "summaries"
expect 0 train check
says "vsa log #"
recorded 0 train check
envelope_of "$(index_of vsa)" "$folder/left.json"
expect 0 consume "$folder/left.json" https://ci.example/train pkg:generic/shop@0.2.1
says "PASSED SIGNALBOX_TRAIN_GO 2"
envelope_of "$(index_of svr)" "$folder/left.json"
expect 0 consume "$folder/left.json" https://ci.example/train -
says "SIGNALBOX_TRAIN_GO SIGNALBOX_GATE_UNIT_TESTS"

# What a person decides too, signed by this machine.
expect 0 evidence key new grace --role approver --no-password
recorded 0 train no-go --key grace --reason "the fair is on"
envelope_of "$(index_of vsa)" "$folder/left.json"
expect 0 consume "$folder/left.json" https://ci.example/train pkg:generic/shop@0.2.1
says "FAILED FAILED"
recorded 0 train go --key grace
envelope_of "$(index_of svr)" "$folder/left.json"
expect 0 consume "$folder/left.json" https://ci.example/train -
says "SIGNALBOX_TRAIN_GO"

# Without a resource it is origin's commit; where there is no origin either nothing is recorded, but a person's no is.
sed -i '/^  summaries:/,$d' signalbox.yaml && echo '  summaries: [vsa]' >>signalbox.yaml
git commit -q -a -m 'feat: tell them of commits' && git tag v0.3.0 && git commit -q --allow-empty -m 'fix: once more'
commit=$(git rev-parse HEAD)
recorded 1 train check
envelope_of "$(index_of vsa)" "$folder/left.json"
expect 0 consume "$folder/left.json" https://signalbox.dev/train "git+https://example.org/shop.git@$commit"
[ "$(index_of svr)" = none ] || { echo "a form that nobody asked for"; exit 1; }

# A decision that was recorded stands, whatever becomes of its summaries: here the store takes none.
sql() { /usr/bin/python3 -c 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute(sys.argv[2])' .git/signalbox/signalbox.db "$1"; }
sql "create trigger no_summary before insert on evidence_entry when instr(new.record, cast('verification_summary' as blob)) > 0
begin select raise(abort, 'no summaries'); end"
size=$(evidence log checkpoint | sed -n 2p)
recorded 1 train check
grep -q "warning: the decision is recorded, log #$size, and not its summaries" "$folder/err" || { echo "not warned:"; cat "$folder/err"; exit 1; }
grep -q train/no-summary "$folder/said.json" || { echo "the report does not say it"; exit 1; }
recorded 0 train no-go --key grace --reason "not today"
grep -q "and not its summaries" "$folder/err" || { echo "not warned:"; cat "$folder/err"; exit 1; }
sql "drop trigger no_summary"
recorded 1 train check
[ "$(index_of vsa)" != none ] || { echo "no summary of a later decision"; exit 1; }
git remote remove origin
size=$(evidence log checkpoint | sed -n 2p)
expect 2 train check
says "train.summaries.resource"
[ "$(evidence log checkpoint | sed -n 2p)" = "$size" ] || { echo "something was recorded"; exit 1; }
expect 0 train no-go --key grace --reason "nobody knows what this is"
says "train/no-summary"
expect 0 evidence verify
echo "a decision in other tools' words: PASSED, FAILED, properties, read back as evidence, and left by the train itself"
