#!/bin/sh
# fuzz.sh [--seconds N] [--preset asan|fuzz] [TARGET...]: replays the kept inputs of each fuzz target, then fuzzes for N seconds (default 3600)
# shared by all targets, as the preset builds them (default fuzz: -O1; ./test uses its sanitized build). New inputs that reach more code are
# kept in build/fuzz/grown; an input that fails is named, with how to run it again.
set -eu
cd "$(dirname "$0")/.."
seconds=3600
preset=fuzz
targets=
while [ $# -gt 0 ]; do
  case $1 in
    --seconds) seconds=$2; shift ;;
    --preset) preset=$2; shift ;;
    *) targets="$targets $1" ;;
  esac
  shift
done
[ -n "$targets" ] || targets=$(find fuzz -name '*_fuzz.cpp' -exec basename {} .cpp \; | sort)
[ -n "$targets" ] || { echo "no fuzz targets"; exit 0; }
scripts/setup.sh build fuzz
# shellcheck disable=SC2086
scripts/build.sh "$preset" $targets
failed=
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
  failed="$failed $1"
  echo "$1 failed; again with: build/$preset/fuzz/$1 $(grep -o 'build/fuzz/found/[^ ]*' "build/fuzz/$1.log" | tail -n 1)"
  grep -E -m 3 'ERROR|SUMMARY|runtime error' "build/fuzz/$1.log" || tail -n 5 "build/fuzz/$1.log"
}
for target in $targets; do
  if run "$target" -runs=0; then echo "$target: kept inputs replayed"; else broken "$target"; fi
done
each=$((seconds / $(echo "$targets" | wc -w)))
[ $each -ge 1 ] || each=1
for target in $targets; do
  case " $failed " in *" $target "*) continue ;; esac
  if run "$target" -max_total_time=$each; then
    echo "$target: $(grep -o 'Done [0-9]* runs in [0-9]* second' "build/fuzz/$target.log" || echo done)"
  else
    broken "$target"
  fi
done
[ -z "$failed" ]
