#!/bin/sh
# `signalbox queries` greets, in text and as JSON.
set -eu
"$SIGNALBOX" queries Ada | grep -q "Hello, Ada"
"$SIGNALBOX" queries --json | jq -e '.instrument == "queries" and .verdict == "pass"' >/dev/null
