#!/usr/bin/env bash
# Formats every Swift file in place; with --check says what is not formatted and fails.
set -euo pipefail
cd "$(dirname "$0")/.."

sources=(Package.swift Sources Tests Benchmarks Examples)
options=(--recursive --parallel --configuration .swift-format)

case "${1:-}" in
  "") swift format format --in-place "${options[@]}" "${sources[@]}" ;;
  --check) swift format lint --strict "${options[@]}" "${sources[@]}" ;;
  *)
    echo "usage: scripts/format.sh [--check]" >&2
    exit 64
    ;;
esac
