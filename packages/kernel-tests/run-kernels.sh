#!/usr/bin/env bash
# Builds the modules against Debian's kernels, boots each of them in QEMU with the modules loaded, and
# judges what the guests saw: run-kernels.sh KERNEL…   (5.10, 6.1, 6.12, newest). Every kernel boots twice,
# with cgroup v2 and with cgroup v1; when there are several, each also with 10,000 processes.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

[ $# -gt 0 ] || set -- 6.1
scale=no
[ $# -eq 1 ] || scale=yes
results=$CACHE_DIR/results/kernels
rm -rf "$results"
mkdir -p "$results"

need_packages gcc gcc-12 make sparse kmod libelf-dev pahole perl curl xz-utils

test_kernel() {
  local name=$1 kernel release build root suites cgroup started=$SECONDS
  kernel=$(bash "$TESTS_DIR/kernel.sh" "$name")
  release=$(cat "$kernel/release")
  build=$CACHE_DIR/build/$name
  if [ "$name" = 6.1 ]; then
    say "Sources: gcc with W=1, sparse and checkpatch have to be quiet"
    make --silent --directory "$MODULE_DIR" check KDIR="$kernel/build" CHECKPATCH="$(checkpatch_script)"
  fi
  say "Kernel $release: build with W=1, boot, load, compare, stress, unload"
  build_modules "$name" "$kernel" "$build"
  root=$CACHE_DIR/root/$name
  local ramdisk=()
  mapfile -t ramdisk < <(find "$kernel"/lib/modules "$kernel"/usr/lib/modules -name 'brd.ko*' 2>/dev/null)
  bash "$TESTS_DIR/initramfs.sh" "$root" "$build/sysinfo.ko" "$build/continfo.ko" "${ramdisk[@]}"
  [ ! -e "$root/modules/brd.ko.xz" ] || xz -d "$root/modules/brd.ko.xz"
  for cgroup in v2 v1; do
    suites=loading,reading,load,unloading
    [ "$cgroup" = v2 ] || suites=loading,reading
    bash "$TESTS_DIR/boot.sh" "$kernel/vmlinuz" "$root" "$results/kernel-$name-$cgroup" 300 \
      "gestor.cgroup=$cgroup gestor.suite=$suites"
  done
  if [ "$scale" = yes ]; then
    bash "$TESTS_DIR/boot.sh" "$kernel/vmlinuz" "$root" "$results/scale-$name" 300 gestor.suite=scale
  fi
  echo "$release: $((SECONDS - started)) s"
}

for name in "$@"; do
  test_kernel "$name"
done
judges=(documents processes containers)
[ "$scale" = no ] || judges+=(scale)
run_judges kernel "$results" "${judges[@]}"
