#!/bin/sh
# `train canary judge` on recorded canaries: each judge, each exit code, each format of files, and bad input with line and column.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export XDG_DATA_HOME="$folder/data" GIT_CONFIG_GLOBAL=/dev/null
mkdir "$folder/x" && cd "$folder/x"
git init -q -b main .

. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"
judge() { "$SIGNALBOX" train canary judge "$@"; }

# 20 minutes of a baseline before the canary, then 15 minutes of both: 1 error in 600 requests; the bad canary has 1 in 100 and is slower.
python3 - <<'END'
import json
rows = lambda first, last, make: [dict(time=1772528400 + 60 * i, **make(i)) for i in range(first, last)]
wave = lambda i, around: round(around * (1 + (i * 7 % 11 - 5) / 100), 6)
sides = {
    "baseline": rows(-20, 15, lambda i: {"errors_requests": 22800, "errors_bad": 38, "latency": wave(i, 0.1)}),
    "good": rows(0, 15, lambda i: {"errors_requests": 1200, "errors_bad": 2, "latency": wave(i, 0.1)}),
    "bad": rows(0, 15, lambda i: {"errors_requests": 1200, "errors_bad": 12, "latency": wave(i, 0.2)}),
    "silent": rows(0, 15, lambda i: {"errors_requests": 0, "errors_bad": 0, "latency": None}),
}
for name, side in sides.items():
    json.dump(side, open(name + ".json", "w"))
    names = list(side[0])
    with open(name + ".csv", "w") as csv:
        csv.write(",".join(names) + "\n")
        for row in side:
            csv.write(",".join("" if row[n] is None else str(row[n]) for n in names) + "\n")
    matrix = [{"metric": {"__name__": n}, "values": [[r["time"], "NaN" if r[n] is None else str(r[n])] for r in side]} for n in names[1:]]
    json.dump({"status": "success", "data": {"resultType": "matrix", "result": matrix}}, open(name + ".prom.json", "w"))
END

# The same figures in three formats get the same answer.
for ending in csv json prom.json; do
  expect 0 judge --baseline baseline.$ending --canary good.$ending
  says "PASS"
  expect 1 judge --baseline baseline.$ending --canary bad.$ending
  says "FAIL: errors: worse than the baseline"
  expect 3 judge --baseline baseline.$ending --canary silent.$ending
  says "inconclusive, which is no success"
done
for name in sequential kayenta threshold; do
  expect 0 judge --baseline baseline.csv --canary good.csv --judge $name --above 1 --metric errors
  says "PASS"
done
expect 1 judge --baseline baseline.csv --canary bad.csv --judge threshold --above 0.005 --for 2m --metric errors
says "0.01 is above 0.005, for 2m"
expect 1 judge --baseline baseline.csv --canary bad.csv --judge kayenta
says "High"
expect 0 judge --baseline baseline.csv --canary bad.csv --judge kayenta --direction decrease
expect 3 judge --baseline baseline.csv --canary good.csv --judge sequential # 15 latencies are too few
says "100 are needed"
expect 0 judge --baseline baseline.csv --canary good.csv --judge sequential --snapshot baseline.csv --metric errors

expect 1 judge --baseline baseline.csv --canary bad.csv --json
echo "$out" | python3 -c '
import json, sys
report = json.load(sys.stdin)
assert report["verdict"] == "fail" and report["data"]["standing"] == "breach", report["data"]
curve = next(c for c in report["charts"] if c["title"].startswith("errors"))
assert all(abs(y - 2) < 1e-9 for y in curve["series"][1]["y"]) and max(curve["series"][0]["y"]) > 2, curve
assert {m["judge"] for m in report["data"]["metrics"]} == {"sequential", "kayenta"}'

# What is configured for a name judges its columns.
cat >signalbox.yaml <<'END'
train:
  canary:
    metrics:
      - {name: latency, value: 'latency{$side}', judge: threshold, above: 0.15}
END
expect 0 judge --baseline baseline.csv --canary good.csv
says "is not above 0.15"
expect 1 judge --baseline baseline.csv --canary bad.csv --metric latency
says "is above 0.15"
rm signalbox.yaml

# The configuration that docs/canary.md shows is read, and is what the schema describes.
sed -n '/^```yaml/,/^```/p' "$SIGNALBOX_SOURCE_DIR/docs/canary.md" | sed '/^```/d' >signalbox.yaml
expect 0 judge --baseline baseline.csv --canary good.csv --metric errors
python3 -c 'import jsonschema, yaml' 2>/dev/null && python3 - "$SIGNALBOX_SOURCE_DIR/docs/schemas/train-v1.json" <<'END'
import copy, json, sys
import jsonschema, yaml
validator = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))
train = yaml.safe_load(open("signalbox.yaml"))["train"]
validator.validate(train)
for change in ({"judge": "sequential", "value": "v{$side}"}, {"requests": "r{$side}"}, {"buckets": "b"}, {"alpha": 0}, {"guess": 1}):
    wrong = copy.deepcopy(train)
    metric = wrong["canary"]["metrics"][0]
    if "requests" in change or "buckets" in change or "value" in change:
        metric.pop("requests"), metric.pop("bad")
    metric.update(change)
    assert not validator.is_valid(wrong), change
END
rm signalbox.yaml

# Bad input.
expect 2 judge --baseline baseline.csv
says "--canary FILE is missing"
expect 2 judge --baseline absent.csv --canary good.csv
says "absent.csv"
printf 'time,errors_requests,errors_bad\n1,10,0\n2,ten,0\n' >broken.csv
expect 2 judge --baseline baseline.csv --canary broken.csv
says "broken.csv:3:3: \`ten\` is no number"
printf '[{"time": 1, "a": 1},\n {"time": 1, "a": 2}]' >broken.json
expect 2 judge --baseline baseline.csv --canary broken.json
says "broken.json:2:11: the times do not rise"
printf '[{"time": 1, "a": 1},\n {"time": }]' >broken.json
expect 2 judge --baseline baseline.csv --canary broken.json
says "broken.json:2:11: "
printf '{"status":"error","errorType":"bad_data","error":"parse error"}' >broken.json
expect 2 judge --baseline baseline.csv --canary broken.json
says "Prometheus refuses the query"
expect 2 judge --baseline baseline.csv --canary good.csv --metric late
says "there are: errors, latency"
expect 2 judge --baseline baseline.csv --canary good.csv --judge guess
expect 2 judge --baseline baseline.csv --canary good.csv --judge threshold
says "no limit for errors"
expect 2 judge --baseline baseline.csv --canary good.csv --alpha 2
expect 2 judge --baseline baseline.csv --canary good.csv --judge threshold --above 1 --clear 2
says "on the bad side"
expect 3 judge --baseline good.csv --canary good.csv --judge sequential # nothing says what is slow
says "--snapshot"
