#!/bin/sh
# threaded.sh: the test programs that run under ThreadSanitizer, of those that exist.
set -eu
cd "$(dirname "$0")/.."
for name in core_base core_git core_store core_http_server; do
  folder=src/core/${name#core_}
  [ "$name" != core_http_server ] || folder=src/core/http
  [ -z "$(find "$folder" -name '*_test.cpp' -print -quit 2>/dev/null)" ] || ! grep -qs "signalbox_module($name\b" "$folder/CMakeLists.txt" || echo "${name}_test"
done
[ -z "$(find src/core/evidence -name 'append_queue_test.cpp' -print -quit 2>/dev/null)" ] || echo core_evidence_threads_test
