#!/bin/sh
# `signalbox profile --name`, `--cgroup` and `--system` on real processes: all that match and no other, children, those that are idle, names and groups
# that there are not.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/profiling.sh"

# Names and groups that there are not need nobody's permission.
expect 2 profile --name 'sb-no-such-name-[0-9]' --short
says "no process has such a name"
expect 2 profile --name '(' --short
says "no regular expression"
expect 2 profile --cgroup /sb-no-such-group --short
says "no such control group"
expect 2 profile --name sh -- true
says "both a program and processes"
expect 2 profile --system --pid 1
says "both the whole machine and some of its processes"

rest_where_sampled "processes that run"

# Shells of names of their own: two that are busy, one that has a busy child, one that is neither.
for name in busy-one busy-two parent outside other; do cp "$(command -v dash || command -v sh)" sbx-$name; done
loop='while :; do :; done'
./sbx-busy-one -c "$loop" & pids="$pids $!"
./sbx-busy-two -c "$loop" & pids="$pids $!"
./sbx-other -c "$loop" & pids="$pids $!"

expect 0 profile --name '^sbx-busy-' --duration 2s -o named --format folded
grep -q '^sbx-busy-one;' named.folded || fail "the first is not there: $(head -3 named.folded)"
grep -q '^sbx-busy-two;' named.folded || fail "the second is not there: $(head -3 named.folded)"
! grep -q '^sbx-other;' named.folded || fail "one that was not asked for is there"
! grep -q '^signalbox' named.folded || fail "the profiler is there"
expect 2 profile --name 'sbx-busy-tow' --duration 1s
says "did you mean \`sbx-busy-two\`?"

# By what stands in the command line; an idle one is said to be idle, and no file is written.
sleep 7654.25 & pids="$pids $!"
wait_for 60 is_called $! sleep
expect 1 profile --name '7654\.25' --duration 1s -o idle
says "idle"
[ ! -e idle.svg ] && [ ! -e idle.pb.gz ] || fail "an empty recording was written"

# The whole machine, where that is allowed: all that is busy, nothing that is idle, and as much time as the
# kernel says.
if [ "$(id -u)" = 0 ] || [ "$(cat /proc/sys/kernel/perf_event_paranoid)" -le 0 ]; then
  expect 0 profile --system --duration 2s -o system --format folded --rate 199
  says "this machine"
  for name in sbx-busy-one sbx-busy-two sbx-other; do grep -q "^$name;" system.folded || fail "$name is not there: $(cut -d';' -f1 system.folded | sort | uniq -c)"; done
  ! grep -q '^swapper' system.folded || fail "idle processors are there"
  agrees 0.8 1.25
  expect 0 "$SIGNALBOX" profile top --system --count 1 --interval 500ms
  says "this machine"
else
  expect 3 profile --system --short -o system
  says "perf_event_paranoid=0"
fi
if has_nobody; then
  mkdir -m 777 nobody
  if [ "$(cat /proc/sys/kernel/perf_event_paranoid)" -ge 1 ]; then
    expect 3 nobody "$SIGNALBOX" profile --system --short -o nobody/system
    says "perf_event_paranoid=0"
    [ -z "$(ls nobody)" ] || fail "a file was written"
  fi
fi

# Programs that live for less than the time between two samples: it is said what samples do not tell of, or, where there is not one, why.
code=0
profile -o short --format folded -- sh -c 'n=0; while [ $n -lt 3000 ]; do /bin/true; n=$((n + 1)); done' >said 2>&1 || code=$?
grep -q 'profile --system while it runs' said || fail "what is not told of is not said: $code, $(cat said)"

# A control group, where groups can be made here.
for root in /sys/fs/cgroup/unified /sys/fs/cgroup; do
  [ -e $root/cgroup.procs ] || continue
  group=$root/signalbox-test-$$
  mkdir "$group" 2>/dev/null || continue
  inside=
  below=
  leave() {
    for pid in $inside $below $(cat child 2>/dev/null); do kill "$pid" 2>/dev/null || :; done
    for pid in $inside $below; do wait "$pid" 2>/dev/null || :; done
    rmdir "$group/below" "$group" 2>/dev/null || :
    cleanup
  }
  trap leave EXIT
  mkdir "$group/below"
  ./sbx-busy-one -c "$loop" & inside=$!
  # The one below has a child from before, which stays in the group that the test runs in.
  ./sbx-parent -c "./sbx-outside -c '$loop' & echo \$! >child; $loop" & below=$!
  wait_for 60 test -s child
  wait_for 60 is_called "$(cat child)" sbx-outside
  expect 2 profile --cgroup "$group" --duration 1s
  says "nobody is in it"
  echo $inside >"$group/cgroup.procs"
  echo $below >"$group/below/cgroup.procs"
  expect 0 profile --cgroup "/signalbox-test-$$" --duration 2s -o group --format folded
  grep -q '^sbx-busy-one;' group.folded || fail "the group's process is not there: $(head -3 group.folded)"
  grep -q '^sbx-parent;' group.folded || fail "the one below is not there: $(head -3 group.folded)"
  ! grep -q '^sbx-other;' group.folded || fail "one of another group is there"
  ! grep -q '^sbx-outside;' group.folded || fail "a child that stands in another group is there"
  [ "$(profile --cgroup "$group/below" --duration 1s -o below --format folded --json | grep -c '"verdict"')" -ge 1 ]
  ! grep -q '^sbx-busy-one;' below.folded || fail "the group above is there"
  echo "groups were tried"
  exit 0
done
echo "left out: control groups, which cannot be made here"
