#!/usr/bin/env bash
# Builds a kernel with detectors from Debian's kernel source, once, and prints the directory it was built
# in: build-kernel.sh um|x86 6.1|6.12
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

arch=$1 release=$2

need_packages gcc make flex bison bc libelf-dev libssl-dev xz-utils cpio >&2
prepare_apt >&2
version=$(version_in "linux-source-$release" bookworm-security)
[ -n "$version" ] || die "Debian 12 offers no kernel source $release"
source_dir=$CACHE_DIR/source/linux-$version
build_dir=$CACHE_DIR/kernels/$arch-$version
fragments=("$TESTS_DIR/configs/debug.config" "$TESTS_DIR/configs/$arch.config")
wanted=$(cat "${fragments[@]}" | sha256sum)

if [ -f "$build_dir/.done" ] && [ "$(cat "$build_dir/.done")" = "$wanted" ]; then
  echo "$build_dir"
  exit
fi

if [ ! -f "$source_dir/Makefile" ]; then
  say "Unpacking the source of Linux $version" >&2
  rm -rf "$source_dir.partial"
  mkdir -p "$source_dir.partial"
  dpkg --fsys-tarfile "$(fetch_deb "linux-source-$release=$version")" |
    tar -xO "./usr/src/linux-source-$release.tar.xz" |
    tar -xJ -C "$source_dir.partial" --strip-components 1
  mv "$source_dir.partial" "$source_dir"
fi

kernel_arch=$arch
[ "$arch" = x86 ] && kernel_arch=x86_64
build() { nice -n 19 make -C "$source_dir" O="$build_dir" ARCH="$kernel_arch" -j2 "$@"; }

say "Building Linux $version for $arch with KASAN and lockdep (minutes, once)" >&2
rm -f "$build_dir/.done"
mkdir -p "$build_dir"
cat "${fragments[@]}" >"$build_dir/fragments"
started=$SECONDS
quietly "$CACHE_DIR/logs/kernel-$arch-$release.log" build KCONFIG_ALLCONFIG="$build_dir/fragments" allnoconfig >&2
refused=$(grep '^CONFIG_' "$build_dir/fragments" | grep -v DEBUG_INFO_NONE | while read -r line; do
  if [ "${line%=n}" != "$line" ]; then
    ! grep -q "^${line%=n}=" "$build_dir/.config" || echo "$line"
  else
    grep -qxF "$line" "$build_dir/.config" || echo "$line"
  fi
done)
[ -z "$refused" ] || die "the kernel's configuration does not take: $refused"
targets=(vmlinux modules)
[ "$arch" = x86 ] && targets=(bzImage modules)
quietly "$CACHE_DIR/logs/kernel-$arch-$release.log" build "${targets[@]}" >&2
echo "built in $((SECONDS - started)) s" >&2
echo "$wanted" >"$build_dir/.done"
echo "$build_dir"
