#!/bin/sh
# From an empty folder to GO on the command line: every command of docs/commands/train.md, its exit code, and bad input.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export XDG_DATA_HOME="$folder/data" GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@a GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@a
mkdir "$folder/x" && cd "$folder/x"

. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"
train() { "$SIGNALBOX" train "$@"; }

expect 2 train check # no repository
git init -q -b main .
expect 2 train plan # no commits
says "no commits yet"
git commit -q --allow-empty -m "feat: begin"
git tag v1.0.0
git commit -q --allow-empty -m "fix(a): mend"
git commit -q --allow-empty -m "feat(b): grow"
expect 0 train plan
says "next is v1.1.0"
says "2 commits = 2 in sections + 0 unclassified + 0 excluded"
expect 0 train version --tag --quiet
[ "$out" = v1.1.0 ] || { echo "version: $out"; exit 1; }
expect 0 train lint
git commit -q --allow-empty -m "grow more"
expect 1 train lint
says "perhaps \`chore: grow more\`"
printf 'feat(x) no colon\n' >"$folder/message"
expect 1 train lint --commit-msg "$folder/message"
says "message:1:8"

expect 1 train check
says "NO-GO"
last=$(echo "$out" | tail -n 1)
[ "$last" = 'next: signalbox train notes --prepend CHANGELOG.md && git add CHANGELOG.md && git commit -m "docs(changelog): 1.1.0" && signalbox evidence add junit results.xml --subject git:HEAD' ] ||
  { echo "the last line is: $last"; exit 1; }
expect 0 train notes
says "## 1.1.0"
expect 0 train notes v1.0.0
expect 0 train notes v1.0.0..HEAD
expect 0 train notes --all -o "$folder/history.md"
for format in github keepachangelog json md; do expect 0 train notes --format $format; done
expect 0 train notes --prepend CHANGELOG.md
expect 0 train notes --prepend CHANGELOG.md
git add CHANGELOG.md && git commit -q -m "docs(changelog): 1.1.0"
printf '<testsuite name="s"><testcase name="a"/><testcase name="b"/></testsuite>' >"$folder/results.xml"
expect 0 "$SIGNALBOX" evidence add junit "$folder/results.xml" --subject git:HEAD
expect 0 train check
says "GO: v1.1.0 may depart"
says "2 tests, none failed"
says "[log #1]"
expect 0 train check --dry-run
expect 0 train check --policy-ref v1.0.0
expect 2 train check --policy-ref HEAD
expect 0 "$SIGNALBOX" evidence query --type train/decision/v1
says "decision"

# Each configuration that the documentation shows is one that is read, and that its schema allows.
awk -v folder="$folder" '/^```yaml/ { file = folder "/shown-" ++n ".yaml"; next } /^```/ { file = "" } file { print >file }' \
  "$SIGNALBOX_SOURCE_DIR/docs/commands/train.md"
[ "$(cat "$folder"/shown-*.yaml | grep -c '^train:')" -ge 2 ]
mkdir calendars
printf 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//a//b//EN\r\nBEGIN:VEVENT\r\nUID:1@a\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;VALUE=DATE:20261225\r\nSUMMARY:Christmas\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n' >calendars/holidays.ics
for shown in "$folder"/shown-*.yaml; do
  cp "$shown" signalbox.yaml
  expect 1 train lint
  python3 -c 'import jsonschema, yaml' 2>/dev/null && python3 - "$SIGNALBOX_SOURCE_DIR/docs/schemas/train-v1.json" <<'END'
import json, sys, jsonschema, yaml
class Loader(yaml.SafeLoader): pass
Loader.yaml_implicit_resolvers = {k: [r for r in v if r[0] != "tag:yaml.org,2002:timestamp"] for k, v in yaml.SafeLoader.yaml_implicit_resolvers.items()}
jsonschema.Draft202012Validator(json.load(open(sys.argv[1]))).validate(yaml.load(open("signalbox.yaml"), Loader)["train"])
END
done
printf 'train:\n  gates:\n    - name: a\n      typo: b\n' >signalbox.yaml
expect 2 train lint
says "signalbox.yaml:4:"
rm -r signalbox.yaml calendars

git clone -q --depth=1 "file://$PWD" "$folder/shallow"
expect 3 train check -C "$folder/shallow"
says "--allow-shallow"
expect 1 train check -C "$folder/shallow" --allow-shallow
git clone -q --bare . "$folder/bare.git"
expect 0 train plan -C "$folder/bare.git"
echo "from an empty folder to GO, and every command of the documentation"
