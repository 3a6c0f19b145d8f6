#!/usr/bin/env bash
# Installs the Debian packages that the build, the tests and the demo need. Silent when nothing is missing.
set -euo pipefail

if ! command -v swift >/dev/null; then
  echo "setup: no swift on the PATH; install Swift 6.2 or newer from https://www.swift.org/install/linux" >&2
  exit 1
fi

exec "$(dirname "$0")/install-packages.sh" \
  libopenblas-dev libhwloc-dev libdnnl-dev zlib1g-dev pkg-config dataset-fashion-mnist
