#!/usr/bin/env bash
# Code in the documentation is code that is built: the README's example is the program Examples/SeedDAG, and every Swift block
# of an article stands in order in a program, or in the sources that the article is about. Tests/CLITests/ExampleTests.swift runs
# the programs and looks for the articles' other blocks in what they print. (The example of the scheduler's landing page is
# built and run by check-embedding.sh.)
set -euo pipefail
cd "$(dirname "$0")/.."

status=0

diff <(awk '/^```swift$/ { on = 1; next } /^```$/ { if (on) exit } on' README.md) Examples/SeedDAG/main.swift || {
  echo "check-examples: the README's first Swift block differs from Examples/SeedDAG/main.swift" >&2
  status=1
}

# check ARTICLE FILE…: the lines of each Swift block stand in the files together, after those of the block before.
check() {
  local article=$1
  shift
  cat "$@" | awk -v article="$article" -v files="$*" '
    FILENAME == "-" { line[++lines] = $0; next }
    /^```swift$/ { isInside = 1; begin = FNR; count = 0; blocks++; next }
    /^```$/ && isInside { isInside = 0; find(); next }
    isInside { block[++count] = $0 }
    function find(  from, at) {
      for (from = position + 1; from + count - 1 <= lines; from++) {
        for (at = 1; at <= count && line[from + at - 1] == block[at]; at++) {}
        if (at > count) { position = from + count - 1; return }
      }
      printf "check-examples: the block in line %d of %s is not in %s after the one before it\n", begin, article,
        files > "/dev/stderr"
      failures++
    }
    END {
      if (blocks == 0) { printf "check-examples: %s has no Swift blocks\n", article > "/dev/stderr"; failures++ }
      exit failures > 0
    }
  ' - "$article" || status=1
}

scheduler=Sources/Scheduler/TributaryScheduler.docc
check "$scheduler/ScheduleYourOwnDAG.md" Examples/OwnDAG/main.swift
check "$scheduler/EmbedInAServer.md" Examples/InAServer/main.swift

check Sources/Ops/TributaryOps.docc/TributaryOps.md Examples/Tensors/main.swift

autodiff=Sources/Autodiff/TributaryAutodiff.docc
check "$autodiff/TributaryAutodiff.md" Examples/SeedDAG/main.swift
check "$autodiff/HowAGradientIsMade.md" Examples/OwnGradient/main.swift
check "$autodiff/WriteYourOwnOperator.md" Examples/OwnOperator/main.swift
check "$autodiff/LoopsAndBranches.md" Examples/LoopsAndNoise/main.swift
check "$autodiff/RandomNumbers.md" Examples/LoopsAndNoise/main.swift

check CONTRIBUTING.md Sources/Ops/Operators/CumulativeSum.swift Sources/Autodiff/Operators/CumulativeSum.swift \
  "Tests/AutodiffTests/Registry/OperatorFamily+Rows.swift"

training=Sources/Training/TributaryTraining.docc
check "$training/TributaryTraining.md" Examples/TrainAModel/main.swift
check "$training/TrainAModel.md" Examples/TrainAModel/main.swift
check "$training/YourOwnLayer.md" Examples/TrainAModel/main.swift
exit $status
