#!/bin/sh
# Freezes on the command line and over HTTP: listed, added, tested, enforced by check and depart; bad input is never "not frozen".
# The calendar of releases as other programs read it: moved, cancelled, planned; alarms of milestones; a departure by the cadence.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/scratch.sh"
mkdir "$folder/x" && cd "$folder/x"

. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"
train() { "$SIGNALBOX" train "$@"; }
release() { # TAG
  git add -A
  git commit -q --allow-empty -m "feat: $1"
  git tag "$1"
}

git init -q -b main .
printf 'name: shop # ours\ntrain:\n  changelog: false\n  gates: []\n  rubric: []\n' >signalbox.yaml
release v1.0.0

# Added to the configuration; it judges once released.
expect 0 train freeze list
says "there is none"
expect 0 train freeze add "year's end" --start 2026-12-19T00:00:00Z --end 2027-01-04T00:00:00Z --reason "nobody is there" --env production
says "it judges from the release on"
expect 2 train freeze add "year's end" --start 2026-12-19T00:00:00Z --end 2027-01-04T00:00:00Z
says "already"
expect 0 train freeze add weekends --start "0 18 * * 5" --end "0 8 * * 1" --timezone Europe/Berlin
expect 0 train freeze add close --rrule "FREQ=MONTHLY;BYDAY=-1FR" --from 2026-01-30T18:00 --duration 2d12h --timezone Europe/Berlin
grep -q 'name: shop # ours' signalbox.yaml
expect 0 train freeze test --at 2026-12-24T10:00:00Z
says "train/policy-changes"
release v1.1.0
git commit -q --allow-empty -m "feat: more"
expect 0 train freeze list
says "0 18 * * 5"

# Asked: exit 1, with reason and end; per environment and service.
expect 1 train freeze test --at 2026-12-24T10:00:00Z --env production
says "frozen until 2027-01-04T07:00:00Z" # a weekend follows without a gap
says "nobody is there"
expect 1 train freeze test --at 2026-12-24T10:00:00Z --env production/api
expect 0 train freeze test --at 2026-12-24T10:00:00Z --env staging
says "not frozen"
expect 1 train freeze test --at 2026-03-28 --env staging
says "2026-03-30T06:00:00Z" # by the summer time of the 29th

# Nothing that cannot be read is "not frozen": file, line, column, field.
for wrong in 'freeze_start: 0 25 * * *|freeze_end: 0 8 * * 1|freeze_start: column 3' \
  'start: 2026-12-19T00:00:00Z|reason: x|end: ' 'freeze_start: 0 1 * * *|reason: x|freeze_end: ' \
  'freeze_start: 0 18 * * 5|freeze_end: 0 8 * * 1\n      cron_timezone: Europe/Berln|cron_timezone: there is no time zone'; do
  printf 'train:\n  freeze:\n    - name: x\n      %s\n      %b\n' "$(echo "$wrong" | cut -d'|' -f1)" "$(echo "$wrong" | cut -d'|' -f2)" >signalbox.yaml
  git commit -q -a -m "chore: wrong" && git tag -f v1.2.0 >/dev/null
  git commit -q --allow-empty -m "feat: after"
  for command in 'freeze test' 'freeze list' check; do
    # shellcheck disable=SC2086
    expect 2 train $command
    says "$(echo "$wrong" | cut -d'|' -f3)"
    says "signalbox.yaml"
  done
  git tag -d v1.2.0 >/dev/null
  git reset -q --hard HEAD~2
done

# A freeze stops a departure as it stops a check, also where nobody checked before.
printf 'train:\n  changelog: false\n  gates: []\n  rubric: []\n  freeze:\n    - {name: now, start: 2020-01-01T00:00:00Z, end: 2090-01-01T00:00:00Z, reason: closed}\n' >signalbox.yaml
release v1.3.0
git commit -q --allow-empty -m "feat: last"
expect 1 train check
says "now until 2090-01-01T00:00:00Z: closed"
expect 0 train new t1 --depart +30m
expect 1 train depart t1
says "now until 2090-01-01T00:00:00Z"

# The calendar: planned by the cadence, made, moved, cancelled. Python's icalendar and ical.js read the same instants.
cat >signalbox.yaml <<'YAML'
train:
  changelog: false
  cadence: {preset: monthly, from: 2026-03-03T10:00, timezone: Europe/Berlin, owners: {review: ada}}
  calendar: {name: shop, domain: example.org}
  freeze:
    - {name: now, start: 2020-01-01T00:00:00Z, end: 2090-01-01T00:00:00Z, reason: closed}
YAML
git commit -q -a -m "chore: a cadence"
# shellcheck disable=SC2016
events() { "$SIGNALBOX" train calendar --format json --until +400d | python3 -c '
import json, sys
for event in json.load(sys.stdin)["events"]:
    print(event["uid"], event["start"], event["sequence"], event["status"])'; }
next=$(events | awk '/-release@/ && /tentative/ && !n++')
name=${next%%-release@*}
expect 0 train new "$name"
says "monthly"
events | grep -q "^$name-release@example.org .* 0 confirmed"
[ "$(events | grep -c -- "$name-.*@example.org")" = 8 ] || { events; exit 1; }
expect 0 train move "$name" +40d --reason "a fair"
events | grep -q "^$name-review@example.org .* 1 confirmed"
[ "$(events | grep -c -- "^$name-release@")" = 1 ] || { events; exit 1; }
expect 0 train calendar --format html
says "$name: Release day"
"$SIGNALBOX" train calendar >"$folder/feed.ics"
grep -q 'TZID=Europe/Berlin' "$folder/feed.ics" && grep -q 'BEGIN:VTIMEZONE' "$folder/feed.ics"
"$SIGNALBOX" train calendar --format json | python3 -c '
import json, sys
for event in json.load(sys.stdin)["events"]: print(event["uid"], event["start"].replace("-", "").replace(":", ""), event["sequence"], event["status"].upper())' | sort >"$folder/ours"
/usr/bin/python3 - "$folder/feed.ics" <<'PYTHON' | sort >"$folder/theirs"
import datetime, sys, zoneinfo, icalendar
berlin, utc = zoneinfo.ZoneInfo("Europe/Berlin"), datetime.timezone.utc
for event in icalendar.Calendar.from_ical(open(sys.argv[1], "rb").read()).walk("VEVENT"):
    start = event["DTSTART"].dt
    if not isinstance(start, datetime.datetime): start = datetime.datetime(start.year, start.month, start.day, tzinfo=berlin)
    print(event["UID"], start.astimezone(utc).strftime("%Y%m%dT%H%M%SZ"), int(event["SEQUENCE"]), event["STATUS"])
PYTHON
diff "$folder/ours" "$folder/theirs"
if (cd "$folder" && npm pack --silent --fetch-retries=0 --fetch-timeout=15000 ical.js@2.2.1 >/dev/null 2>&1 && tar xzf ical.js-2.2.1.tgz); then
  node "$SIGNALBOX_SOURCE_DIR/src/core/calendar/testdata/ical_js.mjs" "$folder/package/dist/ical.js" <"$folder/feed.ics" | cut -d'|' -f1,4,5 | tr '|' ' ' | sort >"$folder/theirs"
  sed 's/ [^ ]* / /' "$folder/ours" | sort | diff - "$folder/theirs"
else
  echo "no npm or no network: not compared with ical.js"
fi
expect 0 train cancel "$name" --reason "called off"
[ "$(events | grep -c "^$name-.* 2 cancelled")" -ge 6 ] || { events; exit 1; }

# A milestone that is overdue is told by show and by check, and stops nothing.
expect 0 train new soon --depart +2d --cadence monthly
expect 0 train show soon
says "train/milestone-overdue"
says "a passenger has boarded"
git tag v1.4.0 && git commit -q --allow-empty -m "feat: after the cadence"
expect 1 train check soon
says "train/milestone-overdue"

# Bad input has a place.
for wrong in 'cadence: fortnightly' 'cadence: {preset: monthly, timezone: Europe/Berln}' 'calendar: {domain: "a b"}' 'cadence: {rrule: FREQ=DAILY, from: x}'; do
  printf 'train:\n  %s\n' "$wrong" >"$folder/keep"
  cp signalbox.yaml "$folder/good" && cp "$folder/keep" signalbox.yaml
  expect 2 train calendar
  says "signalbox.yaml:2:"
  cp "$folder/good" signalbox.yaml
done
expect 2 train calendar --since 2027-01-01 --until 2026-01-01
expect 2 train calendar --since someday

# A first section, from what lies there; the rest of the file stays. Advice from releases a week apart, one of them with a hotfix.
expect 2 train init
says "section train is there already"
git init -q -b main "$folder/fresh" && cd "$folder/fresh"
printf '# ours\nname: fresh\n' >signalbox.yaml
mkdir -p .github/workflows
printf 'jobs:\n  unit-tests: {runs-on: x}\n' >.github/workflows/ci.yml
expect 2 train advise
for n in 0 1 2 3 4 5; do
  for day in 1 2 3; do
    at="2026-01-$(printf %02d $((n * 5 + day)))T09:00:00Z"
    GIT_AUTHOR_DATE=$at GIT_COMMITTER_DATE=$at git commit -q --allow-empty -m "feat: $n $day"
  done
  git tag "v1.$((n / 2)).$((n % 2))"
done
expect 0 train advise --json
echo "$out" | python3 -c '
import json, sys
data = json.load(sys.stdin)["data"]
assert data["measured"]["departures"] == 6 and data["measured"]["batch_median"] == 3, data
assert data["measured"]["fail_rate"] == 0.5, data
assert [one["cadence"] for one in data["simulated"]] == ["continuous", "daily", "weekly", "monthly", "pi"], data'
expect 0 train advise --capacity 100
says "signalbox train init --cadence continuous"
expect 2 train advise --capacity none
expect 0 train init --cadence weekly
head -2 signalbox.yaml | diff - /dev/fd/3 3<<'END'
# ours
name: fresh
END
grep -q 'jobs: \["unit-tests"\]' signalbox.yaml
expect 0 train calendar --format json
says '"cadence": "weekly"'
git add . && git commit -q -m "chore: begin"
expect 1 train check
expect 2 train init
cd "$folder/x"

# The same over HTTP.
"$SIGNALBOX" serve --listen 127.0.0.1:0 >"$folder/serve.log" 2>&1 &
pids=$!
for _ in $(seq 100); do grep -q 'http://' "$folder/serve.log" && break || sleep 0.1; done
link=$(grep -o 'http://[^ ]*' "$folder/serve.log" | head -1)
base=$(echo "$link" | cut -d/ -f1-3)
curl -s -c "$folder/cookies" -o /dev/null "$link"
get() { out=$(curl -s -b "$folder/cookies" "$base$1"); }
get "/api/v1/train/freeze?at=2026-12-24T10:00:00Z&env=production"
says '"frozen":true'
says '"reason":"closed"'
get "/api/v1/train/freeze?at=soon"
says '"status":400'
get "/api/v1/train/freezes?year=2026"
says '"name":"now"'
get "/api/v1/train/freezes?year=9"
says '"status":400'
get "/api/v1/train/calendar?until=%2B30d"
says '"name":"shop"'
get "/api/v1/train/calendar.ics"
says "BEGIN:VCALENDAR"
says "UID:soon-release@example.org"
