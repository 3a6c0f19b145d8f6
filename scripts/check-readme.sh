#!/usr/bin/env bash
# The README's example is the program Examples/SeedDAG, which is built with everything else.
set -euo pipefail
cd "$(dirname "$0")/.."
diff <(awk '/^```swift$/ { on = 1; next } /^```$/ { if (on) exit } on' README.md) Examples/SeedDAG/main.swift || {
  echo "check-readme: the README's first Swift block differs from Examples/SeedDAG/main.swift" >&2
  exit 1
}
