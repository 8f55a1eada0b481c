#!/bin/sh
# Samples by instruction and the source lines beside them: of what perf recorded, each number as `perf annotate` has it; of a recording of ours.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/profiling.sh"

unset DEBUGINFOD_URLS 2>/dev/null || :
export PERF_CONFIG=/dev/null HOME="$folder"
for tool in objdump jq gcc python3; do command -v $tool >/dev/null || { echo "skipped: no $tool"; exit 77; }; done
git init -q .

cat >shop.c <<'END_OF_SOURCE'
#include <stdio.h>
#include <time.h>
static inline double taxed(double price) { return price / 1.19 + (price > 100 ? 5 : 0); }
__attribute__((noinline)) double total(const double *prices, int n) {
  double sum = 0;
  for (int i = 0; i < n; i++)
    sum += taxed(prices[i]);
  return sum;
}
int main(void) {
  double prices[1000], all = 0;
  struct timespec t;
  do {
    for (int i = 0; i < 1000; i++) prices[i] = all + i;
    for (int i = 0; i < 100; i++) all += total(prices, 1000) * 1e-9;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  } while ((double)t.tv_sec + 1e-9 * (double)t.tv_nsec < 0.6);
  printf("%f\n", all);
}
END_OF_SOURCE
gcc -O2 -g -Wl,--build-id -o shop shop.c

# The same recording, read by perf and by us: as many samples at each instruction.
if perf record -q -e cpu-clock -F 999 -g -o perf.data ./shop >/dev/null 2>&1 && perf annotate --stdio -n -i perf.data -s total >annotated 2>/dev/null; then
  profile report perf.data --asm total --value samples --json >ours.json 2>said || fail "$(cat said)"
  jq -r '.data.parts[0].instructions[] | "\(.address[2:]) \(.self)"' ours.json | sort >ours
  # "     328 :   1329:   andpd  %xmm4,%xmm1"
  sed -n 's/^ *\([0-9][0-9]*\) : *\([0-9a-f][0-9a-f]*\):.*/\2 \1/p' annotated | sort >theirs
  [ "$(awk '{ n += $2 } END { print n }' theirs)" -gt 50 ] || fail "perf annotate tells too few samples: $(cat annotated)"
  cmp ours theirs || fail "other numbers than perf annotate's: $(diff ours theirs)"
else
  echo "left out: perf annotate, which may not sample here or is not there"
fi

only_where_sampled
expect 0 profile --rate 499 -o p.pb.gz -- ./shop
expect 0 profile report p.pb.gz --asm total
says "shop.c:7  sum += taxed(prices[i]);"
says "shop.c:3 (taxed)  static inline double taxed"
says "<total+0x"
says "by itself"
expect 0 profile report p.pb.gz --asm '^tot' --intel
says " xmm"
never_says "%xmm"
profile report p.pb.gz --asm total --json 2>said | jq .data >told.json || fail "$(cat said)"
# What costs is the loop: division and what waits for it, lines 3, 6 and 7.
jq -e '[.parts[0].instructions[] | select(.line == 3 or .line == 6 or .line == 7) | .self] | add > 0' told.json >/dev/null || fail "$(cat told.json)"
jq -e '([.parts[].instructions[].self] | add) == .whole.self' told.json >/dev/null || fail "instructions do not add up: $(jq .whole told.json)"
# The function's own, as the table of functions has it, and what was inlined into it.
profile report p.pb.gz --json >table.json
jq -e --slurpfile table table.json '.whole.self == ([$table[0].data.rows[] | select(.function == "total" or .function == "taxed") | .self.cpu] | add)' told.json >/dev/null ||
  fail "$(jq -c .whole told.json) $(jq -c .data.rows table.json)"
if python3 -c 'import jsonschema' 2>/dev/null; then
  python3 - "$SIGNALBOX_SOURCE_DIR/docs/schemas/profile-assembly-v1.json" told.json <<'END_OF_CHECK'
import json, jsonschema, sys
jsonschema.Draft202012Validator(json.load(open(sys.argv[1]))).validate(json.load(open(sys.argv[2])))
END_OF_CHECK
fi

expect 2 profile report p.pb.gz --asm taxed
says "inlined wherever it ran"
says "those of: total"
expect 2 profile report p.pb.gz --asm nobody
says "--asm: no function is called"
expect 2 profile report p.pb.gz --asm total --source total
expect 2 profile report p.pb.gz --intel
expect 2 profile report p.pb.gz --asm total -o x.svg

# The program as it is now is another one: nothing of it is told as if it were measured.
gcc -O1 -g -Wl,--build-id -o shop shop.c
expect 0 profile report p.pb.gz --asm total
says "is another build now"
never_says "<total+0x"
