#!/bin/sh
# `signalbox profile --max-overhead` and `--production`: the rate is halved where profiling costs too much, and what is sampled then stands for
# as much processor time as the kernel says; the rates that production allows.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/profiling.sh"

expect 2 profile --production --rate 6 -- true
says "with --production 1 to 5"
expect 2 profile --production --rate 0 -- true
expect 2 profile --production --local -- true
for wrong in 0 -1% 101 much 2%%; do
  expect 2 profile --max-overhead "$wrong" -- true
  says "is no share"
done

rest_where_sampled "what costs too much"

# Two shells that compute, for longer than two windows above the limit take.
sh -c 'while :; do :; done' & one=$!
sh -c 'while :; do :; done' & two=$!
pids="$pids $one $two"
for how in auto dwarf; do
  expect 0 profile --rate 1999 --max-overhead 0.0001% --unwind $how -o governed --format folded --pid $one,$two --duration 8s
  says "999.5 samples a second from there on"
  says "a lower --rate"
  agrees 0.85 1.15
done
# A limit that is never met changes nothing.
expect 0 profile --rate 99 --max-overhead 100 -o free --format folded --pid $one,$two --duration 8s
never_says "from there on"
agrees 0.85 1.15

expect 0 profile --production -o production --format pprof --pid $one --duration 3s
if command -v go >/dev/null; then
  go tool pprof -raw production.pb.gz 2>/dev/null | grep -q 'Period: 250000000' || fail "not at 4 Hz"
fi
