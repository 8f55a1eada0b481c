#!/bin/sh
# People decide: approvals with separation of duties, vetoes, exceptions with their audits, as users meet them.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export XDG_DATA_HOME="$folder/data" GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.org GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.org
fail() { echo "FAILED: $*" >&2; cat "$folder/out" >&2; exit 1; }

# run WANTED-EXIT 'TEXT|TEXT' WORDS...: signalbox WORDS ends so, and says each text.
run() {
  wanted=$1 texts=$2
  shift 2
  code=0
  "$SIGNALBOX" "$@" >"$folder/out" 2>&1 || code=$?
  [ "$code" = "$wanted" ] || fail "signalbox $* ended with $code instead of $wanted"
  while [ -n "$texts" ]; do
    text=${texts%%|*}
    grep -qF -- "$text" "$folder/out" || fail "signalbox $* does not say: $text"
    case $texts in *'|'*) texts=${texts#*|} ;; *) texts= ;; esac
  done
}

git init -q -b main "$folder/work"
cd "$folder/work"
cat >signalbox.yaml <<'YAML'
train:
  rubric: []
  pass_at: 0
  changelog: false
  approvals:
    people:
      ada: [ada@example.org]
      grace: [grace@example.org]
      alan: [alan@example.org]
    roles:
      sre: [alan, grace]
  exceptions:
    never: [sign-off]
    max_targets: 2
  gates:
    - {name: tests, type: evidence/tests/v1, owner: engineering, require: 'gt(.predicate.tests; 0) and eq(.predicate.failures; 0)'}
    - {name: sign-off, kind: approval, owner: product, role: [approver, sre]}
  freeze:
    - {name: long, start: 2020-01-01T00:00:00Z, end: 2090-01-01T00:00:00Z, reason: for the test}
YAML
git add . && git commit -q -m 'feat: begin' && git tag v0.1.0
git commit -q --allow-empty -m 'feat: go on'
for name in ada grace alan; do "$SIGNALBOX" evidence key new $name --role approver --no-password >/dev/null; done
"$SIGNALBOX" evidence key new robot --role builder --no-password >/dev/null

# Approvals: not by the author, not by one person twice, not for another commit.
run 1 'NO-GO|wanted: approver, sre|owner: product|signalbox train approve --gate sign-off' train check
run 2 '--key is missing' train approve
run 2 'no approval gate sign-of|did you mean `sign-off`' train approve --gate sign-of --key grace
run 3 'ada may not approve: sign-off: wrote a commit of it' train approve --key ada
run 3 'robot may not approve: sign-off: may not approve for approver, sre' train approve --key robot
run 0 'more people are wanted|grace for' train approve --key grace --reason 'read it all'
run 0 'every gate that asks for people is green' train approve --key alan
run 0 'more people are wanted' train approve --key alan --withdraw
run 0 'every gate that asks for people is green' train approve --key alan
run 1 'alan for|tests|freeze' train check
git commit -q --allow-empty -m 'fix: another'
run 1 'wanted: approver, sre' train check
"$SIGNALBOX" train approve --key grace >/dev/null && "$SIGNALBOX" train approve --key alan >/dev/null || fail 'approving the new commit'

# Vetoes name a condition that fails.
run 2 'there is no condition tets|did you mean `tests`' train veto --condition tets --reason no --key grace
run 2 'sign-off is green: a veto names a condition that fails' train veto --condition sign-off --reason no --key grace
run 3 'robot may not veto' train veto --condition tests --reason no --key robot

# Exceptions: asked for by one, approved by another, for named things, a short time.
run 2 '--reason is missing' train exception request --gate tests --key ada
run 3 'exception/too-long' train exception request --gate tests --reason fire --for 25h --key ada
run 3 'exception/scope-too-wide' train exception request --gate '*' --reason fire --key ada
run 3 'exception/scope-too-wide' train exception request --gate tests --gate a --freeze long --reason fire --key ada
run 3 'exception/never' train exception request --gate sign-off --reason fire --key ada
run 2 'there is no freeze lang|did you mean `long`' train exception request --freeze lang --reason fire --key ada
run 2 'a freeze is named by its own name' train exception request --gate freeze --reason fire --key ada
run 0 'it holds once somebody else approves it' train exception request --gate tests --freeze long --reason fire --for 2h --key ada --json
number=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["data"]["request"])' "$folder/out")
run 3 'ada asked for it and may not approve it [exception/self-approved]' train exception approve "$number" --key ada
run 3 'exception/who' train exception approve "$number" --key robot
run 2 'the log has no request of an exception at 9999' train exception approve 9999 --key grace
run 1 'NO-GO' train check
run 0 'in force until|its audit is due' train exception approve "$number" --key grace
run 2 'is approved already, by grace' train exception approve "$number" --key alan
run 0 'GO: v0.1.1 may depart, 1 of 3 gates are green, 2 excepted|excepted until|by grace, asked by ada: fire|train/audit-open' train check
"$SIGNALBOX" evidence query --type https://signalbox.dev/train/decision/v1 --json >"$folder/out"
run 0 'in force|gates tests; freezes long' train exception list
run 3 'grace approved it and may not audit it' train exception audit "$number" --outcome justified --finding fine --key grace

# A veto of what an exception covers stops the train again, until what it names is green.
run 0 'it holds as long as tests is not green' train veto --condition tests --reason 'too risky' --key alan
run 1 'veto|alan vetoes because of tests: too risky' train check
echo '<testsuite name="a" tests="2" failures="0"><testcase name="x"/><testcase name="y"/></testsuite>' >"$folder/green.xml"
"$SIGNALBOX" evidence add junit "$folder/green.xml" --subject git:HEAD >/dev/null
run 1 'sign-off' train check
"$SIGNALBOX" train approve --key alan >/dev/null || fail 'approving again after a veto'
run 0 'GO|2 of 3 gates are green, 1 excepted: freeze' train check
run 0 'it was justified' train exception audit "$number" --outcome justified --finding 'it was a real fire' --key alan
run 2 'was audited by alan' train exception audit "$number" --outcome justified --finding again --key ada

# The log is whole, and the words in it are signed statements that anybody can verify.
run 0 '' evidence log audit
echo ok
