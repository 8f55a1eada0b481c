#!/bin/bash
# What an agent costs beside a thread that computes, at its usual 10 Hz: its own processor time and memory as the kernel tells them, from its
# first period on, and what its start takes. What its program in the kernel takes is in the rows of profile_record.
set -euo pipefail
export LC_ALL=C
SECONDS_MEASURED=40
folder=$(mktemp -d)
pids=
trap 'for pid in $pids; do kill "$pid" 2>/dev/null || :; done; wait; rm -rf "$folder"' EXIT
cd "$folder"
command -v cc >/dev/null 2>&1 || { echo "profile_agent: left out, cc is not installed"; exit 0; }
give_up() { echo "profile_agent: $*" >&2; exit 1; }

cat >busy.c <<'END'
volatile double sink;
__attribute__((noinline)) void work(void) { for (int i = 0; i < 1000000; ++i) sink += i; }
int main(void) { for (;;) work(); }
END
cc -O2 -o busy busy.c
./busy &
busy=$!
pids=$busy
"$SIGNALBOX" profile --pid $busy --duration 1s -o probe >probe.out 2>&1 || { echo "profile_agent: left out, this machine does not let programs be sampled"; exit 0; }

# The front door becomes the agent: its process is the one that was started.
"$SIGNALBOX" profile agent --pid $busy --no-listen >agent.out 2>&1 &
agent=$!
pids="$pids $agent"
processor_s() { # of a process: user and system time are the 14th and 15th field
  awk -v ticks="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); split($0, field, " "); printf "%.2f\n", (field[12] + field[13]) / ticks }' "/proc/$1/stat"
}
periods() { find .signalbox/profile/agent/ring -name '*.pb.gz' 2>/dev/null | wc -l; }
for _ in $(seq 600); do
  [ "$(periods)" = 0 ] || break
  kill -0 $agent 2>/dev/null || give_up "the agent ended: $(cat agent.out)"
  sleep 0.1
done
[ "$(periods)" -gt 0 ] || give_up "no period within a minute"
start=$(processor_s $agent)
began=$(date +%s.%N)
sleep $SECONDS_MEASURED
share=$(awk -v a="$start" -v b="$(processor_s $agent)" -v began="$began" -v now="$(date +%s.%N)" 'BEGIN { printf "%.4f\n", 100 * (b - a) / (now - began) }')
memory=$(awk '$1 == "VmHWM:" { printf "%.1f\n", $2 * 1024 / 1e6 }' /proc/$agent/status)
[ "$(periods)" -ge 4 ] || give_up "only $(periods) periods in $SECONDS_MEASURED s"
row() { # WHAT UNIT OURS GOAL
  printf '{"bench":"profile_agent","what":"%s","unit":"%s","ours":%s,"peer":"","peer_value":null,"ratio":null,"floor":null,"goal":%s,"judged":"ours","better":"lower","command":"bench/run profile_agent"}\n' "$@"
}
row "processor time of the agent over $SECONDS_MEASURED s, of one processor" % "$share" 0.1
row "its memory, the most" MB "$memory" 64
row "its processor time from its start to the end of its first period" s "$start" null
