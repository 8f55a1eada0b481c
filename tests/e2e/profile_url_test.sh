#!/bin/sh
# `signalbox profile record --url` on a real Go program with net/http/pprof: its CPU profile, heap and goroutines; answers that are no profile,
# too late, or forbidden.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/profiling.sh"
record() { "$SIGNALBOX" profile record "$@"; }
command -v go >/dev/null || { echo "skipped: no go"; exit 77; }

cat >main.go <<'END'
package main

import (
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"runtime"
	"strings"
)

var sink uint64
var kept [][]byte

//go:noinline
func burnMuch(n int) { for i := 0; i < n*70; i++ { sink += uint64(i) * sink } }

//go:noinline
func burnLittle(n int) { for i := 0; i < n*30; i++ { sink += uint64(i) * sink } }

//go:noinline
func keepMemory() { kept = append(kept, make([]byte, 8<<20)) }

func waitForever() { select {} }

func main() {
	runtime.MemProfileRate = 1
	keepMemory()
	go waitForever()
	go func() { for { burnMuch(20000); burnLittle(20000) } }()
	http.HandleFunc("/text/debug/pprof/profile", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "<html>hello") })
	http.HandleFunc("/empty/debug/pprof/profile", func(w http.ResponseWriter, r *http.Request) {})
	http.HandleFunc("/busy/debug/pprof/profile", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "Could not enable CPU profiling: in use", 500) })
	http.HandleFunc("/closed/debug/pprof/profile", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer s3cret-t0ken" { http.Error(w, "who is " + r.Header.Get("Authorization") + ", " + r.URL.RawQuery + "?", 401); return }
		r.URL.Path = strings.TrimPrefix(r.URL.Path, "/closed")
		http.DefaultServeMux.ServeHTTP(w, r)
	})
	http.HandleFunc("/huge/debug/pprof/profile", func(w http.ResponseWriter, r *http.Request) {
		block := make([]byte, 1<<20)
		for { if _, err := w.Write(block); err != nil { return } }
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil { panic(err) }
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	os.Stdout.Close()
	panic(http.Serve(listener, nil))
}
END
HOME=$folder GO111MODULE=off GOFLAGS= GOCACHE="$folder/gocache" go build -o busy main.go
./busy >port &
pids=$!
for _ in $(seq 600); do [ -s port ] && break; sleep 0.1; done
url=http://127.0.0.1:$(cat port)

# A bare address is its CPU profile; the shares are those of the program.
expect 0 record --url "$url" --duration 3s -o cpu --label service=shop
says "burnMuch"
says "/debug/pprof/profile?seconds=3"
[ -s cpu.svg ] && [ -s cpu.pb.gz ] || fail "$(ls)"
go tool pprof -top -nodecount=50 cpu.pb.gz 2>/dev/null >top
# With what it calls: on a busy machine the runtime's preemption of it is a share of its own.
awk '$6 == "main.burnMuch" { sub("%", "", $5); found = 1; exit !($5 > 50 && $5 < 85) } END { if (!found) exit 1 }' top || fail "$(cat top)"
go tool pprof -comments cpu.pb.gz 2>/dev/null | grep -q '^source=http' || fail "$(go tool pprof -comments cpu.pb.gz 2>&1)"
go tool pprof -comments cpu.pb.gz 2>/dev/null | grep -q '^service=shop' || fail "no label"

# Other endpoints are what is true now.
expect 0 record --url "$url/debug/pprof/heap" -o heap --format pprof
go tool pprof -sample_index=inuse_space -top heap.pb.gz 2>/dev/null | grep -q 'keepMemory' || fail "$(go tool pprof -top heap.pb.gz)"
expect 0 record --url "$url/debug/pprof/goroutine" -o goroutine --format folded
grep -q 'waitForever.* 1$' goroutine.folded || fail "$(cat goroutine.folded)"
# Nothing counts blocking here: nothing is written.
expect 1 record --url "$url/debug/pprof/block" -o block
says "SetBlockProfileRate"
[ ! -e block.pb.gz ] || fail "an empty file was written"

# Evidence of it, as of any run.
git init -q -b main repository && cd repository && echo x >x && git add -A && git commit -q -m "feat: x"
expect 0 record --record --url "$url/debug/pprof/profile?seconds=1" -o "$folder/x/recorded" --format pprof
says "recorded"
cd ..

# What is no profile.
expect 2 record --url "$url/text/debug/pprof/profile" --duration 1s -o x
says "no pprof profile"
expect 2 record --url "$url/empty/debug/pprof" --duration 1s -o x
expect 3 record --url "$url/nothing/here" -o x
says "404"
says "net/http/pprof"
expect 3 record --url "$url/busy/debug/pprof" --duration 1s -o x
says "only one is at a time"
expect 3 record --url "$url/closed/debug/pprof" --duration 1s -o x
says "401"
expect 0 record --url "$url/closed/debug/pprof/profile?key=s3cret-in-query" --duration 1s -o closed --format pprof --header 'Authorization=Bearer s3cret-t0ken'
never_says "s3cret"
go tool pprof -comments closed.pb.gz 2>/dev/null | grep -q '^source=http.*/closed/debug/pprof/profile?seconds=1$' || fail "$(go tool pprof -comments closed.pb.gz)"
! gunzip <closed.pb.gz | grep -aq s3cret || fail "a secret of the address lies in the profile"
# Who answers may repeat what it was sent: it is not told on.
expect 3 record --url "$url/closed/debug/pprof/profile?key=s3cret-in-query" --duration 1s -o x --header 'Authorization=Bearer wr0ng-s3cret'
says "who is (secret)"
never_says "s3cret"
expect 3 record --url "$url/huge/debug/pprof" --duration 1s -o x
says "more than"
expect 3 record --url http://127.0.0.1:1 -o x
says "nobody answers"
expect 2 record --url "$url/debug/pprof/trace" -o x
expect 2 record --url "$url/debug/pprof/goroutine?debug=2" -o x
says "text"
expect 2 record --url "$url" --pid 1 -o x
says "--pid means nothing with --url"
expect 2 record --url "$url/debug/pprof/profile?seconds=2" --duration 1s -o x
expect 2 record --url ftp://127.0.0.1 -o x
[ -z "$(find . -name 'x.*')" ] || fail "$(find . -name 'x.*')"
