#!/usr/bin/env bash
# Installs the Debian packages named that are missing: scripts/install-packages.sh PACKAGE… Silent when none is.
#
# Root installs directly, others through `sudo -n` where that works. Where neither does, or where apt cannot install,
# the exact command to run is printed and the exit status is 1. On other systems it says what is needed and goes on.
set -euo pipefail

packages=("$@")

if ! command -v dpkg-query >/dev/null; then
  echo "setup: not a Debian system; install what these Debian packages hold, if it is not there: ${packages[*]}" >&2
  exit 0
fi

missing=()
for package in "${packages[@]}"; do
  state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

root=()
if [ "$(id -u)" -ne 0 ]; then
  if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    root=(sudo -n)
  else
    echo "setup: these packages are missing and installing them needs root. Run:" >&2
    echo "  sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends ${missing[*]}'" >&2
    exit 1
  fi
fi

echo "setup: installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
# A failed update is no reason to stop: the lists at hand may do.
"${apt[@]}" update >"$log" 2>&1 || true
if ! "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
  cat "$log" >&2
  echo "setup: apt could not install ${missing[*]}; is this machine offline? When it is online again, run:" >&2
  echo "  ${root[*]:+sudo }apt-get update && ${root[*]:+sudo }apt-get install -y --no-install-recommends ${missing[*]}" >&2
  exit 1
fi
