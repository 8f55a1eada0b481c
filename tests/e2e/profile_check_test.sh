#!/bin/sh
# `signalbox profile report`, `diff` and `check` on the built program: folded stacks with known truth, exit codes, budgets, evidence that a
# condition reads; and real recordings of a program of which one function got slower.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/profiling.sh"

stacks() { # PARSE PRINT FILE
  printf 'shop;main;parse %d\nshop;main;print %d\n' "$1" "$2" >"$3"
}
for n in 1 2 3; do
  stacks $((300 + n)) $((700 - n)) base$n.folded
  stacks $((302 - n)) $((698 + n)) same$n.folded
  stacks $((390 + n)) $((700 - n)) slow$n.folded
done

expect 0 profile report base1.folded
says "print"
expect 0 profile report base1.folded --focus parse --json
says '"samples": 301'
expect 0 profile report base1.folded -o base1.pb.gz
expect 0 profile report base1.pb.gz --format folded
says "parse 301"
expect 2 profile report base1.folded --focus '('
says "no regular expression"
expect 2 profile report absent.folded
expect 0 profile diff base1.folded slow1.folded --format md
says "parse"
expect 0 profile diff base1.folded slow1.folded -o diff.svg
grep -q '<svg' diff.svg || fail "no picture"

expect 0 profile check --work 10 base1.folded base2.folded base3.folded -- same1.folded same2.folded same3.folded
says "no regression"
expect 1 profile check --work 10 base1.folded base2.folded base3.folded -- slow1.folded slow2.folded slow3.folded
says "parse: self cost +"
expect 0 profile check --fail-on never --work 10 base1.folded base2.folded base3.folded -- slow1.folded slow2.folded slow3.folded
expect 2 profile check base1.folded -- absent.folded
expect 2 profile check base1.folded
printf 'profile:\n  budgets:\n    functions:\n      parse: {max_share: 10 %%}\n' >signalbox.yaml
expect 1 profile check base1.folded same1.folded
says "over budget"
printf 'profile:\n  budgets:\n    function: {}\n' >signalbox.yaml
expect 2 profile check base1.folded same1.folded
says "signalbox.yaml:3:5"
rm signalbox.yaml

expect 1 profile check --record --work 10 base1.folded base2.folded base3.folded -- slow1.folded slow2.folded slow3.folded
expect 0 "$SIGNALBOX" evidence query --type profile/regression/v1 --jq 'eq(.predicate.check.verdict; "regressed") and (arr(.predicate.check.regressions) | any(eq(.function; "parse")))'
says "1 entry"

if ! profile doctor >doctor 2>&1 || ! command -v cc >/dev/null; then
  echo "left out: real recordings, which this machine does not let programs take"
  exit 0
fi
cat >work.c <<'END'
volatile double sink;
#define BURN(name) __attribute__((noinline)) void name(long n) { for (long i = 0; i < n; ++i) sink += (double)i; }
BURN(parse)
BURN(print)
int main(void) { for (int i = 0; i < 50; ++i) { parse(PARSE); print(2000000); } return 0; }
END
mkdir before after
cc -O1 -g -DPARSE=1000000L -o before/work work.c
cc -O1 -g -DPARSE=1500000L -o after/work work.c
for n in 1 2 3; do
  expect 0 profile -o real_base$n.pb.gz --rate 999 before/work
  expect 0 profile -o real_slow$n.pb.gz --rate 999 after/work
done
expect 1 profile check --work 50 real_base1.pb.gz real_base2.pb.gz real_base3.pb.gz -- real_slow1.pb.gz real_slow2.pb.gz real_slow3.pb.gz
says "regressed: parse (work): self cost +"
expect 0 profile diff real_base1.pb.gz real_slow1.pb.gz --work 50
says "parse"
