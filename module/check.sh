#!/bin/sh
# Everything that reads the sources has to be quiet: gcc with W=1, sparse, checkpatch.
#
#   check.sh KDIR CHECKPATCH
set -eu

kdir=$1 checkpatch=$2
cd "$(dirname "$0")"

fail() {
  echo "error: $*" >&2
  exit 1
}

command -v sparse >/dev/null || fail "sparse is missing: apt-get install sparse"
[ -f "$checkpatch" ] || fail "checkpatch.pl is missing: it comes with apt-get install linux-source, in \
/usr/src/linux-source-*.tar.xz; unpack it there, or name it: make check CHECKPATCH=/path/checkpatch.pl"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp ./*.c ./*.h Kbuild "$work"
make -C "$kdir" M="$work" W=1 C=2 modules >"$work/log" 2>&1 || {
  cat "$work/log"
  fail "the modules do not build"
}
if grep -n 'warning:\|WARNING:\|error:' "$work/log"; then
  fail "the compiler and sparse have to be quiet"
fi
# compat.h is where versions are asked for: checkpatch advises against that in the kernel itself.
perl "$checkpatch" --no-tree --strict --terse --no-summary --ignore LINUX_VERSION_CODE,CONSTANT_COMPARISON \
  -f ./*.c ./*.h Kbuild || fail "checkpatch has to be quiet"
echo "gcc W=1, sparse and checkpatch: nothing to report"
