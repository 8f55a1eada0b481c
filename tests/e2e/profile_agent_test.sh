#!/bin/sh
# `signalbox profile agent`: a profile each period, kept and sent; metrics; pause and resume; the governor; killed, it loses nothing that was
# written; a receiver that is away; processes that come and go.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/profiling.sh"
only_where_sampled
for tool in go cc jq curl; do command -v $tool >/dev/null || { echo "skipped: no $tool"; exit 77; }; done

mkdir "$folder/got"
cat >burner.c <<'END'
volatile double sink;
__attribute__((noinline)) void burn(void) { for (int i = 0; i < 1000000; ++i) sink += i; }
int main(void) { for (;;) burn(); }
END
name=burner_$$
cc -O2 -o "$name" burner.c
mkdir .signalbox # a workspace, where runs of commands are counted
"./$name" & burner=$!
pids="$pids $burner"

wait_for_or_end() { # as wait_for, of an agent that may not be allowed
  tries=$(($1 * 10))
  shift
  while ! "$@" >/dev/null 2>&1; do
    kill -0 "$agent" 2>/dev/null || return 1
    tries=$((tries - 1))
    [ $tries -gt 0 ] || fail "waited too long for: $*"
    sleep 0.1
  done
}
state() { # EXPRESSION: its value; fails where it is false, or no agent answers
  profile agent status --json >../status && jq -e ".data | $1" ../status
}
ring=.signalbox/profile/agent/ring
files() { find "$ring" -name '*.pb.gz' 2>/dev/null | wc -l; }
has_files() { [ "$(files)" -ge "$1" ]; }
begin() { # OPTIONS…: an agent in $agent
  "$SIGNALBOX" profile agent --every 1s --max-overhead 100% --listen 127.0.0.1:0 "$@" >agent.out 2>agent.err &
  agent=$!
  pids="$pids $agent"
}
end() { kill "$agent"; wait "$agent" || fail "the agent ended with $?: $(cat agent.err)"; }

# Nobody runs yet.
expect 3 profile agent status
says "no agent listens"
expect 2 profile agent
says "what is to be profiled"
expect 2 profile agent --pid 999999999 --no-listen
expect 2 profile agent --pid $burner --rate 1000
expect 2 profile agent --pid $burner --listen 0.0.0.0:7417
expect 2 profile agent --pid $burner --every 1ms
expect 2 profile agent --pid $burner --push http://127.0.0.1:1
expect 2 profile agent report
says "no profile since"

# A profile each period; what they say together is what the program does.
begin --pid $burner --rate 50
wait_for 120 has_files 3
wait_for 60 state '.state == "running" and .periods >= 3 and .samples > 0'
expect 0 profile agent report --since 10m
says " burn "
profile agent report --format pprof -o merged.pb.gz
go tool pprof -top merged.pb.gz 2>/dev/null | grep -q ' burn$' || fail "$(go tool pprof -top merged.pb.gz 2>&1)"
for file in "$ring"/*; do go tool pprof -raw "$file" >/dev/null 2>&1 || fail "$file is no profile"; done
[ "$(stat -c %a "$(find "$ring" -type f | head -1)")" = 600 ] || fail "others may read profiles"

# Metrics, as Prometheus' own parser reads them; not under another name, and nothing but reading.
port=$(sed -n 's/.*metrics on port \([0-9]*\).*/\1/p' agent.err)
curl -sf "http://127.0.0.1:$port/metrics" >metrics
if /usr/bin/python3 -c "import prometheus_client" 2>/dev/null; then
  /usr/bin/python3 - <<'END'
from prometheus_client.parser import text_string_to_metric_families
found = {sample.name: sample for family in text_string_to_metric_families(open("metrics").read()) for sample in family.samples}
assert found["signalbox_profile_samples_total"].labels == {"mode": "cpu"} and found["signalbox_profile_samples_total"].value > 0, found
for name in ("lost_total", "truncated_total", "symbol_cache_hits_total", "overhead_ratio", "bpf_ns_total", "agent_cpu_seconds_total", "agent_periods_total", "ring_bytes"):
    assert found["signalbox_profile_" + name].value >= 0, name
assert found["signalbox_profile_agent_running"].value == 1
assert found["signalbox_profile_symbol_cache_misses_total"].value > 0
END
fi
metric() { sed -n "s/^signalbox_profile_$1 //p" metrics; } # NAME{LABELS}
# Runs of commands: six agents that were refused and this one, a report of nothing and two.
[ "$(metric 'agent_workspace_runs_total{subcommand="agent"}')" = 7 ] || fail "$(cat metrics)"
[ "$(metric 'agent_workspace_runs_total{subcommand="agent report"}')" = 3 ] || fail "$(cat metrics)"
# What the program in the kernel has, beside what the kernel says of this agent.
if [ -n "$(metric unwind_rows)" ]; then
  [ "$(metric unwind_rows)" -gt 1000 ] || fail "libc alone has more: $(metric unwind_rows)"
  /usr/bin/python3 - "$agent" "$(metric map_bytes)" <<'END'
import pathlib, re, sys
maps = {}
for told in pathlib.Path(f"/proc/{sys.argv[1]}/fdinfo").iterdir():
    text = told.read_text()
    if number := re.search(r"^map_id:\s*(\d+)", text, re.M):
        maps[number[1]] = int(re.search(r"^memlock:\s*(\d+)", text, re.M)[1])
assert len(maps) > 5 and abs(sum(maps.values()) / float(sys.argv[2]) - 1) < 0.01, (maps, sys.argv[2])
END
else
  echo "left out: tables of the kernel, which walks no stacks here"
fi
[ "$(curl -s -o /dev/null -w '%{http_code}' -H 'Host: evil.example' "http://127.0.0.1:$port/metrics")" = 403 ] || fail "answers to any name"
[ "$(curl -s -o /dev/null -w '%{http_code}' -X POST "http://127.0.0.1:$port/metrics")" != 200 ] || fail "takes a POST"

# Who runs is not resumed: it goes on as it was.
expect 0 profile agent resume
says "The agent is running"
state '.state == "running"' >/dev/null || fail "$(cat ../status)"

# One at a time; paused it takes nothing, resumed it goes on.
expect 2 profile agent --pid $burner --no-listen
says "runs in this workspace already"
expect 0 profile agent pause
says "The agent is paused"
wait_for 60 state '.processes == 0'
before=$(state .samples)
sleep 2
[ "$(state .samples)" = "$before" ] || fail "samples while it is paused"
expect 0 profile agent resume
wait_for 60 state ".samples > $before"
# A signal while its sampling ends for something else is none that is forgotten.
expect 0 profile agent pause
kill "$agent"
wait_for 60 grep -q 'The agent ended' agent.out
wait "$agent" || fail "the agent ended with $?: $(cat agent.err)"
grep -q 'The agent ended' agent.out || fail "$(cat agent.out)"
expect 3 profile agent status

# Killed in the middle: what was written stays, whole; the next one begins in the same place.
for _ in 1 2 3; do
  before=$(files)
  begin --pid $burner --rate 50
  wait_for 120 has_files $((before + 2))
  kill -9 "$agent"
  wait "$agent" 2>/dev/null || :
  after=$(files)
  [ "$after" -ge $((before + 2)) ] || fail "$after files, $before before"
  for file in "$ring"/*.pb.gz; do go tool pprof -raw "$file" >/dev/null 2>&1 || fail "$file is no profile"; done
  kill -0 $burner || fail "the target ended with the agent"
done

# Sent each period; while the receiver is away they wait, and are sent first when it is back.
mkfifo ../input
python3 "$SIGNALBOX_SOURCE_DIR/tests/e2e/profile_receiver.py" "$folder/got" <../input >../port &
pids="$pids $!"
exec 9>../input
wait_for 60 test -s ../port
printf '503\n503\n' >"$folder/got/say"
find "$ring" -name '*.pb.gz' | sort >../before
begin --pid $burner --rate 50 --push "http://127.0.0.1:$(cat ../port)" --to pyroscope --app shop --label region=eu
wait_for 120 state '.uploads.away >= 2 and .uploads.sent >= 3 and .uploads.waiting <= 1'
end
# Every profile of it arrived: in order, each a profile of Go's tool; those that were refused for a while came again.
jq -er .path "$folder"/got/*.json >../paths || fail "no requests, or none with a path: $(ls "$folder/got")"
! grep -v 'name=shop%7Bregion%3Deu%7D' ../paths || fail "$(cat "$folder"/got/*.json)"
find "$ring" -name '*.pb.gz' | sort | comm -13 ../before - | xargs sha256sum | cut -c1-64 | sort >../kept
sha256sum "$folder"/got/*.body | cut -c1-64 | sort -u >../arrived
[ -s ../kept ] || fail "nothing was kept: $(ls "$ring")"
cmp -s ../kept ../arrived || fail "$(wc -l <../kept) profiles were kept, and $(wc -l <../arrived) arrived"
go tool pprof -top "$folder/got/3.body" 2>/dev/null | grep -q ' burn$' || fail "what was sent is no profile: $(ls "$folder/got")"
cmp -s "$folder/got/1.body" "$folder/got/3.body" || fail "the first was not sent first"

# Why stacks end early: code without a table, whose frame pointer is none.
if [ "$(uname -m)" = x86_64 ]; then
  cat >stray.c <<'END'
#include <string.h>
#include <sys/mman.h>
int main(void) {
  static const unsigned char code[] = {0x48, 0xc7, 0xc5, 1, 0, 0, 0, 0xeb, 0xfe}; /* mov $1, %rbp; here: jmp here */
  void *page = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memcpy(page, code, sizeof code);
  ((void (*)(void))page)();
}
END
  cc -O1 -o stray stray.c
  ./stray & stray=$!
  pids="$pids $stray"
  wait_for 60 is_called $stray stray
  begin --pid $stray --rate 50
  wait_for 120 state '.samples > 20'
  curl -sf "http://127.0.0.1:$(sed -n 's/.*metrics on port \([0-9]*\).*/\1/p' agent.err)/metrics" >metrics
  end
  kill $stray
  wait $stray 2>/dev/null || :
  told=$(metric 'truncated_total{reason="a frame that does not lie above"}')
  [ "$told" -ge $(($(metric 'samples_total{mode="cpu"}') * 9 / 10)) ] || fail "$(cat metrics)"
  [ "$(grep -c '^signalbox_profile_truncated_total{.*} 0$' metrics)" -ge 5 ] || fail "$(cat metrics)"
fi

# Chosen by name: it waits for them, and goes on with others when they are gone.
kill $burner
wait $burner 2>/dev/null || :
begin --name "^$name\$" --rate 50
wait_for 60 state '.state == "waiting"'
"./$name" & burner=$!
pids="$pids $burner"
wait_for 120 state '.state == "running" and .samples > 0'
kill $burner
wait $burner 2>/dev/null || :
wait_for 60 state '.state == "waiting"'
"./$name" & burner=$!
pids="$pids $burner"
wait_for 120 state '.sessions >= 2 and .state == "running"'
end

# One among them that may not be sampled keeps nobody from the others.
if has_nobody && nobody "$SIGNALBOX" profile doctor >/dev/null 2>&1; then
  chmod 755 "$name"
  mkdir -m 777 nobody && cd nobody
  in_background() { # FILE COMMAND…: as nobody, with its number in FILE; its output goes where ours does
    file=$1
    shift
    nobody sh -c 'echo $$ >"$1"; shift; exec "$@"' sh "$file" "$@" &
    wait_for 60 test -s "$file"
    pids="$pids $(cat "$file")"
  }
  in_background other "../$name"
  in_background agent "$SIGNALBOX" profile agent --every 1s --max-overhead 100% --no-listen --name "^$name\$" >agent.out 2>agent.err
  started=$!
  agent=$(cat agent)
  wait_for_or_end 120 state '.state == "running" and .samples > 0' || fail "$(cat agent.err)"
  grep -q '1 process left out' agent.err || fail "$(cat agent.err)"
  kill "$agent"
  wait "$started" || fail "the agent ended with $?: $(cat agent.err)"
  kill "$(cat other)"
  cd ..
else
  echo "left out: nobody cannot run this build, or may not sample"
fi

# With --pid it ends when its target does.
begin --pid $burner --rate 50
wait_for 120 state '.samples > 0'
kill $burner
wait $burner 2>/dev/null || :
wait "$agent" || fail "ended with $?: $(cat agent.err)"

# The whole machine, where that is allowed.
"./$name" & burner=$!
pids="$pids $burner"
"$SIGNALBOX" profile agent --system --every 1s --max-overhead 100% --no-listen >agent.out 2>agent.err &
agent=$!
pids="$pids $agent"
if wait_for_or_end 120 state '.samples > 20'; then
  end
  expect 0 profile agent report --since 1h --format folded
  case $out in *"$name"*burn*) ;; *) fail "$out" ;; esac
else
  echo "left out: --system: $(cat agent.err)"
fi
kill $burner
wait $burner 2>/dev/null || :

# Over its budget the rate is halved.
"./$name" & burner=$!
pids="$pids $burner"
"$SIGNALBOX" profile agent --every 1s --max-overhead 0.0001% --no-listen --pid $burner >agent.out 2>agent.err &
agent=$!
pids="$pids $agent"
wait_for 180 state '.rate_hz <= 5'
grep -q '5 Hz from now on' agent.err || fail "$(cat agent.err)"
end
