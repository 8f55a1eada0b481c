#!/bin/sh
# timed_compiler.sh COMPILER ARGUMENT...: what ccache calls where it misses (CCACHE_PREFIX). Notes the processor seconds of each compilation
# beside ccache's own folder, so that scripts/compile_time.sh knows them after a hit too. One file for each object: build/PRESET it was
# compiled in, and its path there.
"$@"
code=$?
notes=${XDG_CACHE_HOME:-$HOME/.cache}/signalbox/compile-time/${PWD##*/}
for word in "$@"; do
  case $word in *.o) object=$word ;; esac
done
if [ $code -eq 0 ] && [ -n "${object:-}" ] && mkdir -p "$notes" 2>/dev/null; then
  name=$(echo "$object" | tr / +)
  # The second line is what the children took: user and system, as 0m1.72s.
  { times >"$notes/$name.$$" && mv -f "$notes/$name.$$" "$notes/$name"; } 2>/dev/null
fi
exit $code
