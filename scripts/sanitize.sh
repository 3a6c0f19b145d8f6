#!/usr/bin/env bash
# Runs the tests where threads meet under a sanitizer: scripts/sanitize.sh thread|address [FILTER]
# or the stress run under ThreadSanitizer: scripts/sanitize.sh stress [SECONDS], 600 where not said,
# or the C kernels under UndefinedBehaviorSanitizer and AddressSanitizer, apart from Swift: scripts/sanitize.sh undefined
#
# AddressSanitizer looks for leaks at the end. All operator tests under it, some ten minutes:
#   scripts/sanitize.sh address '^OpsTests\.|^AutodiffTests\.|^FixtureTests\.'
#
# Suppressions, each with its reason, stand in scripts/sanitizer-suppressions.txt; there is none while that file is
# absent.
set -euo pipefail
cd "$(dirname "$0")/.."

sanitizer=${1:-}
case "$sanitizer" in
  thread | address | stress) ;;
  undefined) exec scripts/kernels.sh sanitized ;;
  *)
    echo "usage: scripts/sanitize.sh thread|address [FILTER] | stress [SECONDS] | undefined" >&2
    exit 64
    ;;
esac
filter=${2:-'^SchedulerTests\.|Accumul|^TrainingTests\.'}

scripts/setup.sh
suppressions=$PWD/scripts/sanitizer-suppressions.txt
if [ -f "$suppressions" ]; then
  export TSAN_OPTIONS="suppressions=$suppressions ${TSAN_OPTIONS:-}"
fi
if [ "$sanitizer" = stress ]; then
  swift build --sanitize thread --scratch-path .build-thread -Xcc -O2 --product tributary-bench
  preload=$PWD/.build-thread/contended_mutex.so
  clang -shared -fPIC -O2 -o "$preload" scripts/preload/contended_mutex.c -ldl
  LD_PRELOAD=$preload exec .build-thread/debug/tributary-bench stress --threads 1,2,3,8,32 --count 100000000 \
    --seconds "${2:-600}" --patience 500
fi
exec swift test --sanitize "$sanitizer" --scratch-path ".build-$sanitizer" -Xcc -O2 --disable-xctest --filter "$filter"
