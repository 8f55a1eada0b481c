#!/bin/sh
# `signalbox profile upload`: what each receiver gets, read by go tool pprof and protoc; a receiver that is away, busy, that refuses; the
# spool, which the next upload sends first; killed while it waits.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/profiling.sh"
upload() { "$SIGNALBOX" profile upload "$@"; }
for tool in protoc go; do command -v $tool >/dev/null || { echo "skipped: no $tool"; exit 77; }; done

mkdir "$folder/got"
mkfifo ../input
python3 "$SIGNALBOX_SOURCE_DIR/tests/e2e/profile_receiver.py" "$folder/got" <../input >../port &
pids=$!
exec 9>../input
for _ in $(seq 600); do [ -s ../port ] && break; sleep 0.1; done
port=$(cat ../port)
url=http://127.0.0.1:$port
requests() { find "$folder/got" -name '*.json' | wc -l; }
last() { ls -v "$folder"/got/*.json | tail -1; }
field() { jq -r "$1" "$(last)"; }
body() { echo "$(last | sed 's/json$/body/')"; }

printf 'shop;main;parse 70\nshop;main;draw 30\n' >a.folded
expect 0 "$SIGNALBOX" profile report a.folded --format pprof -o a.pb.gz

# Pyroscope: name, labels and times in the query; the body is a profile that Go's own tool reads.
expect 0 upload a.pb.gz --to pyroscope "$url" --name shop.cpu --label region=eu --label 'what=a b&c' --header X-Scope-OrgID=team
says "1 profile sent"
[ "$(field .method)" = POST ] && [ "$(field '.headers["x-scope-orgid"]')" = team ] || fail "$(cat "$(last)")"
python3 - "$(field .path)" <<'END'
import sys, time, urllib.parse
at = urllib.parse.urlsplit(sys.argv[1])
query = urllib.parse.parse_qs(at.query, strict_parsing=True)
assert at.path == "/ingest", at
assert query["name"] == ["shop.cpu{region=eu,what=a b&c}"], query
assert query["format"] == ["pprof"], query
assert abs(int(query["until"][0]) - time.time()) < 600 and int(query["from"][0]) < int(query["until"][0]), query
END
cp "$(body)" got.pb.gz
go tool pprof -top got.pb.gz 2>/dev/null | grep -Eq ' 70 +70(\.00)?% .* parse$' || fail "$(go tool pprof -top got.pb.gz 2>&1)"

# Parca: one call of gRPC-Web; the frame holds a WriteRawRequest, and that the same profile.
cat >parca.proto <<'END'
syntax = "proto3";
message Request { string tenant = 1; repeated Series series = 2; bool normalized = 3; }
message Series { Labels labels = 1; repeated Raw samples = 2; }
message Labels { repeated Label labels = 1; }
message Label { string name = 1; string value = 2; }
message Raw { bytes raw_profile = 1; }
END
expect 0 upload a.folded --to parca "$url" --name shop --label region=eu
[ "$(field .path)" = /parca.profilestore.v1alpha1.ProfileStoreService/WriteRaw ] || fail "$(field .path)"
[ "$(field '.headers["content-type"]')" = application/grpc-web+proto ] || fail "$(cat "$(last)")"
python3 - "$(body)" <<'END'
import codecs, re, struct, subprocess, sys
octets = open(sys.argv[1], "rb").read()
flag, length = struct.unpack(">BI", octets[:5])
assert flag == 0 and length == len(octets) - 5, (flag, length, len(octets))
text = subprocess.run(["protoc", "--decode=Request", "parca.proto"], input=octets[5:], capture_output=True, check=True).stdout.decode()
assert not re.search(r"^\s*\d+[:{ ]", text, re.M), "fields that the schema does not have"
labels = dict(re.findall(r'name: "(.*)"\s+value: "(.*)"', text))
assert labels == {"__name__": "process_cpu", "job": "shop", "region": "eu"}, labels
open("parca.pb.gz", "wb").write(codecs.escape_decode(re.search(r'raw_profile: "(.*)"', text).group(1))[0])
END
go tool pprof -top parca.pb.gz 2>/dev/null | grep -Eq ' 70 +70(\.00)?% .* parse$' || fail "$(go tool pprof -top parca.pb.gz 2>&1)"
echo 3 >"$folder/got/grpc"
expect 2 upload a.folded --to parca "$url"
says "gRPC status 3: by the store"
echo 16 >"$folder/got/grpc"
expect 3 upload a.folded --to parca "$url"
rm "$folder/got/grpc"

# OpenTelemetry: gzipped protobuf at the path of profiles; tables and names as protoc reads them.
cat >otlp.proto <<'END'
syntax = "proto3";
message Request { repeated ResourceProfiles resource_profiles = 1; Dictionary dictionary = 2; }
message ResourceProfiles { Resource resource = 1; repeated ScopeProfiles scope_profiles = 2; }
message Resource { repeated KeyValue attributes = 1; }
message KeyValue { string key = 1; Value value = 2; }
message Value { string string_value = 1; }
message ScopeProfiles { repeated Profile profiles = 2; }
message Profile { repeated Sample samples = 2; fixed64 time_unix_nano = 3; uint64 duration_nano = 4; }
message Sample { int32 stack_index = 1; repeated int64 values = 4; }
message Dictionary { repeated string string_table = 5; }
END
expect 0 upload a.folded --to otlp "$url/otlp" --name shop
[ "$(field .path)" = /otlp/v1development/profiles ] || fail "$(field .path)"
[ "$(field '.headers["content-type"]')" = application/x-protobuf ] || fail "$(cat "$(last)")"
gunzip <"$(body)" | protoc --decode=Request otlp.proto >otlp.txt
grep -A2 'key: "service.name"' otlp.txt | grep -q '"shop"' || fail "$(cat otlp.txt)"
grep -q 'string_table: "parse"' otlp.txt || fail "$(cat otlp.txt)"
[ "$(grep -E '^ +values: ' otlp.txt | awk '{ sum += $2 } END { print sum }')" = 100 ] || fail "$(cat otlp.txt)"

# Away: kept, exit 3; the next upload sends what waits first, in order, and each once.
spools() { find .signalbox/profile/spool -name '*.upload' | wc -l; }
echo 503 >"$folder/got/say"
expect 3 upload a.folded --to pyroscope "$url" --name first
says "kept in"
[ "$(spools)" = 1 ] || fail "$(find .signalbox)"
before=$(requests)
expect 0 upload a.folded --to pyroscope "$url" --name second
says "2 profiles sent"
[ "$(spools)" = 0 ] && [ "$(requests)" = $((before + 2)) ] || fail "$(requests) requests, $before before"
case $(field .path) in *name=second*) ;; *) fail "$(field .path)" ;; esac

# Busy: asked again with --retry, after what Retry-After says.
printf '429 Retry-After=1\n500\n' >"$folder/got/say"
expect 0 upload a.folded --to pyroscope "$url" --retry
says "1 profile sent"

# Nobody there at all.
expect 3 upload a.folded --to pyroscope http://127.0.0.1:1
says "nobody answers"

# Not allowed: exit 3, nothing is kept, and the token is told to nobody. Refused: exit 2.
echo 401 >"$folder/got/say"
before=$(spools)
expect 3 upload a.folded --to otlp "$url" --header 'Authorization=Bearer s3cret'
says "said with"
never_says "s3cret"
echo 400 >"$folder/got/say"
expect 2 upload a.folded --to otlp "$url"
[ "$(spools)" = "$before" ] || fail "$(find .signalbox)"
! grep -rq s3cret .signalbox || fail "the token lies on disk"

# Killed while it waits to try again: the profile lies in the spool.
yes 503 | head -100 >"$folder/got/say"
before=$(requests)
"$SIGNALBOX" profile upload a.folded --to otlp "$url" --name killed --retry >/dev/null 2>&1 &
victim=$!
for _ in $(seq 600); do [ "$(requests)" -gt "$before" ] && break; sleep 0.1; done
kill -9 "$victim"
wait "$victim" 2>/dev/null || :
rm "$folder/got/say"
expect 0 upload a.folded --to otlp "$url" --name after
says "2 profiles sent"

# What is no destination or no profile.
expect 2 upload a.folded "$url"
says "--to"
expect 2 upload a.folded --to pyroscope
expect 2 upload a.folded --to pyroscope "$url/?x=1"
expect 2 upload a.folded --to nowhere "$url"
echo 'no profile' >bad.folded
expect 2 upload bad.folded --to pyroscope "$url"
expect 2 upload absent.pb.gz --to pyroscope "$url"
