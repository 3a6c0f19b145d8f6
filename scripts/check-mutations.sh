#!/usr/bin/env bash
# Every deliberate mistake under Tests/Mutations still applies to the sources, and names the check that finds it.
set -euo pipefail
cd "$(dirname "$0")/.."

status=0
for patch in Tests/Mutations/*.patch; do
  git apply --check "$patch" || {
    echo "$patch: does not apply any more: make it anew against the sources" >&2
    status=1
  }
  head -1 "$patch" | grep -q 'Fails[a-zA-Z ]*: ' || {
    echo "$patch: the first line does not say which check finds it (Fails: SUITE/TEST.)" >&2
    status=1
  }
done
exit $status
