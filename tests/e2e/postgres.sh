# A PostgreSQL 15 server for one test, on a free port of the loopback: `start_postgres [SETTING=VALUE…]` makes it in $work/server and sets
# PGHOST, PGPORT, PGUSER, PGDATABASE; `stop_postgres` ends it. Where PostgreSQL is not installed the test is left out.
programs=/usr/lib/postgresql/15/bin
[ -x $programs/initdb ] || { echo "no PostgreSQL 15: left out"; exit 77; }
as=
[ "$(id -u)" != 0 ] || as="setpriv --reuid postgres --regid postgres --clear-groups"
postgres_pid=

start_postgres() {
  mkdir -p "$work/server"
  chmod 755 "$work"
  [ -z "$as" ] || chown postgres:postgres "$work/server"
  [ -d "$work/server/data" ] || (cd "$work/server" && $as $programs/initdb --no-sync --auth=trust --username=postgres -D data >/dev/null)
  PGHOST=127.0.0.1 PGUSER=postgres PGDATABASE=postgres
  PGPORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  export PGHOST PGPORT PGUSER PGDATABASE
  options=
  for setting in "$@"; do options="$options -c $setting"; done
  # shellcheck disable=SC2086
  (cd "$work/server" && exec $as $programs/postgres -D data -k "$work/server" -p "$PGPORT" -c listen_addresses=127.0.0.1 -c fsync=off $options >>log 2>&1) &
  postgres_pid=$!
  for _ in $(seq 300); do
    ! psql -qAtc 'select 1' >/dev/null 2>&1 || return 0
    sleep 0.1
  done
  cat "$work/server/log" >&2
  fail "PostgreSQL does not start"
}

stop_postgres() {
  [ -z "$postgres_pid" ] || { kill -INT "$postgres_pid" 2>/dev/null && wait "$postgres_pid" 2>/dev/null; } || :
  postgres_pid=
}
