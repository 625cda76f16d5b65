#!/usr/bin/env bash
# Makes the root of a guest: initramfs.sh DIR MODULE.ko…
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

root=$1
shift

need_packages gcc libc6-dev cpio
prepare_apt
busybox=$CACHE_DIR/busybox
[ -x "$busybox/bin/busybox" ] || unpack "$busybox" "busybox-static=$(version_in busybox-static bookworm)"

rm -rf "$root"
mkdir -p "$root"/{bin,dev,proc,sys,tmp,mnt,out,modules}
cp "$busybox/bin/busybox" "$root/bin/"
cp "$TESTS_DIR/guest/init" "$root/init"
ln -s busybox "$root/bin/sh"
chmod 755 "$root/init"
gcc -Wall -Wextra -Werror -O2 -static -pthread -o "$root/bin/guest" "$TESTS_DIR"/guest/*.c
[ $# -eq 0 ] || cp "$@" "$root/modules/"
