#!/usr/bin/env bash
# Makes the disk of a Debian 12 guest with systemd, cgroup v2, Docker and cron, once, and prints its path;
# beside it is an initrd that mounts it: vm-image.sh KERNEL_DIR
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

kernel=$1
release=$(cat "$kernel/release")
packages=systemd-sysv,dbus,docker.io,iptables,cron,make,gcc,libelf1,kmod,busybox-static,procps,iproute2
disk=$CACHE_DIR/vm/debian-12.ext4
wanted=$(cat "$0" "$TESTS_DIR/vm/gestor-test.service" "$TESTS_DIR/vm/initrd-init" "$kernel/release" | sha256sum)

if [ -f "$disk.done" ] && [ "$(cat "$disk.done")" = "$wanted" ]; then
  echo "$disk"
  exit
fi

need_packages debootstrap e2fsprogs kmod cpio >&2
say "Making the disk of a Debian 12 guest with Docker (two minutes, once)" >&2
root=$CACHE_DIR/vm/root
rm -rf "$root" "$disk" "$disk.done"
mkdir -p "$root"
quietly "$CACHE_DIR/logs/vm-image.log" debootstrap --variant=minbase --include="$packages" bookworm "$root" \
  "$(mirror_of main)" >&2

echo gestor-guest >"$root/etc/hostname"
echo '127.0.0.1 localhost gestor-guest' >"$root/etc/hosts"
echo '/dev/vda / ext4 rw,noatime 0 1' >"$root/etc/fstab"
printf '{ "storage-driver": "overlay2" }\n' >"$root/etc/docker/daemon.json"
cp "$TESTS_DIR/vm/gestor-test.service" "$root/etc/systemd/system/"
chroot "$root" passwd --delete root >/dev/null
for unit in gestor-test docker cron; do
  chroot "$root" systemctl enable "$unit" >/dev/null 2>&1
done
for unit in getty@tty1 serial-getty@ttyS0 apt-daily.timer apt-daily-upgrade.timer e2scrub_reap fstrim.timer; do
  chroot "$root" systemctl mask "$unit" >/dev/null 2>&1
done
# The kernel's modules, and what a module is built with, where its packages would put them.
mkdir -p "$root/lib/modules"
cp --archive "$kernel/lib/modules/$release" "$root/lib/modules/"
cp --archive "$kernel"/usr/src/linux-headers-* "$root/usr/src/"
cp --archive "$kernel"/usr/lib/linux-kbuild-* "$root/usr/lib/"
sed -i "s|$kernel/usr/src/|/usr/src/|g" "$root/usr/src/linux-headers-$release/Makefile"
depmod --basedir "$root" "$release"

# An initrd that does no more than load the disk's drivers and hand over.
initrd=$CACHE_DIR/vm/initrd
rm -rf "$initrd"
mkdir -p "$initrd"/{bin,dev,proc,new,modules}
cp "$root/bin/busybox" "$initrd/bin/"
install -m 755 "$TESTS_DIR/vm/initrd-init" "$initrd/init"
for driver in virtio_pci virtio_blk; do
  modprobe --dirname "$root" --set-version "$release" --show-depends "$driver"
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$initrd/modules/list"
while read -r module; do
  cp "$module" "$initrd/modules/"
done <"$initrd/modules/list"
(cd "$initrd" && find . | cpio -o -H newc --quiet | gzip -1) >"$disk.initrd"
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
quietly "$CACHE_DIR/logs/vm-image.log" mke2fs -q -t ext4 -d "$root" "$disk" 6G >&2
rm -rf "$root"
echo "$wanted" >"$disk.done"
echo "$disk"
