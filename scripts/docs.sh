#!/usr/bin/env bash
# Builds the documentation of the four modules into .build/docs, one site, with the toolchain's docc. Errors are: a link that
# leads nowhere, a parameter that is not described, a public declaration that no topic of its module's landing page lists.
set -euo pipefail
cd "$(dirname "$0")/.."

swift=${SWIFT:-swift}
# docc stands next to the compiler, which may be found through links.
tools=$(dirname "$(readlink -f "$(command -v "$swift")")")
docc=$tools/docc
[ -x "$docc" ] || docc=$(command -v docc) || {
  echo "docs: there is no docc next to $swift nor in PATH: install a toolchain from swift.org, which has it" >&2
  exit 1
}

# In the direction of their imports: links lead to modules that come before.
modules=(Scheduler Ops Autodiff Training)
output=.build/docs
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The build of the tests; the declarations and their comments are read from its modules.
"$swift" build --target Tributary -Xcc -O2
build=$("$swift" build --show-bin-path)
target=$("$swift" -print-target-info | sed -n 's/.*"unversionedTriple": "\(.*\)",/\1/p')
headers=(-I "$build/Modules")
for library in Sources/C*/module.modulemap; do headers+=(-I "$(dirname "$library")"); done
for map in "$build"/C*.build/module.modulemap; do headers+=(-Xcc "-fmodule-map-file=$map"); done

failures=0
dependencies=()
for module in "${modules[@]}"; do
  name=Tributary$module
  catalogue=Sources/$module/$name.docc
  archive=$work/$name.doccarchive
  mkdir "$work/$module"
  "$tools/swift-symbolgraph-extract" -module-name "$name" -minimum-access-level public -target "$target" \
    "${headers[@]}" -output-dir "$work"
  # Without the extensions of other modules' declarations.
  mv "$work/$name.symbols.json" "$work/$module/"
  "$docc" convert "$catalogue" --additional-symbol-graph-dir "$work/$module" "${dependencies[@]}" \
    --fallback-display-name "$name" --fallback-bundle-identifier "tributary.${module,,}" \
    --enable-experimental-external-link-support --ide-console-output --output-path "$archive" \
    >"$work/$module.log" 2>&1 || { cat "$work/$module.log" >&2; exit 1; }
  dependencies+=(--dependency "$archive")

  # Of `file` and `line`, the place of a call for messages, there is nothing to be said.
  if grep -E ': (warning|error): ' "$work/$module.log" \
    | grep -vE "Parameter '(file|line)' is missing documentation" >&2; then
    failures=$((failures + 1))
  fi
  # What no topic lists is put into lists by kind.
  if grep -oE '\{[^{}]*"generated":true[^{}]*\}' "$archive/data/documentation/tributary${module,,}.json" \
    | grep -oE '"doc:[^"]*"' | sed 's|.*/||; s|"$||' >"$work/unlisted"; then
    echo "docs: no topic of $catalogue/$name.md lists these:" >&2
    cat "$work/unlisted" >&2
    failures=$((failures + 1))
  fi
done
[ "$failures" -eq 0 ] || exit 1

rm -rf "$output"
"$docc" merge "$work"/*.doccarchive --synthesized-landing-page-name Tributary --output-path "$output"
echo "docs: $output is complete; any web server can serve that folder, under the address /"
