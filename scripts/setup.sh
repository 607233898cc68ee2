#!/bin/sh
# Installs what powercut needs and builds it: packages of Debian or Ubuntu, npm packages, the build, a kernel for QEMU. It
# can run any number of times, from any folder; what is already there is left alone, without a word.
set -eu
export LC_ALL=C
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

EXIT_USAGE=64
EXIT_UNAVAILABLE=69
EXIT_INTERNAL=70
LOCK_PATIENCE_SECONDS=120
FIND_KERNEL='import("./dist/src/guest/kernel.js").then((module) => module.findKernel())'

# A guest has the host's processor.
case $(uname -m) in
  x86_64) qemu='qemu-system-x86_64 qemu-system-x86' ;;
  aarch64) qemu='qemu-system-aarch64 qemu-system-arm' ;;
  *) qemu= ;;
esac

# Program, the Debian package that has it, what for. A program that is missing makes powercut do less, not fail.
programs() {
  [ "$(uname -m)" != x86_64 ] || echo "linux.uml user-mode-linux recording without root and on kernels without dm-log-writes"
  [ -z "$qemu" ] || echo "$qemu --vm kvm and --vm tcg, with a kernel of your choice"
  cat <<'TABLE'
mkfs.ext4 e2fsprogs --fs ext4, --fs ext2
mkfs.xfs xfsprogs --fs xfs
mkfs.btrfs btrfs-progs --fs btrfs
mkfs.f2fs f2fs-tools --fs f2fs
losetup mount scripts/setup-loopdev.sh
unshare util-linux a mount namespace of its own
dmsetup dmsetup scripts/setup-loopdev.sh
insmod kmod the guest's modules
/usr/bin/python3 python3 examples/sqlite
TABLE
}

usage() {
  cat <<'TEXT'
usage: setup.sh

Installs what powercut needs (Debian and Ubuntu: with apt-get, through sudo when not root; elsewhere it says what is
missing), then runs `npm ci` and `npm run build` where they are due, and unpacks a kernel for QEMU (unpack-kernel.sh).
Exit status: 0 done, or as far as this machine goes; 64 wrong use; 69 no suitable Node; 70 a step failed.
TEXT
}

say() { printf 'setup: %s\n' "$*"; }

fail() {
  status=$1
  shift
  printf 'setup: %s\n' "$*" >&2
  exit "$status"
}

# ---- programs -------------------------------------------------------------------------------------------------------

# Lines of the table whose program is not there.
missing_programs() {
  programs | while read -r program package purpose; do
    command -v "$program" >/dev/null 2>&1 || echo "$program $package $purpose"
  done
}

missing_packages() {
  missing_programs | cut -d ' ' -f 2 | sort -u | tr '\n' ' ' | sed 's/ $//'
}

install_programs() {
  [ -n "$(missing_programs)" ] || return 0
  changed=yes
  if command -v apt-get >/dev/null; then
    install_packages
  fi
  missing_programs | while read -r program package purpose; do
    say "missing: $program ($purpose; Debian has it in the package $package)"
  done
}

install_packages() {
  packages=$(missing_packages)
  if ! can_be_root; then
    say "this needs root, and sudo does not work here without a password; run, then start setup.sh again:"
    say "  sudo apt-get install -y --no-install-recommends $packages"
    return
  fi
  updated=no
  [ "$(known_packages "$packages")" = "$packages" ] || update_lists
  packages=$(known_packages "$packages")
  [ -n "$packages" ] || return 0
  if ! install "$packages" && [ "$updated" = no ]; then
    # The lists may name versions that the servers no longer have.
    update_lists
    install "$packages" || true
  fi
}

# One package that this release or architecture does not have must not keep out the others.
known_packages() {
  known=
  for package in $1; do
    if apt-cache show "$package" >/dev/null 2>&1; then known="$known $package"; fi
  done
  printf '%s' "${known# }"
}

install() {
  say "installing $1"
  # shellcheck disable=SC2086 # one word for each package
  apt install -y --no-install-recommends $1
}

update_lists() {
  updated=yes
  say "updating the lists of packages"
  apt update || true
}

# Another apt may be at work, such as the one that a fresh machine starts by itself. apt's own option for waiting is not
# known to old versions, and does not cover the lock of the lists.
apt() {
  deadline=$(($(date +%s) + LOCK_PATIENCE_SECONDS))
  waiting=no
  while ! as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >"$output" 2>&1 </dev/null; do
    if ! grep -q 'Could not get lock' "$output" || [ "$(date +%s)" -ge "$deadline" ]; then
      say "apt-get $1 failed; the end of what it said:"
      tail -n 5 "$output" | sed 's/^/  /'
      return 1
    fi
    [ $waiting = yes ] || say "waiting up to $LOCK_PATIENCE_SECONDS s for another apt to finish"
    waiting=yes
    sleep 3
  done
}

can_be_root() { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# ---- Node, npm, build -----------------------------------------------------------------------------------------------

# The same range as "engines" in package.json.
node_is_suitable() {
  command -v node >/dev/null && command -v npm >/dev/null && node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22 ? 0 : 1);
  '
}

require_node() {
  node_is_suitable && return
  found="node $(node --version 2>/dev/null || echo 'is not installed')"
  command -v npm >/dev/null || found="$found, npm is not installed"
  # sudo has a PATH of its own, without what nvm and its like put there.
  [ -z "${SUDO_USER-}" ] || found="$found (under sudo; setup.sh uses sudo by itself, so start it without)"
  fail $EXIT_UNAVAILABLE "powercut needs Node 20.19 or later, or 22.12 or later, with npm; here: $found.
Install one (https://nodejs.org/en/download, or \`nvm install 22\`), then run setup.sh again."
}

install_modules() {
  installed=node_modules/.package-lock.json
  if [ -e "$installed" ] && [ -z "$(find package-lock.json -newer "$installed")" ]; then return; fi
  run_npm "installing npm packages" ci --no-audit --no-fund
}

build() {
  built=dist/bin/powercut.js
  if [ -e "$built" ] && [ -z "$(find src examples scripts/bundle.mjs tsconfig.json package.json -newer "$built" -type f)" ]; then return; fi
  run_npm "building" run build
}

# For QEMU, where no kernel that is installed will do. That it cannot be had makes powercut do less, not fail.
unpack_kernel() {
  if [ -z "$qemu" ] || ! command -v "${qemu% *}" >/dev/null || as_caller node -e "$FIND_KERNEL" 2>/dev/null; then return 0; fi
  say "unpacking a kernel for QEMU, some 70 MB, into ~/.cache/powercut"
  changed=yes
  as_caller sh scripts/unpack-kernel.sh >"$output" 2>&1 </dev/null && return
  say "no kernel for --vm kvm and --vm tcg: $(tail -n 1 "$output")"
}

run_npm() {
  say "$1"
  shift
  changed=yes
  as_caller npm "$@" >"$output" 2>&1 </dev/null && return
  tail -n 20 "$output" >&2
  fail $EXIT_INTERNAL "npm $1 failed in $(pwd); the end of what it said stands above"
}

# `sudo setup.sh` must not leave files of root's in the caller's folder.
as_caller() {
  if [ "$(id -u)" = 0 ] && [ -n "${SUDO_USER-}" ] && [ "$(stat -c %U .)" = "$SUDO_USER" ]; then
    sudo -n -H -u "$SUDO_USER" env PATH="$PATH" "$@"
  else
    "$@"
  fi
}

# ---- main -----------------------------------------------------------------------------------------------------------

case ${1-} in
  '') ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; fail $EXIT_USAGE "unknown argument \"$1\"" ;;
esac
cd "$(dirname "$0")/.."
changed=no
output=$(mktemp)
trap 'rm -f "$output"' EXIT
trap 'exit 130' INT TERM
install_programs
require_node
# The package that npm installs comes built and without its lock file.
if [ -e package-lock.json ]; then
  install_modules
  build
fi
unpack_kernel
if [ $changed = no ]; then say "nothing to do"; else say "done"; fi
