#!/bin/sh
# A clone elsewhere on the same machine compiles nothing again, though the first is gone: all its objects are found in ccache, and what is
# precompiled serves a source that changed. Told of one library, with a cache of its own; every target is compiled with the same options.
set -eu
command -v ccache >/dev/null || { echo "no ccache"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*" >&2; exit 1; }
export CCACHE_DIR="$work/cache" XDG_CACHE_HOME="$work/notes"

build() { # CLONE PRESET
  (cd "$work/$1" && cmake --preset "$2" -DSIGNALBOX_TESTS=OFF -DSIGNALBOX_FUZZ=OFF -DSIGNALBOX_CONSOLE=OFF && ninja -C "build/$2" core_base) >"$work/log" 2>&1 ||
    { tail -n 20 "$work/log"; fail "the clone $1 does not build ($2)"; }
  figures=$(ccache --print-stats)
  hits=$(echo "$figures" | awk '$1 ~ /^(direct|preprocessed)_cache_hit$/ { n += $2 } END { print n + 0 }')
  misses=$(echo "$figures" | awk '$1 == "cache_miss" { print $2 }')
  objects=$(find "$work/$1/build/$2" -name '*.cpp.o' | wc -l)
  echo "$2, $1: $objects objects, $hits hits, $misses misses"
  ccache --zero-stats >/dev/null
}

presets=release
if command -v clang++-16 >/dev/null; then presets="$presets asan"; else echo "no clang++-16: the sanitized build is left out"; fi
for preset in $presets; do
  git clone -q "$SIGNALBOX_SOURCE_DIR" "$work/first"
  build first "$preset"
  rm -rf "$work/first" "$work/deeper"
  git clone -q "$SIGNALBOX_SOURCE_DIR" "$work/deeper/down/second"
  build deeper/down/second "$preset"
  [ "$misses" = 0 ] && [ "$objects" -gt 1 ] && [ "$hits" = "$objects" ] || fail "the second clone compiled $misses sources again"
  # What each compilation cost was noted where it was compiled, for scripts/compile_time.sh.
  [ "$(find "$work/notes/signalbox/compile-time/$preset" -name '*.cpp.o' | wc -l)" -ge "$hits" ] || fail "the compile times were not noted"
  echo 'static_assert(true);' >>"$work/deeper/down/second/src/core/base/text.cpp"
  build deeper/down/second "$preset"
  [ "$misses" = 1 ] || fail "a source that changed made $misses objects of them compile"
done
