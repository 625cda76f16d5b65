#!/usr/bin/env bash
# Long stress on x86 kernels with KASAN, lockdep, DEBUG_ATOMIC_SLEEP and kmemleak:
# run-kasan.sh [SECONDS [if-built]]   with if-built only where the kernels have been built before
# Processes fork, exec, thread and die, cgroups come and go, readers read, the modules are loaded and
# unloaded under it. The kernels (6.1 and 6.12) are built once, three minutes each on two cores.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

seconds=${1:-60}
results=$CACHE_DIR/results/kasan
if [ "${2:-}" = if-built ] && ! compgen -G "$CACHE_DIR/kernels/x86-*/.done" >/dev/null; then
  say "Kernels with KASAN are left out: they are not built yet, 'npm run test:kasan' does so"
  exit
fi
rm -rf "$results"
mkdir -p "$results"
need_packages gcc make

for release in 6.1 6.12; do
  kernel=$(bash "$TESTS_DIR/build-kernel.sh" x86 "$release")
  build=$CACHE_DIR/build/kasan-$release
  rm -rf "$build"
  mkdir -p "$build"
  cp "$MODULE_DIR"/*.c "$MODULE_DIR"/*.h "$MODULE_DIR/Kbuild" "$build/"
  quietly "$build.log" make -C "$kernel" M="$build" modules
  root=$CACHE_DIR/root/kasan-$release
  bash "$TESTS_DIR/initramfs.sh" "$root" "$build"/*.ko
  for cgroup in v2 v1; do
    say "Linux $release with KASAN and lockdep, cgroup $cgroup: $seconds s of stress"
    bash "$TESTS_DIR/boot.sh" "$kernel/arch/x86/boot/bzImage" "$root" "$results/kasan-$release-$cgroup" \
      $((seconds * 3 + 240)) "gestor.cgroup=$cgroup gestor.suite=loading,reading,unloading,stress gestor.seconds=$seconds"
    cat "$results/kasan-$release-$cgroup/stress.txt"
  done
done
run_judges kasan "$results" detectors
