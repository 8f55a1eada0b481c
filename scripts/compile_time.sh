#!/bin/sh
# compile_time.sh BUILD_FOLDER...: no source takes over 20 s to compile at -O1 -g without sanitizers; what several folders build is measured
# in the first. The processor seconds are those that scripts/timed_compiler.sh noted when ccache last missed, else the wall time of
# .ninja_log. What took longer in that build (which may optimise more, be sanitized, or be several sources at once) is compiled once more
# without ccache, at -O1 -g, and what is too slow then, each of its sources alone.
set -eu
cd "$(dirname "$0")/.."
limit_s=20
cache=${XDG_CACHE_HOME:-$HOME/.cache}/signalbox/compile-time

objects() { jq -r '.[].command | capture(" -o (?<object>[^ ]*[.]cpp[.]o) ").object' "$1/compile_commands.json"; }

# "SECONDS OBJECT FOLDER" for every object of the build that its folder or ccache has.
measured() {
  objects "$1" | while read -r object; do
    note=$cache/$(basename "$1")/$(echo "$object" | tr / +)
    if [ -s "$note" ]; then
      sed -n '2s/^\([0-9]*\)m\([0-9.]*\)s \([0-9]*\)m\([0-9.]*\)s$/\1 \2 \3 \4/p' "$note" |
        awk -v object="$object" -v folder="$1" '{ printf "%.1f %s %s\n", $1 * 60 + $2 + $3 * 60 + $4, object, folder }'
    else
      awk -F '\t' -v object="$object" -v folder="$1" '$4 == object { ms = $2 - $1 } END { if (ms > 200) printf "%.1f %s %s\n", ms / 1000, object, folder }' "$1/.ninja_log"
    fi
  done
}

figures=$(for folder in "$@"; do measured "$folder"; done | awk '!($2 in seen) { seen[$2] = 1; print }' | sort -rn)
echo "$(echo "$figures" | grep -c .) of $(for folder in "$@"; do objects "$folder"; done | sort -u | wc -l) objects measured; the slowest, in seconds:"
echo "$figures" | head -n 5
[ -n "$figures" ] || exit 1
# The seconds that the first command of that object takes at -O1 -g; with SOURCE, for that source in its place.
at_o1() { # FOLDER OBJECT [SOURCE]
  command=$(jq -r --arg object "$2" '.[] | select(.command | contains(" -o " + $object + " ")) | .command' "$1/compile_commands.json" | head -n 1 |
    sed 's/ -include-pch [^ ]*//g; s/ -fsanitize=[^ ]*//g; s/ -g1\b//g; s/ -O[0-9s]\b/ -O1 -g/g; s/ -o [^ ]* / -o \/dev\/null /')
  [ $# -eq 2 ] || command="${command% -c *} -c $3"
  times=$(cd "$1" && sh -c "$command && times" 2>/dev/null) || return 1
  echo "$times" | tail -n 1 | sed 's/m/ /g; s/s//g' | awk '{ printf "%d", $1 * 60 + $2 + $3 * 60 + $4 }'
}

# The sources that are compiled as one with that object (cmake/Batches.cmake), or nothing where it is of one source.
batch_of() {
  source=$(jq -r --arg object "$2" '.[] | select(.command | contains(" -o " + $object + " ")) | .file' "$1/compile_commands.json" | head -n 1)
  case $source in "$PWD"/build/*) sed -n 's/^#include "\(.*[.]cpp\)"$/\1/p' "$source" ;; esac
}

over=$(echo "$figures" | awk -v limit=$limit_s '$1 > limit { print $2, $3 }' | while read -r object folder; do
  took=$(at_o1 "$folder" "$object") || { echo "$object: does not compile at -O1 -g"; continue; }
  [ "$took" -gt $limit_s ] || continue
  sources=$(batch_of "$folder" "$object")
  [ -n "$sources" ] || echo "$object: $took s at -O1 -g"
  for source in $sources; do
    took=$(at_o1 "$folder" "$object" "$PWD/src/$source") || { echo "$source: does not compile at -O1 -g"; continue; }
    [ "$took" -le $limit_s ] || echo "$source: $took s at -O1 -g"
  done
done)
[ -z "$over" ] || { echo "$over"; false; }
