#!/usr/bin/env bash
# Runs a command in a small Debian 13 with a compiler, where paths of the cache are what they are outside:
# in-trixie.sh COMMAND…
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

chroot=$CACHE_DIR/trixie
if [ ! -f "$chroot/.done" ]; then
  need_packages debootstrap
  say "Making a Debian 13 to build for the newest kernel in (a minute and a half, once)"
  rm -rf "$chroot"
  mkdir -p "$chroot"
  quietly "$CACHE_DIR/logs/trixie.log" debootstrap --variant=minbase --include=gcc-14,make,kmod,pahole,libelf1t64 \
    trixie "$chroot" "$(mirror_of main)"
  touch "$chroot/.done"
fi

# A mount namespace of its own: whatever is mounted goes with it.
# shellcheck disable=SC2016 # the inner shell's own variables
exec unshare --mount bash -c '
  chroot=$1 cache=$2
  shift 2
  mount -t proc proc "$chroot/proc"
  mkdir -p "$chroot$cache"
  mount --bind "$cache" "$chroot$cache"
  exec chroot "$chroot" env PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
' bash "$chroot" "$CACHE_DIR" "$@"
