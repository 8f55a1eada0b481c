#!/bin/sh
# What `signalbox evidence` answers when its store is full, read-only, locked, newer, not there; and the same log in PostgreSQL.
set -eu
work=$(mktemp -d)
server=
cleanup() {
  [ -z "$server" ] || kill -QUIT "$server" 2>/dev/null || :
  umount "$work/small" 2>/dev/null || :
  rm -rf "$work"
}
trap cleanup EXIT
fail() { echo "FAIL: $*" >&2; exit 1; }
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/wait.sh"
export HOME="$work/home" XDG_DATA_HOME="$work/data" GIT_CONFIG_GLOBAL=/dev/null
mkdir -p "$HOME" "$work/repository"
cd "$work/repository"
git init -q . && git -c user.name=a -c user.email=a@example.com commit -q --allow-empty -m "feat: begin"
printf '{"a":1}' >"$work/document.json"
dd if=/dev/urandom bs=1000 count=500 2>/dev/null | od -An -v -tx1 | tr -d ' \n' | sed 's/.*/{"a":"&"}/' >"$work/large.json"

# add STORE [FILE]: records a document in it; the exit code is kept in $code, what it said in $said.
add() {
  code=0
  said=$("$SIGNALBOX" evidence add json "${2-$work/document.json}" --subject git:HEAD --store "$1" 2>&1) || code=$?
}
entries() { "$SIGNALBOX" evidence log status --store "$1" --json | sed -n '/"entries"/,/}/s/.*"value": \([0-9]*\).*/\1/p'; }
expect() { # CODE TEXT WHAT
  [ "$code" = "$1" ] || fail "$3: exit $code, not $1: $said"
  case $said in *"$2"*) ;; *) fail "$3: does not say '$2': $said" ;; esac
  case $said in *secret*) fail "$3: shows a password: $said" ;; esac
}

# Full: a file system of 1 MB where this may mount one, else a limit on the size of files.
mkdir "$work/small"
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=1m tmpfs "$work/small" 2>/dev/null; then mounted=yes; else mounted=no; fi
add "sqlite:$work/small/a.db"
[ "$code" = 0 ] || fail "a small disk: $said"
[ "$mounted" = yes ] || { trap '' XFSZ; ulimit -f 512; }
add "sqlite:$work/small/a.db" "$work/large.json"
expect 3 "make room on the disk" "a full disk"
[ "$mounted" = no ] || expect 3 "what was signed is kept in" "a full disk"
[ "$mounted" = yes ] || expect 3 "it cannot be kept for later" "a full disk, and no room for the spool"
"$SIGNALBOX" evidence log audit --store "sqlite:$work/small/a.db" >/dev/null || fail "a full disk left half an entry"

# Read-only: reading goes on.
if [ "$mounted" = yes ]; then
  mount -o remount,ro "$work/small"
  printf '{"a":2}' >"$work/second.json"
  add "sqlite:$work/small/a.db" "$work/second.json"
  expect 3 "log drain" "a read-only disk"
  "$SIGNALBOX" evidence query --store "sqlite:$work/small/a.db" >/dev/null || fail "a read-only store cannot be read"
  # Room again: what waited is logged before what is new, once.
  mount -o remount,rw,size=16m "$work/small"
  [ "$(entries "sqlite:$work/small/a.db")" = 1 ] || fail "something was logged meanwhile"
  add "sqlite:$work/small/a.db"
  expect 0 "as entry 3" "with room again"
  [ "$(entries "sqlite:$work/small/a.db")" = 4 ] || fail "the spool was not logged"
  "$SIGNALBOX" evidence log drain --store "sqlite:$work/small/a.db" | grep -q "nothing was waiting" || fail "the spool is not empty"
fi

# Locked: after ten seconds the holder is named.
store=$work/a.db
add "sqlite:$store"
[ "$code" = 0 ] || fail "$said"
python3 -c 'import sqlite3, sys, time
store = sqlite3.connect(sys.argv[1], isolation_level=None)
store.execute("begin immediate")
open(sys.argv[2], "w").close()
time.sleep(60)' "$store" "$work/locked" &
holder=$!
wait_for 60 test -e "$work/locked"
printf '{"a":2}' >"$work/second.json"
add "sqlite:$store" "$work/second.json"
kill "$holder"
expect 3 "pid $holder" "a locked store"
expect 3 "what was signed is kept in" "a locked store"
wait "$holder" 2>/dev/null || :
add "sqlite:$store"
expect 0 "as entry 2" "after the lock went"

# Newer, and not a store at all.
python3 -c 'import sqlite3, sys
store = sqlite3.connect(sys.argv[1])
store.execute("update signalbox_migration set version = 9 where owner = ?", ("store",))
store.commit()' "$store"
add "sqlite:$store"
expect 2 "newer than this program" "a newer store"
add "sqlite:$work/large.json"
expect 2 "is not a Signalbox store" "a file of another kind"
add "mysql://me:secret@host/x"
expect 2 "not a store this can open" "a URL of another kind"
add "postgresql://me:secret@host:port:5/%zz"
expect 2 "postgresql://USER@HOST:PORT/DATABASE" "a broken URL"
add "postgresql://me:secret@127.0.0.1:1/x"
expect 3 "is the server running" "a server that is not there"

# The same log in PostgreSQL.
programs=/usr/lib/postgresql/15/bin
[ -x $programs/initdb ] || { echo "no PostgreSQL 15: left out"; exit 0; }
mkdir "$work/server"
chmod 755 "$work"
as=
if [ "$(id -u)" = 0 ]; then
  as="setpriv --reuid postgres --regid postgres --clear-groups"
  chown postgres:postgres "$work/server"
fi
(cd "$work/server" && $as $programs/initdb --no-sync --auth=trust --username=postgres -D data >/dev/null)
(cd "$work/server" && exec $as $programs/postgres -D data -k "$work/server" -c listen_addresses= >log 2>&1) &
server=$!
store="postgresql:///postgres?host=$work/server&user=postgres"
for _ in $(seq 100); do
  add "$store"
  [ "$code" != 0 ] || break
  sleep 0.2
done
[ "$code" = 0 ] || fail "PostgreSQL: $said"
SIGNALBOX_STORE="$store" "$SIGNALBOX" evidence log audit >/dev/null || fail "the log in PostgreSQL does not hold"
"$SIGNALBOX" evidence log export "$work/tiles" --store "$store" >/dev/null
[ -s "$work/tiles/checkpoint" ] || fail "no checkpoint was exported"
add "postgresql:///there_is_none?host=$work/server&user=postgres"
expect 2 "createdb" "a database that is not there"
echo "stores answer as they should"
