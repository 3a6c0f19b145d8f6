#!/usr/bin/env bash
# Sees the checks find deliberate mistakes: scripts/mutate.sh [PATCH…]
#
# Applies every patch of Tests/Mutations, or those whose names begin as given, to a copy of the working tree, one at a time, and runs the
# check that its first line names: "Fails: Suite/test." or "Fails under ThreadSanitizer: Suite/test.". A mistake that the
# check does not find, a patch that does not apply, or one that does not build, is a failure. A check that hangs has found it.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh
root=$PWD
limit=${LIMIT:-300}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git ls-files -z | xargs -0 cp --parents -t "$work"
cd "$work"

flags=(-Xcc -O2 --disable-xctest)
survivors=0

build() {
  swift build --build-tests "${flags[@]}" "$@" >build.log 2>&1
}

# The patches chosen.
chosen=()
for patch in "$root"/Tests/Mutations/*.patch; do
  name=$(basename "$patch" .patch)
  [ $# -gt 0 ] || chosen+=("$patch")
  for wanted in "$@"; do [[ $name != "$wanted"* ]] || chosen+=("$patch"); done
done
if [ ${#chosen[@]} -eq 0 ]; then
  echo "mutate: no patch in Tests/Mutations begins with: $*" >&2
  exit 64
fi

for patch in "${chosen[@]}"; do
  name=$(basename "$patch" .patch)
  check=$(sed -n '1s/.*Fails[a-zA-Z ]*: \(.*\)\.$/\1/p' "$patch")
  extra=()
  if head -1 "$patch" | grep -q 'under ThreadSanitizer'; then
    extra=(--sanitize thread --scratch-path .build-thread)
    export TSAN_OPTIONS="suppressions=$root/scripts/sanitizer-suppressions.txt:halt_on_error=1"
  fi
  verdict=
  if [ -z "$check" ]; then
    verdict="SURVIVES: its first line names no check"
  elif ! patch -p1 -s --dry-run <"$patch" >/dev/null; then
    verdict="SURVIVES: the patch does not apply any more"
  else
    patch -p1 -s <"$patch"
    if ! build "${extra[@]}"; then
      verdict="SURVIVES: it does not build: $(grep -m1 error: build.log)"
    else
      code=0
      timeout -k 10 "$limit" swift test --skip-build "${flags[@]}" "${extra[@]}" --filter "$check" >test.log 2>&1 || code=$?
      if [ "$code" -eq 0 ]; then
        verdict="SURVIVES $check"
      elif [ "$code" -eq 124 ] || [ "$code" -eq 137 ]; then
        verdict="found by $check, which hangs"
      else
        verdict="found by $check"
      fi
    fi
    patch -p1 -s -R <"$patch"
  fi
  printf '%-44s %s\n' "$name" "$verdict"
  [[ $verdict != SURVIVES* ]] || survivors=$((survivors + 1))
done

[ "$survivors" -eq 0 ] || {
  echo "mutate: $survivors of ${#chosen[@]} mistakes were not found" >&2
  exit 1
}
echo "mutate: all ${#chosen[@]} mistakes were found"
