#!/usr/bin/env bash
# Boots a kernel in QEMU with a directory as its initramfs, and unpacks what the guest sends into another:
# boot.sh VMLINUZ ROOT RESULTS SECONDS OPTION…    (options for the kernel's command line)
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

kernel=$1 root=$2 results=$3 limit=$4
shift 4

need_packages qemu-system-x86 cpio
rm -rf "$results"
mkdir -p "$results"
(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$results.initrd"
# KVM is not asked for: the machines this runs on are virtual ones themselves.
run_guest() {
  timeout -k 5 "$limit" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 2048 -nic none \
    -kernel "$kernel" -initrd "$results.initrd" -no-reboot -nographic \
    -append "console=ttyS0 quiet panic=-1 $*" \
    -serial mon:stdio -serial "file:$results.tar.gz" >"$results/console.txt" 2>&1 </dev/null
}

# The kernel patches its own code through an int3 while it runs, and under QEMU one of 6.12 or later may run that int3
# after it has gone. Turning /proc/sys/kernel/sched_schedstats on and off stops such a guest within seconds under
# QEMU 7.2, within a minute under 10.0; never with thread=single, where processors take turns and races are not
# found. Nothing of ours contains an int3.
stopped_by_emulator() { grep -aq 'int3: 0000' "$results/console.txt"; }

for try in 1 2 3; do
  run_guest "$@" || {
    tail -n 40 "$results/console.txt" >&2
    die "the guest did not end within $limit s"
  }
  stopped_by_emulator || break
  [ "$try" -lt 3 ] || die "three guests in a row stopped at an int3: see $results/console.txt"
  echo "the guest stopped at an int3, which is QEMU's doing: it boots again"
done
tar -xzf "$results.tar.gz" -C "$results" || {
  tail -n 40 "$results/console.txt" >&2
  die "the guest sent nothing that can be unpacked"
}
rm -f "$results.initrd" "$results.tar.gz"
