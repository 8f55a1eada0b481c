#!/bin/sh
# A stripped program: a profile says which file has no names; once the file as it was built is pushed, or a server of debuginfod's protocol has
# it, functions and lines are there. `symbols find`, `verify` and `serve`.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/scratch.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"

fail() { echo "$*"; exit 1; }
profile() { "$SIGNALBOX" profile "$@"; }
unset DEBUGINFOD_URLS 2>/dev/null || :
export XDG_DATA_HOME="$folder/data" DEBUGINFOD_CACHE_PATH="$folder/cache"
mkdir "$folder/x" && cd "$folder/x"

cat >spin.c <<'END'
#include <time.h>
volatile double sink;
__attribute__((noinline)) static void spin_here(double seconds) {
  struct timespec t;
  do {
    for (int i = 0; i < 20000; ++i) sink += i;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  } while ((double)t.tv_sec + 1e-9 * (double)t.tv_nsec < seconds);
}
int main(void) { spin_here(0.4); return 0; }
END
cc -O1 -g -Wl,--build-id -o whole spin.c
strip -o spin whole
id=$(readelf -n whole | sed -n 's/.*Build ID: //p')

expect 1 profile symbols find "$id"
says "nowhere"
expect 1 profile symbols verify spin
says "names of functions"
expect 2 profile symbols push spin.c

server_says() { # starts a server over what follows; its address in $address
  "$SIGNALBOX" profile symbols serve --listen 127.0.0.1:0 "$@" >served 2>errors &
  server=$!
  pids=$server
  tries=600
  until [ -s served ]; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] && kill -0 $server || fail "the server did not start: $(cat errors)"
    sleep 0.1
  done
  address=$(head -n 1 served)
}

# What other machines are given: by a server over the folder of the build.
mkdir build && mv whole build/
server_says build
expect 0 env DEBUGINFOD_URLS=$address "$SIGNALBOX" profile symbols find "$id"
says "a server of"
if command -v debuginfod-find >/dev/null; then
  DEBUGINFOD_URLS=$address DEBUGINFOD_CACHE_PATH=$folder/theirs debuginfod-find debuginfo "$id" >found
  cmp "$(cat found)" build/whole || fail "debuginfod-find got another file"
  DEBUGINFOD_URLS=$address DEBUGINFOD_CACHE_PATH=$folder/theirs debuginfod-find source "$id" "$PWD/spin.c" >found
  cmp "$(cat found)" spin.c || fail "debuginfod-find got another source"
fi
status() { curl -s -o /dev/null -w '%{http_code}' --path-as-is "$@"; }
# A page of another site that had its name pointed here.
[ "$(status -H 'Host: evil.example' "$address/buildid/$id/debuginfo")" = 403 ] || fail "another site was answered"
for path in "$id/source/etc/passwd" "$id/source/../../etc/passwd" "$id/source/..%2f..%2fetc/passwd" "..%2f..%2fetc/debuginfo" "../../etc/passwd"; do
  case $(status "$address/buildid/$path") in 400 | 404) ;; *) fail "$path was given away" ;; esac
done

code=0
profile doctor >doctor 2>&1 || code=$?
if [ $code = 0 ]; then
  expect 0 profile --format folded -o nameless.folded --rate 999 ./spin
  says "$id"
  ! grep -q spin_here nameless.folded || fail "a stripped program has names"
  expect 0 env DEBUGINFOD_URLS=$address DEBUGINFOD_CACHE_PATH=$folder/new "$SIGNALBOX" profile --format folded -o served.folded --rate 999 ./spin
  grep -q 'main;spin_here' served.folded || fail "no names from the server: $(cat served.folded)"
  # A server that takes connections and never answers holds a recording back for two seconds, and is named.
  kill -STOP $server
  out=$(DEBUGINFOD_URLS=$address DEBUGINFOD_CACHE_PATH=$folder/silent profile --format folded -o silent.folded --rate 999 ./spin 2>&1) || out="ended with $?: $out"
  kill -CONT $server
  says "did not answer within 2 s"
  # That it had no time is not remembered as its answer.
  expect 0 env DEBUGINFOD_URLS=$address DEBUGINFOD_CACHE_PATH=$folder/silent "$SIGNALBOX" profile symbols find "$id"
  says "a server of"
else
  echo "this machine or container does not let programs be sampled: recordings are left out"
fi
kill $server
wait $server || fail "the server ended with $?"
pids=
expect 3 env DEBUGINFOD_URLS=$address "$SIGNALBOX" profile symbols find "$(echo "$id" | tr 0-9a-f 1-9a-f0)"
says "cannot be asked"
if [ $code = 0 ]; then
  expect 0 env DEBUGINFOD_URLS=$address DEBUGINFOD_CACHE_PATH=$folder/away "$SIGNALBOX" profile --format folded -o away.folded --rate 999 ./spin
  says "cannot be asked"
fi

expect 0 profile symbols push build/whole
says "$id"
expect 0 profile symbols find spin
says "kept here"
expect 0 profile symbols verify spin
says "everything is there"
if [ $code = 0 ]; then
  expect 0 profile --format folded -o pushed.folded --rate 999 ./spin
  grep -q 'main;spin_here' pushed.folded || fail "no names from what was pushed"
fi
echo "names of a stripped program: none, from a server, from what was pushed"
