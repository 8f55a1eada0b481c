# shellcheck shell=sh
# Waiting that ends, for tests that include this and have `fail`.
wait_for() { # SECONDS COMMAND…: until it succeeds
  tries=$(($1 * 10))
  shift
  while ! "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || fail "waited too long for: $*"
    sleep 0.1
  done
}
