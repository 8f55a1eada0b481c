#!/bin/sh
# A newcomer's way through evidence in a fresh repository: record, ask, prove, hand over, verify on another machine.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*" >&2; cat "$work/out" "$work/err" >&2 2>/dev/null || :; exit 1; }
# run WANTED-CODE WORDS...: `signalbox evidence WORDS`; what it prints is in out and err.
run() {
  wanted=$1; shift; code=0
  "$SIGNALBOX" evidence "$@" >"$work/out" 2>"$work/err" </dev/null || code=$?
  [ "$code" = "$wanted" ] || fail "evidence $*: exit $code instead of $wanted"
}
says() { grep -qF -- "$1" "$work/out" || fail "does not say: $1"; }
complains() { grep -qF -- "$1" "$work/err" || fail "does not complain: $1"; }
machine() { HOME=$work/$1; XDG_DATA_HOME=$HOME/data; export HOME XDG_DATA_HOME; mkdir -p "$HOME"; }
unset SIGNALBOX_STORE || :

machine ci
mkdir "$work/project" && cd "$work/project"
git init -q . && git config user.name n && git config user.email n@example.com
printf 'int main() { return 0; }\n' >main.c
printf 'results/\n' >.gitignore
git add . && git commit -q -m 'feat: a beginning'
commit=$(git rev-parse HEAD)
mkdir results
cat >results/junit.xml <<'END'
<testsuites name="unit"><testsuite name="all">
  <testcase classname="Sum" name="OfNothingIsZero" time="0.25"/>
  <testcase classname="Sum" name="Overflows" time="0.5"><failure message="no"/></testcase>
</testsuite></testsuites>
END
cat >results/lint.sarif <<'END'
{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "lint"}}, "results": [{"level": "warning"}]}]}
END
printf '{"coverage": 81.5}\n' >results/coverage.json

run 2 query;                                       complains "nothing was ever recorded"
run 0 add junit results/junit.xml --subject git:HEAD; says "recorded as entry 0"; says "gitCommit:$commit"; says "failures"
complains "made this machine's key"
run 0 add sarif results/lint.sarif --subject git:HEAD; says "recorded as entry 1"
run 0 add json results/coverage.json --subject git:HEAD --type https://example.com/coverage/v1; says "recorded as entry 2"
run 2 add junit results/lint.sarif --subject git:HEAD; complains "results/lint.sarif:1:1"
run 2 add junit results/junit.xml;                 complains "--subject"

run 0 query;                                       says "evidence/tests/v1"; says "https://example.com/coverage/v1"
run 0 query --type evidence/tests/v1 --json;       says '"index"'
run 0 show 0;                                      says "signers"; says "yes"; says "self-trusted"
run 0 verify;                                      says "everything holds"; says "3 entries"
run 0 log audit;                                   says "every leaf, tile, root and the checkpoint hold"

# What was recorded is what docs/schemas promises.
if /usr/bin/python3 -c 'import jsonschema' 2>/dev/null; then
  for kind in "0 tests" "1 findings"; do
    run 0 show "${kind% *}" --json
    /usr/bin/python3 -c 'import json, jsonschema, sys
jsonschema.validate(json.load(open(sys.argv[1]))["data"]["predicate"], json.load(open(sys.argv[2])))' \
      "$work/out" "$SIGNALBOX_SOURCE_DIR/docs/schemas/evidence-${kind#* }-v1.json" || fail "entry $kind is not as its schema says"
  done
fi

# A changed work tree cannot speak for the commit.
printf '// more\n' >>main.c
run 2 add junit results/junit.xml --subject git:HEAD; complains "the work tree holds changes"
git checkout -q main.c

# Conditions: false, then true once the tests pass; vacuous ones are refused.
cat >results/gate.yaml <<'END'
name: tests
type: evidence/tests/v1
require: gt(.predicate.tests; 0) and eq(.predicate.failures; 0)
END
run 1 check results/gate.yaml --explain;           says "false"; says ".predicate.failures"
sed -i '/Overflows/d' results/junit.xml
run 0 add junit results/junit.xml --subject git:HEAD
run 0 check results/gate.yaml;                     says "every condition holds"
run 0 lint results/gate.yaml;                      says "tried on entry 3"
printf 'name: open\ntype: evidence/tests/v1\nrequire: .predicate.failures < 3\n' >results/open.yaml
run 1 lint results/open.yaml;                      says "vacuous"

# What is handed over.
run 0 bundle git:HEAD -o "$work/release.sbx.json"
run 0 prove 1 -o "$work/entry.tlog-proof"
run 0 prove 1 --format record -o "$work/entry.record"
run 0 log checkpoint -o "$work/checkpoint"
run 0 bundle 3 --format sigstore -o "$work/tests.sigstore.json"
run 0 unbundle "$work/release.sbx.json" -o "$work/envelopes.jsonl"
run 0 log export "$work/static";                   [ -s "$work/static/tile/0/000.p/4" ] || fail "no tile was exported"
run 0 key list --json
log=$(sed -n 's/.*"vkey": *"\(project-[^"]*\)".*/\1/p' "$work/out" | head -1)
builder=$(sed -n 's/.*"vkey": *"\(builder@[^"]*\)".*/\1/p' "$work/out" | head -1)
[ -n "$log" ] && [ -n "$builder" ] || fail "key list names no keys"

# Another machine: nothing but files and two public keys.
machine auditor
mkdir "$work/elsewhere" && cd "$work/elsewhere"
run 1 verify "$work/release.sbx.json";             says "checkpoint"
run 0 verify "$work/release.sbx.json" --key "$log" --key "$builder"; says "everything holds"; says "seen for the first time"
run 0 verify "$work/release.sbx.json" --key "$log" --key "$builder" --subject "gitCommit:$commit"
run 1 verify "$work/release.sbx.json" --key "$log" --key "$builder" --subject "gitCommit:$(printf '%040d' 0)"
says "it is about something else"
run 1 verify "$work/release.sbx.json" --key "$log"; says "unknown key"
run 0 verify "$work/entry.tlog-proof" --record-file "$work/entry.record" --key "$log"; says "as entry 1 of 4"
run 1 verify "$work/entry.tlog-proof" --record-file "$work/checkpoint" --key "$log";   says "record or proof of entry 1"
run 0 verify "$work/checkpoint" --key "$log"
run 0 verify "$work/envelopes.jsonl" --key "$builder"
run 0 verify "$work/tests.sigstore.json" --key "$builder" --type evidence/tests/v1
sed 's/"index": 2/"index": 1/' "$work/release.sbx.json" >"$work/changed.json"
run 1 verify "$work/changed.json" --key "$log" --key "$builder"; says "record or proof of entry 1"

# The auditor comes back later: the log must extend what was seen.
machine ci && cd "$work/project"
cp .git/signalbox/signalbox.db "$work/older.db"
run 0 add json results/coverage.json --subject git:HEAD
run 0 bundle 4 -o "$work/later.json"
run 0 bundle 4 --from 4 -o "$work/proven.json"
machine auditor && cd "$work/elsewhere"
run 0 verify "$work/later.json" --key "$log" --key "$builder";  says "is not shown"
run 0 verify "$work/proven.json" --key "$log" --key "$builder"; says "5 entries, 4 were seen before"

# Keys change hands: what the old one signed still counts, new evidence has the new one.
machine ci && cd "$work/project"
run 0 key rotate "$(printf %s "$builder" | cut -d+ -f1)" --reason "left the desk"; says "revoked_at"; says "$builder"
run 0 add json results/coverage.json --subject git:HEAD
run 0 verify;                                      says "everything holds"
# The commands of docs/evidence.md that need none of ours to verify.
if command -v jq >/dev/null && command -v openssl >/dev/null; then
  KEY=$(printf %s "$builder" | cut -d+ -f1) && export KEY
  machine fresh && mkdir "$work/documented" && cd "$work/documented" && git init -q .
  run 0 add json "$work/project/results/coverage.json" --subject "NAME=$(printf 'sha256:%064d' 7)"
  sed -n '/^```sh verified/,/^```$/p' "$SIGNALBOX_SOURCE_DIR/docs/evidence.md" | grep -v '^```' >commands
  [ -s commands ] || fail "docs/evidence.md has no commands"
  PATH=$(dirname "$SIGNALBOX"):$PATH sh -eu ./commands >"$work/out" 2>"$work/err" || fail "a command of docs/evidence.md does not work"
  says "Signature Verified Successfully"; says "Entry 0"
fi
echo "a newcomer's way through evidence works"
