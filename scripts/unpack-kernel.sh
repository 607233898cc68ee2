#!/bin/sh
# Gets a kernel for powercut's QEMU guest: downloads a distribution's package of it and unpacks what a guest needs into the
# cache folder, where powercut finds it. Nothing is installed, nothing needs root, and this machine's own kernel is left alone.
set -eu
export LC_ALL=C
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

EXIT_USAGE=64
EXIT_UNAVAILABLE=69
EXIT_INTERNAL=70

usage() {
  cat <<'TEXT'
usage: unpack-kernel.sh [PACKAGE | FILE.deb ...]

Unpacks a kernel for powercut's QEMU guest: the image, and of its modules those that can matter to file systems. PACKAGE is
one of apt's, such as linux-image-6.1.0-50-amd64, or one that stands for the newest, such as linux-image-amd64 (the default on
Debian; linux-image-arm64 there) or linux-image-generic (on Ubuntu). FILE.deb: packages that are here already, of one kernel. Prints the folder, for
`powercut --kernel`; the kernel is also found there by its version, and taken when this machine has none that will do.
Exit status: 0 done, or it was there; 64 wrong use; 69 no such package, or no apt-get and dpkg; 70 a step failed.
TEXT
}

fail() {
  status=$1
  shift
  printf 'unpack-kernel: %s\n' "$*" >&2
  exit "$status"
}

# ---- which packages -------------------------------------------------------------------------------------------------

is_known() { apt-cache show "$1" >/dev/null 2>&1; }

default_package() {
  newest=linux-image-$(dpkg --print-architecture)
  for package in "$newest" linux-image-generic; do
    if is_known "$package"; then
      echo "$package"
      return
    fi
  done
  fail $EXIT_UNAVAILABLE "apt knows no $newest and no linux-image-generic: sudo apt-get update, or name a package"
}

# A package without files of its own stands for the one that it depends on.
resolve() {
  target=$(apt-cache depends "$1" | sed -n 's/^ *Depends: \(linux-image-[0-9][^ ]*\)$/\1/p' | head -n 1)
  echo "${target:-$1}"
}

# Ubuntu keeps the modules in packages of their own, and rarer ones such as dm-log-writes in another.
packages_of() {
  version=${1#linux-image-}
  version=${version#unsigned-}
  for package in "$1" "linux-modules-$version" "linux-modules-extra-$version"; do
    if is_known "$package"; then echo "$package"; fi
  done
}

# ---- download and unpack --------------------------------------------------------------------------------------------

download() {
  # As root apt complains that its own user may not write here, and downloads as root.
  # shellcheck disable=SC2046 # one word for each package
  (cd "$work" && apt-get -qq download $(packages_of "$1") >download.log 2>&1) ||
    fail $EXIT_INTERNAL "downloading $1 failed (the lists may be old: sudo apt-get update): $(tail -n 1 "$work/download.log")"
}

# Drivers of hardware that no guest has are most of a kernel.
unpack() {
  dpkg-deb --fsys-tarfile "$1" >"$work/files.tar" || fail $EXIT_INTERNAL "dpkg-deb cannot read $1"
  tar --list --file "$work/files.tar" |
    grep -E '/boot/vmlinuz-[^/]+$|/lib/modules/[^/]+/modules\.[^/]+$|/lib/modules/[^/]+/kernel/(arch|crypto|fs|lib|net/9p|drivers/(block|char|dax|md|virtio))/.*[^/]$' \
      >"$work/wanted" || return 0
  tar --extract --file "$work/files.tar" --directory "$work/kernel" --files-from "$work/wanted"
}

# For what the kernel loads on demand; without kmod that is nothing.
index_modules() {
  for folder in "$work"/kernel/lib/modules/*; do
    if [ -d "$folder" ] && command -v depmod >/dev/null; then
      depmod --basedir "$work/kernel" "${folder##*/}" 2>/dev/null || true
    fi
  done
}

# ---- main -----------------------------------------------------------------------------------------------------------

case ${1-} in
  -h | --help) usage; exit 0 ;;
  -*) usage >&2; fail $EXIT_USAGE "unknown argument \"$1\"" ;;
esac
command -v dpkg-deb >/dev/null || fail $EXIT_UNAVAILABLE "there is no dpkg-deb; unpack a kernel's package by hand, and name it with --kernel DIR"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/powercut/kernels
case ${1-} in
  *.deb) name=$(basename "$1" .deb) ;;
  *)
    command -v apt-get >/dev/null || fail $EXIT_UNAVAILABLE "there is no apt-get; name packages that are here (FILE.deb ...)"
    [ $# -le 1 ] || fail $EXIT_USAGE "one package at a time"
    wanted=${1:-$(default_package)}
    is_known "$wanted" || fail $EXIT_UNAVAILABLE "apt knows no package $wanted (sudo apt-get update)"
    name=$(resolve "$wanted")
    ;;
esac
if [ -d "$cache/$name" ]; then
  echo "$cache/$name"
  exit 0
fi
mkdir -p "$cache"
# Beside its place, so that giving it its name is one step: what is there is whole.
work=$(mktemp -d "$cache/.unpacking-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
mkdir "$work/kernel"
case ${1-} in
  *.deb) for file in "$@"; do unpack "$file"; done ;;
  *)
    download "$name"
    for file in "$work"/*.deb; do unpack "$file"; done
    ;;
esac
ls "$work"/kernel/boot/vmlinuz-* >/dev/null 2>&1 || fail $EXIT_UNAVAILABLE "$name holds no boot/vmlinuz-*"
index_modules
chmod 755 "$work/kernel"
mv -T "$work/kernel" "$cache/$name" 2>/dev/null || [ -d "$cache/$name" ] || fail $EXIT_INTERNAL "cannot write $cache/$name"
echo "$cache/$name"
