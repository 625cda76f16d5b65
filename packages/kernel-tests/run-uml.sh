#!/usr/bin/env bash
# The cheapest gate: User Mode Linux 6.12 with KASAN and lockdep, as an ordinary process. KUnit for the pure
# parts, the modules loaded, read, stressed and unloaded, and then one boot for each planted bug, which
# the detectors have to catch. The kernel is built once (two minutes); after that it is seconds.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

results=$CACHE_DIR/results/uml
build=$CACHE_DIR/build/uml
rm -rf "$results" "$build"
mkdir -p "$results" "$build"

need_packages gcc make
kernel=$(bash "$TESTS_DIR/build-kernel.sh" um 6.12)

say "Building the modules, the KUnit tests and the planted bugs for User Mode Linux"
cp "$MODULE_DIR"/*.c "$MODULE_DIR"/*.h "$build/"
cp "$TESTS_DIR"/kunit/*.c "$build/"
cat "$MODULE_DIR/Kbuild" "$TESTS_DIR/kunit/Kbuild" >"$build/Kbuild"
quietly "$build.log" make -C "$kernel" ARCH=um M="$build" modules
root=$CACHE_DIR/root/uml
bash "$TESTS_DIR/initramfs.sh" "$root" "$build"/*.ko

# Boots User Mode Linux on a root of its own, which is a directory of this machine: boot NAME OPTION…
boot() {
  local name=$1 guest_root=$CACHE_DIR/root/uml-$1
  shift
  rm -rf "$guest_root"
  cp -a "$root" "$guest_root"
  mkdir -p "$results/$name"
  timeout -k 5 120 "$kernel/vmlinux" mem=512M rootfstype=hostfs rootflags="$guest_root" rw init=/init panic=-1 \
    loglevel=4 con=null con0=fd:0,fd:1 "$@" >"$results/$name/console.txt" 2>&1 </dev/null || true
  cp -a "$guest_root/out/." "$results/$name/"
  rm -rf "$guest_root"
}

say "KUnit, loading, reading, unloading and a short stress under KASAN and lockdep"
started=$SECONDS
boot uml-module kunit.enable=1 gestor.suite=kunit,loading,reading,unloading
boot uml-stress gestor.suite=stress gestor.seconds=5
echo "$((SECONDS - started)) s"

say "Planted bugs: each has to be caught"
for bug in use_after_free out_of_bounds sleep_under_rcu missing_rcu lock_inversion leak; do
  boot "planted-$bug" gestor.suite=planted "gestor.bug=$bug"
done
run_judges uml "$results" detectors
