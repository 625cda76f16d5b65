# shellcheck shell=bash disable=SC2034 # what is set here is used by those who source it
# The Debian 12 guest of those suites that need more than a kernel: a disk with the project on it, and the
# command that boots it. Sourced after lib.sh, never run.

# Copies the project as a fresh clone would have it, and its dependencies: copy_project DIRECTORY
copy_project() {
  local target=$1 path
  cd "$REPO_DIR" || exit 1
  mkdir -p "$target/volumes"
  git ls-files -co --exclude-standard -z | while IFS= read -r -d '' path; do
    [ ! -e "$path" ] || printf '%s\0' "$path"
  done | tar --create --null --files-from - | tar --extract --directory "$target"
  for path in .tools node_modules packages/*/node_modules; do
    cp --archive "$path" "$target/$path"
  done
}

# Makes a disk of a directory: make_disk DIRECTORY IMAGE SIZE
make_disk() { quietly "$CACHE_DIR/logs/vm-project.log" mke2fs -q -t ext4 -d "$1" "$2" "$3"; }

# Sets `machine` to the command that boots the guest; its project is the second disk, and what a suite adds to
# the command follows: set_machine KERNEL DISK PROJECT SNAPSHOT OPTION…   With SNAPSHOT on, the disk stays as it was.
# The processor is a plain one, without AVX, which QEMU 7.2 is the first to emulate: a guest that had all there is
# hung once.
set_machine() {
  local kernel=$1 disk=$2 project=$3 snapshot=$4
  shift 4
  machine=(
    qemu-system-x86_64 -accel "tcg,thread=multi" -cpu Nehalem -smp 2 -m 4096 -nic none -no-reboot -nographic
    -kernel "$kernel/vmlinuz" -initrd "$disk.initrd"
    -append "root=/dev/vda rw console=ttyS0 panic=-1 apparmor=0 quiet systemd.show_status=0 $*"
    -drive "file=$disk,if=virtio,format=raw,cache=unsafe,snapshot=$snapshot"
    -drive "file=$project,if=virtio,format=raw,snapshot=on"
  )
}
