#!/usr/bin/env bash
# Makes a base image from this machine itself, for hosts that reach no registry, and
# writes it to stdout as the tar of a root file system (what `docker import` takes).
#   base.sh busybox      Debian's busybox-static; stands for busybox:stable
#   base.sh node PATH    the Node.js at PATH; stands for node:24-bookworm-slim
# Exit codes: 0 done, 2 wrong arguments, 3 what the base is made of cannot be had.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=$here/../.tools/busybox

fail() { # EXIT_CODE NAME SENTENCE
  printf 'base.sh: %s [%s]\n' "$3" "$2" >&2
  exit "$1"
}

is_static() { [[ -x $1 ]] && ! ldd "$1" >/dev/null 2>&1; }

# Prints the path of a static busybox: the machine's own, or one unpacked from its
# Debian package into the cache, without installing it.
find_busybox() {
  local log
  if is_static "$(type -P busybox || true)"; then
    type -P busybox
    return
  fi
  if [[ ! -x $cache/bin/busybox ]]; then
    mkdir -p "$cache"
    if ! log=$(cd "$cache" && { apt-get download busybox-static && dpkg -x busybox-static_*.deb .; } 2>&1); then
      fail 3 BUSYBOX_MISSING "no static busybox here and none from Debian. Install it: apt-get install busybox-static ($log)"
    fi
    rm "$cache"/busybox-static_*.deb
  fi
  printf '%s\n' "$cache/bin/busybox"
}

put_busybox() {
  local busybox applet
  busybox=$(find_busybox)
  install -D "$busybox" "$root/bin/busybox"
  for applet in $("$busybox" --list); do
    [[ $applet == busybox ]] || ln -s busybox "$root/bin/$applet"
  done
}

put_node() { # PATH
  local library
  [[ -x ${1:-} ]] || fail 2 NODE_MISSING "no Node.js at \"${1:-}\": base.sh node PATH"
  install -D "$1" "$root/usr/local/bin/node"
  # At the very paths at which the loader looks for them.
  ldd "$1" | grep --only-matching '/[^ ]*' | while read -r library; do
    install -D "$library" "$root$library"
  done
  # Part of the C library, named by native modules (canvas) though not by node itself.
  library=$(ldd "$1" | grep --only-matching '/[^ ]*/libc\.so\.6')
  library=${library%/*}/librt.so.1
  install -D "$library" "$root$library"
}

root=$(mktemp --directory)
trap 'rm -r "$root"' EXIT
chmod 755 "$root"
mkdir -p "$root"/{bin,etc,tmp}
chmod 1777 "$root/tmp"
printf 'root:x:0:0::/:/bin/sh\ngestor:x:10001:10001::/tmp:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\ngestor:x:10001:\nnogroup:x:65534:\n' >"$root/etc/group"

case ${1:-} in
  busybox) put_busybox ;;
  node) put_node "${2:-}" ;;
  *) fail 2 BASE_USAGE 'say busybox, or node and the path of its program' ;;
esac
# The same bytes for the same contents: what is built on it can be recognised.
tar --create --directory "$root" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner .
