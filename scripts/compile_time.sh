#!/bin/sh
# compile_time.sh BUILD_FOLDER: no source takes over 20 s to compile at -O1 -g without sanitizers. What took longer in that build (which may
# optimise more, or share the machine) is compiled once more, alone and without ccache, at -O1 -g.
set -eu
cd "$(dirname "$0")/.."
limit_ms=20000
slow=$(awk -v limit=$limit_ms '$4 ~ /\.cpp\.o$/ && $2 - $1 > limit { print $4 }' "$1/.ninja_log" | sort -u)
worst=0
for object in $slow; do
  command=$(jq -r --arg object "$object" '.[] | select(.output == $object) | .command' "$1/compile_commands.json")
  [ -n "$command" ] || continue
  command=$(echo "$command" | sed 's/^.*ccache //; s/ -O[0-9s]\b/ -O1 -g/; s/ -o [^ ]* / -o \/dev\/null /')
  before=$(date +%s%3N)
  (cd "$1" && sh -c "$command")
  took=$(($(date +%s%3N) - before))
  echo "$object: $took ms"
  [ $took -le $limit_ms ] || worst=$took
done
[ $worst -eq 0 ]
