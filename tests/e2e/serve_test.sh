#!/bin/sh
# `signalbox serve` as people and CI jobs meet it: the link, cookies, tokens and roles, names and origins, TLS, the audit trail, metrics,
# sending evidence from elsewhere, and its end.
set -eu
work=$(mktemp -d)
servers=
# shellcheck disable=SC2086
trap '[ -z "$servers" ] || kill -9 $servers 2>/dev/null || :; rm -rf "$work"' EXIT
fail() { echo "FAIL: $*" >&2; exit 1; }
export XDG_DATA_HOME="$work/home"
unset SIGNALBOX_TOKEN SIGNALBOX_TOKEN_FILE SIGNALBOX_CA_FILE SIGNALBOX_STORE || :
python=/usr/bin/python3
git init -q "$work/repo"
cd "$work/repo"
git -c user.name=Ada -c user.email=ada@example.org commit -q --allow-empty -m 'feat: a beginning'

# start NAME ARGUMENT...: a server in the background; $url is its first line, $base its origin, $pid its process.
start() {
  name=$1; shift
  : >"$work/$name.out"  # a busy machine looks into it before the server has opened it
  "$SIGNALBOX" serve "$@" >"$work/$name.out" 2>"$work/$name.err" &
  pid=$!
  servers="$servers $pid"
  for _ in $(seq 400); do
    url=$(head -n 1 "$work/$name.out")
    [ -z "$url" ] || break
    kill -0 "$pid" 2>/dev/null || fail "serve $* ended: $(cat "$work/$name.err")"
    sleep 0.05
  done
  [ -n "$url" ] || fail "serve $* prints no address"
  base=$(echo "$url" | sed 's|^\(https*://[^/]*\)/.*|\1|')
  port=${base##*:}
}
# stop: SIGTERM, and its exit code in $code.
stop() { code=0; kill -TERM "$1"; wait "$1" || code=$?; }
# expect STATUS CURL-ARGUMENT...: the answer's body is in $work/body.
expect() {
  wanted=$1; shift
  got=$(curl -s -o "$work/body" -w '%{http_code}' "$@") || :
  [ "$got" = "$wanted" ] || fail "$got instead of $wanted from: curl $* ($(head -c 300 "$work/body" 2>/dev/null))"
}
# refused EXIT-CODE WORDS COMMAND...: the command ends so, and says so in one line.
refused() {
  wanted=$1 words=$2; shift 2
  code=0
  "$@" >"$work/out" 2>"$work/err" || code=$?
  [ "$code" = "$wanted" ] || fail "exit $code instead of $wanted from: $* ($(cat "$work/err"))"
  grep '^error: ' "$work/err" | grep -q "$words" || fail "'$words' is not said by: $* ($(cat "$work/err"))"
  [ "$(grep -c '^error: ' "$work/err")" = 1 ] || fail "more than one line: $(cat "$work/err")"
}
json() { $python -c "import json,sys; d=json.load(open('$work/body')); print(($1))"; }

# --- on loopback: the link signs one browser in, once.
start first --listen 127.0.0.1:0
case $url in http://127.0.0.1:*/open?token=*) ;; *) fail "the address is '$url'" ;; esac
first=$pid
expect 200 "$base/"
expect 200 "$base/healthz"
expect 200 "$base/readyz"
for path in /api/v1/workspace /metrics /api/v1/evidence/status /api/openapi.json; do expect 401 "$base$path"; done
grep -q '"detail"' "$work/body" || fail "a 401 is no problem+json"
expect 404 "$base/nothing"
curl -s -D "$work/head" -o /dev/null -c "$work/jar" "$url"
grep -qi '^HTTP/1.1 303' "$work/head" && grep -qi '^location: /' "$work/head" || fail "the link does not lead to the console: $(cat "$work/head")"
grep -i '^set-cookie:' "$work/head" | grep -q 'HttpOnly.*SameSite=Strict\|SameSite=Strict.*HttpOnly' || fail "no strict cookie: $(cat "$work/head")"
expect 403 "$url"
expect 200 -b "$work/jar" "$base/api/v1/workspace"
[ "$(json 'd["name"], d["principal"]["role"], d["commit"]["subject"], d["self_trusted"]')" = "('repo', 'admin', 'feat: a beginning', True)" ] ||
  fail "workspace: $(cat "$work/body")"

# --- other names (DNS rebinding), other pages (cross-site), with the cookie and by GET too.
expect 403 -b "$work/jar" -H 'Host: evil.example' "$base/api/v1/workspace"
expect 403 -b "$work/jar" -H "Host: evil.example:$port" "$base/"
expect 400 -b "$work/jar" -H 'Host:' "$base/api/v1/workspace"
expect 200 -b "$work/jar" -H "Host: localhost:$port" "$base/healthz"
for origin in http://evil.example null "http://127.0.0.1:1" "https://127.0.0.1:$port"; do
  expect 403 -b "$work/jar" -H "Origin: $origin" "$base/api/v1/workspace"
  expect 403 -b "$work/jar" -X POST -d '{}' -H "Origin: $origin" "$base/api/v1/evidence/envelopes"
done
expect 403 -b "$work/jar" -H 'Sec-Fetch-Site: cross-site' "$base/api/v1/workspace"
expect 403 -b "$work/jar" -H 'Sec-Fetch-Site: same-site' "$base/api/v1/workspace"
expect 200 -b "$work/jar" -H 'Sec-Fetch-Site: same-origin' "$base/api/v1/workspace"
expect 403 -b "$work/jar" -X POST -d '{}' "$base/api/v1/evidence/envelopes"
expect 400 -b "$work/jar" -X POST -d '{}' -H "Origin: $base" "$base/api/v1/evidence/envelopes"
! curl -s -D - -o /dev/null -H 'Origin: http://evil.example' "$base/" | grep -qi '^access-control-allow' || fail "another origin is let in"

# --- tokens and roles.
refused 2 'there is a token\|no name of a token' "$SIGNALBOX" serve token add 'c i'
viewer=$("$SIGNALBOX" serve token add looker --role viewer 2>/dev/null)
operator=$("$SIGNALBOX" serve token add ci 2>/dev/null)
admin=$("$SIGNALBOX" serve token add boss --role admin --expires 1h 2>/dev/null)
refused 2 'there is a token ci already' "$SIGNALBOX" serve token add ci
"$SIGNALBOX" serve token list --json >"$work/body"
[ "$(json '[(t["name"], t["role"], t["works"]) for t in d["data"]["tokens"]]')" = "[('boss', 'admin', True), ('ci', 'operator', True), ('looker', 'viewer', True)]" ] ||
  fail "tokens: $(cat "$work/body")"
! grep -aq "$(echo "$operator" | cut -c18-)" .git/signalbox/signalbox.db .git/signalbox/signalbox.db-wal || fail "a token itself is in the store"
grep -aq 'argon2id' .git/signalbox/signalbox.db .git/signalbox/signalbox.db-wal || fail "no hash of a token is in the store"
expect 200 -H "Authorization: Bearer $viewer" "$base/api/v1/workspace"
expect 401 -H "Authorization: Bearer ${viewer}x" "$base/api/v1/workspace"
expect 401 -b "$work/jar" -H 'Authorization: Bearer wrong' "$base/api/v1/workspace"
expect 403 -X POST -d '{}' -H "Authorization: Bearer $viewer" "$base/api/v1/evidence/envelopes"
expect 400 -X POST -d '{}' -H "Authorization: Bearer $operator" "$base/api/v1/evidence/envelopes"
expect 403 -H "Authorization: Bearer $operator" "$base/api/v1/audit"
head -c 18000000 /dev/zero >"$work/large"
expect 413 --data-binary "@$work/large" -H "Authorization: Bearer $operator" "$base/api/v1/evidence/envelopes"

# A person elsewhere signs in with a token; signing out ends it.
expect 303 -c "$work/jar2" -H "Origin: $base" --data-urlencode "token=$viewer" "$base/open"
expect 200 -b "$work/jar2" "$base/api/v1/session"
[ "$(json 'd["name"], d["role"]')" = "('looker', 'viewer')" ] || fail "session: $(cat "$work/body")"
expect 204 -b "$work/jar2" -X DELETE -H "Origin: $base" "$base/api/v1/session"
expect 401 -b "$work/jar2" "$base/api/v1/session"
expect 403 -H "Origin: $base" -d 'token=wrong' "$base/open"
grep -q '<form' "$work/body" || fail "a wrong token gets no form to try again"

# A revoked token is refused within a second, its event stream ends.
curl -sN -H "Authorization: Bearer $viewer" "$base/api/v1/evidence/stream" >"$work/events" 2>&1 &
stream=$!
sleep 0.3
"$SIGNALBOX" serve token revoke looker >/dev/null
sleep 1.2
expect 401 -H "Authorization: Bearer $viewer" "$base/api/v1/workspace"
for _ in $(seq 60); do kill -0 "$stream" 2>/dev/null || break; sleep 0.1; done
! kill -0 "$stream" 2>/dev/null || fail "the event stream of a revoked token goes on"

# --- the audit trail names who wrote what, refused ones too; admins alone read it.
expect 200 -H "Authorization: Bearer $admin" "$base/api/v1/audit"
json '"\n".join("%s %s %s %d" % (e["principal"], e["method"], e["path"], e["status"]) for e in d["entries"])' >"$work/audit"
for row in 'local GET /open 303' 'ci POST /api/v1/evidence/envelopes 400' 'looker POST /api/v1/evidence/envelopes 403' \
  'looker POST /open 303' 'looker DELETE /api/v1/session 204' 'local POST /api/v1/evidence/envelopes 400'; do
  grep -qx "$row" "$work/audit" || fail "the audit trail lacks '$row': $(cat "$work/audit")"
done
grep -q 'COMMAND serve token revoke looker 200' "$work/audit" || fail "the audit trail lacks the command line: $(cat "$work/audit")"
! grep -q 'token=' "$work/audit" || fail "the audit trail holds a link"

# --- metrics, read by Prometheus' own client library; the API's description.
"$SIGNALBOX" profile ci-template >"$work/out"
"$SIGNALBOX" profile ci-template --format gitlab >"$work/out"
expect 200 -H "Authorization: Bearer $admin" "$base/metrics"
$python - "$work/body" <<'P' || fail "metrics"
import sys
from prometheus_client.parser import text_string_to_metric_families
samples = {}
for family in text_string_to_metric_families(open(sys.argv[1]).read()):
    assert family.documentation, family.name
    for s in family.samples:
        assert (s.name, tuple(sorted(s.labels.items()))) not in samples, s
        samples[(s.name, tuple(sorted(s.labels.items())))] = s.value
assert samples[("signalbox_http_requests_total", (("area", "evidence"), ("code", "400"), ("method", "POST")))] == 2, samples
assert sum(v for k, v in samples.items() if k[0] == "signalbox_http_requests_total" and ("code", "413") in k[1]) == 1, samples
assert samples[("signalbox_profile_runs_total", (("subcommand", "ci-template"),))] == 2, samples
count = {k[1]: v for k, v in samples.items() if k[0] == "signalbox_http_request_duration_seconds_count"}
total = sum(v for k, v in samples.items() if k[0] == "signalbox_http_requests_total")
assert sum(count.values()) == total, (count, total)
for labels, value in count.items():
    buckets = sorted((float(dict(k[1])["le"]), v) for k, v in samples.items()
                     if k[0] == "signalbox_http_request_duration_seconds_bucket" and dict(k[1])["area"] == dict(labels)["area"])
    assert buckets[-1] == (float("inf"), value) and buckets == sorted(buckets, key=lambda b: b[1]), buckets
P
expect 200 -H "Authorization: Bearer $admin" "$base/api/openapi.json"
[ "$(json 'd["openapi"][:4], all(p in d["paths"] for p in ["/open", "/api/v1/workspace", "/api/v1/audit", "/metrics", "/api/v1/evidence/envelopes"])')" = "('3.1.', True)" ] ||
  fail "openapi: $(head -c 400 "$work/body")"

# --- a second server of the same workspace is fine; a taken port is said to be, and by whom.
start second --listen 0
expect 401 "$base/api/v1/workspace"
stop "$pid"
[ "$code" = 0 ] || fail "SIGTERM ended the second server with $code"
base=http://127.0.0.1:$(sed -n 's|^http://127.0.0.1:\([0-9]*\)/.*|\1|p' "$work/first.out")
refused 3 "port ${base##*:} is taken by signalbox-serve (process $first)" "$SIGNALBOX" serve --listen "127.0.0.1:${base##*:}"

# --- SIGTERM with a reader of events and an idle connection: exit 0, at once.
curl -sN -H "Authorization: Bearer $operator" "$base/api/v1/evidence/stream" >/dev/null 2>&1 &
sleep 0.3
before=$(date +%s)
stop "$first"
[ "$code" = 0 ] || fail "SIGTERM ended the server with $code: $(cat "$work/first.err")"
[ $(($(date +%s) - before)) -lt 4 ] || fail "SIGTERM took too long"

# --- beyond loopback: TLS and a token, or nothing.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/ca.key" -out "$work/ca.pem" -subj '/CN=Authority of a test' -days 2 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/tls.key" -out "$work/tls.csr" -subj /CN=box 2>/dev/null
echo 'subjectAltName=DNS:localhost,IP:127.0.0.1' >"$work/ext"
openssl x509 -req -in "$work/tls.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -out "$work/tls.pem" -days 2 -extfile "$work/ext" 2>/dev/null
refused 2 'TLS is needed' "$SIGNALBOX" serve --listen 0.0.0.0:0
refused 2 'go together' "$SIGNALBOX" serve --tls-cert "$work/tls.pem"
git init -q "$work/other"
(cd "$work/other" && refused 3 'no working token' "$SIGNALBOX" serve --listen 0.0.0.0:0 --tls-cert "$work/tls.pem" --tls-key "$work/tls.key")
start tls --listen 0.0.0.0:0 --tls-cert "$work/tls.pem" --tls-key "$work/tls.key" --host localhost
[ "$url" = "https://localhost:$port/" ] || fail "a server for others prints '$url'"
expect 000 "http://localhost:$port/"
expect 000 "https://localhost:$port/"
expect 200 --cacert "$work/ca.pem" "https://localhost:$port/"
expect 403 --cacert "$work/ca.pem" -H 'Host: elsewhere' "https://localhost:$port/"
expect 303 --cacert "$work/ca.pem" -D "$work/head" -d "token=$admin" "https://localhost:$port/open"
grep -i '^set-cookie: __Host-' "$work/head" | grep -q '; Secure' || fail "the cookie under TLS: $(cat "$work/head")"

# --- a CI job elsewhere leaves evidence: its own machine, its own key, the token in its environment.
git clone -q "$work/repo" "$work/ci"
echo '<testsuite name="all" tests="3" failures="0" errors="0" skipped="0" time="1.5"/>' >"$work/results.xml"
store=https://localhost:$port
ci() { (cd "$work/ci" && env XDG_DATA_HOME="$work/ci-home" SIGNALBOX_CA_FILE="$work/ca.pem" SIGNALBOX_TOKEN="$operator" "$@"); }
add="$SIGNALBOX evidence add junit $work/results.xml --subject git:HEAD --store"
# shellcheck disable=SC2086
ci $add "$store" --json >"$work/body" || fail "evidence does not reach the server"
index=$(json 'd["data"]["index"]') leaf=$(json 'd["data"]["leaf"]')
"$SIGNALBOX" evidence show "$index" --json | grep -q "\"$leaf\"" || fail "the server keeps something else"
[ ! -e "$work/ci/.git/signalbox/signalbox.db" ] || fail "a store was made on the machine that sends"
echo "$operator" >"$work/token"
# shellcheck disable=SC2086
ci env -u SIGNALBOX_TOKEN SIGNALBOX_TOKEN_FILE="$work/token" $add "$store" >/dev/null || fail "a token in a file is not taken"
# shellcheck disable=SC2086
{
  refused 3 'with a token only' ci env -u SIGNALBOX_TOKEN $add "$store"
  refused 3 'does not know this token' ci env SIGNALBOX_TOKEN=wrong $add "$store"
  looker=$("$SIGNALBOX" serve token add looker --role viewer 2>/dev/null)
  refused 3 'refuses: looker may not do this' ci env SIGNALBOX_TOKEN="$looker" $add "$store"
  refused 3 'its certificate is not trusted' ci env -u SIGNALBOX_CA_FILE $add "$store"
  refused 3 'nobody answers there' ci $add https://localhost:1
  refused 2 'without TLS the token could be read' ci $add http://box.example
  refused 2 'no path' ci $add "$store/x"
  refused 2 'user name or password' ci $add "https://a:b@localhost:$port"
}

# --- what was acknowledged survives kill -9 of the server, in the middle of writes.
writer() {
  for _ in $(seq 60); do
    # shellcheck disable=SC2086
    ci $add "$store" --json 2>/dev/null | $python -c 'import json,sys; d=json.load(sys.stdin)["data"]; print(d["index"], d["leaf"])' 2>/dev/null >>"$work/acknowledged.$1" || break
  done
}
writer 1 & one=$!
writer 2 & two=$!
for _ in $(seq 200); do [ "$(cat "$work"/acknowledged.* 2>/dev/null | wc -l)" -ge 6 ] && break; sleep 0.1; done
kill -9 "$pid"
wait "$one" "$two" "$pid" 2>/dev/null || :
[ "$(cat "$work"/acknowledged.* | wc -l)" -ge 6 ] || fail "too few writes before the kill"
start again --listen 127.0.0.1:0
cat "$work"/acknowledged.* | while read -r index leaf; do
  expect 200 -H "Authorization: Bearer $admin" "$base/api/v1/evidence/entries/$index"
  [ "$(json 'd["leaf"]')" = "$leaf" ] || fail "entry $index is not what was acknowledged"
done
expect 200 -H "Authorization: Bearer $admin" "$base/api/v1/audit?limit=500"
acknowledged=$(cat "$work"/acknowledged.* | wc -l)
[ "$(json 'sum(e["status"] == 202 for e in d["entries"])')" -ge "$acknowledged" ] || fail "the audit trail lacks acknowledged writes"
"$SIGNALBOX" evidence log audit >"$work/out" 2>&1 || fail "the log does not verify after kill -9: $(cat "$work/out")"
stop "$pid"
[ "$code" = 0 ] || fail "SIGTERM ended the last server with $code"

# --- evidence.admit: trusted: what no trusted key signed stays out, naming its key; the next server trusts that key alone.
admitted() { ci "$SIGNALBOX" evidence add junit "$work/results.xml" --subject git:HEAD --store "$base" --json; }
own() { "$SIGNALBOX" evidence add junit "$work/results.xml" --subject git:HEAD --json; }
printf 'evidence:\n  admit: trusted\n' >signalbox.yaml
echo signalbox.yaml >>.git/info/exclude  # the work tree stays clean
start trusting --listen 127.0.0.1:0
key=$(ci "$SIGNALBOX" evidence key list --json | grep -o '[^" ]*+[0-9a-f]\{8\}+[A-Za-z0-9+/=]*' | head -n 1)
[ -n "$key" ] || fail "no key of the job"
id=$(echo "$key" | cut -d+ -f2)
refused 2 "signed by no key that counts here: $id: unknown key" admitted
own >/dev/null || fail "this machine's key is trusted where no trust is written"
stop "$pid"
{ printf 'evidence:\n  admit: trusted\ntrust:\n  keys:\n    - vkey: %s\n      roles: [builder]\n' "$key"; } >signalbox.yaml
start narrow --listen 127.0.0.1:0
grep -q "does not hold this server's own key" "$work/narrow.err" || fail "the server does not say that its own key is refused"
admitted >"$work/body" || fail "what a trusted key signed is refused"
refused 2 'signed by no key that counts here' own
[ -z "$(find .git/signalbox/spool -name '*.dsse.json' 2>/dev/null)" ] || fail "what was refused waits in the spool"
stop "$pid"
"$SIGNALBOX" evidence log audit >"$work/out" 2>&1 || fail "the log does not verify: $(cat "$work/out")"
rm signalbox.yaml
echo "serve: $acknowledged acknowledged writes survived"
