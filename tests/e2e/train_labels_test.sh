#!/bin/sh
# Notes by pull request and label, drafts for two forges, and the changelog's own command, on the built program.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export XDG_DATA_HOME="$folder/data" GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=a@a GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=a@a
mkdir -p "$folder/x/.github" && cd "$folder/x"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"
train() { "$SIGNALBOX" train "$@"; }

git init -q -b main .
cat >.github/release.yml <<'END'
changelog:
  exclude:
    labels: [ignore-for-release]
  categories:
    - title: New 🎉
      labels: [enhancement]
    - title: Upgrades
      labels: [dependencies]
END
git add . && git commit -q -m "feat: begin" && git tag v1.0.0
git commit -q --allow-empty -m "feat: a page (#1)"
git checkout -q -b side
git commit -q --allow-empty -m "wip" && git commit -q --allow-empty -m "fix: the page"
git checkout -q main
git merge -q --no-ff side -m "Merge pull request #2 from ada/side" -m "The page is mended"
git commit -q --allow-empty -m "chore: raise x (#3)"
git commit -q --allow-empty -m "docs: secret (#4)"
git commit -q --allow-empty -m "fix: straight to main"
cat >"$folder/requests.json" <<'END'
[{"number": 1, "title": "A page for all", "labels": [{"name": "Enhancement"}], "author": {"login": "ada"}, "url": "https://github.com/o/r/pull/1"},
 {"number": 3, "title": "Raise x", "labels": [{"name": "dependencies"}], "author": {"login": "app/renovate"}, "url": ""},
 {"number": 4, "title": "Secret", "labels": [{"name": "ignore-for-release"}], "author": {"login": "ada"}, "url": ""}]
END

expect 0 train notes --format github --pull-requests "$folder/requests.json"
says "### New 🎉

* A page for all by @ada in https://github.com/o/r/pull/1

### Upgrades

* Raise x by @renovate in #3

### Other Changes
"
says "* The page is mended by Ada in #2"
says "* fix: straight to main by Ada in "
says "7 commits = 6 in entries + 1 left out by rule"
says "the labels of 1 pull request are not known"
never_says "ecret"
never_says "wip"
expect 0 train notes --format json --pull-requests - <"$folder/requests.json"
says '"unknown_pull_requests": ['
says '"rule": "label"'
expect 0 train notes --pull-requests "$folder/requests.json"
says "- A page for all (#1, ada)"
expect 2 train notes --format keepachangelog --pull-requests "$folder/requests.json"
expect 2 train notes --all --pull-requests "$folder/requests.json"
expect 2 train notes --all --format github-draft
echo '[{"title": "x"}]' >"$folder/bad.json"
expect 2 train notes --pull-requests "$folder/bad.json"
says 'bad.json'
says '$[0]: no `number`'
expect 2 train notes --pull-requests "$folder/none.json"

expect 0 train notes --format github-draft --pull-requests "$folder/requests.json" --quiet
printf '%s\n' "$out" | python3 -c '
import json, sys
d = json.load(sys.stdin)
assert d["tag_name"] == "v1.1.0" and d["draft"] is True and d["prerelease"] is False and len(d["target_commitish"]) == 40, d
assert "A page for all" in d["body"], d'
expect 0 train notes --format gitlab-release --quiet
printf '%s\n' "$out" | python3 -c '
import json, sys
d = json.load(sys.stdin)
assert d["tag_name"] == "v1.1.0" and "### Features" in d["description"] and len(d["ref"]) == 40, d'

# By a template of one's own.
printf '{{.version}}\n{{range .sections}}{{.title | upper}}\n{{range .passengers}}- {{.subject}}{{if .parts}} and more{{end}}\n{{end}}{{end}}' >"$folder/notes.tmpl"
expect 0 train notes --template "$folder/notes.tmpl" --quiet
[ "$(printf '%s\n' "$out" | head -n 3)" = "1.1.0
FEATURES
- a page (#1)" ] || { echo "by the template: $out"; exit 1; }
printf 'x\n{{.verison}}' >"$folder/wrong.tmpl"
expect 2 train notes --template "$folder/wrong.tmpl"
says "wrong.tmpl:2:3: there is no .verison here"
expect 2 train notes --template "$folder/notes.tmpl" --format json
expect 2 train notes --template "$folder/none.tmpl"

expect 1 train changelog --check
says "does not tell of 1.1.0"
expect 0 train changelog
expect 0 train changelog --check
grep -q '^## \[1.1.0\]' CHANGELOG.md
cp CHANGELOG.md "$folder/once"
expect 0 train changelog
cmp CHANGELOG.md "$folder/once"
expect 0 train changelog --pull-requests "$folder/requests.json"
grep -q '^### New' CHANGELOG.md
printf 'changelog:\n  categories:\n    - title: x\n' >.github/release.yml
git commit -q -a -m "chore: break it"
expect 2 train notes --pull-requests "$folder/requests.json"
says ".github/release.yml:3:"
echo "each commit under its request, by label, and the drafts and changelog of it"
