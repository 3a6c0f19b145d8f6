#!/usr/bin/env bash
# A source file has at most 400 lines. Fixtures and the peers' programs are data here and do not count.
set -euo pipefail
cd "$(dirname "$0")/.."

limit=400
long=$(git ls-files --cached --others --exclude-standard -- '*.swift' '*.c' '*.h' '*.inc' '*.sh' \
  ':!Tests/FixtureTests/Fixtures' ':!Benchmarks/Peers' \
  | while read -r file; do
    [ -f "$file" ] || continue
    lines=$(wc -l <"$file")
    [ "$lines" -le "$limit" ] || echo "$file: $lines lines, at most $limit"
  done)
if [ -n "$long" ]; then
  echo "$long" >&2
  exit 1
fi
