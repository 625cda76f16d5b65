#!/usr/bin/env bash
# Fetches one of Debian's kernels with what building modules against it needs, without installing any of
# it, and prints the directory: kernel.sh 5.10|6.1|6.12|newest. In it: vmlinuz, release (the kernel's
# name) and build (KDIR for make).
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

name=$1
prepare_apt >&2

case $name in
5.10) suite=bullseye-security meta=linux-headers-cloud-amd64 ;;
6.1) suite=bookworm-security meta=linux-headers-cloud-amd64 ;;
6.12) suite=bookworm-security meta=linux-headers-6.12-cloud-amd64 ;;
newest) suite=trixie-backports meta=linux-headers-cloud-amd64 ;;
*) die "unknown kernel $name: 5.10, 6.1, 6.12 or newest" ;;
esac

version=$(version_in "$meta" "$suite")
[ -n "$version" ] || die "$suite offers no $meta"
target=$CACHE_DIR/kernels/debian-$version
if [ -f "$target/.done" ]; then
  echo "$target"
  exit
fi

say "Fetching Debian's kernel $version" >&2
headers=$(own_apt apt-cache show "$meta=$version" | grep -o 'linux-headers-[0-9][^ ,]*-cloud-amd64' | grep -v "^$meta\$" | head -1)
release=${headers#linux-headers-}
rm -rf "$target" "$target.partial"
pieces=("$headers=$version")
while read -r piece; do
  pieces+=("$piece=$version")
done < <(own_apt apt-cache depends "$headers=$version" | grep -oE 'linux-(headers-[^ ]*-common|kbuild-[^ ]*)$')
image=linux-image-$release
if [ "$name" = newest ]; then
  # Debian 13's image package is empty: kernel and modules are in packages of their own.
  image=linux-binary-unsigned-$release
  pieces+=("linux-modules-$release=$version")
fi
unpack "$target.partial" "${pieces[@]}" "$image=$version"
build=$target.partial/usr/src/linux-headers-$release
sed -i "s|/usr/src/|$target/usr/src/|g" "$build/Makefile"
vmlinuz=$(cd "$target.partial" && find . -name 'vmlinuz*' -type f | head -n 1)
[ -n "$vmlinuz" ] || die "no vmlinuz in $image"
ln -s "$vmlinuz" "$target.partial/vmlinuz"
ln -s "usr/src/linux-headers-$release" "$target.partial/build"
echo "$release" >"$target.partial/release"
mv "$target.partial" "$target"
touch "$target/.done"
echo "$target"
