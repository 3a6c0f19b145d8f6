#!/usr/bin/env bash
# Comments that must be there: SAFETY where the compiler's checking is switched off, ORDERING where threads meet.
#
#   @unchecked Sendable, nonisolated(unsafe), Unmanaged     a SAFETY comment at most 25 lines above
#   an atomic access stronger than relaxed                  an ORDERING comment at most 20 lines above
#   Atomic<...>                                             in the library only under Sources/Scheduler
#   notes to do something later                             nowhere
set -euo pipefail
cd "$(dirname "$0")/.."

mapfile -t files < <(git ls-files --cached --others --exclude-standard -- \
  'Sources/*.swift' 'Benchmarks/*.swift' 'Examples/*.swift' 'Tests/TestSupport/*.swift')
[ ${#files[@]} -gt 0 ] || exit 0

awk '
  function fail(text) { printf "%s:%d: %s\n", FILENAME, FNR, text > "/dev/stderr"; failures++ }
  FNR == 1 { safety = ordering = -1000 }
  /SAFETY:/ { safety = FNR }
  /ORDERING:/ { ordering = FNR }
  /(TODO|FIXME|XXX)/ { fail("a note to do something later") }
  /^[[:space:]]*\/\// { next }
  /@unchecked Sendable|nonisolated\(unsafe\)|Unmanaged[.<]/ && FNR - safety > 25 { fail("no SAFETY comment near") }
  /[oO]rdering: *\.(acquiring|releasing|acquiringAndReleasing|sequentiallyConsistent)/ && FNR - ordering > 20 {
    fail("no ORDERING comment near")
  }
  /Atomic</ && FILENAME ~ /^Sources\/(Ops|Autodiff|Training)\// { fail("atomics of the library live in Sources/Scheduler") }
  END { exit failures > 0 }
' "${files[@]}"
