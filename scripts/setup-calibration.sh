#!/bin/sh
# Installs the stores that powercut is calibrated on (docs/calibration.md): packages of Debian or Ubuntu, and of npm. It can run
# any number of times. Nothing here is needed to use powercut, so setup.sh leaves it alone.
set -eu
export LC_ALL=C

EXIT_USAGE=64
EXIT_UNAVAILABLE=69
EXIT_INTERNAL=70

# What the Debian package brings, the package.
packages() {
  cat <<'TABLE'
/usr/bin/python3 python3
/usr/lib/python3/dist-packages/lmdb python3-lmdb
/usr/bin/redis-server redis-server
/usr/lib/postgresql postgresql
TABLE
}

usage() {
  cat <<'TEXT'
usage: setup-calibration.sh

Installs the stores of docs/calibration.md: Debian's python3-lmdb, redis-server and postgresql (with apt-get, through sudo when not
root), and those of calibration/package.json with npm. No server is started.
Exit status: 0 done; 64 wrong use; 69 packages are missing and cannot be installed here; 70 a step failed.
TEXT
}

fail() {
  status=$1
  shift
  printf 'setup-calibration: %s\n' "$*" >&2
  exit "$status"
}

missing_packages() {
  packages | while read -r path package; do [ -e "$path" ] || printf '%s ' "$package"; done
}

can_be_root() { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

install_packages() {
  missing=$(missing_packages)
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null || fail $EXIT_UNAVAILABLE "no apt-get here; Debian has the stores in: $missing"
  can_be_root || fail $EXIT_UNAVAILABLE "this needs root; run: sudo apt-get install --no-install-recommends $missing"
  echo "setup-calibration: installing $missing"
  as_root apt-get -qq update || true
  # RUNLEVEL=1: no server is started; the stores here start their own.
  # shellcheck disable=SC2086 # one word for each package
  as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq install -y --no-install-recommends $missing ||
    fail $EXIT_INTERNAL "apt-get install $missing failed"
}

case ${1-} in
  '') ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; fail $EXIT_USAGE "unknown argument \"$1\"" ;;
esac
cd "$(dirname "$0")/.."
npm ci --no-audit --no-fund --prefix calibration || fail $EXIT_INTERNAL "npm ci --prefix calibration failed"
install_packages
