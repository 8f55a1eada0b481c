#!/bin/bash
# A recording of a compiler without frame pointers (clang++ -O2 of heavy headers), beside `perf record --call-graph dwarf`: what is recorded,
# how long it takes from the end of the work until there is something to look at, what it costs the work; then the same text and stacks
# through the profiler's readers and through the scripts of FlameGraph, whose totals must be the same. FLAMEGRAPH names a checkout of those.
set -euo pipefail
export LC_ALL=C
RECORDINGS=1 # of a round of bench/run, which takes the median over its rounds
PAIRS=10     # of the work with a profiler and without
for program in perf clang++-16 go jq; do
  command -v $program >/dev/null 2>&1 || { echo "profile_record: left out, $program is not installed"; exit 0; }
done
flame=${FLAMEGRAPH:-}
[ -n "$flame" ] && [ -f "$flame/flamegraph.pl" ] || { echo "profile_record: left out, FLAMEGRAPH names no checkout of brendangregg/FlameGraph"; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
perf record -q -o probe.data true >/dev/null 2>&1 || { echo "profile_record: left out, perf record is refused here"; exit 0; }

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
# Tables are kept from run to run, as people have them from their second run on; here between the runs of this bench alone.
export XDG_CACHE_HOME="$folder/cache"

give_up() { echo "profile_record: $*" >&2; exit 1; }
now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.4f\n", b - a }'; }
ended() { tail -n 1 "$TIMES"; }
processor_time() { awk 'NF == 2 { print $1 + $2 }' "$TIMES"; }
median() { sort -g "$1" | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }
ratios() { paste "$1" "$2" | awk '{ printf "%.6g\n", $1 / $2 }'; }
ratio() { ratios "$1" "$2" >ratios; median ratios; }
# NAME: a fact of the report that --json wrote. One that is no number, "not known" for instance, ends the bench.
fact() { jq -er --arg name "$1" '.facts[] | select(.name == $name) | .value | tostring | rtrimstr(" %") | tonumber' report.json || give_up "no number: $1"; }
total() { awk '{ sum += $NF } END { printf "%.0f\n", sum }' "$1"; } # of a file of folded stacks
must_agree() { # WHAT OURS PEERS: the same number
  [ "$2" = "$3" ] || give_up "$1: $2 by ours, $3 by the peer"
}
row() { # WHAT UNIT OURS PEER PEERS_VALUE RATIO FLOOR GOAL JUDGED [FIGURES OF PAIRS]
  printf '{"bench":"profile_record","what":"%s","unit":"%s","ours":%s,"peer":"%s","peer_value":%s,"ratio":%s,"floor":%s,"goal":%s,"judged":"%s","better":"%s","pairs":%s,"command":"FLAMEGRAPH=CHECKOUT bench/run profile_record"}\n' "${@:1:10}" "${11:-null}"
}
# The share of a file of folded stacks that begins where programs and threads begin. The frame there may have no name (a stripped program's
# _start), so the next one counts, too. The first word is the program's name.
complete() {
  awk '{ value = $NF; sub(/ [^ ]*$/, ""); split($0, frame, ";"); all += value
         for (i = 2; i <= 3; ++i) if (frame[i] ~ /^(_start|__libc_start_main|__libc_start_call_main|__?clone3?$|start_thread|_dl_start|ret_from_fork)/) { whole += value; next } }
       END { printf "%.3f\n", 100 * whole / all }' "$1"
}

version_of() { "$@" 2>/dev/null | head -n 1 | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1; }
printf '{"bench":"profile_record","peers":"perf %s, clang %s, go %s, FlameGraph %s"}\n' "$(version_of perf version)" \
  "$(version_of clang++-16 --version)" "$(version_of go version)" "$(git -C "$flame" rev-parse --short=12 HEAD)"

"$SIGNALBOX" profile --local -o warm -- ./work >/dev/null 2>&1
for _ in $(seq $RECORDINGS); do
  "$SIGNALBOX" profile --local --json -o ours -- ./work >report.json 2>/dev/null
  since "$(ended)" >>ours.stop
  stat -c %s ours.pb.gz >>ours.bytes
  samples=$(fact samples)
  sampled=$(fact 'processor time by samples')
  cpu=$(fact 'processor time by the kernel')
  taken=$(fact 'taken from the target')
  awk -v samples="$samples" -v cpu="$cpu" -v taken="$taken" 'BEGIN { print 1e4 * taken * cpu / samples }' >>ours.cost
  "$SIGNALBOX" profile report ours.pb.gz --format folded -o recorded.folded >/dev/null 2>&1
  complete recorded.folded >>ours.complete

  perf record -q --call-graph dwarf -F 999 -o perf.data -- ./work >/dev/null 2>&1
  stat -c %s perf.data >>perf.bytes
  perf script --no-inline -i perf.data >perf.txt 2>/dev/null
  "$flame/stackcollapse-perf.pl" perf.txt >perf.folded 2>/dev/null
  "$flame/flamegraph.pl" perf.folded >perf.svg 2>/dev/null
  since "$(ended)" >>perf.stop
  complete perf.folded >>perf.complete
  # Two runs of the same work: neither profiler may have seen less than nine tenths of what the other did.
  awk -v ours="$sampled" -v perf="$(total perf.folded)" 'BEGIN { share = ours * 1e9 / perf; exit !(share > 0.9 && share < 1 / 0.9) }' ||
    give_up "processor time by samples: $sampled s by ours, $(total perf.folded) ns by perf"
done
chain="perf record, script, stackcollapse-perf.pl, flamegraph.pl"
row "from the end of the work to SVG and pprof, 999 Hz" s "$(median ours.stop)" "$chain" "$(median perf.stop)" "$(ratio ours.stop perf.stop)" 0.1 null ratio lower
row "the same by the clock" s "$(median ours.stop)" "$chain" "$(median perf.stop)" "$(ratio ours.stop perf.stop)" null 0.15 ours lower
row "octets recorded" B "$(median ours.bytes)" "perf record --call-graph dwarf" "$(median perf.bytes)" "$(ratio ours.bytes perf.bytes)" 0.01 0.00833 ratio lower
row "stacks that begin where a program or a thread does" % "$(median ours.complete)" "perf script" "$(median perf.complete)" "$(ratio ours.complete perf.complete)" 98 99.5 ours higher
row "taken from the work, a sample" us "$(median ours.cost)" "" null null 25 8 ours lower

# The work alone, with us, and with perf: in turn and back, after one that counts for none. Processors are not equally fast at all times: a few
# per cent of difference in one pair are none.
alone() { ./work; processor_time >>bare; }
with_us() { "$SIGNALBOX" profile -o ours99 -- ./work >/dev/null 2>&1; processor_time >>with.ours; }
with_perf() { perf record -q --call-graph dwarf -F 99 -o perf99.data -- ./work >/dev/null 2>&1; processor_time >>with.perf; }
./work
for pair in $(seq $PAIRS); do
  if [ $((pair % 2)) = 1 ]; then alone; with_us; with_perf; else with_perf; with_us; alone; fi
done
more() { ratios "$1" bare | awk '{ printf "%.3f\n", 100 * ($1 - 1) }'; }
more with.ours >more.ours
more with.perf >more.perf
row "processor time that the work takes more, 99 Hz" % "$(median more.ours)" "perf record --call-graph dwarf" "$(median more.perf)" null 2 null ours lower "[$(paste -sd, more.ours)]"

# The same input through our readers and the scripts that people use.
svg_total() { grep -oE ' total="[0-9]+"' "$1" | head -n 1 | tr -dc 0-9; }
for _ in $(seq $RECORDINGS); do
  began=$(now); "$SIGNALBOX" profile report perf.txt --format folded -o ours.folded >/dev/null 2>&1; since "$began" >>ours.import
  began=$(now); "$flame/stackcollapse-perf.pl" perf.txt >perf.folded 2>/dev/null; since "$began" >>perf.import
  must_agree "total of the text of perf script" "$(total ours.folded)" "$(total perf.folded)"
  began=$(now); "$SIGNALBOX" profile report perf.folded --format flamegraph -o ours.svg >/dev/null 2>&1; since "$began" >>ours.draw
  began=$(now); "$flame/flamegraph.pl" perf.folded >perf.svg 2>/dev/null; since "$began" >>perf.draw
  must_agree "total of the flame graph" "$(svg_total ours.svg)" "$(total perf.folded)"
done
row "text of perf script to folded stacks" s "$(median ours.import)" stackcollapse-perf.pl "$(median perf.import)" "$(ratio ours.import perf.import)" null 0.0667 ratio lower
row "folded stacks to SVG" s "$(median ours.draw)" flamegraph.pl "$(median perf.draw)" "$(ratio ours.draw perf.draw)" null 0.02 ratio lower

# A million stacks, and the same with other counts.
awk 'BEGIN { for (i = 0; i < 1000000; ++i) printf "main;run%d;step%d;part%d;leaf%d %d\n", i % 10, i % 100, int(i / 100) % 100, int(i / 10000), 1 + i % 7 > "base.folded" }'
awk '{ $NF += NR % 3; print }' base.folded >new.folded
"$SIGNALBOX" profile report base.folded --format pprof -o base.pb.gz >/dev/null 2>&1
for _ in $(seq $RECORDINGS); do
  began=$(now); "$SIGNALBOX" profile diff base.folded new.folded --json >ours.json 2>/dev/null; since "$began" >>ours.diff
  began=$(now); "$flame/difffolded.pl" base.folded new.folded >perf.differences; since "$began" >>perf.diff
  must_agree "totals of the difference" "$(jq -r '.facts[] | select(.name == "base" or .name == "new") | .value' ours.json | tr -dc '0-9\n' | paste -sd' ')" \
    "$(awk '{ base += $(NF - 1); fresh += $NF } END { printf "%.0f %.0f\n", base, fresh }' perf.differences)"
  began=$(now); "$SIGNALBOX" profile report base.pb.gz --json >ours.json 2>/dev/null; since "$began" >>ours.top
  began=$(now); go tool pprof -top base.pb.gz >go.txt 2>/dev/null; since "$began" >>go.top
  must_agree "total of the pprof" "$(jq -r '.facts[] | select(.name | startswith("total ")) | .value' ours.json | tr -dc 0-9)" \
    "$(grep -oE 'of [0-9]+ total' go.txt | tr -dc 0-9)"
done
row "difference of two profiles of a million stacks" s "$(median ours.diff)" difffolded.pl "$(median perf.diff)" "$(ratio ours.diff perf.diff)" null 0.02 ratio lower
row "table of a pprof of a million stacks" s "$(median ours.top)" "go tool pprof -top" "$(median go.top)" "$(ratio ours.top go.top)" null 0.1 ratio lower
