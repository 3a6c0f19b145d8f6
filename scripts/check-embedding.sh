#!/usr/bin/env bash
# Builds and runs two packages outside the repository: one that depends on Tributary by path and runs the README's
# example, and one that depends on TributaryScheduler alone, runs the example of its landing page, and must not link the
# numerical libraries.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh

repository=$PWD
# SwiftPM names a package that is depended on by path after its folder.
identity=$(basename "$repository")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# package NAME PRODUCT: a package with one executable; its main.swift is read from standard input.
package() {
  mkdir -p "$work/$1/Sources/$1"
  cat >"$work/$1/Sources/$1/main.swift"
  cat >"$work/$1/Package.swift" <<MANIFEST
// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "$1",
  dependencies: [.package(path: "$repository")],
  targets: [
    .executableTarget(name: "$1", dependencies: [.product(name: "$2", package: "$identity")])
  ],
  swiftLanguageModes: [.v6]
)
MANIFEST
}

# The first Swift block of the README is a whole program, and so is that of the scheduler's landing page.
first_block() { awk '/^```swift$/ { on = 1; next } /^```$/ { if (on) exit } on' "$1"; }
first_block README.md | package Embedding Tributary
first_block Sources/Scheduler/TributaryScheduler.docc/TributaryScheduler.md | package Closures TributaryScheduler

for name in Embedding Closures; do
  echo "== $name"
  swift build --package-path "$work/$name" -Xcc -O2 2>&1 | tail -n 3
  "$work/$name/.build/debug/$name" | tee "$work/$name.out"
done

[ "$(tail -n 1 "$work/Closures.out")" = "4 tasks" ]
if ldd "$work/Closures/.build/debug/Closures" | grep -E 'openblas|dnnl|libz\.'; then
  echo "check-embedding: a package that uses TributaryScheduler alone links the libraries above" >&2
  exit 1
fi
echo "TributaryScheduler alone links: $(ldd "$work/Closures/.build/debug/Closures" | awk '{ print $1 }' \
  | grep -vE 'swift|linux-vdso|ld-linux' | tr '\n' ' ')"
