#!/bin/sh
# dd fills one buffer of the drawn size, starts to write it and waits for ever on the
# pipe, which nobody reads: the whole buffer stays resident.
set -eu
random=$(od -An -N2 -tu2 /dev/urandom)
mib=$((48 + random % 49))
echo "holding $mib MiB"
# shellcheck disable=SC2216 # that sleep does not read is the point
dd if=/dev/zero bs="${mib}M" count=1 2>/dev/null | sleep infinity
