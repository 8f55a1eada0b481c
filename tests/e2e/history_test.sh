#!/bin/sh
# What was said, and by whom it was taken away: redaction, completeness, and what other gates would have decided.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*" >&2; cat "$work/out" >&2 2>/dev/null || :; exit 1; }
run() {
  wanted=$1; shift; code=0
  "$SIGNALBOX" "$@" >"$work/out" 2>&1 </dev/null || code=$?
  [ "$code" = "$wanted" ] || fail "$*: exit $code instead of $wanted"
}
says() { grep -qF -- "$1" "$work/out" || fail "does not say: $1"; }
unset SIGNALBOX_STORE || :
export HOME="$work/home" XDG_DATA_HOME="$work/home/data"
mkdir -p "$HOME" "$work/project" && cd "$work/project"
git init -q . && git config user.name n && git config user.email n@example.com
printf 'results/\n' >.gitignore
printf '# Changelog\n\n## Unreleased\n\n- A beginning.\n' >CHANGELOG.md
git add . && git commit -q -m 'feat: a beginning'
commit=$(git rev-parse HEAD)
mkdir results
# junit FAILURES: five tests, so many of which fail.
junit() {
  { echo '<testsuite name="all">'
    for i in 1 2 3 4 5; do
      if [ "$i" -le "$1" ]; then echo "<testcase name=\"t$i\"><failure/></testcase>"; else echo "<testcase name=\"t$i\"/>"; fi
    done
    echo '</testsuite>'; } >results/junit.xml
}

# --- Decisions: red with a failing test, green without.
junit 1; run 0 evidence add junit results/junit.xml --subject git:HEAD
run 1 train check --record
junit 0; run 0 evidence add junit results/junit.xml --subject git:HEAD
run 0 train check --record;                          says "GO"
run 0 evidence query --type train/decision/v1 --json
first=$(/usr/bin/python3 -c 'import json,sys; print(min(e["index"] for e in json.load(open(sys.argv[1]))["data"]["entries"]))' "$work/out")

# --- Other gates: one failing test is fine; then, ten tests at least.
cat >results/lenient.yaml <<'END'
gates:
  - name: tests
    type: evidence/tests/v1
    require: gt(.predicate.tests; 0) and le(.predicate.failures; 1) and eq(.predicate.errors; 0)
END
run 0 evidence replay --policy results/lenient.yaml --json
/usr/bin/python3 - "$work/out" "$first" <<'P' || fail "the replay under lenient gates"
import json, sys
d = json.load(open(sys.argv[1]))["data"]
rows = {r["index"]: r for r in d["decisions"]}
assert len(rows) == 2 and d["changed"] == 1, d
red, green = rows[int(sys.argv[2])], rows[max(rows)]
assert (red["was"], red["would_be"]) == ("NO-GO", "GO") and red["gates"][0].startswith("tests: fail"), red
assert (green["was"], green["would_be"]) == ("GO", "GO") and not green["gates"], green
P
sed 's/gt(.predicate.tests; 0)/ge(.predicate.tests; 10)/; s/failures; 1/failures; 0/' results/lenient.yaml >results/strict.yaml
run 0 evidence replay --policy results/strict.yaml;  says "1 of 2 decisions would change"; says "GO → NO-GO"
run 0 evidence replay --policy results/strict.yaml --since 2040-01-01T00:00:00Z; says "no decisions of that time"
run 2 evidence replay --policy results/junit.xml
run 2 evidence replay;                               says "--policy"

# --- These are all statements about the commit.
run 0 evidence verify --complete git:HEAD;           says "these are all 4 entries about gitCommit:$commit among 4: 0, 1, 2, 3"
run 0 evidence bundle git:HEAD --complete -o "$work/complete.json"
run 0 evidence key list --json
log=$(sed -n 's/.*"vkey": *"\(project-[^"]*\)".*/\1/p' "$work/out" | head -1)
builder=$(sed -n 's/.*"vkey": *"\(builder@[^"]*\)".*/\1/p' "$work/out" | head -1)
run 0 evidence verify "$work/complete.json" --key "$log" --key "$builder" --complete "gitCommit:$commit"; says "these are all 4 entries"
run 1 evidence verify "$work/complete.json" --key "$log" --key "$builder" --complete "gitCommit:$(printf '%040d' 1)"; says "not of"
/usr/bin/python3 - "$work/complete.json" "$work/lacking.json" <<'P'
import json, sys
d = json.load(open(sys.argv[1])); del d["entries"][1]; json.dump(d, open(sys.argv[2], "w"))
P
run 1 evidence verify "$work/lacking.json" --key "$log" --key "$builder"; says "entry 1 is not in the bundle"
run 0 evidence bundle 0 -o "$work/one.json"
/usr/bin/python3 - "$work/one.json" "$work/stripped.json" <<'P'
import json, sys
d = json.load(open(sys.argv[1]))
for e in d["entries"]: e["envelope"] = e["salt"] = ""
json.dump(d, open(sys.argv[2], "w"))
P
run 1 evidence verify "$work/stripped.json" --key "$log" --key "$builder"; says "no statement in it says that it was erased"
run 1 evidence verify "$work/one.json" --key "$log" --key "$builder" --complete "gitCommit:$commit"; says "does not hold the records"

# --- A document with a name in it is erased: by two people, for good, and provably.
printf '{"who": "Augusta Ada King"}\n' >results/person.json
run 0 evidence add json results/person.json --subject git:HEAD; says "entry 4"
run 2 evidence redact 4 --reason "wrong file";       says "requester"
me=$(printf %s "$builder" | cut -d+ -f1)
run 2 evidence redact 4 --reason "wrong file" --requester "$me"; says "cannot approve"
run 0 evidence key new dpo@example --role approver --no-password
run 2 evidence redact 4 --reason x --requester dpo@example --key dpo@example; says "cannot approve"
run 0 evidence redact 4 --reason "wrong file" --requester ada@example --key dpo@example --legal-basis "GDPR Art. 17"; says "entry 5 says so"
run 1 evidence show 4;                               says "by dpo@example at the request of ada@example: wrong file (entry 5)"
run 0 evidence show 5;                               says "GDPR Art. 17"
run 2 evidence redact 4 --reason again --requester ada@example --key dpo@example; says "is not there any more"
run 0 evidence verify;                               says "everything holds"
run 0 evidence log audit;                            says "erased"
run 0 evidence verify --complete git:HEAD;           says "these are all 5 entries"
run 0 evidence bundle 4 -o "$work/erased.json"
run 0 evidence key export dpo@example --format vkey; cp "$work/out" "$work/dpo"
run 0 evidence verify "$work/erased.json" --key "$log" --key "$builder" --key "$work/dpo"; says "that it existed holds"
run 1 evidence verify "$work/erased.json" --key "$log" --key "$builder"; says "unknown key"
schema() {
  /usr/bin/python3 -c 'import jsonschema' 2>/dev/null || return 0
  run 0 evidence show "$1" --json
  /usr/bin/python3 -c 'import json, jsonschema, sys
jsonschema.validate(json.load(open(sys.argv[1]))["data"]["predicate"], json.load(open(sys.argv[2])))' \
    "$work/out" "$SIGNALBOX_SOURCE_DIR/docs/schemas/evidence-$2-v1.json" || fail "entry $1 is not as its schema says"
}
schema 5 erasure
# A trust file says who may.
mkdir signalbox
cat >signalbox/trust.yaml <<END
version: signalbox/trust/v1
keys:
  - {vkey: "$builder", roles: [builder]}
  - {vkey: "$log", roles: [log]}
END
run 3 evidence redact 0 --reason "wrong file" --requester ada@example --key dpo@example; says "no approver"
echo "redaction, completeness and replay hold"
