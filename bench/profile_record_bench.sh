#!/bin/bash
# A recording of a compiler without frame pointers (clang++ -O2 of heavy headers), beside `perf record --call-graph dwarf`: what is recorded,
# how long it takes from the end of the work until there is something to look at, what it costs the work; then the same text and stacks
# through the profiler's readers and through the scripts of FlameGraph. FLAMEGRAPH names a checkout of those; without it they are left out.
set -euo pipefail
export LC_ALL=C
PAIRS=1 # of a round of bench/run, which takes the median over its rounds
for program in perf clang++-16; do
  command -v $program >/dev/null 2>&1 || { echo "profile_record: left out, $program is not installed"; exit 0; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
perf record -q -o probe.data true >/dev/null 2>&1 || { echo "profile_record: left out, perf record is refused here"; exit 0; }
flame=${FLAMEGRAPH:-}
if [ -z "$flame" ] || [ ! -f "$flame/flamegraph.pl" ]; then
  echo "profile_record: FLAMEGRAPH names no checkout: perf's side ends with the text of perf script"
  flame=
fi

cat >work.cpp <<'CPP'
#include <algorithm>
#include <filesystem>
#include <functional>
#include <future>
#include <iostream>
#include <map>
#include <random>
#include <ranges>
#include <regex>
#include <unordered_map>
bool matches(const std::string& text) { return std::regex_match(text, std::regex("a+b*")); }
std::wstring replaced(const std::wstring& text) { return std::regex_replace(text, std::wregex(L"x"), L"y"); }
CPP
# Leaves when it ended, and its processor time, in TIMES.
cat >work <<'SH'
#!/bin/bash
TIMEFORMAT='%U %S'
{ time clang++-16 -std=c++20 -O2 -c work.cpp -o work.o; } 2>"$TIMES"
date +%s.%N >>"$TIMES"
SH
chmod +x work
export TIMES="$folder/times"

now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.4f\n", b - a }'; }
ended() { tail -n 1 "$TIMES"; }
processor_time() { awk 'NF == 2 { print $1 + $2 }' "$TIMES"; }
median() { sort -g "$1" | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }
ratio() { paste "$1" "$2" | awk '{ print $1 / $2 }' | sort -g | awk '{ all[NR] = $1 } END { printf "%.5g\n", all[int((NR + 1) / 2)] }'; }
fact() { # NAME: of the report that --json wrote
  awk -v name="\"$1\"" '$1 == "\"name\":" { found = index($0, name) } found && $1 == "\"value\":" { gsub(/[",]/, "", $2); print $2; exit }' report.json
}
row() { # WHAT UNIT OURS PEER PEERS_VALUE RATIO FLOOR GOAL JUDGED
  printf '{"bench":"profile_record","what":"%s","unit":"%s","ours":%s,"peer":"%s","peer_value":%s,"ratio":%s,"floor":%s,"goal":%s,"judged":"%s","better":"%s","command":"FLAMEGRAPH=CHECKOUT bench/run profile_record"}\n' "$@"
}
folded_by_scripts() { "$flame/stackcollapse-perf.pl" "$1" 2>/dev/null; }

for _ in $(seq $PAIRS); do
  "$SIGNALBOX" profile --local --json -o ours -- ./work >report.json 2>/dev/null
  since "$(ended)" >>ours.stop
  stat -c %s ours.pb.gz >>ours.bytes
  samples=$(fact samples)
  awk -v samples="$samples" -v early="$(fact 'stacks that end early')" 'BEGIN { print 100 * (1 - early / samples) }' >>ours.complete
  awk -v samples="$samples" -v cpu="$(fact 'processor time by the kernel')" -v taken="$(fact 'taken from the target')" 'BEGIN { print 1e4 * taken * cpu / samples }' >>ours.cost

  perf record -q --call-graph dwarf -F 999 -o perf.data -- ./work >/dev/null 2>&1
  stat -c %s perf.data >>perf.bytes
  perf script --no-inline -i perf.data >perf.txt 2>/dev/null
  if [ -n "$flame" ]; then
    folded_by_scripts perf.txt >perf.folded
    "$flame/flamegraph.pl" perf.folded >perf.svg 2>/dev/null
  fi
  since "$(ended)" >>perf.stop
  # Samples whose outermost frame is one that nobody calls.
  awk '/^\t/ { last = $2; next } !NF && last { ++all; bottom += last ~ /^(_start|_dl_start|__clone|clone|ret_from_fork|entry_SYSCALL|asm_)/; last = "" } END { print 100 * bottom / all }' perf.txt >>perf.complete
done
end="perf record, script"
[ -z "$flame" ] || end="$end, stackcollapse-perf.pl, flamegraph.pl"
row "from the end of the work to SVG and pprof, 999 Hz" s "$(median ours.stop)" "$end" "$(median perf.stop)" "$(ratio ours.stop perf.stop)" 0.1 null ratio lower
row "octets recorded" B "$(median ours.bytes)" "perf record --call-graph dwarf" "$(median perf.bytes)" "$(ratio ours.bytes perf.bytes)" 0.01 null ratio lower
row "stacks with their outermost frame" % "$(median ours.complete)" "perf script" "$(median perf.complete)" "$(ratio ours.complete perf.complete)" 98 99.5 ours higher
row "taken from the work, a sample" us "$(median ours.cost)" "" null null 25 8 ours lower

# The work alone, with us, and with perf, in turn, after one that counts for none. Processors are not equally fast at all times: a few per
# cent of difference in a round are none.
./work
for _ in $(seq $((PAIRS + 2))); do
  ./work; processor_time >>bare
  "$SIGNALBOX" profile -o ours.pb.gz -- ./work >/dev/null 2>&1; processor_time >>with.ours
  perf record -q --call-graph dwarf -F 99 -o perf99.data -- ./work >/dev/null 2>&1; processor_time >>with.perf
done
more() { awk -v ratio="$(ratio "$1" bare)" 'BEGIN { printf "%.3f\n", 100 * (ratio - 1) }'; }
row "processor time that the work takes more, 99 Hz" % "$(more with.ours)" "perf record --call-graph dwarf" "$(more with.perf)" null 2 null ours lower

# The same input through our readers and the scripts that people use.
[ -n "$flame" ] || exit 0
for _ in $(seq $PAIRS); do
  began=$(now); "$SIGNALBOX" profile report perf.txt --format folded -o ours.folded >/dev/null 2>&1; since "$began" >>ours.import
  began=$(now); folded_by_scripts perf.txt >perf.folded; since "$began" >>perf.import
  began=$(now); "$SIGNALBOX" profile report perf.folded --format flamegraph -o ours.svg >/dev/null 2>&1; since "$began" >>ours.draw
  began=$(now); "$flame/flamegraph.pl" perf.folded >perf.svg 2>/dev/null; since "$began" >>perf.draw
done
row "text of perf script to folded stacks" s "$(median ours.import)" stackcollapse-perf.pl "$(median perf.import)" "$(ratio ours.import perf.import)" null null ratio lower
row "folded stacks to SVG" s "$(median ours.draw)" flamegraph.pl "$(median perf.draw)" "$(ratio ours.draw perf.draw)" null null ratio lower

# A million stacks, and the same with other counts.
awk 'BEGIN { for (i = 0; i < 1000000; ++i) printf "main;run%d;step%d;part%d;leaf%d %d\n", i % 10, i % 100, int(i / 100) % 100, int(i / 10000), 1 + i % 7 > "base.folded" }'
awk '{ $NF += NR % 3; print }' base.folded >new.folded
for _ in $(seq $PAIRS); do
  began=$(now); "$SIGNALBOX" profile diff base.folded new.folded >/dev/null 2>&1; since "$began" >>ours.diff
  began=$(now); "$flame/difffolded.pl" base.folded new.folded >/dev/null; since "$began" >>perf.diff
done
row "difference of two profiles of a million stacks" s "$(median ours.diff)" difffolded.pl "$(median perf.diff)" "$(ratio ours.diff perf.diff)" null null ratio lower
if command -v go >/dev/null 2>&1; then
  "$SIGNALBOX" profile report base.folded --format pprof -o base.pb.gz >/dev/null 2>&1
  for _ in $(seq $PAIRS); do
    began=$(now); "$SIGNALBOX" profile report base.pb.gz >/dev/null 2>&1; since "$began" >>ours.top
    began=$(now); go tool pprof -top base.pb.gz >/dev/null 2>&1; since "$began" >>go.top
  done
  row "table of a pprof of a million stacks" s "$(median ours.top)" "go tool pprof -top" "$(median go.top)" "$(ratio ours.top go.top)" null null ratio lower
else
  echo "profile_record: go is not installed, its row stays away"
fi
