#!/usr/bin/env bash
# Builds the scheduler's documentation into .build/docs with the toolchain's docc. Warnings are errors: a link that leads
# nowhere, a parameter that is not described.
set -euo pipefail
cd "$(dirname "$0")/.."

swift=${SWIFT:-swift}
# docc stands next to the compiler, which may be found through links.
docc=$(dirname "$(readlink -f "$(command -v "$swift")")")/docc
[ -x "$docc" ] || docc=$(command -v docc) || {
  echo "docs: there is no docc next to $swift nor in PATH: install a toolchain from swift.org, which has it" >&2
  exit 1
}

output=.build/docs
symbols=$(mktemp -d)
trap 'rm -rf "$symbols"' EXIT

# A build folder of its own, since the flags would make every other build start afresh.
"$swift" build --scratch-path .build/docs-build --target TributaryScheduler -Xcc -O2 \
  -Xswiftc -emit-symbol-graph -Xswiftc -emit-symbol-graph-dir -Xswiftc "$symbols"
# Without the extensions of other modules' symbols.
mkdir "$symbols/scheduler"
cp "$symbols"/TributaryScheduler.symbols.json "$symbols/scheduler/"

rm -rf "$output"
"$docc" convert Sources/Scheduler/TributaryScheduler.docc --additional-symbol-graph-dir "$symbols/scheduler" \
  --fallback-display-name TributaryScheduler --fallback-bundle-identifier tributary.scheduler \
  --output-path "$output" --warnings-as-errors

# Public types that the landing page does not name would end up in lists by kind.
landing=Sources/Scheduler/TributaryScheduler.docc/TributaryScheduler.md
for symbol in $(grep -oE '"pathComponents":\["[A-Za-z]+"\]' "$symbols/scheduler/TributaryScheduler.symbols.json" | cut -d'"' -f4); do
  grep -qF -- "- \`\`$symbol\`\`" "$landing" || {
    echo "docs: $landing has no topic with $symbol" >&2
    exit 1
  }
done
echo "docs: $output is complete; any web server can serve that folder, under the address /"
