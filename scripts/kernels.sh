#!/usr/bin/env bash
# Runs every C kernel apart from Swift and compares the results: scripts/kernels.sh [levels] [arm64] [sanitized]
#
#   levels     at each instruction-set level of this processor: the same bits
#   arm64      cross-compiled and run by qemu: the same bits as the lowest level here
#   sanitized  at each level under UndefinedBehaviorSanitizer and AddressSanitizer: no report, the same bits
#
# All three when none is named. Tests/Kernels holds the program. Products of matrices and the C library's functions of
# f64 may differ in last places, by as much as the program says where it records them. Needs clang, which comes with Swift;
# for arm64 it installs what Debian has of the target's libraries. Works in .build-kernels.
set -euo pipefail
cd "$(dirname "$0")/.."

parts=("$@")
[ $# -gt 0 ] || parts=(levels arm64 sanitized)
for part in "${parts[@]}"; do
  case "$part" in
    levels | arm64 | sanitized) ;;
    *)
      echo "usage: scripts/kernels.sh [levels] [arm64] [sanitized]" >&2
      exit 64
      ;;
  esac
done

folder=.build-kernels
sources=(Sources/CKernels/*.c Tests/Kernels/*.c)

# build NAME FLAG…: compiles the program into $folder/NAME/kernels, as many files at a time as there are processors.
build() {
  local name=$1
  shift
  rm -rf "${folder:?}/$name"
  mkdir -p "$folder/$name"
  printf '%s\n' "${sources[@]}" | xargs -P "$(nproc)" -I SOURCE bash -c '
    source=$1 target=$2
    shift 2
    clang -std=c11 -Wall -Wextra -Werror -ISources/CKernels -ISources/CKernels/include "$@" -c "$source" \
      -o "$target/$(basename "$(dirname "$source")")-$(basename "$source" .c).o"' \
    compile SOURCE "$folder/$name" "$@"
  clang -fuse-ld=lld "$@" "$folder/$name"/*.o -lm -o "$folder/$name/kernels"
}

# run LEVEL OUTPUT COMMAND…: runs the program at a level.
run() {
  local level=$1 output=$2
  shift 2
  TRIBUTARY_ISA=$level "$@" run "$folder/$output"
}

failed=0

# agree LABEL FILE FILE
agree() {
  printf '%s: ' "$1"
  "$folder/native/kernels" compare "$folder/$2" "$folder/$3" || failed=1
}

build native -O2
read -r -a levels <<<"$("$folder/native/kernels" levels | tr '\n' ' ')"
for level in "${levels[@]}"; do
  run "$level" "$level.results" "$folder/native/kernels"
done

for part in "${parts[@]}"; do
  case "$part" in
    levels)
      for level in "${levels[@]:1}"; do
        agree "base and $level" base.results "$level.results"
      done
      ;;
    arm64)
      scripts/install-packages.sh gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
      build arm64 -O2 --target=aarch64-linux-gnu -static
      run base arm64.results qemu-aarch64 "$folder/arm64/kernels"
      agree "base and arm64" base.results arm64.results
      ;;
    sanitized)
      # Not optimised: that takes a tenth of the time to compile, and no access is optimised away.
      build sanitized -O0 -gline-tables-only -fsanitize=undefined,address -fno-sanitize-recover=all
      for level in "${levels[@]}"; do
        run "$level" sanitized.results "$folder/sanitized/kernels"
        agree "$level and the same sanitized" "$level.results" sanitized.results
      done
      ;;
  esac
done

rm -f "$folder"/*.results
exit "$failed"
