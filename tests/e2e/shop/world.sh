# shellcheck shell=sh disable=SC2154,SC2034
# The world of a departure, for tests that include this with $folder and $pids set: two back ends of a shop on $blue and $green, nginx that
# splits what comes to $front between them by the weight file of Signalbox, Prometheus that scrapes both, and clients that never stop.
# Everything listens on loopback on ports that are free now, and is in $pids to be ended.
shop=$SIGNALBOX_SOURCE_DIR/tests/e2e/shop
for program in nginx prometheus python3 node curl; do
  command -v $program >/dev/null 2>&1 || { echo "$program is not installed"; exit 77; }
done
# shellcheck disable=SC2046
set -- $(python3 -c '
import socket
held = [socket.socket() for _ in range(5)]
for s in held: s.bind(("127.0.0.1", 0))
print(*[s.getsockname()[1] for s in held])')
front=$1 blue=$2 green=$3 status=$4 prometheus=$5

await_answer() { # ADDRESS WHAT
  for _ in $(seq 150); do curl -fsS "$1" >/dev/null 2>&1 && return; sleep 0.1; done
  echo "no $2 at $1"
  exit 1
}
start_backend() { # PORT VERSION SHARE OF ERRORS; its pid is in $started
  node "$shop/server.mjs" "$1" "$2" "$3" &
  started=$!
  pids="$pids $started"
  await_answer "http://127.0.0.1:$1/metrics" "back end"
}
start_prometheus() {
  cat >"$folder/prometheus.yml" <<YAML
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: shop
    static_configs: [{targets: ["127.0.0.1:$blue", "127.0.0.1:$green"]}]
YAML
  prometheus --config.file="$folder/prometheus.yml" --storage.tsdb.path="$folder/tsdb" --web.listen-address="127.0.0.1:$prometheus" --log.level=error >"$folder/prometheus.log" 2>&1 &
  pids="$pids $!"
}
# What signalbox.yaml says of this world, indented as keys of `train:`: who moves the traffic, and what judges it; each weight is held for $hold,
# and $more_metrics are judged too.
driver() {
  cat <<YAML
  driver:
    kind: nginx
    file: $folder/weights.conf
    upstream: shop
    pools: {blue: ["127.0.0.1:$blue"], green: ["127.0.0.1:$green"]}
    status: 127.0.0.1:$status
    check: [nginx, -t, -q, -p, $folder, -e, $folder/nginx.log, -c, $folder/nginx.conf]
    reload: [nginx, -s, reload, -p, $folder, -e, $folder/nginx.log, -c, $folder/nginx.conf]
    timeout: 15s
YAML
}
driver_and_metrics() {
  driver
  cat <<YAML
  hooks:
    smoke: [[curl, -fsS, -o, /dev/null, "http://127.0.0.1:$status/"]]
  canary:
    initial: 5
    hold: ${hold:-12s}
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
${more_metrics:-}
  metrics: {prometheus: "http://127.0.0.1:$prometheus", baseline: 'version="\$baseline"', canary: 'version="\$candidate"', resolution: 2s, delay: 2s}
YAML
}
start_nginx() { # after the first weight file is there
  cat >"$folder/nginx.conf" <<CONF
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
CONF
  nginx -p "$folder" -e "$folder/nginx.log" -c "$folder/nginx.conf" -g 'daemon off;' &
  pids="$! $pids"
  await_answer "http://127.0.0.1:$status/" nginx
}
start_traffic() {
  python3 "$shop/traffic.py" "$front" "$folder/stop" "$folder/traffic.log" &
  traffic=$!
  pids="$pids $traffic"
}
end_traffic() {
  touch "$folder/stop"
  wait $traffic
}
