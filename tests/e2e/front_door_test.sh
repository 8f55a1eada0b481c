#!/bin/sh
# The front door: help, version, suggestions, and programs of others on the PATH.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*" >&2; exit 1; }
exit_code() { code=0; "$@" >"$work/out" 2>"$work/err" || code=$?; }

# A program on the PATH named signalbox-<name> becomes `signalbox <name>`, with its arguments, input and exit code.
mkdir "$work/bin"
printf '#!/bin/sh\necho "$# $1 $(cat)"\nexit 7\n' >"$work/bin/signalbox-hello"
chmod +x "$work/bin/signalbox-hello"
printf 'not a program' >"$work/bin/signalbox-text"
PATH=$work/bin:$PATH
code=0
out=$(echo input | "$SIGNALBOX" hello "a b" c) || code=$?
[ "$out" = "2 a b input" ] || fail "arguments or input lost: $out"
[ "$code" = 7 ] || fail "exit code $code instead of 7"

"$SIGNALBOX" --help >"$work/help"
grep -q "^  hello .*$work/bin/signalbox-hello" "$work/help" || fail "--help does not list what is on the PATH"
! grep -q "signalbox-text" "$work/help" || fail "--help lists a file that cannot be run"

# Every program that --help lists is there and answers --help itself.
sed -n 's/^  \([a-z][a-z0-9-]*\)  .*/\1/p' "$work/help" | while read -r name; do
  [ "$name" = hello ] || "$SIGNALBOX" "$name" --help >/dev/null </dev/null || fail "'$name' is listed, but $name --help fails"
done

exit_code "$SIGNALBOX" helllo
[ "$code" = 2 ] || fail "an unknown command ended with $code"
grep -q 'did you mean `signalbox hello`' "$work/err" || fail "no suggestion: $(cat "$work/err")"
exit_code "$SIGNALBOX" xyzzyplugh
[ "$code" = 2 ] && ! grep -q "did you mean" "$work/err" || fail "a suggestion for a word that is near to nothing"
for name in ../hello /bin/sh "" -x "hello/../hello"; do
  exit_code "$SIGNALBOX" "$name"
  [ "$code" = 2 ] || fail "'$name' ended with $code"
done
exit_code "$SIGNALBOX"
[ "$code" = 2 ] || fail "without a command it ended with $code"

# The version names the commit that is checked out.
version=$("$SIGNALBOX" --version)
expr "$version" : 'signalbox [0-9]*\.[0-9]*\.[0-9]* (.*)$' >/dev/null || fail "version is '$version'"
if commit=$(git -C "$SIGNALBOX_SOURCE_DIR" rev-parse --short=12 HEAD 2>/dev/null); then
  case $version in *"$commit"*) ;; *) fail "'$version' does not name $commit" ;; esac
fi
