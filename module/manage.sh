#!/bin/sh
# Loads, unloads and says whether that is possible: called by the Makefile.
#
#   manage.sh status                       prints a word, a colon and a sentence; exits 0
#   manage.sh built                        exits 0 if sysinfo.ko is built for the running kernel
#   manage.sh load "MODULES" PARAMETER...  loads those that are not loaded yet
#   manage.sh unload "MODULES"             unloads those that are loaded, in reverse
#
# The words of status: loaded, ready (load would work as far as one can tell beforehand), no-modules,
# modules-disabled, lockdown, no-headers, no-tools, not-root.
set -eu

cd "$(dirname "$0")"
KDIR=${KDIR:-/lib/modules/$(uname -r)/build}

fail() {
  echo "error: $*" >&2
  exit 1
}

# What forbids unsigned modules, or nothing. Secure Boot turns lockdown on.
lockdown() {
  if grep -q '\[integrity\]\|\[confidentiality\]' /sys/kernel/security/lockdown 2>/dev/null; then
    echo "the kernel is locked down (Secure Boot) and takes signed modules only: sign them with an enrolled key, or turn Secure Boot off in the firmware"
  elif [ "$(cat /sys/module/module/parameters/sig_enforce 2>/dev/null)" = Y ]; then
    echo "the kernel takes signed modules only (module.sig_enforce): sign them with an enrolled key"
  fi
}

# Is the module built already, for the kernel that runs?
built() {
  case $(modinfo --field vermagic ./sysinfo.ko 2>/dev/null) in
  "$(uname -r) "*) return 0 ;;
  *) return 1 ;;
  esac
}

missing_tools() {
  tools='make insmod rmmod modinfo'
  built || tools="$tools gcc"
  for tool in $tools; do
    command -v "$tool" >/dev/null || printf '%s ' "$tool"
  done
}

# A word, a colon and a sentence that says what stands in the way and what to do about it.
status() {
  if [ -d /sys/module/sysinfo ]; then
    echo "loaded: the module sysinfo is loaded"
  elif [ ! -e /proc/modules ]; then
    echo "no-modules: this kernel was built without support for modules; none can be loaded on it"
  elif [ "$(cat /proc/sys/kernel/modules_disabled 2>/dev/null)" = 1 ]; then
    echo "modules-disabled: loading modules was turned off until the next boot (kernel.modules_disabled)"
  elif [ -n "$(lockdown)" ]; then
    echo "lockdown: $(lockdown)"
  elif [ "$(id -u)" -ne 0 ]; then
    echo "not-root: only root can load a module"
  elif [ -n "$(missing_tools)" ]; then
    echo "no-tools: not found: $(missing_tools); install them: apt-get install make gcc kmod"
  elif ! built && [ ! -e "$KDIR/Makefile" ]; then
    echo "no-headers: the headers of this kernel are missing; install them: apt-get install linux-headers-$(uname -r)"
  else
    echo "ready: the module can be built and loaded"
  fi
}

# A module's own last words in the kernel log, without the time stamp.
kernel_said() {
  dmesg 2>/dev/null | grep -F "$1: " | tail -n 1 | sed 's/^\[[^]]*\] *//'
}

load() {
  modules=$1
  shift
  case $(status) in
  loaded:* | ready:*) ;;
  *) fail "$(status | cut -d ' ' -f 2-)" ;;
  esac
  for module in $modules; do
    [ -d "/sys/module/$module" ] && continue
    [ -e "$module.ko" ] || fail "$module.ko is not built: run make first"
    said=$(insmod "$module.ko" "$@" 2>&1) || fail "$module.ko does not load: $said
       the kernel says: $(kernel_said "$module")"
    echo "loaded $module"
  done
}

unload() {
  reversed=
  for module in $1; do
    reversed="$module $reversed"
  done
  for module in $reversed; do
    [ -d "/sys/module/$module" ] || continue
    rmmod "$module" || fail "$module does not unload"
    echo "unloaded $module"
  done
}

case ${1:-} in
status) status ;;
built) built ;;
load)
  shift
  load "$@"
  ;;
unload) unload "$2" ;;
*) fail "usage: manage.sh status | built | load MODULES PARAMETER... | unload MODULES" ;;
esac
