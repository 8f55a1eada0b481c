#!/bin/sh
# Gates as a user meets them: the five answers of `train check`, and a stranger's clone that runs nothing of theirs.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export XDG_DATA_HOME="$folder/data" GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.org GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.org
fail() { echo "FAILED: $*" >&2; cat "$folder/out" >&2; exit 1; }

# check WANTED-EXIT TEXT...: `train check` ends so, and says each text.
check() {
  wanted=$1; shift
  code=0
  "$SIGNALBOX" train check >"$folder/out" 2>&1 || code=$?
  [ "$code" = "$wanted" ] || fail "train check ended with $code instead of $wanted"
  for text; do grep -qF -- "$text" "$folder/out" || fail "train check does not say: $text"; done
}

git init -q -b main "$folder/work"
cd "$folder/work"
cat >signalbox.yaml <<'YAML'
train:
  rubric: []
  gates:
    - name: tests
      type: evidence/tests/v1
      signer: builder
      max_age: 7d
      require: gt(.predicate.tests; 0) and eq(.predicate.failures; 0)
    - name: size
      type: evidence/size/v1
      require: le(.predicate.bytes; 1000)
    - name: smoke
      command: touch ran
YAML
git add . && git commit -q -m 'feat: begin' && git tag v0.1.0
printf '# Changelog\n\n## 0.1.1\n\n- go on\n' >CHANGELOG.md
git add . && git commit -q -m 'feat: go on'

check 1 'NO-GO' 'there is none in the log' 'are not allowed on this machine'
[ ! -e ran ] || fail 'a command ran before it was allowed'

echo '<testsuite name="a" tests="2" failures="1"><testcase name="x"/><testcase name="y"><failure/></testcase></testsuite>' >"$folder/red.xml"
echo '<testsuite name="a" tests="2" failures="0"><testcase name="x"/><testcase name="y"/></testsuite>' >"$folder/green.xml"
"$SIGNALBOX" evidence add junit "$folder/red.xml" --subject git:HEAD >/dev/null
check 1 '1 of 2 tests failed'

echo '{"size": 3}' >"$folder/size.json"
"$SIGNALBOX" evidence add json "$folder/size.json" --type https://signalbox.dev/evidence/size/v1 --subject git:HEAD >/dev/null
check 1 '.predicate.bytes: missing or null'

"$SIGNALBOX" evidence add junit "$folder/green.xml" --subject git:HEAD >/dev/null
echo '{"bytes": 300}' >"$folder/size.json"
"$SIGNALBOX" evidence add json "$folder/size.json" --type https://signalbox.dev/evidence/size/v1 --subject git:HEAD >/dev/null
check 1 'signalbox allow --revision'
[ ! -e ran ] || fail 'a command ran before it was allowed'

"$SIGNALBOX" allow --revision v0.1.0 >"$folder/out" || fail 'allow does not work'
grep -qF 'touch ran' "$folder/out" || fail 'allow does not show the command'
check 0 'GO'
[ -e ran ] || fail 'an allowed command did not run'
rm ran

git clone -q "$folder/work" "$folder/clone"
cd "$folder/clone"
check 1 'are not allowed on this machine'
[ ! -e ran ] || fail 'a command of a stranger ran'
echo ok
