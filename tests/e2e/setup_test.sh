#!/bin/sh
# What is missing is said in one line with what to do: each case of scripts/setup.sh, with stand-ins for apt, dpkg, sudo and the system.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*" >&2; cat "$work/out" >&2; exit 1; }

# A PATH with what set-up uses of a shell's tools, and stand-ins that the cases write.
mkdir "$work/bin"
for tool in sh awk sed grep tr dirname mktemp wc tail head date rm cat env mkdir chmod; do ln -s "$(command -v $tool)" "$work/bin/$tool"; done
stand_in() { # NAME BODY
  printf '#!/bin/sh\n%s\n' "$2" >"$work/bin/$1"
  chmod +x "$work/bin/$1"
}
system() { printf 'ID=%s\nVERSION_ID="%s"\nPRETTY_NAME="%s"\n' "$@" >"$work/os-release"; }
set_up() {
  code=0
  env -i PATH="$work/bin" SIGNALBOX_OS_RELEASE="$work/os-release" sh "$SIGNALBOX_SOURCE_DIR/scripts/setup.sh" build console >"$work/out" 2>&1 </dev/null || code=$?
}
# The last line names what is wrong and what to do, and the exit code is 3.
says() { # CASE PATTERN...
  what=$1
  shift
  [ $code = 3 ] || fail "$what: exit code $code"
  for pattern in "$@"; do tail -n 1 "$work/out" | grep -q -- "$pattern" || fail "$what: the last line does not say '$pattern'"; done
  [ "$(wc -l <"$work/out")" -le 2 ] || fail "$what: more than one line, and the one before it"
}
debian() { system debian 12 "Debian GNU/Linux 12 (bookworm)"; }

system ubuntu 24.04 "Ubuntu 24.04 LTS"
stand_in dpkg-query 'exit 1'
stand_in id 'echo 0'
set_up
says "another distribution" "Ubuntu 24.04 LTS" "built on Debian 12" "debian:12 container" "g++"

rm "$work/bin/dpkg-query"
set_up
says "no dpkg at all" "Ubuntu 24.04 LTS" "debian:12 container"

debian
stand_in dpkg-query 'exit 1'
stand_in id 'echo 1000'
set_up
says "no sudo" "needs root, and there is no sudo" "apt-get install --no-install-recommends .*cmake"

stand_in sudo 'exit 1'
set_up
says "sudo wants a password that nobody can type" "sudo wants a password" "sudo apt-get install .*cmake"

stand_in id 'echo 0'
stand_in apt-get 'echo "E: Failed to fetch InRelease  Temporary failure resolving"; exit 100'
set_up
says "no network" "cannot reach the package archive" "Temporary failure resolving" "connect to the network"

stand_in apt-get 'case "$*" in *" -s "*) echo "Remv libboost-dev [1.74]";; esac'
set_up
says "apt would remove something" "apt would remove: libboost-dev" "nothing was changed"

stand_in apt-get 'case "$*" in *" -s "*) echo "E: Unable to locate package mold"; exit 100;; esac'
set_up
says "a package is nowhere" "finds no way to install" "Unable to locate package mold"

# Everything is there: nothing is said, nothing is called.
stand_in dpkg-query 'shift 2; for package; do echo "installed $package"; done'
stand_in apt-get "touch $work/called"
set_up
[ $code = 0 ] && [ ! -s "$work/out" ] && [ ! -e "$work/called" ] || fail "all is there: exit code $code"
