#!/bin/sh
# One load of a real PostgreSQL in the forms that others give its log: lines of syslog, split and mixed, Cloud SQL's and CloudNativePG's JSON, RDS' prefix.
# `log ingest` counts the same executions and times in each, and those that pgbadger counts; of logs that others kept too, where they are at hand.
set -eu
work=$(mktemp -d)
cleanup() {
  stop_postgres
  rm -rf "$work"
}
fail() { echo "FAIL: $*" >&2; exit 1; }
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/wait.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/postgres.sh"
trap cleanup EXIT
queries() { "$SIGNALBOX" queries "$@"; }
export HOME="$work"
cd "$work"

start_postgres
echo "log_line_prefix = '%m [%p]: [%l-1] db=%d,user=%u '" | $as tee -a "$work/server/data/postgresql.conf" >/dev/null
stop_postgres
start_postgres logging_collector=on log_destination=stderr,csvlog,jsonlog log_min_duration_statement=0 compute_query_id=off log_timezone=UTC
$programs/pgbench -i -q -s 1 >/dev/null 2>&1
$programs/pgbench -n -c 3 -t 200 -M simple >/dev/null 2>&1
psql -qc "select 'a''b
	c' as \"odd name\" -- a comment
where 1 = 1" >/dev/null
long=$(python3 -c 'print(", ".join(f"{i} as column_{i}" for i in range(400)))')
psql -qc "select $long" >/dev/null
psql -qc "select 1 / 0" >/dev/null 2>&1 || :
for kind in json csv log; do wait_for 60 grep -rq --include="*.$kind" "division by zero" "$work/server/data/log"; done
stop_postgres
for kind in json csv log; do cat "$work"/server/data/log/*.$kind >"$work/all.$kind"; done

# Each form is made of the server's own files, as those who write it do: elog.c's write_syslog for the first.
python3 - <<'END2'
import csv, json, random, re, sys
random.seed(7)
begins = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3}) UTC \[(\d+)\]: (.*)", re.S)
lines = open("all.log", newline="").read().split("\n")[:-1]
messages = []  # (time, pid, text with its parts)
for line in lines:
    found = begins.match(line)
    part = found and re.match(r"\[\d+-1\] db=[^ ]* (DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LOCATION):  ", found[4])
    if found and not part:
        messages.append([found[1], found[2], int(found[3]), re.sub(r"^\[\d+-1\] ", "", found[4])])
    else:
        messages[-1][3] += "\n" + (re.sub(r"^\[\d+-1\] ", "", found[4]) if found else line)
def chunks(text):
    while text:
        if text[0] == "\n":
            text = text[1:]
            continue
        size = min(len(text.split("\n", 1)[0]), 900)
        if size < len(text) and not text[size].isspace():
            back = size - 1
            while back > 0 and not text[back].isspace():
                back -= 1
            size = back if back > 0 else size
        yield text[:size]
        text = text[size:]
import datetime
queues, order = {}, []
for number, (day, time, pid, text) in enumerate(messages):
    stamp = datetime.date.fromisoformat(day).strftime("%b %d").replace(" 0", "  ") + " " + time[:8]
    for i, chunk in enumerate(chunks(text)):
        queues.setdefault(pid, []).append(f"{stamp} host postgres[{pid}]: [{number}-{i + 1}] " + chunk.replace("\t", "#011"))
        order.append(pid)
# Those of one process stay in their order; others come in between.
for i in range(len(order) - 1):
    if random.random() < 0.3:
        order[i], order[i + 1] = order[i + 1], order[i]
with open("syslog", "w") as out:
    for pid in order:
        out.write(queues[pid].pop(0) + "\n")
        if random.random() < 0.01:
            out.write("Nov 27 13:15:40 host sshd[12]: somebody came\n")
with open("cloudsql", "w") as out:
    for line in lines:
        found = begins.match(line)
        if found:
            stamp = f"{found[1]}T{found[2]}Z"
            line = f"[{found[3]}]: {found[4]}"
        out.write(json.dumps({"insertId": "s=1", "resource": {"labels": {"region": "a"}}, "severity": "INFO", "textPayload": line, "timestamp": stamp}, separators=(",", ":")) + "\n")
columns = "log_time,user_name,database_name,process_id,connection_from,session_id,session_line_num,command_tag,session_start_time,virtual_transaction_id,transaction_id,error_severity,sql_state_code,message,detail,hint,internal_query,internal_query_pos,context,query,query_pos,location,application_name,backend_type,leader_pid,query_id".split(",")
csv.field_size_limit(1 << 30)
with open("cnpg", "w") as out:
    for row in csv.reader(open("all.csv", newline="")):
        record = {name: value for name, value in zip(columns, row) if value}
        out.write(json.dumps({"level": "info", "ts": 1.5, "logger": "postgres", "msg": "record", "logging_pod": "a-1", "record": record}, separators=(",", ":"), ensure_ascii=False) + "\n")
        if random.random() < 0.01:
            out.write('{"level":"info","ts":1.5,"msg":"Readiness probe failing","err":"not yet"}\n')
with open("rds", "w") as out:
    for day, time, pid, text in messages:
        database, user, rest = re.match(r"db=([^,]*),user=([^ ]*) (.*)", text, re.S).groups()
        head = f"{day} {time[:8]} UTC:127.0.0.1(5):{user}@{database}:[{pid}]:"
        out.write(head + re.sub(r"\ndb=[^,\n]*,user=[^ \n]* ", "\n" + head, rest) + "\n")
END2
rows() { jq -c '[.data.rows[] | {fingerprint, calls, total: (.total_ms * 1000 | round)}] | sort_by(.fingerprint)' "$1"; }
queries log ingest all.json --json -n 1000 >json.result
rows json.result >json.rows
executions=$(jq .data.executions json.result)
[ "$executions" -gt 4000 ] || fail "$executions executions were logged"
for form in syslog cloudsql cnpg rds; do
  queries log ingest $form --json -n 1000 >$form.result || fail "$form: $?"
  wanted=$form
  [ $form != rds ] || wanted=stderr
  jq -e --arg wanted $wanted '.data.files[0] | .format == $wanted and .rejected == 0' $form.result >/dev/null || fail "$form: $(jq -c .data.files $form.result)"
  rows $form.result >$form.rows
  cmp json.rows $form.rows || fail "$form tells of other executions"
  [ "$(jq .data.errors $form.result)" = "$(jq .data.errors json.result)" ] || fail "$form: $(jq .data.errors $form.result) errors"
  queries log ingest $form -j 3 --json -n 1000 | jq -S .data >three
  jq -S .data $form.result | cmp - three || fail "$form: three threads read another log than one"
  queries log ingest $form --log-format $form --json -n 1000 | rows /dev/stdin | cmp - json.rows || fail "$form: with its name it is another log"
done
if command -v pgbadger >/dev/null; then
  theirs() { pgbadger -q --pid-dir "$work" -j 1 "$@" -x json -o pgbadger.json >/dev/null 2>&1 && jq .overall_stat.queries_number pgbadger.json; }
  count=$(theirs -f jsonlog cloudsql)
  [ "$count" = "$executions" ] || fail "cloudsql: pgbadger counts $count, we count $executions"
  count=$(theirs -f rds rds)
  [ "$count" = "$executions" ] || fail "rds: pgbadger counts $count, we count $executions"
  # Logs that others kept.
  kept=${SIGNALBOX_CORPUS:-$SIGNALBOX_SOURCE_DIR/../shared/corpus}/queries/pgbadger
  if [ -d "$kept" ]; then
    same() {
      file=$1
      shift
      ours=$(queries log ingest "$kept/$file" --json | jq -c '[.data.executions, (.data.total_ms * 1000 | round), .data.files[0].rejected]')
      theirs "$@" "$kept/$file" >/dev/null
      wanted=$(jq -c '[.normalyzed_info[][]] | [(map(.count) | add), (map(.duration) | add * 1000 | round), 0]' pgbadger.json)
      [ "$ours" = "$wanted" ] || fail "$file: pgbadger tells $wanted, we tell $ours"
    }
    same pg-syslog.1.bz2 -f syslog -p 'db=%d,user=%u,app=%a,client=%h '
    same pg-syslog.2.gz -f syslog -p 'db=%d,user=%u,app=%a,client=%h '
    count=$(theirs -f rds "$kept/rds.log.bz2")
    [ "$count" = "$(queries log ingest "$kept/rds.log.bz2" --json | jq .data.executions)" ] || fail "rds.log: pgbadger counts $count"
    # pgbadger 12.0 reads no record of this one: counted by jq.
    wanted=$(gzip -dc "$kept/cnpg.log.gz" | jq -s '[.[].record | select(. != null)] | [length, (map(select(.message | startswith("duration: "))) | length)]' -c)
    ours=$(queries log ingest "$kept/cnpg.log.gz" --json | jq -c '[.data.files[0].records, .data.executions]')
    [ "$ours" = "$wanted" ] || fail "cnpg.log: it has $wanted, we tell $ours"
    # No executions are in this one: each entry of the server is a record or a line of one.
    wanted=$(gzip -dc "$kept/cloudsql.log.gz" | jq -s '[.[].textPayload | select(test("^\\[[0-9]+\\]: .* (LOG|ERROR|FATAL|WARNING):  "))] | length')
    ours=$(queries log ingest "$kept/cloudsql.log.gz" --json | jq .data.files[0].records)
    [ "$ours" = "$wanted" ] || fail "cloudsql.log: it has $wanted, we tell $ours"
  else
    echo "no logs of others at hand: left out"
  fi
else
  echo "no pgbadger: not compared with"
fi
echo "each form is the same log"
