#!/usr/bin/env bash
# Run as root in a guest: the same appends on ext4 over dm-log-writes, and over dm-linear, which logs nothing. In turns, since a
# guest's pace changes. Prints "logged MS" and "linear MS" for each round.
#
# usage: logged-and-not.sh ROUNDS APPENDS
set -eu
here=$(cd "$(dirname "$0")" && pwd)
rounds=$1 appends=$2
work=/var/tmp/logged-and-not
mkdir -p "$work/mnt"

appends_on() { # DEVICE NAME
  mkfs.ext4 -q -E nodiscard -J size=4 "$1" >&2
  mount "$1" "$work/mnt"
  local started
  started=$(date +%s%N)
  python3 "$here/appends.py" "$work/mnt" "$appends" >/dev/null
  echo "$2 $((($(date +%s%N) - started) / 1000)) us"
  umount "$work/mnt"
}

truncate -s 128M "$work/linear.img"
plain=$(losetup --find --show "$work/linear.img")
dmsetup create --noudevsync powercut-linear --table "0 $((128 * 2048)) linear $plain 0"
# Without udev nobody makes the node.
dmsetup mknodes powercut-linear
for _ in $(seq "$rounds"); do
  appends_on /dev/mapper/powercut-linear linear
  "$here/../scripts/setup-loopdev.sh" up --size 128M --dir "$work/logged" >&2
  appends_on /dev/mapper/powercut-by-hand logged
  "$here/../scripts/setup-loopdev.sh" down --dir "$work/logged" >&2
  rm -rf "$work/logged"
done
dmsetup remove --noudevsync powercut-linear
losetup --detach "$plain"
