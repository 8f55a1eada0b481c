#!/bin/bash
# Logs of a real PostgreSQL 15 under pgbench, in the three formats at once, beside pgBadger: (1) statements and their durations alone, without
# queryids, so that each text is normalised to be recognised, and whose counts must be pgBadger's; (2) auto_explain's plan of every execution,
# with queryids. pgBadger reads one such log (tens of megabytes would take it minutes); ours reads it too, where counts are compared, and then
# the same log again and again to BIG octets, with its times moved on, where its rate is taken. Processor time is of the whole process, user
# and system. All of the work is done: times, pairing, fingerprints, quantiles, and what was found is written to a store.
set -euo pipefail
export LC_ALL=C
BIG=${BIG:-220000000}        # octets of a log that ours reads
LONG=${LONG:-1000000000}     # and of the one that shows what memory it takes
for program in pgbadger jq python3 /usr/lib/postgresql/15/bin/pgbench; do
  command -v $program >/dev/null 2>&1 || { echo "queries_log: left out, $program is not installed"; exit 0; }
done
work=$(mktemp -d)
fail() { echo "queries_log: $*" >&2; exit 1; }
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/postgres.sh"
trap 'stop_postgres; rm -rf "$work"' EXIT
cd "$work"
export HOME="$work"

# COMMAND…: runs it, and leaves its processor seconds, seconds by the clock and peak megabytes in `measured`.
measure() {
  python3 - "$@" <<'PYTHON' >measured || fail "exit code of: $*: $(tail -c 400 said)"
import os, subprocess, sys, time
began = time.monotonic()
child = subprocess.Popen(sys.argv[1:], stdout=open("said", "wb"), stderr=subprocess.STDOUT)
_, status, usage = os.wait4(child.pid, 0)
print(usage.ru_utime + usage.ru_stime, time.monotonic() - began, usage.ru_maxrss / 1024)
sys.exit(os.waitstatus_to_exitcode(status) != 0)
PYTHON
}
# FILE INDEX: megabytes a second, by the figure of `measured` of that number.
rate() { awk -v octets="$(stat -c %s "$1")" -v at="$2" '{ printf "%.6g\n", octets / 1e6 / $at }' measured; }
# FROM TO: the log again and again, each time as much later as it is long, to BIG octets.
repeat() {
  python3 - "$1" "$2" "$BIG" <<'PYTHON'
import datetime, re, sys
octets = open(sys.argv[1], "rb").read()
shape = re.compile(rb'^(\{"timestamp":"|)(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)', re.M)
read = lambda text: datetime.datetime.fromisoformat(text.decode())
times = [match.group(2) for match in shape.finditer(octets)]
span = read(max(times)) - read(min(times)) + datetime.timedelta(seconds=1)
copies = -(-int(sys.argv[3]) // len(octets))
with open(sys.argv[2], "wb") as out:
    for copy in range(copies):
        moved = {time: (read(time) + copy * span).isoformat(" ").encode() for time in set(times)}
        out.write(shape.sub(lambda match: match.group(1) + moved[match.group(2)], octets))
print(copies)
PYTHON
}
row() { # WHAT UNIT OURS PEER PEERS_VALUE RATIO FLOOR GOAL JUDGED BETTER
  printf '{"bench":"queries_log","what":"%s","unit":"%s","ours":%s,"peer":"%s","peer_value":%s,"ratio":%s,"floor":%s,"goal":%s,"judged":"%s","better":"%s","command":"bench/run queries_log"}\n' "$@"
}
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.6g\n", a / b }'; }
log_of() { case $1 in jsonlog) echo json ;; csvlog) echo csv ;; stderr) echo log ;; esac; }

prefix='%m [%p] %u@%d '
ids_prefix='%m [%p] %u@%d %Q '
# KIND TRANSACTIONS SETTING…: KIND.json, KIND.csv, KIND.log of one load; TRANSACTIONS of each of two clients.
load() {
  kind=$1 transactions=$2
  shift 2
  start_postgres
  pgbench() { $programs/pgbench "$@" >/dev/null 2>&1 || fail "pgbench $*"; }
  pgbench -i -q -s 5
  stop_postgres
  rm -rf server/data/log
  start_postgres logging_collector=on log_destination=stderr,csvlog,jsonlog log_min_duration_statement=0 log_rotation_size=0 "$@"
  pgbench -n -c 2 -t "$transactions" -M simple
  sleep 1 # the collector of messages writes what it was sent
  stop_postgres
  for ending in json csv log; do cat server/data/log/*.$ending >"$kind.$ending"; done
}
mkdir -p server
[ -z "$as" ] || { chmod 755 "$work"; chown postgres:postgres server; }
(cd server && $as $programs/initdb --no-sync --auth=trust --username=postgres -D data >/dev/null)
settings() { printf '%s\n' "$@" | $as tee server/data/conf.d/bench.conf >/dev/null; }
$as mkdir server/data/conf.d
echo "include_dir = 'conf.d'" | $as tee -a server/data/postgresql.conf >/dev/null
settings "log_line_prefix = '$prefix'"
load statements 3000 compute_query_id=off
settings "log_line_prefix = '$ids_prefix'" "shared_preload_libraries = 'auto_explain'"
load plans 700 compute_query_id=on auto_explain.log_min_duration=0 auto_explain.log_format=json auto_explain.log_analyze=on auto_explain.log_buffers=on

printf '{"bench":"queries_log","peers":"%s, PostgreSQL %s"}\n' "$(pgbadger --version | sed 's/ version//')" \
  "$($programs/postgres --version | grep -oE '[0-9]+\.[0-9]+' | head -n 1)"
ingest() { measure "$SIGNALBOX" queries log ingest "$1" -j "${2:-1}" --json -n 100000 --keep "bench" --store "sqlite:$work/kept.db" && rm -f "$work"/kept.db*; }
for kind in statements plans; do
  [ $kind = plans ] && used_prefix=$ids_prefix || used_prefix=$prefix
  for format in jsonlog stderr csvlog; do
    small=$kind.$(log_of $format) big=big.$(log_of $format)
    measure pgbadger -q --pid-dir "$work" -j 1 -f "${format/csvlog/csv}" -p "$used_prefix" -x json -o peer.json "$small"
    theirs=$(rate "$small" 1)
    ingest "$small"
    executions=$(jq .data.executions said)
    [ "$(jq '.data.files[0].rejected' said)" = 0 ] || fail "$small: lines were rejected"
    if [ $kind = statements ]; then
      [ "$(jq .overall_stat.queries_number peer.json)" = "$executions" ] ||
        fail "$small: $(jq .overall_stat.queries_number peer.json) executions by pgbadger, $executions by ours"
    fi
    copies=$(repeat "$small" "$big")
    ingest "$big"
    [ "$(jq .data.executions said)" = $((copies * executions)) ] || fail "$big: $(jq .data.executions said) executions, not $copies times $executions"
    ours=$(rate "$big" 1)
    alone=$(awk '{ print $2 }' measured)
    case $format in jsonlog) bounds=(80 400) ;; stderr) bounds=(50 250) ;; csvlog) bounds=(100 400) ;; esac
    [ $kind = plans ] && what="with plans" || what="statements alone, without queryids"
    row "$format, $what, a core" MB/s "$ours" "pgbadger -j 1" "$theirs" "$(ratio "$ours" "$theirs")" "${bounds[@]}" ratio higher
    if [ "$(nproc)" -ge 2 ] && [ $format = jsonlog ]; then
      ingest "$big" 2
      [ "$(jq .data.executions said)" = $((copies * executions)) ] || fail "$big: other counts by two threads"
      both=$(awk '{ print $2 }' measured)
      row "$format, $what, two threads by the clock" s "$both" "one thread" "$alone" "$(ratio "$both" "$alone")" null 0.556 ratio lower
    fi
    if [ $kind = plans ] && [ $format = stderr ]; then
      ingest "$big"
      short=$(awk '{ print $3 }' measured)
      : >long.log
      while [ "$(stat -c %s long.log)" -lt "$LONG" ]; do cat "$big" >>long.log; done
      ingest long.log
      row "peak memory, a log of $((LONG / 1000000)) MB, one thread" MB "$(awk '{ print $3 }' measured)" "of $((BIG / 1000000)) MB" "$short" "$(awk -v b="$short" '{ print $3 / b }' measured)" 200 200 ours lower
      rm long.log
    fi
    rm -f "$big"
  done
done
