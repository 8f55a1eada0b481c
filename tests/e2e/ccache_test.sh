#!/bin/sh
# A clone elsewhere on the same machine compiles nothing again: of the first clone's objects all are found in ccache. Told of one library,
# with a cache of its own; every target is compiled with the same options.
set -eu
command -v ccache >/dev/null || { echo "no ccache"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*" >&2; exit 1; }
export CCACHE_DIR="$work/cache" XDG_CACHE_HOME="$work/notes"
cd "$SIGNALBOX_SOURCE_DIR"
for clone in first deeper/down/second; do
  git clone -q . "$work/$clone"
  (cd "$work/$clone" && cmake --preset release -DSIGNALBOX_TESTS=OFF -DSIGNALBOX_CONSOLE=OFF && ninja -C build/release core_base) >"$work/log" 2>&1 ||
    { tail -n 20 "$work/log"; fail "the clone does not build"; }
  figures=$(ccache --print-stats)
  hits=$(echo "$figures" | awk '$1 ~ /^(direct|preprocessed)_cache_hit$/ { n += $2 } END { print n + 0 }')
  misses=$(echo "$figures" | awk '$1 == "cache_miss" { print $2 }')
  echo "$clone: $hits hits, $misses misses"
  ccache --zero-stats >/dev/null
done
[ "$misses" = 0 ] && [ "$hits" -gt 5 ] || fail "the second clone compiled $misses sources again"
# What each compilation cost was noted where it was compiled, for scripts/compile_time.sh.
[ "$(find "$work/notes/signalbox/compile-time/release" -name '*.cpp.o' | wc -l)" -ge "$hits" ] || fail "the compile times were not noted"
