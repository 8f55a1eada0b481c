#!/bin/sh
# try_new_instrument.sh: proves the page of CONTRIBUTING.md. In a clone that is thrown away it makes an instrument with new_instrument.sh,
# builds it, runs its tests, and finds it in --help, completion, the API and the console; and it touched nothing but its own folders and
# the two lists. The clone compiles with ccache; only what is new and what lists it costs time.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd -P)
work=$(mktemp -d)
server=
finish() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || :
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM
fail() {
  echo "FAIL: $*" >&2
  exit 1
}
git clone -q "$here" "$work/clone"
cd "$work/clone"
scripts/new_instrument.sh hello "Say hello" >"$work/touched"
others=$(sed 's/^...//' "$work/touched" | grep -vE '^(src/instruments/hello/|web/views/hello/|tests/e2e/hello_test\.sh$|docs/commands/hello\.md$|src/CMakeLists\.txt$|web/views/list\.ts$)' || :)
[ -z "$others" ] || fail "an instrument touches $others"
[ "$(git diff --numstat | awk '{ print $1 " " $2 }' | sort | uniq -c | tr -s ' ')" = "$(printf ' 1 1 0\n 1 1 1\n')" ] || fail "more than a line in each list"
find src/instruments/hello -name '*.[ch]pp' -exec clang-format-16 --dry-run --Werror {} + || fail "the layout is not that of .clang-format"

scripts/build.sh release programs instrument_hello_test layers_test || fail "it does not build"
tree=$work/clone/build/release
SIGNALBOX=$tree/bin/signalbox
export SIGNALBOX
(cd "$tree" && ctest -R '^(instrument_hello_test|layers_test|e2e_hello_test)$' --output-on-failure >"$work/ctest") || { cat "$work/ctest"; fail "its tests fail"; }
grep -q '100% tests passed.* out of 3' "$work/ctest" || { cat "$work/ctest"; fail "not all of its tests ran"; }
"$SIGNALBOX" --help | grep -q '^  hello  *Say hello$' || fail "--help does not list it"
"$SIGNALBOX" completion bash | grep -q hello || fail "completion does not know it"
"$SIGNALBOX" man hello | grep -q 'Say hello' || fail "it has no manual page"

: >"$work/served"
XDG_DATA_HOME=$work/data "$SIGNALBOX" serve --listen 127.0.0.1:0 >"$work/served" 2>&1 &
server=$!
tries=100
until grep -q '/open?token=' "$work/served"; do
  tries=$((tries - 1))
  [ $tries -gt 0 ] && kill -0 $server || { cat "$work/served" >&2; fail "the server does not start"; }
  sleep 0.1
done
cat >"$work/look.mjs" <<'END'
const address = process.argv[2];
const opened = await fetch(address, { redirect: 'manual' });
const cookie = opened.headers.get('set-cookie').split(';')[0];
const ask = async (path) => (await fetch(new URL(path, address), { headers: { cookie } })).text();
const report = JSON.parse(await ask('/api/v1/hello'));
if (report.title !== 'Hello, world') throw new Error(`the route answers ${JSON.stringify(report)}`);
if (!JSON.parse(await ask('/api/openapi.json')).paths['/api/v1/hello']) throw new Error('OpenAPI does not describe the route');
const page = await ask('/');
const scripts = [...page.matchAll(/(?:src|href)="([^"]*\.js)"/g)].map((match) => match[1]);
const texts = await Promise.all(scripts.map(ask));
if (!texts.some((text) => text.includes('Hello') && text.includes('hello'))) throw new Error('the console does not list the view');
END
node "$work/look.mjs" "$(grep -o 'http://[^ ]*/open?token=[^ ]*' "$work/served" | head -n 1)" || fail "the server does not know it"
kill -TERM $server
wait $server || fail "the server ended with $?"
server=
echo "a new instrument: $(wc -l <"$work/touched") files, built, tested, in --help, completion, manual pages, the API and the console"
