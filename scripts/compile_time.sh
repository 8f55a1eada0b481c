#!/bin/sh
# compile_time.sh BUILD_FOLDER...: no source takes over 20 s to compile at -O1 -g without sanitizers; what several folders build is measured
# in the first. The processor seconds are those that scripts/timed_compiler.sh noted when ccache last missed, else the wall time of
# .ninja_log. What took longer in that build (which may optimise more, or be sanitized) is compiled once more, alone and without ccache, at -O1 -g.
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
echo "$(echo "$figures" | grep -c .) of $(for folder in "$@"; do objects "$folder"; done | sort -u | wc -l) sources measured; the slowest, in seconds:"
echo "$figures" | head -n 5
[ -n "$figures" ] || exit 1
over=$(echo "$figures" | awk -v limit=$limit_s '$1 > limit { print $2, $3 }' | while read -r object folder; do
  command=$(jq -r --arg object "$object" '.[].command | select(contains(" -o " + $object + " "))' "$folder/compile_commands.json" |
    sed 's/ -include-pch [^ ]*//g; s/ -fsanitize=[^ ]*//g; s/ -g1\b//g; s/ -O[0-9s]\b/ -O1 -g/g; s/ -o [^ ]* / -o \/dev\/null /')
  times=$(cd "$folder" && sh -c "$command && times" 2>/dev/null) || { echo "$object: does not compile at -O1 -g"; continue; }
  took=$(echo "$times" | tail -n 1 | sed 's/m/ /g; s/s//g' | awk '{ printf "%d", $1 * 60 + $2 + $3 * 60 + $4 }')
  [ "$took" -le $limit_s ] || echo "$object: $took s at -O1 -g"
done)
[ -z "$over" ] || { echo "$over"; false; }
