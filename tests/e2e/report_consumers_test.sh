#!/bin/sh
# What others read of our reports: JUnit by Debian's junitparser and by npm's junit2json, SARIF by Microsoft's SARIF Multitool, with the
# rules of GitHub's code scanning. The two of npm are left out where npm has no network.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*" >&2; exit 1; }
/usr/bin/python3 -c 'import junitparser' 2>/dev/null || { echo "skipped: python3-junitparser is not there"; exit 77; }
export HOME="$work/home" XDG_DATA_HOME="$work/data" GIT_CONFIG_GLOBAL=/dev/null
mkdir -p "$HOME" "$work/repository"
cd "$work/repository"
commit() { git -c user.name=Ada -c user.email=ada@example.org commit -q --allow-empty -m "$1"; }
git init -q -b main .
commit "feat: begin"
git tag v1.0.0
commit 'A header with <markup> & "quotes" that is not conventional'
commit "fixx(core): a type that nobody knows"

code=0
"$SIGNALBOX" train check --dry-run -o check.xml 2>"$work/said" || code=$?
[ "$code" = 1 ] || fail "train check ended with $code: $(cat "$work/said")"
"$SIGNALBOX" train lint -o lint.xml 2>/dev/null && fail "train lint found nothing"
"$SIGNALBOX" train check --dry-run --json >check.json || :
"$SIGNALBOX" train check --dry-run -o check.sarif 2>/dev/null || :
"$SIGNALBOX" train lint -o lint.sarif 2>/dev/null || :

# junitparser: the counts that are written are those it counts itself, and each red gate is a failure with its answer.
/usr/bin/python3 - <<'END' || fail "junitparser reads something else"
import json, junitparser
def read(path):
    suites = junitparser.JUnitXml.fromfile(path)
    written = (suites.tests, suites.failures, suites.errors, suites.skipped)
    suites.update_statistics()
    assert written == (suites.tests, suites.failures, suites.errors, suites.skipped), (path, written)
    return [case for suite in suites for case in suite]
checks = json.load(open("check.json"))["checks"]
cases = read("check.xml")
assert [case.name for case in cases] == [check["name"] for check in checks]
for case, check in zip(cases, checks):
    failures = [result for result in case.result if isinstance(result, junitparser.Failure)]
    assert len(failures) == (check["verdict"] == "fail"), check
    if failures:
        assert (failures[0].type, failures[0].message) == (check["reason"], check["answer"]), check
        assert check["remedy"] in failures[0].text
(case,) = read("lint.xml")
assert '<markup> & "quotes"' in case.result[0].message, case.result[0].message
END
code=0
/usr/bin/python3 -m junitparser verify check.xml || code=$?
[ "$code" = 1 ] || fail "junitparser verify does not see the failures: $code"

(mkdir "$work/npm" && cd "$work/npm" && npm install --silent --no-audit --no-fund --prefer-offline --fetch-retries=1 --fetch-timeout=60000 \
  junit2json@4.0.0 @microsoft/sarif-multitool-linux@5.7.0) >"$work/npm.log" 2>&1 || {
  echo "junitparser reads our JUnit; npm's readers are left out: npm cannot install them here"
  exit 0
}
cat >"$work/npm/read.mjs" <<'END'
import { readFileSync } from 'node:fs';
import { parse } from 'junit2json';
const suites = await parse(readFileSync('check.xml', 'utf8'));
const cases = suites.testsuite.flatMap((suite) => suite.testcase);
const failed = cases.filter((one) => one.failure);
if (cases.length !== suites.tests || failed.length !== suites.failures || failed.length === 0) throw new Error(JSON.stringify(suites));
END
node "$work/npm/read.mjs" || fail "junit2json reads something else"

# SARIF: nothing that breaks a rule of the format or of code scanning, and the tool itself read it to its end.
multitool=$work/npm/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool
chmod +x "$multitool"
for name in check lint; do
  DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 "$multitool" validate $name.sarif --rule-kind "Sarif;Ghas" --level "Error;Warning" --kind Fail \
    --output judged.sarif --log ForceOverwrite >"$work/multitool" 2>&1 || { cat "$work/multitool"; fail "the Multitool ended with an error"; }
  /usr/bin/python3 - <<'END' || fail "the SARIF Multitool objects to $name.sarif"
import json
judged = json.load(open("judged.sarif"))["runs"][0]
assert judged["invocations"][0]["executionSuccessful"], judged
objections = [(result["ruleId"], result["message"]) for result in judged["results"]]
assert not objections, objections
END
done
echo "junitparser, junit2json and the SARIF Multitool read our reports"
