#!/bin/sh
# What people meet when something is not as it should be: each case ends with its exit code, says what is wrong and what to do. Stores that
# are full, locked, read-only or newer are in store_test.sh, a clock that goes back in
# src/commands/evidence/bad_input_test.cpp, a hundred thousand commits in src/core/git/repository_test.cpp.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*" >&2; exit 1; }
export HOME="$work/home" XDG_DATA_HOME="$work/data" GIT_CONFIG_GLOBAL=/dev/null NO_COLOR=1
mkdir -p "$HOME"
commit() { git -c user.name=Ada -c user.email=ada@example.org commit -q --allow-empty -m "$1"; }
repository() { mkdir "$work/$1"; cd "$work/$1"; git init -q -b main .; }

# expect CODE TEXT COMMAND…: the exit code, and the text somewhere in what is said.
expect() {
  wanted=$1 text=$2 code=0
  shift 2
  said=$("$SIGNALBOX" "$@" 2>&1) || code=$?
  [ "$code" = "$wanted" ] || fail "$*: exit $code, not $wanted: $said"
  case $said in *"$text"*) ;; *) fail "$*: does not say '$text': $said" ;; esac
}

# No commits, no tags, tags that are no versions, shallow, bare, no repository.
repository empty
for command in plan check version notes lint; do expect 2 'git commit something first' train $command; done
printf '{"a":1}' >"$work/document.json"
expect 2 'the repository has no commits yet' evidence add json "$work/document.json" --subject git:HEAD
repository untagged
commit "feat: begin"
expect 0 '1 commit and no release yet: next is v0.1.0' train plan
git tag nightly-7
expect 0 'no tag names a version' train plan
expect 0 'signalbox train plan --base nightly-7' train plan
repository whole
for i in 1 2 3 4; do commit "feat: number $i"; done
git tag v1.0.0 HEAD~3
git clone -q --depth 2 "file://$work/whole" "$work/shallow"
for command in plan version check notes lint; do expect 3 'git fetch --unshallow --tags' train $command -C "$work/shallow"; done
expect 0 'this clone is shallow: releases and commits that it lacks are not counted' train plan --allow-shallow -C "$work/shallow"
git clone -q --bare "$work/whole" "$work/bare.git"
expect 0 '3 commits since v1.0.0: next is v1.1.0' train plan -C "$work/bare.git"
expect 1 'NO-GO' train check -C "$work/bare.git"
mkdir "$work/outside"
expect 2 'not a git repository' train plan -C "$work/outside"
expect 2 'go into a git repository, or name one with -C' evidence add json "$work/document.json" --subject git:HEAD -C "$work/outside"

# Configuration: broken YAML, an unknown key, an unknown section, each with line and column.
cd "$work/whole"
printf 'train:\n  gates:\n    - name: x\n   type: y\n' >signalbox.yaml
for command in "train plan" "train check" "evidence query"; do
  # shellcheck disable=SC2086
  expect 2 'signalbox.yaml:4:4: ' $command
done
printf 'train:\n  pass_att: 80\n' >signalbox.yaml
expect 2 "signalbox.yaml:2:3: train.pass_att: the key 'pass_att' is not known here" train plan
expect 2 "did you mean 'pass_at'?" train plan
printf 'name: x\ntrian:\n  pass_at: 80\n' >signalbox.yaml
expect 2 "signalbox.yaml:2:1: trian: " train plan
printf 'train:\n  pass_at: eighty\n' >signalbox.yaml
expect 2 'signalbox.yaml:2:12: ' train lint
rm signalbox.yaml

# A predicate type that nobody knows is kept as what it is; a key that others may read signs nothing.
type=https://example.com/never/heard/of/v9
expect 0 'recorded as entry 0' evidence add json "$work/document.json" --subject git:HEAD --type $type
expect 0 "$type" evidence query
chmod 644 "$XDG_DATA_HOME"/signalbox/keys/*.key
expect 3 'hint: chmod 600 ' evidence add json "$work/document.json" --subject git:HEAD
expect 3 'others may read it (mode 0644)' train check
chmod 600 "$XDG_DATA_HOME"/signalbox/keys/*.key

# Conditions without end are stopped, and are NO.
gate() { printf 'name: %s\ntype: %s\nrequire: >-\n  %s\n' "$1" "$type" "$2" >gate.yaml; }
for condition in 'def f: f; f' '[range(1e12)] | length > 0' '("x" * 1000000000 | length) > 0' 'def f: 1 + f; f > 0'; do
  gate endless "$condition"
  expect 1 'endless' evidence check gate.yaml
done

expect 0 'everything holds' evidence verify

# Commits whose dates jump are counted by ancestry, and it is said.
repository jumping
commit "feat: begin"
git tag v1.0.0
GIT_COMMITTER_DATE='2038-01-01T00:00:00Z' commit "feat: from the future"
GIT_COMMITTER_DATE='1980-01-01T00:00:00Z' commit "fix: from the past"
expect 0 '2 commits since v1.0.0: next is v1.1.0' train plan
expect 0 'dates are shown, never used' train plan
echo "bad input gets its answers"
