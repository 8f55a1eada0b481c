# shellcheck shell=sh
# A place of its own for tests that include this: $folder with keys and log in it, a git that no configuration of the machine reaches, and
# `train`. At the end what is in $pids is ended and the folder goes.
folder=$(mktemp -d)
pids=
cleanup() {
  for pid in $pids; do kill "$pid" 2>/dev/null || :; done
  rm -rf "$folder"
}
trap cleanup EXIT
export XDG_DATA_HOME="$folder/data" XDG_CACHE_HOME="$folder/cache" GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@a GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@a
train() { "$SIGNALBOX" train "$@"; }
commit() { # FILE TEXT MESSAGE
  mkdir -p "$(dirname "$1")"
  printf '%s\n' "$2" >"$1"
  git add -A
  git commit -q -m "$3"
}
