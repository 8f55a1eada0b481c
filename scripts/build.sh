#!/bin/sh
# build.sh PRESET [TARGET...]: configures where needed and builds. On a terminal it shows one moving line, into a pipe only how it ended.
# What the compiler said is in build/PRESET/build.log, and its end is printed on failure.
set -eu
cd "$(dirname "$0")/.."
preset=$1
shift
log=build/$preset/build.log
mkdir -p "build/$preset"
began=$(date +%s)

failed() {
  # What the console's build says about a missing network is the whole answer.
  if grep -q '^The packages of the console could not be installed' "$log"; then
    sed -n '/^The packages of the console/,/^own, name/p' "$log" >&2
    exit 3
  fi
  echo "build: $preset failed; from $log:" >&2
  grep -v '^[0-9]* of [0-9]* ' "$log" | grep -E -m 20 -A 3 'error|Error|FAILED' | cut -c 1-500 >&2 || tail -n 20 "$log" >&2
  exit 4
}

configure() {
  echo "build: configuring $preset"
  cmake --preset "$preset" >"$log" 2>&1 || failed
}

compile() {
  NINJA_STATUS='%f of %t ' ninja -C "build/$preset" "$@" >"$log" 2>&1 &
  ninja=$!
  trap 'kill $ninja 2>/dev/null' INT TERM
  if [ -t 1 ]; then
    while kill -0 $ninja 2>/dev/null; do
      step=$(tail -n 1 "$log" | grep -o '^[0-9]* of [0-9]*' || :)
      [ -z "$step" ] || printf '\rbuild: %s %s ' "$preset" "$step"
      sleep 0.5
    done
    printf '\r\033[K'
  fi
  wait $ninja
}

# Without GoogleTest a tree is configured without tests; it may have been installed since.
if [ ! -f "build/$preset/build.ninja" ] || { [ "$*" != programs ] && grep -q '^GTest_DIR:.*-NOTFOUND' "build/$preset/CMakeCache.txt"; }; then configure; fi
# Sources that are compiled as one (cmake/Batches.cmake) may have come to share a name: they are batched anew.
compile "$@" || { grep -q "redefinition of" "$log" && configure && compile "$@"; } || failed
took=$(($(date +%s) - began))
[ $took -lt 2 ] || echo "build: $preset in $took s"
