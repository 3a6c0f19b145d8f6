#!/usr/bin/env bash
# Code in the documentation is code that is built: the README's example is the program Examples/SeedDAG, and every Swift
# block of the two articles about the scheduler's use, and of the one about gradients, stands in order in a program of its own. (The example of its landing
# page is built and run by check-embedding.sh.)
set -euo pipefail
cd "$(dirname "$0")/.."

articles=Sources/Scheduler/TributaryScheduler.docc
status=0

diff <(awk '/^```swift$/ { on = 1; next } /^```$/ { if (on) exit } on' README.md) Examples/SeedDAG/main.swift || {
  echo "check-examples: the README's first Swift block differs from Examples/SeedDAG/main.swift" >&2
  status=1
}

# check ARTICLE PROGRAM: the lines of each Swift block stand in the program together, after those of the block before.
check() {
  awk -v article="$1" -v program="$2" '
    FILENAME == program { line[++lines] = $0; next }
    /^```swift$/ { isInside = 1; begin = FNR; count = 0; blocks++; next }
    /^```$/ && isInside { isInside = 0; find(); next }
    isInside { block[++count] = $0 }
    function find(  from, at) {
      for (from = position + 1; from + count - 1 <= lines; from++) {
        for (at = 1; at <= count && line[from + at - 1] == block[at]; at++) {}
        if (at > count) { position = from + count - 1; return }
      }
      printf "check-examples: the block in line %d of %s is not in %s after the one before it\n", begin, article,
        program > "/dev/stderr"
      failures++
    }
    END {
      if (blocks == 0) { printf "check-examples: %s has no Swift blocks\n", article > "/dev/stderr"; failures++ }
      exit failures > 0
    }
  ' "$2" "$1" || status=1
}

check "$articles/ScheduleYourOwnDAG.md" Examples/OwnDAG/main.swift
check "$articles/EmbedInAServer.md" Examples/InAServer/main.swift
check Sources/Autodiff/TributaryAutodiff.docc/HowAGradientIsMade.md Examples/OwnGradient/main.swift
exit $status
