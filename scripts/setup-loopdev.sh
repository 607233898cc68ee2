#!/bin/sh
# Makes a dm-log-writes device by hand, for people who want to watch what powercut does on its own: a data image and a
# log image, a loop device for each, and /dev/mapper/powercut-by-hand, which writes to the one and logs to the other.
set -eu
export LC_ALL=C
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

NAME=powercut-by-hand
NODE=/dev/mapper/$NAME
EXIT_USAGE=64
EXIT_UNAVAILABLE=69
EXIT_INTERNAL=70

usage() {
  cat <<'TEXT'
usage: setup-loopdev.sh up [--size 64M] [--sector-size 512|4096] [--dir DIR]
       setup-loopdev.sh status [--dir DIR]
       setup-loopdev.sh down [--dir DIR]

up      makes DIR/data.img and DIR/log.img (sparse, zeroed), two loop devices, and /dev/mapper/powercut-by-hand; the
        log of the last time becomes DIR/log.img.old
status  says what is there
down    takes all of it away again, except for the two images

DIR is /var/tmp/powercut-by-hand unless given. Needs root, and a kernel with dm-log-writes.
Exit status: 0 done, 64 wrong use, 69 this machine cannot, 70 a step failed.
TEXT
}

say() { printf '%s\n' "$*"; }

fail() {
  status=$1
  shift
  printf 'setup-loopdev.sh: %s\n' "$*" >&2
  exit "$status"
}

# ---- arguments ------------------------------------------------------------------------------------------------------

read_arguments() {
  action=''
  size=''
  sector_size=''
  dir=/var/tmp/powercut-by-hand
  while [ $# -gt 0 ]; do
    case $1 in
      -h | --help) usage; exit 0 ;;
      up | status | down)
        [ -z "$action" ] || fail $EXIT_USAGE "expected one of up, status, down; got \"$action\" and \"$1\""
        action=$1
        ;;
      --size | --sector-size | --dir)
        [ $# -ge 2 ] || fail $EXIT_USAGE "$1 needs a value"
        case $1 in
          --size) size=$2 ;;
          --sector-size) sector_size=$2 ;;
          --dir) dir=$2 ;;
        esac
        shift
        ;;
      *) usage >&2; fail $EXIT_USAGE "unknown argument \"$1\"" ;;
    esac
    shift
  done
  [ -n "$action" ] || { usage >&2; exit $EXIT_USAGE; }
  case $sector_size in
    '' | 512 | 4096) ;;
    *) fail $EXIT_USAGE "--sector-size is \"$sector_size\": expected 512 or 4096" ;;
  esac
  size_bytes=$(bytes_of "${size:-64M}")
}

bytes_of() {
  number=${1%[KMG]}
  case $number in
    '' | 0* | *[!0-9]* | ??????????*) fail $EXIT_USAGE "--size is \"$1\": expected a number and K, M or G, such as 64M" ;;
  esac
  case $1 in
    *K) number=$((number * 1024)) ;;
    *M) number=$((number * 1048576)) ;;
    *G) number=$((number * 1073741824)) ;;
  esac
  [ $((number % 4096)) -eq 0 ] || fail $EXIT_USAGE "--size is \"$1\": expected a multiple of 4096 bytes"
  say "$number"
}

# The kernel names backing files by their full path without links. A link in the last place is left for prepare_folder.
resolve_dir() {
  if [ -d "$dir" ] && [ ! -L "${dir%/}" ]; then
    dir=$(cd "$dir" && pwd -P)
  else
    parent=$(cd "$(dirname "$dir")" 2>/dev/null && pwd -P) || fail $EXIT_USAGE "the folder that is to hold $dir does not exist"
    dir=${parent%/}/$(basename "$dir")
  fi
  data_image=$dir/data.img
  log_image=$dir/log.img
}

# ---- what is there --------------------------------------------------------------------------------------------------

# Only a loop device whose backing file is one of ours is ever touched.
loops_of() {
  for file in /sys/block/loop*/loop/backing_file; do
    [ -r "$file" ] || continue
    backing=
    IFS= read -r backing <"$file" || true
    # The kernel says so when the image was deleted under its device.
    [ "${backing% (deleted)}" = "$1" ] || continue
    device=${file#/sys/block/}
    say "/dev/${device%%/*}"
  done
}

device_exists() {
  command -v dmsetup >/dev/null && dmsetup info "$NAME" >/dev/null 2>&1
}

# The folder whose images the device stands on; empty when it stands on anything else.
device_folder() {
  numbers=$(dmsetup table "$NAME" | awk '$3 == "log-writes" { print $4 }')
  backing=
  if [ -n "$numbers" ]; then
    IFS= read -r backing <"/sys/dev/block/$numbers/loop/backing_file" || true
  fi
  case $backing in
    */data.img*) say "${backing%/data.img*}" ;;
  esac
}

require_ours() {
  found=$(device_folder)
  [ "$found" = "$dir" ] && return
  [ -n "$found" ] || fail $EXIT_USAGE "$NODE exists, but this script did not make it: not touched"
  fail $EXIT_USAGE "$NODE stands on images in $found, not in $dir: add --dir $found"
}

mount_points() {
  minor=$(dmsetup info -c --noheadings -o minor "$NAME")
  awk -v node="$NODE" -v kernel="/dev/dm-$minor" '$1 == node || $1 == kernel { print $2 }' /proc/mounts
}

# ---- up -------------------------------------------------------------------------------------------------------------

require_tools() {
  for tool in losetup dmsetup blockdev truncate awk; do
    command -v "$tool" >/dev/null || fail $EXIT_UNAVAILABLE \
      "$tool is not installed (Debian: apt-get install dmsetup util-linux coreutils); scripts/setup.sh installs it"
  done
}

require_log_writes() {
  for module in loop dm-mod dm-log-writes; do
    modprobe "$module" 2>/dev/null || true
  done
  dmsetup targets 2>/dev/null | grep -q '^log-writes ' && return
  fail $EXIT_UNAVAILABLE "this kernel ($(uname -r)) has no dm-log-writes, so the device cannot be made here.
A module package may hold it (Ubuntu: linux-modules-extra-$(uname -r)).
powercut itself does not need it: it then records inside a guest kernel; see: powercut doctor"
}

# /var/tmp is everybody's: somebody else's folder or link of that name must not decide where root writes.
prepare_folder() {
  [ ! -L "$dir" ] || fail $EXIT_USAGE "$dir is a symbolic link; give the real folder with --dir"
  [ -d "$dir" ] || mkdir -m 700 "$dir"
  owner=$(stat -c %u "$dir")
  [ "$owner" = 0 ] || fail $EXIT_USAGE "$dir belongs to user $owner, not to root; choose another folder with --dir"
}

make_devices() {
  unfinished=yes
  # The target writes nothing when it is made: what an old log left would pass for entries of the new one. The log may
  # outgrow the data many times over, and a full log stops without a word.
  [ ! -e "$log_image" ] || mv -f "$log_image" "$log_image.old"
  rm -f "$data_image"
  truncate -s "$size_bytes" "$data_image"
  truncate -s $((size_bytes * 16 + 1073741824)) "$log_image"
  data_loop=$(attach "$data_image" "${sector_size:-512}")
  # A log device with larger sectors than the data device fails at its first entry, so 512 in any case.
  log_loop=$(attach "$log_image" 512)
  table="0 $(blockdev --getsz "$data_loop") log-writes $data_loop $log_loop"
  # shellcheck disable=SC2046 # each option is a word of its own
  dmsetup create "$NAME" $(udev_options) --table "$table"
  settle_node
  [ -b "$NODE" ] || fail $EXIT_INTERNAL "the device was made, but $NODE did not appear"
  unfinished=no
}

# Without udev nobody would answer dmsetup, and nobody would make or remove the node.
udev_runs() { [ -e /run/udev/control ]; }
udev_options() { udev_runs || say --noudevsync --noudevrules; }
settle_node() { udev_runs || dmsetup mknodes "$NAME"; }

attach() {
  if [ "$2" = 512 ]; then set -- "$1"; else set -- --sector-size "$2" "$1"; fi
  losetup --find --show "$@" || fail $EXIT_INTERNAL "losetup could not attach an image in $dir"
}

up() {
  require_tools
  require_log_writes
  if device_exists; then
    require_ours
    require_same_shape
    say "already up: $NODE"
  else
    prepare_folder
    # Left by a run that was killed half-way.
    take_down
    make_devices
    say "up: $NODE"
  fi
  print_next_steps
}

require_same_shape() {
  loop=$(loops_of "$data_image")
  now_bytes=$(blockdev --getsize64 "$loop")
  now_sector=$(blockdev --getss "$loop")
  if [ -n "$size" ] && [ "$size_bytes" != "$now_bytes" ] || [ -n "$sector_size" ] && [ "$sector_size" != "$now_sector" ]; then
    fail $EXIT_USAGE "$NODE is up with $now_bytes bytes in sectors of $now_sector; say \"down\" first to make another"
  fi
}

print_next_steps() {
  cat <<TEXT
data image: $data_image on $(loops_of "$data_image")
log image:  $log_image on $(loops_of "$log_image")

What to do with it (the options after mkfs keep it from discarding, which would fill the log):

  mkfs.ext4 -q -E nodiscard $NODE      # mkfs.xfs -K, mkfs.btrfs -K
  mkdir -p /mnt/powercut && mount $NODE /mnt/powercut
  dmsetup message $NAME 0 mark hello   # one word; shows up in the log as an entry
  echo data >/mnt/powercut/file && sync /mnt/powercut/file
  dmsetup message $NAME 0 mark synced
  umount /mnt/powercut
  $0 status --dir $dir
  $0 down --dir $dir

A write that was not flushed yet is not in the log yet. \`down\` flushes, ends the log, and says where it is.
TEXT
}

# ---- status and down ------------------------------------------------------------------------------------------------

status() {
  if device_exists; then
    say "up: $NODE on images in $(device_folder)"
    say "table:  $(dmsetup table "$NAME")"
    say "status: $(dmsetup status "$NAME")"
    say "        (start, length, target, entries logged, last sector of the log; sectors of 512 bytes)"
    mount_points | sed 's/^/mounted on /'
  else
    say "down: there is no $NODE"
  fi
  for image in "$data_image" "$log_image"; do
    [ -e "$image" ] || continue
    loop=$(loops_of "$image")
    say "$image: $(du -k "$image" | cut -f 1) KiB on disk, ${loop:-attached to no loop device}"
  done
}

down() {
  if device_exists; then
    require_ours
    mounted=$(mount_points)
    [ -z "$mounted" ] || fail $EXIT_USAGE "$NODE is still mounted; first: umount $mounted"
    # fsync of the device is a flush. If a flush is not the last thing that the log sees, the writes that nobody flushed
    # are put in front of entries that were made before them.
    sync "$NODE"
    case $(dmsetup status "$NAME") in
      *logging_disabled*) say "warning: the log ended early (full, or an I/O error): do not trust it" ;;
    esac
  elif [ -z "$(loops_of "$data_image")$(loops_of "$log_image")" ]; then
    say "nothing is up in $dir"
    return
  else
    take_down
    say "down: the loop devices of an attempt that did not finish are gone"
    return
  fi
  take_down
  say "down: $NODE and its loop devices are gone"
  say "log:  $log_image (read this file; the loop device may show old contents while it lives)"
  say "data: $data_image"
  say "look at the log:   powercut log $log_image"
  say "when done:         rm -r $dir"
}

# In reverse order, and only what is there. Removing the device writes the end of the log.
take_down() {
  if device_exists && [ "$(device_folder)" = "$dir" ]; then
    # shellcheck disable=SC2046 # each option is a word of its own
    dmsetup remove --retry $(udev_options) "$NAME" ||
      fail $EXIT_INTERNAL "$NODE cannot be removed: something still has it open"
    settle_node
  fi
  for image in "$log_image" "$data_image"; do
    for loop in $(loops_of "$image"); do
      losetup --detach "$loop"
    done
    wait_until_detached "$image"
  done
}

# The kernel lets go of a loop device a moment after it was told to.
wait_until_detached() {
  tries=0
  while [ -n "$(loops_of "$1")" ]; do
    tries=$((tries + 1))
    [ $tries -le 50 ] || fail $EXIT_INTERNAL "$(loops_of "$1") still has $1: something has it open"
    sleep 0.1
  done
}

# ---- main -----------------------------------------------------------------------------------------------------------

# A half-made device is taken down again; and a command that failed without a word from this script is a failed step.
on_exit() {
  status=$?
  trap - EXIT
  [ "$unfinished" = no ] || take_down
  [ "$status" -ne 1 ] || status=$EXIT_INTERNAL
  exit "$status"
}

unfinished=no
trap on_exit EXIT
trap 'exit 130' INT TERM
read_arguments "$@"
[ "$(id -u)" = 0 ] || fail $EXIT_UNAVAILABLE "making loop and device-mapper devices needs root: sudo $0 $*"
resolve_dir
"$action"
