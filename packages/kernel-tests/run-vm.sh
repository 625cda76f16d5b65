#!/usr/bin/env bash
# The whole main job in a Debian 12 virtual machine: systemd, cgroup v2, Docker, cron, and the kernel module
# (built outside, since a compiler is slow in an emulated machine); then containers of known consumption, and a table of how well they were seen.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

need_packages qemu-system-x86 e2fsprogs gcc gcc-12 make libelf-dev libc6-dev git
results=$CACHE_DIR/results/vm
work=$CACHE_DIR/vm/run
kernel=$(bash "$TESTS_DIR/kernel.sh" 6.1)
disk=$(bash "$TESTS_DIR/vm-image.sh" "$kernel")
rm -rf "$results" "$work"
mkdir -p "$results/vm" "$work/project"
(prepare_project)

say "Putting the project on a disk"
cd "$REPO_DIR"
git ls-files -co --exclude-standard -z | while IFS= read -r -d '' file; do
  [ -e "$file" ] && printf '%s\0' "$file"
done | tar --create --null --files-from - | tar --extract --directory "$work/project"
mkdir -p "$work/project/volumes"
for path in .tools node_modules packages/{contract,manager,collector}/node_modules; do
  cp --archive "$path" "$work/project/$path"
done
# The guest has no network: what the collector's image is packed from comes along.
pack=$work/pack
mkdir -p "$pack"
(
  prepare_project >&2
  for package in contract collector; do
    mkdir -p "$pack/packages/$package"
    cp "packages/$package/package.json" "$pack/packages/$package/"
  done
  cp package.json pnpm-workspace.yaml pnpm-lock.yaml "$pack/"
  cd "$pack"
  quietly "$CACHE_DIR/logs/vm-store.log" pnpm install --prod --frozen-lockfile --filter 'collector...' --prefer-offline \
    --store-dir "$work/project/.store"
)
gcc -Wall -Wextra -Werror -O2 -static -pthread -o "$work/project/guest" "$TESTS_DIR"/guest/*.c
build_modules 6.1 "$kernel" "$CACHE_DIR/build/vm"
cp "$CACHE_DIR"/build/vm/{sysinfo,continfo}.ko "$work/project/module/"
mke2fs -q -t ext4 -d "$work/project" "$work/project.ext4" 3G
truncate --size 256M "$work/out.tar"

say "Running the main job in the guest (three to four minutes)"
started=$SECONDS
# Written to, the disks are as they were when the guest is gone: -snapshot, but for the one with the results.
timeout -k 5 600 qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 4096 -nic none -no-reboot \
  -nographic -kernel "$kernel/vmlinuz" -initrd "$disk.initrd" \
  -append 'root=/dev/vda rw console=ttyS0 apparmor=0 quiet systemd.show_status=0' \
  -drive "file=$disk,if=virtio,format=raw,snapshot=on" \
  -drive "file=$work/project.ext4,if=virtio,format=raw,snapshot=on" \
  -drive "file=$work/out.tar,if=virtio,format=raw" 2>&1 </dev/null |
  tee "$results/vm/console.txt" | grep --line-buffered --only-matching 'gestor-test: .*' || true
echo "the guest lived for $((SECONDS - started)) s"
tar -xf "$work/out.tar" -C "$results/vm" 2>/dev/null || {
  tail -n 30 "$results/vm/console.txt" >&2
  die "the guest sent nothing that can be unpacked"
}
rm -rf "$work"
run_judges vm "$results" vm accuracy
