#!/bin/sh
# fuzz.sh [--seconds N] [--preset asan|fuzz] [TARGET...]: replays the kept inputs of each fuzz target, then fuzzes for N seconds (default 3600)
# shared by all targets, one on each processor at a time, as the preset builds them (default fuzz: -O1; ./test uses its sanitized build). New
# inputs that reach more code are kept in build/fuzz/grown; an input that fails is named, with how to run it again.
set -eu
cd "$(dirname "$0")/.."
seconds=3600
preset=fuzz
one=
targets=
while [ $# -gt 0 ]; do
  case $1 in
    --seconds) seconds=$2; shift ;;
    --preset) preset=$2; shift ;;
    --one) one=$2; shift ;; # what this script calls itself with: one target that is built, all the seconds for it
    *) targets="$targets $1" ;;
  esac
  shift
done

run() { # TARGET OPTIONS...
  target=$1
  shift
  grown=build/fuzz/grown/$target
  mkdir -p "$grown" build/fuzz/found
  seeds=
  [ ! -d "fuzz/corpus/$target" ] || seeds=fuzz/corpus/$target
  # shellcheck disable=SC2086
  "build/$preset/fuzz/$target" "$@" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -artifact_prefix="build/fuzz/found/$target-" "$grown" $seeds \
    >"build/fuzz/$target.log" 2>&1
}
broken() { # TARGET
  echo "$1 failed; again with: build/$preset/fuzz/$1 $(grep -o 'build/fuzz/found/[^ ]*' "build/fuzz/$1.log" | tail -n 1)"
  grep -E -m 3 'ERROR|SUMMARY|runtime error' "build/fuzz/$1.log" || tail -n 5 "build/fuzz/$1.log"
  exit 1
}
if [ -n "$one" ]; then
  run "$one" -runs=0 || broken "$one"
  run "$one" -max_total_time="$seconds" || broken "$one"
  echo "$one: kept inputs replayed; $(grep -o 'Done [0-9]* runs in [0-9]* second' "build/fuzz/$one.log" || echo done)"
  exit 0
fi

[ -n "$targets" ] || targets=$(find fuzz -name '*_fuzz.cpp' -exec basename {} .cpp \; | sort)
[ -n "$targets" ] || { echo "no fuzz targets"; exit 0; }
scripts/setup.sh build fuzz
# shellcheck disable=SC2086
scripts/build.sh "$preset" $targets
each=$((seconds / $(echo "$targets" | wc -w)))
[ $each -ge 1 ] || each=1
# shellcheck disable=SC2086
printf '%s\n' $targets | xargs -P "$(nproc)" -I{} scripts/fuzz.sh --preset "$preset" --seconds $each --one {}
