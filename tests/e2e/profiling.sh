# shellcheck shell=sh
# What tests of profiles share, for tests that include this: scratch.sh and expect.sh, an empty folder to stand in, whether programs may be sampled
# here, nobody's rights, and a program whose two functions share its processor time 70 : 30.
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/scratch.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/expect.sh"
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/wait.sh"
mkdir "$folder/x" && cd "$folder/x"

fail() { echo "$*"; exit 1; }
profile() { "$SIGNALBOX" profile "$@"; }

is_called() { [ "$(cat "/proc/$1/comm")" = "$2" ]; } # PID NAME: whether it is that program by now

# 0 where programs may be sampled; any answer of the doctor but yes and no fails the test.
may_sample() {
  code=0
  "$SIGNALBOX" profile doctor >"$folder/doctor" 2>&1 || code=$?
  [ "$code" -le 1 ] || fail "doctor ended with $code: $(cat "$folder/doctor")"
  [ "$code" = 0 ]
}
# Ends a test that was about samples all along; or one of which what is told is left out.
only_where_sampled() { may_sample || { echo "skipped: this machine or container does not let programs be sampled"; exit 77; }; }
rest_where_sampled() { may_sample || { echo "left out: $1, since this machine or container does not let programs be sampled"; exit 0; }; }

# Whether somebody without rights can run this build, for tests that run as root; then `nobody COMMAND…` does.
nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all env HOME=/nonexistent "$@"; }
has_nobody() {
  [ "$(id -u)" = 0 ] || return 1
  chmod 755 "$folder" "$folder/x"
  nobody test -x "$SIGNALBOX"
}

# `agrees LEAST MOST`: of a recording's report in $out, processor time by samples as a part of that by the kernel.
agrees() {
  echo "$out" >"$folder/said"
  /usr/bin/python3 - "$folder/said" "$1" "$2" <<'END_OF_PYTHON'
import re, sys
said, least, most = open(sys.argv[1]).read(), float(sys.argv[2]), float(sys.argv[3])
sampled, accounted = (float(re.search(rf"{name} +([\d.]+) s", said)[1]) for name in ("by samples", "by the kernel"))
assert accounted > 1 and least < sampled / accounted < most, (sampled, accounted)
print(f"{sampled:.2f} s sampled of {accounted:.2f} s")
END_OF_PYTHON
}

# burn_much(SECONDS) and burn_little(SECONDS) of the thread's own processor time, which is measured by the program itself.
cat >split.h <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
volatile double sink;
#define BURN(name) __attribute__((noinline)) void name(double seconds) { for (double end = now() + seconds; now() < end;) for (int i = 0; i < 20000; ++i) sink += i; }
BURN(burn_much)
BURN(burn_little)
END
