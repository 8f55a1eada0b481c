#!/bin/sh
# Channels are told of a train, each message once: a file, a program, webhooks that a server by other people takes, a mail server by other people
# (aiosmtpd). What failed is told by the next call; what was stopped in the middle is told again only where somebody says so.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/scratch.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/aboard.sh"
python=/usr/bin/python3
$python -c 'import aiosmtpd' 2>/dev/null || { echo "no aiosmtpd of Python: apt-get install python3-aiosmtpd"; exit 77; }

# --- servers by other people, on ports of their own
first_line() { for _ in $(seq 100); do [ -s "$1" ] && break; sleep 0.1; done; head -1 "$1"; }
requests="$folder/requests" && : >"$requests"
mkfifo "$folder/open" "$folder/open2"
sleep 600 >"$folder/open" &
pids="$pids $!"
sleep 600 >"$folder/open2" &
pids="$pids $!"
$python "$SIGNALBOX_SOURCE_DIR/tests/e2e/receiver.py" "$requests" >"$folder/port" <"$folder/open" &
pids="$pids $!"
$python "$SIGNALBOX_SOURCE_DIR/src/core/http/testdata/mail_server.py" >"$folder/mails" <"$folder/open2" &
pids="$pids $!"
hooks="http://127.0.0.1:$(first_line "$folder/port")"
mails="smtp://127.0.0.1:$(first_line "$folder/mails")"
count() { grep -c "\"path\": \"$1" "$requests" || :; } # of requests to a path
mail_count() { grep -c '"subject"' "$folder/mails" || :; }

mkdir "$folder/shop" && cd "$folder/shop" && git init -q -b main .
cat >signalbox.yaml <<END
train:
  changelog: false
  pass_at: 0
  gates: []
  boarding: {lock_before: 0}
  driver: noop
  tag: true
  canary: {initial: 5, hold: 4s, steps: [50], baseline: 9s, announce: 2s}
  hooks: {announce: [./announce.sh], timeout: 30s}
  announcements:
    before: 1h
    templates:
      freeze: |
        Locked: {{.version}}

        {{.aboard}} aboard, {{.passengers | len}} named
  channels:
    - {name: news, markdown: docs/news.md}
    - {name: script, run: [./tell.sh], moments: [planning, change]}
    - {name: hook, moments: [planning], webhook: {url: "$hooks/ok/hook", key_file: ../key, token_env: HOOK_TOKEN}}
    - {name: chat, webhook: {url_env: CHAT_URL, form: slack}}
    - {name: room, moments: [planning], webhook: {url: "$hooks/ok/rooms/a/send/m.room.message", form: matrix, token_env: HOOK_TOKEN}}
    - {name: mail, moments: [planning, change, summary], mail: {server: "$mails", from: train@example.org, to: [ada@example.org], start_tls: where-offered}}
    - {name: feed, moments: [planning, summary], atom: Releases of the <shop>}
    - {name: flaky, moments: [freeze], webhook: {url: "$hooks/flaky"}}
    - {name: cut, moments: [freeze], webhook: {url: "$hooks/cut"}}
    - {name: echo, moments: [pre-cutover], webhook: {url: "$hooks/echo", token_env: HOOK_TOKEN}}
    - {name: held, moments: [pre-cutover], webhook: {url: "$hooks/hold"}}
END
printf '#!/bin/sh\ncat >>told.txt; echo "$SIGNALBOX_MOMENT $SIGNALBOX_MESSAGE_ID" >>told.txt\n' >tell.sh
printf '#!/bin/sh\nexec "%s" train announce "$SIGNALBOX_TRAIN" --channel news\n' "$SIGNALBOX" >announce.sh
chmod +x tell.sh announce.sh
printf 'told.txt\ndocs/news.md\n' >.gitignore
printf 'whsec_%s\n' "$(openssl rand -base64 32)" >"$folder/key"
open_shop
git commit -q --allow-empty -m "feat: sell <more> & *better*"
CHAT_URL="$hooks/ok/services/T0/B0/hidden-part" && export CHAT_URL

# --- nothing goes out before it is allowed, and a try tells nobody
expect 0 train new one --depart +40d
expect 3 train announce one
says "are not allowed on this machine"
expect 0 "$SIGNALBOX" allow --revision v1.0.0
says "./tell.sh"
says '$CHAT_URL'
expect 0 train announce one --dry-run
says "7 would be told"
says "Train one departs"
expect 2 train announce nobody
says "there is no train nobody"
expect 2 train announce one --channel chatt
says "did you mean chat?"
expect 2 train announce one --at freeze
says "nothing to tell of freeze"
[ "$(count /)" = 0 ] && [ ! -e docs/news.md ] && [ ! -e told.txt ] && [ "$(mail_count)" = 0 ]

# --- each channel is told once; what failed for want of a token is told by the next call
expect 1 train announce one
says "5 told, 2 not"
says '$HOOK_TOKEN is empty'
HOOK_TOKEN=correct-horse-battery && export HOOK_TOKEN
expect 0 train announce one
says "2 told, 0 not"
never_says correct-horse
expect 0 train announce one
says "0 told, 0 not"
[ "$(count /ok/hook)" = 1 ] && [ "$(count /ok/services)" = 1 ] && [ "$(count /ok/rooms)" = 1 ] && [ "$(mail_count)" = 1 ]
grep -q '^## Train one departs' docs/news.md
grep -q '^planning one.planning.0.' told.txt
$python - "$requests" "$folder/mails" "$folder/key" <<'END'
import base64, hashlib, hmac, json, sys
requests = {r["path"].split("/")[2]: r for r in map(json.loads, open(sys.argv[1]))}
mail = json.loads(open(sys.argv[2]).read().split("\n")[1])
hook, chat, room = requests["hook"], requests["services"], requests["rooms"]
key = base64.b64decode(open(sys.argv[3]).read().strip().removeprefix("whsec_"))
signed = f'{hook["headers"]["webhook-id"]}.{hook["headers"]["webhook-timestamp"]}.{hook["body"]}'.encode()
assert hook["headers"]["webhook-signature"] == "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
assert hook["headers"]["authorization"] == "Bearer correct-horse-battery"
told = json.loads(hook["body"])
assert told["id"] == hook["headers"]["webhook-id"] == hook["headers"]["idempotency-key"], told
assert (told["train"], told["moment"], told["message"]) == ("one", "planning", "planning.0"), told
assert told["subject"].startswith("Train one departs 20") and told["text"] == "Nobody is aboard yet.\n", told
assert json.loads(chat["body"]) == {"text": told["subject"] + "\n\n" + told["text"], "mrkdwn": False}
assert room["method"] == "PUT" and room["path"].startswith("/ok/rooms/a/send/m.room.message/one.planning.0."), room["path"]
assert json.loads(room["body"])["m.mentions"] == {}
assert mail["from"] == "train@example.org" and mail["to"] == ["ada@example.org"] and mail["subject"] == told["subject"], mail
assert mail["text"] == told["text"] and mail["id"].endswith("@example.org>") and not mail["defects"], mail
END

# --- a date that moves after it was announced is told once; one that moves before is not a change
expect 0 train move one +41d --reason "the bank is closed"
expect 0 train announce one
says "change.1"
says "4 told, 0 not"
expect 0 train announce one
says "0 told, 0 not"
grep -q 'Train one is moved: it departs 20' "$requests"
grep -q "Why: the bank is closed" "$folder/mails"
[ "$(count /ok/services)" = 2 ] && [ "$(mail_count)" = 2 ]
expect 0 train new two --depart +50d
expect 0 train move two +51d --reason "somebody erred"
expect 0 train announce two --channel chat
says "planning.1"
expect 0 train cancel two --reason "nothing to carry"
expect 0 train announce two --channel chat
says "1 told, 0 not"
grep -q "Train two is cancelled" "$requests"
expect 0 train new three --depart +50d
expect 0 train cancel three --reason "nobody heard of it"
expect 0 train announce three
says "there is nothing to tell"

# --- a lock: refused, then told; cut off, then told again by a person's word alone; words of one's own
put_aboard four 7200
expect 1 train announce four --at freeze
says "it answered 404: no such channel"
says "freeze."
says "may have arrived, look there first"
says "--again cut"
expect 1 train announce four --at freeze
says "1 told, 1 not"
[ "$(count /cut)" = 1 ]
expect 0 train announce four --at freeze --again cut
says "1 told, 0 not"
[ "$(count /cut)" = 2 ] && [ "$(count /flaky)" = 2 ]
grep -q 'Locked: 1.1.0' "$requests"
grep -q '1 aboard, 1 named' "$requests"
grep '"path": "/cut"' "$requests" | $python -c 'import json, sys; ids = {json.loads(line)["headers"]["idempotency-key"] for line in sys.stdin}; assert len(ids) == 1, ids'

# --- what others wrote is text wherever it is told
expect 0 train announce four --at planning --channel chat
grep -q 'feat: sell &lt;more&gt; &amp; \*better\*: low risk, ada' "$requests"
expect 0 train announce four --at planning --channel news
grep -q 'feat: sell \\<more\\> \\& \\\*better\\\*: low risk, ada' docs/news.md || { cat docs/news.md; exit 1; }

# --- a refusal that repeats the token is told without it
expect 1 train announce four --at pre-cutover --channel echo
says "it answered 403: not with Bearer (secret)"
never_says correct-horse

# --- killed between the request and the record: known to be in doubt at once, told again only where somebody says so, under the same id
"$SIGNALBOX" train announce four --at pre-cutover --channel held >"$folder/out" 2>&1 &
teller=$!
for _ in $(seq 100); do [ "$(count /hold)" = 1 ] && break; sleep 0.1; done
kill -9 $teller
wait $teller 2>/dev/null || :
expect 1 train announce four --at pre-cutover --channel held
says "was stopped while telling it"
[ "$(count /hold)" = 1 ]
"$SIGNALBOX" train announce four --at pre-cutover --channel held --again held >"$folder/out" 2>&1 &
teller=$!
for _ in $(seq 100); do [ "$(count /hold)" = 2 ] && break; sleep 0.1; done
expect 0 train announce four --at pre-cutover --channel held
says "under way"
kill -9 $teller
wait $teller 2>/dev/null || :
grep '"path": "/hold"' "$requests" | $python -c 'import json, sys; ids = [json.loads(line)["headers"]["idempotency-key"] for line in sys.stdin]; assert len(ids) == 2 and len(set(ids)) == 1, ids'

# --- a train on its way: the hook of the ramp tells too, then departure, pause, the end, and the way back
git commit -q --allow-empty -m "feat: sell it all"
put_aboard five 8
(code=0; train depart five >"$folder/depart" 2>&1 || code=$?; echo $code >"$folder/depart.code") &
for _ in $(seq 300); do train status five --json 2>/dev/null | grep -q '"phase": *"ramping"' && break; sleep 0.1; done
grep -q '^## 1.1.0 departs 20' docs/news.md || { cat docs/news.md "$folder/depart"; exit 1; }
expect 0 train announce five --channel chat
says "departure."
says "1 told, 0 not"
expect 0 train pause five --reason "we look at it"
expect 0 train announce five --channel chat
says "pause."
says "1 told, 0 not"
grep -q "Why: pause by .*: we look at it" "$requests"
expect 0 train resume five --reason "all is well"
for _ in $(seq 300); do [ -s "$folder/depart.code" ] && break; sleep 0.1; done
[ "$(cat "$folder/depart.code")" = 0 ] || { cat "$folder/depart"; exit 1; }
expect 0 train announce five
says "summary."
says "4 told, 0 not"
grep -q "has departed" "$folder/mails"
expect 0 train rollback five --reason "customers cannot pay"
expect 0 train announce five
says "4 told, 0 not"
grep -q "was taken back" "$folder/mails"
expect 0 train announce five --told
says "told"
expect 0 train announce
expect 0 train announce
says "0 told, 0 not"

# --- the feed has what its channel was told, of all trains
expect 0 train announce --feed -o "$folder/feed.atom"
$python - "$folder/feed.atom" <<'END'
import sys, xml.etree.ElementTree as tree
atom = "{http://www.w3.org/2005/Atom}"
feed = tree.parse(sys.argv[1]).getroot()
titles = [entry.findtext(atom + "title") for entry in feed.findall(atom + "entry")]
assert feed.findtext(atom + "title") == "Releases of the <shop>", feed.findtext(atom + "title")
assert titles[-1].startswith("Train one departs 20") and titles.count("v1.1.0 has departed") == 1 and titles.count("v1.1.0 was taken back") == 1, titles
END

# --- what was recorded is what the schema says, and the log holds
$python "$SIGNALBOX_SOURCE_DIR/tests/e2e/recorded.py" "$SIGNALBOX_SOURCE_DIR/docs/schemas" announcement
expect 0 "$SIGNALBOX" evidence log audit
grep -r -l -e correct-horse -e hidden-part .git/signalbox && exit 1
echo "channels of a train, each told once"
