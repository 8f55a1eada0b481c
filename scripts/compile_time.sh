#!/bin/sh
# compile_time.sh BUILD_FOLDER: no source takes over 20 s to compile at -O1 -g without sanitizers. The processor seconds are those that
# scripts/timed_compiler.sh noted when ccache last missed, else the wall time of .ninja_log. What took longer in that build (which may
# optimise more) is compiled once more, alone and without ccache, at -O1 -g.
set -eu
cd "$(dirname "$0")/.."
limit_s=20
notes=${XDG_CACHE_HOME:-$HOME/.cache}/signalbox/compile-time/$(basename "$1")

objects() { jq -r '.[].command | capture(" -o (?<object>[^ ]*[.]cpp[.]o) ").object' "$1/compile_commands.json"; }

# "SECONDS OBJECT" for every object of the build.
measured() {
  objects "$1" | while read -r object; do
    note=$notes/$(echo "$object" | tr / +)
    if [ -s "$note" ]; then
      sed -n '2s/^\([0-9]*\)m\([0-9.]*\)s \([0-9]*\)m\([0-9.]*\)s$/\1 \2 \3 \4/p' "$note" |
        awk -v object="$object" '{ printf "%.1f %s\n", $1 * 60 + $2 + $3 * 60 + $4, object }'
    else
      awk -F '\t' -v object="$object" '$4 == object { ms = $2 - $1 } END { if (ms > 200) printf "%.1f %s\n", ms / 1000, object }' "$1/.ninja_log"
    fi
  done
}

figures=$(measured "$1" | sort -rn)
echo "$(echo "$figures" | grep -c .) of $(objects "$1" | wc -l) sources measured; the slowest, in seconds:"
echo "$figures" | head -n 5
[ -n "$figures" ] || exit 1
over=no
for object in $(echo "$figures" | awk -v limit=$limit_s '$1 > limit { print $2 }'); do
  command=$(jq -r --arg object "$object" '.[].command | select(contains(" -o " + $object + " "))' "$1/compile_commands.json" |
    sed 's/ -O[0-9s]\b/ -O1 -g/g; s/ -o [^ ]* / -o \/dev\/null /')
  took=$(cd "$1" && sh -c "$command; times" | tail -n 1 | sed 's/m/ /g; s/s//g' | awk '{ printf "%d", $1 * 60 + $2 + $3 * 60 + $4 }')
  echo "$object: $took s at -O1 -g"
  [ "$took" -le $limit_s ] || over=yes
done
[ $over = no ]
