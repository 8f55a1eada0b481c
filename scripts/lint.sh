#!/bin/sh
# lint.sh [--fix] [--all]: every source has the layout of .clang-format, and clang-tidy finds nothing in the sources that changed since the
# last commit on main (--all: in any source).
set -eu
cd "$(dirname "$0")/.."
fix= all=
for argument in "$@"; do
  case $argument in --fix) fix=yes ;; --all) all=yes ;; *) echo "unknown: $argument" >&2; exit 2 ;; esac
done
scripts/setup.sh build lint
sources=$(git ls-files --cached --others --exclude-standard 'src/*.[ch]pp' 'tests/*.[ch]pp' 'fuzz/*.cpp' 'bench/*.cpp')
if [ -n "$fix" ]; then
  echo "$sources" | xargs clang-format-16 -i
  exit 0
fi
status=0
echo "$sources" | xargs clang-format-16 --dry-run --Werror 2>build/format.log || {
  grep -o '^[^:]*:[0-9]*:[0-9]*: error.*' build/format.log | sort -u -t: -k1,1
  echo "mend it with scripts/lint.sh --fix"
  status=1
}
no_programs=$(git ls-files -s 'tests/e2e/*_test.*' | grep -v '^100755' | cut -f 2 || :)
[ -z "$no_programs" ] || { echo "not executable: $no_programs"; status=1; }
if [ -n "$all" ]; then
  changed=$sources
else
  base=$(git merge-base HEAD origin/main 2>/dev/null || git rev-parse HEAD~1 2>/dev/null || git rev-parse HEAD)
  [ "$base" != "$(git rev-parse HEAD)" ] || base=$(git rev-parse HEAD~1 2>/dev/null || git rev-parse HEAD)
  changed=$(git diff --name-only --diff-filter=d "$base" -- 'src/*.cpp' 'tests/*.cpp')
fi
changed=$(echo "$changed" | grep '\.cpp$' | grep -v '_test\.cpp$' || :)
if [ -n "$changed" ]; then
  cmake --preset tidy >/dev/null
  # shellcheck disable=SC2086
  echo "$changed" | xargs -P "$(nproc)" -n 1 clang-tidy-16 -p build/tidy --quiet 2>/dev/null || status=1
fi
exit $status
