# shellcheck shell=sh
# For tests of `queries`: a place of its own, $work, where it stands in $work/place, and a PostgreSQL (postgres.sh). At the end the server goes,
# the process of $watcher, and the folder.
work=$(mktemp -d)
watcher=
cleanup() {
  [ -z "$watcher" ] || kill "$watcher" 2>/dev/null || :
  stop_postgres
  rm -rf "$work"
}
fail() { echo "FAIL: $*" >&2; exit 1; }
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/wait.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/postgres.sh"
trap cleanup EXIT
mkdir "$work/place"
cd "$work/place"
export HOME="$work" XDG_DATA_HOME="$work/data"
queries() { "$SIGNALBOX" queries "$@"; }
