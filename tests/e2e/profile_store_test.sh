#!/bin/sh
# Profiles that are kept: by `profile store` and `record --keep` in the workspace, by `--store`, `upload --to signalbox` and curl in a server's; what
# the server tells of them, and that its trees are as docs/schemas promises.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/profiling.sh"
unset SIGNALBOX_TOKEN SIGNALBOX_TOKEN_FILE SIGNALBOX_CA_FILE SIGNALBOX_STORE || :
git init -q .
git commit -q --allow-empty -m 'feat: a beginning'
store() { "$SIGNALBOX" profile store "$@"; }
kept() { store list --json "$@" | jq -r ".data.profiles | $filter"; }

# --- in the workspace
expect 0 store list
says "no profile is kept"
printf 'main;parse 30\nmain;print 70\n' >base.folded
printf 'main;parse 60\nmain;print 70\n' >new.folded
expect 0 store add base.folded --service shop --label region=eu
says "1 profile kept"
expect 0 store add base.folded new.folded --service other
says "was there"
filter='length'
[ "$(kept)" = 2 ] || fail "$(store list)"
filter='map(.service + " " + (.labels.region // "-") + " " + (.samples | tostring)) | sort | join(", ")'
[ "$(kept)" = "other - 130, shop eu 100" ] || fail "$(kept)"
filter='.[0].id'
base=$(kept --service shop)
new=$(kept --service other)
[ "$base" = "$(sha256sum base.folded | cut -d' ' -f1)" ] || fail "$base is no SHA-256 of the file"
store get "$(echo "$base" | cut -c-10)" >back.folded
cmp base.folded back.folded
expect 0 store list --since 1h
says "shop"
expect 0 store list --since 2199-01-01T00:00:00Z
says "none is like that"
expect 2 store add base.folded --label nonsense
expect 2 store list --since yesterday
echo 'no profile at all' >none
expect 2 store add none
expect 2 store get 0000000000
says "no profile 0000000000 is kept"
expect 2 store remove ''
printf 'main;gone 5\n' >gone.folded
expect 0 store add gone.folded --service gone
expect 0 store remove "$(filter='.[0].id' kept --service gone)"
says "1 profile removed"
filter='length'
[ "$(kept)" = 2 ] || fail "$(store list)"

# --- on a server
"$SIGNALBOX" serve --listen 127.0.0.1:0 >"$folder/link" 2>"$folder/served" &
pids=$!
for _ in $(seq 1200); do [ -s "$folder/link" ] && break; kill -0 "$pids" 2>/dev/null || fail "$(cat "$folder/served")"; sleep 0.05; done
url=$(sed 's|^\(https*://[^/]*\)/.*|\1|' "$folder/link")
operator=$("$SIGNALBOX" serve token add ci 2>/dev/null)
viewer=$("$SIGNALBOX" serve token add looker --role viewer 2>/dev/null)
ask() { curl -s -f -H "Authorization: Bearer ${2-$viewer}" "$url/api/v1/profile/$1"; }
status() { curl -s -o "$folder/answer" -w '%{http_code}' -H "Authorization: Bearer $1" "$2"; }
[ "$(ask profiles | jq -r '[.kept, (.services | join(" "))] | join(" ")')" = "2 other shop" ] || fail "$(ask profiles)"
ask "profiles/$base/flame" >tree.json
jq -e '[.nodes[] as $n | {(.frames[$n[1]].name): $n[3]}] | add | .main == 100 and .parse == 30 and .print == 70' tree.json >/dev/null || fail "$(cat tree.json)"
ask "diff/flame?base=$base&new=$new" >difference.json
jq -e '.total == 130 and .base_factor > 1.29 and .base_factor < 1.31' difference.json >/dev/null || fail "$(cat difference.json)"
if python3 -c 'import jsonschema' 2>/dev/null; then
  python3 - "$SIGNALBOX_SOURCE_DIR/docs/schemas/profile-flame-v1.json" tree.json difference.json <<'END'
import json, jsonschema, sys
schema = json.load(open(sys.argv[1]))
for name in sys.argv[2:]:
    jsonschema.Draft202012Validator(schema).validate(json.load(open(name)))
END
fi
# Lines with what they cost: of the commit that a profile names, whatever became of the file since.
mkdir -p src && seq 40 | sed 's/.*/line & then;/' >src/lines.c && git add src && git commit -q -m 'feat: lines'
commit=$(git rev-parse HEAD)
seq 40 | sed 's/.*/line & now;/' >src/lines.c
frame() { printf '{"name":"%s","file":"%s","line":%s}' "$1" "$2" "$3"; }
printf '{"$schema":"https://www.speedscope.app/file-format-schema.json","annotations":{"git.commit":"%s"},"shared":{"frames":[%s,%s,%s]},"profiles":[{"type":"sampled","name":"lines","unit":"none","startValue":0,"endValue":100,"samples":[[0],[1,2]],"weights":[30,70]}]}' \
  "$commit" "$(frame parse /builds/src/lines.c 20)" "$(frame parse /builds/src/lines.c 22)" "$(frame gone /etc/passwd 1)" >lines.speedscope.json
lines=$(curl -s -f -H "Authorization: Bearer $operator" --data-binary @lines.speedscope.json "$url/api/v1/profile/ingest?service=lines" | jq -r .id)
ask "profiles/$lines/source?function=parse" "$operator" >source.json
jq -e --arg commit "$commit" '.source.commit == $commit and .source.lines[20 - .source.first_line] == "line 20 then;" and ([.costs[] | [.line, .self, .cumulative]] == [[20, 30, 30], [22, 0, 70]])' source.json >/dev/null || fail "$(cat source.json)"
ask "profiles/$lines/source?function=gone" "$operator" >missing.json
jq -e '.source == null and (.missing | contains("/etc/passwd"))' missing.json >/dev/null || fail "$(cat missing.json)"
expect 0 "$SIGNALBOX" profile report lines.speedscope.json --source parse
says "line 22 then;"
# Who sent a profile named the file: its text is not for everybody who may see profiles.
[ "$(status "$viewer" "$url/api/v1/profile/profiles/$lines/source?function=parse")" = 403 ] || fail "a viewer is shown sources: $(cat "$folder/answer")"
if python3 -c 'import jsonschema' 2>/dev/null; then
  python3 - "$SIGNALBOX_SOURCE_DIR/docs/schemas/profile-source-v1.json" source.json missing.json <<'END'
import json, jsonschema, sys
schema = json.load(open(sys.argv[1]))
for name in sys.argv[2:]:
    jsonschema.Draft202012Validator(schema).validate(json.load(open(name)))
END
fi
[ "$(ask "profiles/$base/heatmap" | jq .has_times)" = false ] || fail "folded stacks have no times"
ask "profiles/$base/artifact?format=folded" | sort | cmp - base.folded
ask "profiles/$base/artifact?format=flamegraph" >a.svg
grep -q '<svg' a.svg || fail "no picture"
[ "$(status "$viewer" "$url/api/v1/profile/profiles/$(printf %064d 0)")" = 404 ] || fail "$(cat "$folder/answer")"
[ "$(curl -s -o "$folder/answer" -w '%{http_code}' -X DELETE -H "Authorization: Bearer $operator" "$url/api/v1/profile/profiles/$base")" = 403 ] || fail "an operator takes profiles away"

# Sent by the command line: as a store, and as a receiver; a token of a viewer sends nothing.
printf 'main;till 9\n' >till.folded
SIGNALBOX_TOKEN=$operator expect 0 store add till.folded --service till --label region=us --store "$url"
[ "$(ask 'profiles?service=till' | jq -r '.profiles[0] | .labels.region + " " + .kept_by')" = "us ci" ] || fail "$(ask 'profiles?service=till')"
SIGNALBOX_TOKEN=$viewer expect 3 store add till.folded --store "$url"
says "token of the role operator"
printf 'main;cart 9\n' >cart.folded
expect 0 "$SIGNALBOX" profile upload cart.folded --to signalbox "$url" --name cart --label region=eu --header "Authorization=Bearer $operator"
says "1 profile sent"
[ "$(ask 'profiles?service=cart' | jq -r '.profiles[0] | .labels.region + " " + .format')" = "eu pprof" ] || fail "$(ask 'profiles?service=cart')"
expect 3 "$SIGNALBOX" profile upload cart.folded --to signalbox "$url" --name cart --header "Authorization=Bearer $viewer"
# As Pyroscope's clients do.
curl -s -f -H "Authorization: Bearer $operator" --data-binary @new.folded "$url/ingest?name=shop%7Bregion%3Deu%7D&from=1700000000&until=1700000010&format=folded" >/dev/null || fail "not taken"

rest_where_sampled "what a recording keeps"
cat >split.c <<'END'
#include "split.h"
int main(void) { burn_much(0.7); burn_little(0.3); return 0; }
END
gcc -O1 -g -o split split.c
expect 0 "$SIGNALBOX" profile --rate 499 --keep -o split.pb.gz -- ./split
says "of split"
id=$(store list --service split --json | jq -r '.data.profiles[0].id')
ask "profiles/$id/flame" | jq -e '.samples > 100 and ([.frames[].name] | index("burn_much") != null)' >/dev/null || fail "$(ask "profiles/$id")"
ask "profiles/$id/heatmap" | jq -e '.has_times and .samples > 100 and .untimed == 0' >/dev/null || fail "$(ask "profiles/$id/heatmap")"
ask "profiles/$id/flame?slice=0s-0.3s" | jq -e '[.frames[].name] | index("burn_much") != null and index("burn_little") == null' >/dev/null || fail "a slice is another"
[ "$(ask "profiles/$id" | jq -r .commit)" = "$(git rev-parse HEAD)" ] || fail "$(ask "profiles/$id")"
