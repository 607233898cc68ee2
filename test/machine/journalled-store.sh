#!/bin/sh
# A store with a redo journal: a put is durable once its line is in the journal; recovery moves the journal's lines to the
# data file. A line may be moved twice, which changes nothing.
#
#   workload DIR COUNT     puts, never recovers
#   recover DIR [FAULT]    FAULT `forgetful`: empties the journal before the data file is durable; `booted`: notes the boot,
#                          and trusts nobody who comes back in the same
#   check DIR COUNT
set -eu
command=$1 dir=$2

case $command in
workload)
  : >"$dir/data"
  : >"$dir/journal"
  cat /proc/sys/kernel/random/boot_id >"$dir/boot"
  sync -f "$dir"
  echo ready
  for number in $(seq 1 "$3"); do
    echo "record $number." >>"$dir/journal"
    sync "$dir/journal"
    echo "ack $number"
    head -c 1 <&"$POWERCUT_ACK_REPLY" >/dev/null
  done
  ;;
recover)
  if [ "${3-}" = booted ]; then
    boot=$(cat /proc/sys/kernel/random/boot_id)
    [ "$(cat "$dir/boot" 2>/dev/null)" != "$boot" ] || { echo 'corrupt: the boot is the one before the power cut'; exit 1; }
    echo "$boot" >"$dir/boot"
    sync "$dir/boot" "$dir"
  fi
  [ -s "$dir/journal" ] || exit 0
  cat "$dir/journal" >>"$dir/data"
  [ "${3-}" = forgetful ] || sync "$dir/data"
  : >"$dir/journal"
  sync "$dir/journal"
  ;;
check)
  found=$(grep -x 'record [0-9]*\.' "$dir/data" | sort -u | wc -l)
  [ "$found" -ge "$3" ] && exit 0
  echo "lost: $found of $3 acknowledged records are there"
  exit 1
  ;;
esac
