#!/usr/bin/env bash
# The whole main job in a Debian 12 virtual machine: systemd, cgroup v2, Docker, cron, and the kernel module,
# which the manager builds there; then containers of known consumption, and a table of how well they were seen.
# The images are loaded into the guest once, and stay on its disk.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vm.sh
. "$TESTS_DIR/vm.sh"

results=$CACHE_DIR/results/vm
work=$CACHE_DIR/vm/run

# What the guest gets: the project, and the program of known consumption.
make_project() {
  copy_project "$work/project"
  gcc -Wall -Wextra -Werror -O2 -static -pthread -o "$work/project/guest" "$TESTS_DIR"/guest/*.c
}

# The images, built by this machine's engine: in an emulated machine, packing the collector takes minutes.
images=(gestor/collector gestor/high-cpu gestor/high-ram gestor/low-idle gestor/low-beat)
build_images() {
  (
    prepare_project system
    node packages/manager/src/build-images.ts
  )
}

make_project_disk() { make_disk "$work/project" "$work/project.ext4" 3G; }

# Boots the guest and shows how it goes on: boot_guest SNAPSHOT CONSOLE OPTION…
boot_guest() {
  set_machine "$kernel" "$disk" "$work/project.ext4" "$1" "${@:3}"
  timeout -k 5 1200 "${machine[@]}" -drive "file=$work/out.tar,if=virtio,format=raw" 2>&1 </dev/null |
    tee "$2" | grep --line-buffered --only-matching 'gestor-test: .*' || true
}

need_packages qemu-system-x86 e2fsprogs gcc gcc-12 make libelf-dev libc6-dev git
kernel=$(bash "$TESTS_DIR/kernel.sh" 6.1)
disk=$(bash "$TESTS_DIR/vm-image.sh" "$kernel")
rm -rf "$results" "$work"
mkdir -p "$results/vm" "$work"
say "Building the images"
build_images
say "Putting the project on a disk"
make_project
truncate --size 256M "$work/out.tar"
wanted=$(docker image inspect --format '{{.Id}}' "${images[@]}" | cat - "$disk.done" | sha256sum)
if [ "$(cat "$disk.images" 2>/dev/null)" = "$wanted" ]; then
  make_project_disk
else
  say "Loading the images into the guest (a minute, when they have changed)"
  docker save "${images[@]}" >"$work/project/images.tar"
  make_project_disk
  boot_guest off "$results/images.txt" gestor.prepare
  echo "$wanted" >"$disk.images"
fi
say "Running the main job in the guest (five to six minutes)"
started=$SECONDS
boot_guest on "$results/vm/console.txt"
echo "the guest lived for $((SECONDS - started)) s"
tar -xf "$work/out.tar" -C "$results/vm" 2>/dev/null || true
[ -f "$results/vm/results" ] || {
  tail -n 30 "$results/vm/console.txt" >&2
  die "the guest did not get to its end"
}
rm -rf "$work"
run_judges vm "$results" vm accuracy
