#!/bin/sh
# Departures of real traffic: nginx splits requests between two tiny back ends by the weight file, Prometheus measures them. One train goes to
# 100 %, the next is taken back because its canary breaks its threshold; no request is lost. Then a controller that is killed a hundred times.
set -eu
for program in nginx prometheus python3; do
  command -v $program >/dev/null 2>&1 || { echo "$program is not installed"; exit 77; }
done
folder=$(mktemp -d)
pids=
cleanup() {
  for pid in $pids; do kill "$pid" 2>/dev/null || :; done
  rm -rf "$folder"
}
trap cleanup EXIT
export XDG_DATA_HOME="$folder/data" GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@a GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@a
expect() { # EXIT CODE, then the command; its output is in $out
  wanted=$1
  shift
  code=0
  out=$("$@" 2>&1) || code=$?
  [ "$code" = "$wanted" ] || { echo "$*: exit code $code instead of $wanted"; echo "$out"; exit 1; }
}
says() { case $out in *"$1"*) ;; *) echo "\`$1\` is not in:"; echo "$out"; exit 1 ;; esac; }
train() { "$SIGNALBOX" train "$@"; }

# --- the world: back ends, nginx, Prometheus, traffic
cat >"$folder/ports.py" <<'END'
import socket
held = [socket.socket() for _ in range(5)]
for s in held: s.bind(("127.0.0.1", 0))
print(*[s.getsockname()[1] for s in held])
END
# shellcheck disable=SC2046
set -- $(python3 "$folder/ports.py")
front=$1 blue=$2 green=$3 status=$4 prometheus=$5

cat >"$folder/backend.py" <<'END'
"""A back end: PORT VERSION SHARE_OF_ERRORS. Counts its requests as Prometheus reads them."""
import http.server, random, sys
port, version, share = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])
count = {"200": 0, "500": 0}
class Backend(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def do_GET(self):
        code = "200"
        if self.path == "/metrics":
            body = "# TYPE http_requests_total counter\n" + "".join(f'http_requests_total{{version="{version}",code="{c}"}} {n}\n' for c, n in count.items())
        else:
            code = "500" if random.random() < share else "200"
            count[code] += 1
            body = version
        self.send_response(int(code))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())
http.server.ThreadingHTTPServer.request_queue_size = 128
http.server.ThreadingHTTPServer(("127.0.0.1", port), Backend).serve_forever()
END
cat >"$folder/traffic.py" <<'END'
"""Requests to PORT until FILE is there, about 80 a second, at most 300 s. Prints how many were answered by whom, and how many were lost."""
import http.client, os, sys, time
port, stop, log = int(sys.argv[1]), sys.argv[2], open(sys.argv[3], "w")
end = time.time() + 300
while not os.path.exists(stop) and time.time() < end:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/")
        answer = connection.getresponse()
        line = f"{answer.status} {answer.read().decode()}"
        connection.close()
    except Exception as error:
        line = f"lost {error!r}"
    print(f"{time.time():.3f} {line}", file=log, flush=True)
    time.sleep(0.01)
END
start_backend() { # PORT VERSION SHARE; its pid is in $started
  python3 "$folder/backend.py" "$1" "$2" "$3" & started=$!
  pids="$pids $started"
  for _ in $(seq 100); do curl -fsS "http://127.0.0.1:$1/metrics" >/dev/null 2>&1 && return; sleep 0.1; done
  echo "no back end on $1"; exit 1
}
start_backend "$blue" v1.0.0 0.02 && blue_pid=$started
start_backend "$green" v1.1.0 0.02

cat >"$folder/prometheus.yml" <<END
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: shop
    static_configs: [{targets: ["127.0.0.1:$blue", "127.0.0.1:$green"]}]
END
prometheus --config.file="$folder/prometheus.yml" --storage.tsdb.path="$folder/tsdb" --web.listen-address="127.0.0.1:$prometheus" --log.level=error >"$folder/prometheus.log" 2>&1 &
pids="$pids $!"

# --- the service: its configuration is that of v1.0.0
mkdir "$folder/shop" && cd "$folder/shop" && git init -q -b main .
cat >signalbox.yaml <<END
train:
  changelog: false
  pass_at: 0
  gates: []
  tag: true
  driver:
    kind: nginx
    file: $folder/weights.conf
    upstream: shop
    pools: {blue: ["127.0.0.1:$blue"], green: ["127.0.0.1:$green"]}
    status: 127.0.0.1:$status
    check: [nginx, -t, -q, -p, $folder, -e, $folder/nginx.log, -c, $folder/nginx.conf]
    reload: [nginx, -s, reload, -p, $folder, -e, $folder/nginx.log, -c, $folder/nginx.conf]
    timeout: 15s
  hooks:
    smoke: [[curl, -fsS, -o, /dev/null, "http://127.0.0.1:$status/"]]
  canary:
    initial: 5
    hold: 12s
    steps: [50]
    baseline: 1s
    announce: 1s
    metrics:
      - name: errors
        requests: http_requests_total{\$side}
        bad: http_requests_total{\$side, code=~"5.."}
        judge: threshold
        above: 0.25
        for: 3s
  metrics: {prometheus: "http://127.0.0.1:$prometheus", baseline: 'version="\$baseline"', canary: 'version="\$candidate"', resolution: 2s, delay: 2s}
END
git add . && git commit -qm "feat: open the shop" && git tag v1.0.0
git commit -q --allow-empty -m "feat: sell more"

# --- nothing runs before it is allowed
expect 3 train traffic
says "not allowed on this machine"
# shellcheck disable=SC2046
eval "$(echo "$out" | sed -n "s|^hint: signalbox |\"\$SIGNALBOX\" |p")" >/dev/null
expect 0 train traffic --init
cat >"$folder/nginx.conf" <<END
worker_processes 1;
pid $folder/nginx.pid;
error_log $folder/nginx.log;
events {}
http {
  access_log off;
  client_body_temp_path $folder/t1; proxy_temp_path $folder/t2; fastcgi_temp_path $folder/t3; uwsgi_temp_path $folder/t4; scgi_temp_path $folder/t5;
  include $folder/weights.conf;
  server { listen 127.0.0.1:$front; location / { proxy_pass http://shop; } }
}
END
nginx -p "$folder" -e "$folder/nginx.log" -c "$folder/nginx.conf" -g 'daemon off;' &
pids="$! $pids"
for _ in $(seq 100); do curl -fsS "http://127.0.0.1:$status/" >/dev/null 2>&1 && break; sleep 0.1; done
expect 0 train traffic
says "0 % on the candidate"
python3 "$folder/traffic.py" "$front" "$folder/stop" "$folder/traffic.log" &
traffic=$!
pids="$pids $traffic"
sleep 4

# --- a good train: 5 %, 50 %, all
expect 0 train depart shop-1 --dry-run
says "GO: it may depart"
expect 0 train depart shop-1
says "v1.1.0 has departed"
[ "$(git rev-parse 'v1.1.0^{commit}')" = "$(git rev-parse HEAD)" ] || { echo "v1.1.0 is not on HEAD"; exit 1; }
expect 2 train depart shop-1
says "has departed as v1.1.0"
expect 0 "$SIGNALBOX" evidence query --type train/departure/v1
says "train/departure/v1"
train status shop-1 --json >"$folder/status.json"
python3 -c 'import json, sys; d = json.load(open(sys.argv[1]))["data"]; assert [h["passed"] for h in d["held"]] == [True, True], d; assert d["held"][0]["metrics"][0]["name"] == "errors", d' "$folder/status.json"

# --- a bad one: the new version on the other pool answers every second request with 500
git commit -q --allow-empty -m "feat: sell broken things"
kill "$blue_pid" && wait "$blue_pid" 2>/dev/null || :
start_backend "$blue" v1.2.0 0.5
sleep 3
expect 1 train depart shop-2
says "it was taken back"
says "is above 0.25"
train status shop-2 --json >"$folder/status.json" || [ $? = 1 ]
python3 -c 'import json, sys; d = json.load(open(sys.argv[1]))["data"]; assert d["phase"] == "rolled-back" and d["weight"] == 0 and d["breach"]["reason"] == "metric", d' "$folder/status.json"
back=$(date +%s.%N)
sleep 1
touch "$folder/stop" && wait $traffic
expect 0 train traffic
says "0 % on the candidate"

# --- what clients saw: nothing lost, all of it on the good version from the moment the command came back
python3 - "$folder/traffic.log" "$back" <<'END'
import sys
lines = [line.split() for line in open(sys.argv[1])]
back = float(sys.argv[2])
lost = [l for l in lines if l[1] not in ("200", "500")]
assert not lost, f"{len(lost)} of {len(lines)} requests were lost: {lost[:3]}"
seen = {l[2] for l in lines}
assert {"v1.0.0", "v1.1.0", "v1.2.0"} <= seen, seen
late = [l for l in lines if float(l[0]) > back and l[2] != "v1.1.0"]
assert not late, late[:3]
print(f"{len(lines)} requests, none lost")
END
