#!/bin/sh
# Two Signalboxes, each with a machine and a log of its own: one witnesses the other's log. Bytes and status codes as C2SP tlog-witness has them;
# a log that went back and one that forked are found by the witness; kill -9 of the witness loses nothing that it signed.
set -eu
work=$(mktemp -d)
servers=
# shellcheck disable=SC2086
trap '[ -z "$servers" ] || kill -9 $servers 2>/dev/null || :; rm -rf "$work"' EXIT
fail() { echo "FAIL: $*" >&2; tail -n 20 "$work"/*.err "$work/out" >&2 2>/dev/null || :; exit 1; }
unset SIGNALBOX_TOKEN SIGNALBOX_TOKEN_FILE SIGNALBOX_CA_FILE SIGNALBOX_STORE || :
for machine in log witness; do
  mkdir -p "$work/$machine"
  git init -q "$work/$machine"
done
# at MACHINE COMMAND...: there, with the keys of that machine.
at() { machine=$1; shift; (cd "$work/$machine" && XDG_DATA_HOME="$work/$machine-home" "$@"); }
# run CODE MACHINE WORDS...: `signalbox evidence WORDS` there; what it prints is in out.
run() {
  wanted=$1 where=$2; shift 2; code=0
  at "$where" "$SIGNALBOX" evidence "$@" >"$work/out" 2>&1 </dev/null || code=$?
  [ "$code" = "$wanted" ] || fail "evidence $* on $where: exit $code instead of $wanted"
}
says() { grep -qF -- "$1" "$work/out" || fail "does not say: $1"; }
# start MACHINE WORDS...: a server there; $base is its origin, $pid its process.
start() {
  where=$1; shift
  rm -f "$work/$where.out"
  (cd "$work/$where" && XDG_DATA_HOME="$work/$where-home" exec "$SIGNALBOX" "$@" >"$work/$where.out" 2>"$work/$where.err") &
  pid=$!
  servers="$servers $pid"
  for _ in $(seq 600); do
    base=$(sed -n 's|^\(https*://[^/]*\)/.*|\1|p' "$work/$where.out" 2>/dev/null | head -1)
    [ -z "$base" ] || return 0
    kill -0 "$pid" 2>/dev/null || fail "$* ended"
    sleep 0.05
  done
  fail "$* prints no address"
}
add() { run 0 log add json "$work/document.json" --subject "n=sha256:$(printf '%064d' "$1")"; }
# post FILE: status code of add-checkpoint; body and content type in answer and type.
post() { curl -s -o "$work/answer" -w '%{http_code} %{content_type}' --data-binary "@$1" "$witness/evidence/add-checkpoint" >"$work/status"
  read -r status type <"$work/status" || :; }
expect() { [ "$status" = "$1" ] || fail "$status instead of $1: $(cat "$work/answer")"; }
value() { sed -n "s/.*\"$1\": *\"\\([^\"]*\\)\".*/\\1/p" "$work/out" | head -1; }

printf '{"number": 1}\n' >"$work/document.json"
add 1; add 2; add 3
run 0 log witness list --json; log_key=$(value log)
run 0 witness witness list --json; witness_key=$(value vkey)
case $witness_key in *+????????+B*) ;; *) fail "the witness' key is $witness_key" ;; esac

# --- A second Signalbox is a witness out of the box.
start witness serve --listen 127.0.0.1:0
witness=$base witness_pid=$pid
run 0 log witness add "$witness_key" --url "$witness/evidence";  says "signalbox evidence witness add $log_key"
run 1 log witness ask;                                           says "does not know this log"
run 0 witness witness add "$log_key"
run 0 log witness ask;                                           says "cosigned 3 entries"
run 0 log log checkpoint; cp "$work/out" "$work/checkpoint.3"
[ "$(grep -c '^— ' "$work/checkpoint.3")" = 2 ] || fail "the checkpoint has no cosignature"

# --- The rules of tlog-witness, as bytes on the wire.
log_alone() { grep -v '^— witness@' "$1"; }
{ printf 'old 3\n\n'; log_alone "$work/checkpoint.3"; } >"$work/again"
post "$work/again"; expect 200
head -c 4 "$work/answer" | od -An -tx1 | grep -q 'e2 80 94 20' || fail "the answer is no signature line"
[ "$(wc -l <"$work/answer")" = 1 ] || fail "more than a line: $(cat "$work/answer")"
{ printf 'old 0\n\n'; log_alone "$work/checkpoint.3"; } >"$work/from0"
post "$work/from0"; expect 409
[ "$type" = text/x.tlog.size ] || fail "the type of 409 is $type"
[ "$(od -An -c "$work/answer" | tr -d ' ')" = '3\n' ] || fail "409 says $(cat "$work/answer")"
{ printf 'old 4\n\n'; log_alone "$work/checkpoint.3"; } >"$work/larger"; post "$work/larger"; expect 400
sed 's/^old 3$/old 03/' "$work/again" >"$work/zeros"; post "$work/zeros"; expect 400
origin=$(sed -n 1p "$work/checkpoint.3")
sed "s/$origin/elsewhere/" "$work/again" >"$work/unknown"; post "$work/unknown"; expect 404
sed 's/\(^— [^ ]* .\{20\}\)./\1z/' "$work/again" >"$work/forged"; post "$work/forged"; expect 403
{ printf 'old 3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n'; log_alone "$work/checkpoint.3"; } >"$work/proof"; post "$work/proof"; expect 422
[ "$(curl -s -o /dev/null -w '%{http_code}' "$witness/evidence/add-checkpoint")" = 405 ] || fail "GET add-checkpoint is not 405"
hash=$(sed -n 1p "$work/checkpoint.3" | tr -d '\n' | sha256sum | cut -d' ' -f1)
curl -s "$witness/evidence/$hash/checkpoint" >"$work/monitored"
grep -q '^— witness@' "$work/monitored" || fail "the monitoring address shows no cosigned checkpoint"
[ "$(curl -s -o /dev/null -w '%{http_code}' "$witness/evidence/$(printf '%064d' 0)/checkpoint")" = 404 ] || fail "an unknown origin is not 404"

# --- Waiting for witnesses; verifying with them elsewhere.
run 0 log statement --type https://example.com/a/v1 --subject "n=sha256:$(printf '%064d' 7)"; cp "$work/out" "$work/statement"
run 0 log sign "$work/statement"; cp "$work/out" "$work/envelope"
run 0 log append "$work/envelope" --wait witnessed
run 0 log bundle 3 -o "$work/bundle"
run 0 log key list --json; builder_key=$(sed -n 's/.*"vkey": *"\(builder@[^"]*\)".*/\1/p' "$work/out" | head -1)
run 0 log verify "$work/bundle" --key "$log_key" --key "$builder_key" --key "$witness_key" --witnesses 1; says "by witness@"
sed "s/— witness@[^\\\\]*\\\\n//" "$work/bundle" >"$work/bare"
run 1 log verify "$work/bare" --key "$log_key" --key "$builder_key" --key "$witness_key" --witnesses 1; says "by none of them"
run 2 log verify "$work/bundle" --key "$log_key" --witnesses 1;  says "1 witnesses are wanted, and 0 are trusted"

# --- A log's server asks by itself; the witness is killed in the middle of it and knows all that it signed.
start log serve --listen 127.0.0.1:0
log=$base log_pid=$pid
size_there() { curl -s "$witness/evidence/$hash/checkpoint" | sed -n 2p; }
round=0
while [ $round -lt 6 ]; do
  add "$((10 + round))"; add "$((20 + round))"
  sleep "0.$((round * 3 % 10))"
  kill -9 "$witness_pid"
  wait "$witness_pid" 2>/dev/null || :
  # What the log has as cosigned, the witness must still know.
  at log "$SIGNALBOX" evidence witness list --json >"$work/out" 2>/dev/null || :
  signed=$(/usr/bin/python3 -c "import json;d=json.load(open('$work/out'))['data'];print(d['witnesses'][0]['size'])")
  start witness serve --listen "127.0.0.1:${witness##*:}"
  witness_pid=$pid
  knows=$(size_there)
  [ "${knows:-0}" -ge "$signed" ] || fail "the witness signed $signed entries and knows $knows"
  round=$((round + 1))
done
total=16
for _ in $(seq 200); do [ "$(size_there)" = $total ] && break; sleep 0.2; done
[ "$(size_there)" = $total ] || fail "the server did not have all $total entries cosigned, but $(size_there)"
run 0 log verify;                                                says "everything holds"

# --- The log as static files: what is served is what is exported, with the headers of tlog-tiles.
token=$(at log "$SIGNALBOX" serve token add reader --role viewer 2>/dev/null)
for _ in $(seq 300); do cat "$work/envelope"; done >"$work/many"
run 0 log append "$work/many"
run 0 log log export "$work/static"
[ "$(find "$work/static" -type f | wc -l)" = 6 ] || fail "316 entries are $(find "$work/static" -type f | wc -l) files"
(cd "$work/static" && find . -type f) | while read -r file; do
  curl -s -D "$work/head" -o "$work/answer" -H "Authorization: Bearer $token" "$log/evidence/${file#./}"
  cmp -s "$work/answer" "$work/static/$file" || [ "$file" = ./checkpoint ] || fail "$file is served otherwise than it is exported"
  case $file in
    ./checkpoint) grep -qi '^cache-control: no-cache' "$work/head" && grep -qi '^content-type: text/plain; charset=utf-8' "$work/head" ;;
    *) grep -qi '^cache-control: public, max-age=31536000, immutable' "$work/head" && grep -qi '^content-type: application/octet-stream' "$work/head" ;;
  esac || fail "headers of $file: $(cat "$work/head")"
done
for path in tile/0/001 tile/0/000.p/256 tile/0/000.p/0 tile/1/000.p/2 tile/0/0 tile/00/000 tile/0/x000/000 tile/entries/001.p/61 tile/2/000.p/1; do
  [ "$(curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" "$log/evidence/$path")" = 404 ] || fail "$path is served"
done
head -c 224 "$work/static/tile/0/000" >"$work/narrow"
curl -s -H "Authorization: Bearer $token" "$log/evidence/tile/0/000.p/7" | cmp -s - "$work/narrow" || fail "a narrower tile of an older checkpoint is gone"
kill -TERM "$log_pid"; wait "$log_pid" || :

# --- The log's store is put back to an older copy, on a machine that remembers nothing: the witness does.
cp -r "$work/log/.git/signalbox" "$work/older"
add 30
run 0 log witness ask;                                           says "cosigned 317 entries"
cp -r "$work/log/.git/signalbox" "$work/newer"
rm -rf "$work/log/.git/signalbox"; cp -r "$work/older" "$work/log/.git/signalbox"
rm -rf "$work/log-home/signalbox/checkpoints"
run 1 log witness ask;                                           says "rollback: it holds 317 entries"
run 2 log add json "$work/document.json" --subject "n=sha256:$(printf '%064d' 40)"; says "rollback of the log"
run 1 log verify;                                                says "rollback of the log"
run 1 log witness list --json
/usr/bin/python3 - "$work/out" <<'P' || fail "the alarm does not hold both checkpoints"
import json, sys
d = json.load(open(sys.argv[1]))["data"]
a, = d["alarms"]
assert a["kind"] == "rollback" and a["current"], a
assert a["seen"].split("\n")[1] == "317" and a["shown"].split("\n")[1] == "316", a
assert d["witnesses"][0]["state"] == "bad", d
P
rm -rf "$work/log/.git/signalbox"; cp -r "$work/newer" "$work/log/.git/signalbox"
run 0 log add json "$work/document.json" --subject "n=sha256:$(printf '%064d' 41)"

# --- The log tells two stories: from one copy, two continuations of the same size, each signed.
rm -rf "$work/fork"; cp -r "$work/log/.git/signalbox" "$work/fork"
add 50
run 0 log witness ask;                                           says "cosigned 319 entries"
rm -rf "$work/log/.git/signalbox"; cp -r "$work/fork" "$work/log/.git/signalbox"
rm -rf "$work/log-home/signalbox/checkpoints"
add 51
run 1 log witness ask;                                           says "fork: it holds 319 entries"
run 2 log add json "$work/document.json" --subject "n=sha256:$(printf '%064d' 52)"; says "fork of the log"
# The witness itself saw both: an alarm there, and both checkpoints in its own log.
run 1 witness witness list;                                      says "fork of $log_key"
run 0 witness query --type evidence/log-conflict/v1 --json;      says '"index"'
run 0 witness show 0 --json
/usr/bin/python3 - "$work/out" "$SIGNALBOX_SOURCE_DIR/docs/schemas/evidence-log-conflict-v1.json" <<'P' || fail "the witness did not record both checkpoints"
import json, sys
p = json.load(open(sys.argv[1]))["data"]["predicate"]
seen, shown = p["seen"].split("\n"), p["shown"].split("\n")
try:
    import jsonschema
    jsonschema.validate(p, json.load(open(sys.argv[2])))
except ImportError:
    pass
assert p["kind"] == "fork" and seen[0] == shown[0] and seen[1] == shown[1] == "319" and seen[2] != shown[2], p
P
run 0 log log fork
run 0 log add json "$work/document.json" --subject "n=sha256:$(printf '%064d' 53)"

# --- A witness and nothing else, for everybody.
kill -TERM "$witness_pid"; wait "$witness_pid" 2>/dev/null || :
start witness evidence witness serve --listen 127.0.0.1:0
witness=$base
post "$work/again"; expect 409
for path in / /api/v1/evidence/status /evidence/checkpoint /metrics; do
  [ "$(curl -s -o /dev/null -w '%{http_code}' "$witness$path")" = 404 ] || fail "a witness alone answers $path"
done
echo "two machines: a witness cosigns, remembers, and finds a rollback and a fork"
