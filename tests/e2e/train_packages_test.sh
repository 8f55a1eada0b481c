#!/bin/sh
# A repository of several packages: each counts the commits that touch it, by its own tags, and loses none.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export XDG_DATA_HOME="$folder/data" GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@a GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@a
mkdir -p "$folder/x" && cd "$folder/x"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"
train() { "$SIGNALBOX" train "$@"; }
change() { # MESSAGE PATH...: a commit that changes them
  message=$1
  shift
  for path; do mkdir -p "$(dirname "$path")"; echo "$message" >"$path"; done
  git add -A && git commit -q -m "$message"
}

git init -q -b main .
change "feat: begin" packages/core/a packages/web/a
git tag core@1.0.0 && git tag web@2.0.0
change "fix: of core" packages/core/a
change "feat: of web" packages/web/b
change "feat!: of both" packages/core/b packages/web/b
change "docs: of none" README.md
git checkout -q -b side HEAD~2
change "perf: of core, aside" packages/core/c
git checkout -q main
git merge -q --no-ff side -m "Merge branch 'side'"
cat >signalbox.yaml <<'END'
train:
  packages:
    core: packages/core
    web: [packages/web/**, shared]
    new: packages/new
END

expect 0 train notes --package core
says "of core ("
says "of core, aside"
says "of both"
never_says "of web"
never_says "of none"
says "6 commits = 3 in sections + 0 unclassified + 3 excluded by rule"
expect 0 train version --package core --quiet
[ "$out" = 2.0.0 ] || { echo "core: $out"; exit 1; }
expect 0 train notes --package web
says "of web"
never_says "of core"
expect 0 train plan --package web
says "touch nothing of the package"
# What git itself says touches the package, merges left aside.
git rev-list --full-history --no-merges core@1.0.0..HEAD -- packages/core | sort >"$folder/by-git"
"$SIGNALBOX" train plan --package core --json | python3 -c '
import json, sys
print("\n".join(sorted(p["id"] for s in json.load(sys.stdin)["data"]["sections"] for p in s["passengers"])))' >"$folder/by-us"
cmp "$folder/by-git" "$folder/by-us"
expect 0 train notes --all --package core
says "## 1.0.0"
says "of core, aside"
never_says "of web"
expect 0 train notes core@1.0.0 --package core
expect 0 train notes core@1.0.0..HEAD --package web
never_says "of core"
# A package that never left, and one that nobody knows.
change "feat: something new" packages/new/a
expect 0 train version --package new --tag --quiet
says "new@"
# All packages at once: of each what it tells alone, also where a release of one lies aside and holds changes of others.
git checkout -q -b web-2 web@2.0.0
change "fix: of core, in a release of web alone" packages/core/a packages/web/a
git tag web@2.0.1
git checkout -q main
expect 0 train notes --all --packages
says "3 packages, each with all of its commits"
for package in core new web; do
  { [ $package = core ] || echo; printf '# %s\n\n' $package; train notes --all --package $package --quiet; } 2>/dev/null
done >"$folder/one-by-one.md"
train notes --all --packages --quiet 2>/dev/null | cmp - "$folder/one-by-one.md"
train notes --all --packages --format json 2>/dev/null >"$folder/all.json"
for package in core new web; do
  train notes --all --package $package --format json 2>/dev/null | python3 -c '
import json, sys
of = {p["package"]: p["releases"] for p in json.load(open(sys.argv[1]))["packages"]}
assert json.load(sys.stdin)["releases"] == of[sys.argv[2]], sys.argv[2]' "$folder/all.json" $package
done
grep -q "of core, in a release of web alone" "$folder/all.json" || { echo "the release aside is not told of"; exit 1; }
[ "$(train notes --all --package core 2>/dev/null | grep -c 'in a release of web alone')" = 0 ] || { echo "core tells of what only web released"; exit 1; }
expect 2 train notes --packages
says "--packages goes with --all"
expect 2 train notes --all --packages --package core
# It is judged by the policy of another's last release, if that knows the package.
expect 2 train check --dry-run --package new
says "no tag releases the package new"
git tag web@3.0.0 && change "fix: something new" packages/new/a
expect 1 train check --dry-run --package new
says "Departure of x new@"
says "signalbox.yaml of web@3.0.0"
says "2 since the beginning"
expect 2 train version --package cor
says "did you mean core?"
printf 'train:\n  packages:\n    core: /packages/core\n' >signalbox.yaml
expect 2 train notes --package core
says "signalbox.yaml:3:"
echo "each package by its own commits, and none lost"
