#!/usr/bin/env bash
# Runs the tests where threads meet under a sanitizer: scripts/sanitize.sh thread|address [FILTER]
#
# Suppressions, each with its reason, stand in scripts/sanitizer-suppressions.txt; there is none while that file is
# absent.
set -euo pipefail
cd "$(dirname "$0")/.."

sanitizer=${1:-}
case "$sanitizer" in
  thread | address) ;;
  *)
    echo "usage: scripts/sanitize.sh thread|address [FILTER]" >&2
    exit 64
    ;;
esac
filter=${2:-'^SchedulerTests\.|Accumul|^TrainingTests\.'}

scripts/setup.sh
suppressions=$PWD/scripts/sanitizer-suppressions.txt
if [ -f "$suppressions" ]; then
  export TSAN_OPTIONS="suppressions=$suppressions ${TSAN_OPTIONS:-}"
fi
exec swift test --sanitize "$sanitizer" --scratch-path ".build-$sanitizer" -Xcc -O2 --disable-xctest --filter "$filter"
