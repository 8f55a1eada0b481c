#!/bin/sh
# A log followed from another machine, over HTTP and in a folder: it grows, is audited, goes back, tells another story; what a release rests on as
# one statement.
set -eu
folder=$(mktemp -d)
server=
watcher=
cleanup() {
  for pid in $server $watcher; do kill "$pid" 2>/dev/null || :; done
  rm -rf "$folder"
}
trap cleanup EXIT
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.org GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.org
unset SIGNALBOX_STORE 2>/dev/null || :
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"
evidence() { "$SIGNALBOX" evidence "$@"; }
machine() { export XDG_DATA_HOME="$folder/$1"; }

machine ci
git init -q -b main "$folder/shop" && cd "$folder/shop"
git commit -q --allow-empty -m 'feat: begin'
printf '{"coverage": 81}\n' >"$folder/coverage.json"
record() { expect 0 evidence add json "$folder/coverage.json" --subject git:HEAD; }
record && record
expect 0 evidence log export "$folder/www/log"
log=$(evidence key list --json | sed -n 's/.*"vkey": *"\(shop-[^"]*\)".*/\1/p' | head -1)
[ -n "$log" ] || { echo "key list names no log"; exit 1; }

/usr/bin/python3 -u -m http.server 0 --bind 127.0.0.1 --directory "$folder/www" >"$folder/server" 2>&1 &
server=$!
for _ in $(seq 100); do grep -q 'http://' "$folder/server" && break; sleep 0.1; done
url=$(sed -n 's/.*\(http:\/\/127.0.0.1:[0-9]*\).*/\1/p' "$folder/server")/log

machine auditor
mkdir "$folder/elsewhere" && cd "$folder/elsewhere"
expect 2 evidence watch "$url" --once; says "no key of it is known here"
expect 0 evidence watch "$url" --key "$log" --once; says "2 entries, seen for the first time"
machine ci && cd "$folder/shop"
record && record
expect 0 evidence log export "$folder/www/log"
cp -r "$folder/www/log" "$folder/later"
machine auditor && cd "$folder/elsewhere"
expect 0 evidence watch "$url" --key "$log" --once; says "4 entries, extends what was seen before"
expect 0 evidence verify "$folder/later/checkpoint" --key "$log"; says "4 entries, 4 were seen before"

# Everything that is served, recomputed and recorded.
expect 0 evidence log audit "$url" --key "$log" --record; says "every leaf, tile, root and the checkpoint hold"; says "evidence/log-audit/v1"
expect 0 evidence query --type evidence/log-audit/v1; says "1 entry"
expect 3 evidence log audit "$url"; says "no trusted key of the log"
cp -r "$folder/later" "$folder/broken"
printf 'x' | dd of="$folder/broken/tile/0/000.p/4" bs=1 seek=40 conv=notrunc 2>/dev/null
expect 1 evidence log audit "$folder/broken" --key "$log"; says "tile 0/0"

# A watcher that goes on ends with 1 once the log goes back, and says so until somebody has looked.
(code=0; evidence watch "$url" --key "$log" --every 1s >"$folder/watched" 2>&1 || code=$?; echo "ended with $code" >>"$folder/watched") &
watcher=$!
sleep 2
grep -q ended "$folder/watched" && { cat "$folder/watched"; exit 1; }
machine ci && cd "$folder/shop"
expect 0 evidence collect git:HEAD; says "4 entries of 4"
expect 0 evidence query --type evidence/collection/v1; says "1 entry"
expect 0 evidence log export "$folder/five"
rm -rf "$folder/www/log" && cp -r "$folder/five" "$folder/www/log"
sleep 2
grep -q "5 entries: extends what was seen before" "$folder/watched" || { cat "$folder/watched"; exit 1; }
rm -rf "$folder/www/log" && cp -r "$folder/later" "$folder/www/log"
wait "$watcher" || :
watcher=
grep -q "ended with 1" "$folder/watched" || { cat "$folder/watched"; exit 1; }
grep -q "rollback: the log .* has 4 entries, and 5 were seen before" "$folder/watched" || { cat "$folder/watched"; exit 1; }
machine auditor && cd "$folder/elsewhere"
rm -rf "$folder/www/log" && cp -r "$folder/five" "$folder/www/log"
expect 1 evidence watch "$url" --key "$log" --once; says "an alarm about the log"; says "stands"
find "$folder/auditor" -name '*.alarm' -delete
expect 0 evidence watch "$url" --key "$log" --once; says "5 entries, as before"
kill "$server" && server=
expect 3 evidence watch "$url" --key "$log" --once
echo "a log followed, audited, collected from; a rollback was told and stood"
