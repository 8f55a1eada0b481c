# shellcheck shell=sh
# Running a command and looking at what it said, for tests that include this.
expect() { # EXIT CODE, then the command; its output is in $out
  wanted=$1
  shift
  code=0
  out=$("$@" 2>&1) || code=$?
  [ "$code" = "$wanted" ] || { echo "$*: exit code $code instead of $wanted"; echo "$out"; exit 1; }
}
says() { case $out in *"$1"*) ;; *) echo "\`$1\` is not in:"; echo "$out"; exit 1 ;; esac; }
never_says() { case $out in *"$1"*) echo "\`$1\` is in:"; echo "$out"; exit 1 ;; *) ;; esac; }
