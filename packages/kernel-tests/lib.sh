# shellcheck shell=bash disable=SC2034 # what is set here is used by those who source it
# Shared by the suites of this package: where things are kept, what is installed, how Debian's packages
# are had without installing them. Sourced, never run.

TESTS_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
REPO_DIR=$(cd "$TESTS_DIR/../.." && pwd)
MODULE_DIR=$REPO_DIR/module
CACHE_DIR=${XDG_CACHE_HOME:-$HOME/.cache}/gestor
APT_DIR=$CACHE_DIR/apt

say() { printf '\n== %s\n' "$*"; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Runs a command with its output in a file; shows the end of that file if it fails.
quietly() {
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  "$@" >"$log" 2>&1 && return
  tail -n 40 "$log" >&2
  die "failed: $* (everything it said is in $log)"
}

# Installs what is missing of the named Debian packages, and says so first.
need_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  [ "$(id -u)" -eq 0 ] || die "these packages are needed: run 'apt-get install ${missing[*]}' as root"
  say "Installing ${missing[*]}"
  quietly "$CACHE_DIR/logs/apt-update.log" apt-get update
  quietly "$CACHE_DIR/logs/apt-install.log" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends "${missing[@]}"
}

# The mirror this machine itself uses for main or security packages.
mirror_of() {
  # shellcheck disable=SC2016 # $(REPO_URI) is apt's own format, not the shell's
  apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 2>/dev/null |
    awk -v kind="$1" '($2 ~ /-security$/) == (kind == "security") { sub("/$", "", $1); print $1; exit }'
}

# An apt directory of our own, so that packages of other Debian releases can be downloaded and unpacked
# while nothing of them reaches the machine.
prepare_apt() {
  [ -n "$(find "$APT_DIR/lists.stamp" -mmin -720 2>/dev/null)" ] && return
  local main security keys=/usr/share/keyrings/debian-archive-keyring.gpg suite
  main=$(mirror_of main)
  security=$(mirror_of security)
  [[ -n $main && -n $security ]] || die "apt knows no Debian mirror: run 'apt-get update' first"
  mkdir -p "$APT_DIR"/{etc/preferences.d,etc/apt.conf.d,state/lists/partial,cache/archives/partial} "$CACHE_DIR/debs"
  : >"$APT_DIR/status"
  : >"$APT_DIR/etc/sources.list"
  for suite in bullseye bookworm trixie; do
    echo "deb [signed-by=$keys] $security $suite-security main" >>"$APT_DIR/etc/sources.list"
  done
  for suite in bookworm trixie trixie-backports; do
    echo "deb [signed-by=$keys] $main $suite main" >>"$APT_DIR/etc/sources.list"
  done
  cat >"$APT_DIR/apt.conf" <<CONF
Dir::Etc "$APT_DIR/etc";
Dir::State "$APT_DIR/state";
Dir::State::status "$APT_DIR/status";
Dir::Cache "$APT_DIR/cache";
APT::Architecture "amd64";
APT::Sandbox::User "root";
Acquire::Languages "none";
CONF
  say "Fetching the package lists of Debian 11, 12 and 13"
  quietly "$CACHE_DIR/logs/apt-lists.log" env APT_CONFIG="$APT_DIR/apt.conf" apt-get update
  touch "$APT_DIR/lists.stamp"
}

own_apt() { APT_CONFIG=$APT_DIR/apt.conf "$@"; }

# The newest version of a package in one suite of our own apt directory.
version_in() {
  own_apt apt-cache madison "$1" | awk -F' *[|] *' -v suite="$2" '
    { gsub(/^ +| +$/, "", $1) } index($3, suite "/") { print $2; exit }'
}

# Downloads one package (name or name=version) once, and prints the path of the .deb. Debian deletes old
# kernels from its mirrors: what has been fetched is kept.
fetch_deb() {
  local name=${1%%=*} version=${1#*=} file
  [ "$name" = "$version" ] && version=$(own_apt apt-cache show --no-all-versions "$name" | sed -n 's/^Version: //p')
  for file in "$CACHE_DIR/debs/${name}_${version//:/%3a}"_*.deb; do
    [ -f "$file" ] && echo "$file" && return
  done
  (cd "$CACHE_DIR/debs" && own_apt apt-get -q download "$name=$version" >&2) ||
    die "the package $name=$version could not be downloaded"
  for file in "$CACHE_DIR/debs/${name}_${version//:/%3a}"_*.deb; do
    [ -f "$file" ] && echo "$file" && return
  done
  die "the package $name=$version was not found after its download"
}

# Unpacks packages into a directory, without installing them.
unpack() {
  local target=$1 package deb
  shift
  mkdir -p "$target"
  for package in "$@"; do
    deb=$(fetch_deb "$package")
    dpkg -x "$deb" "$target"
  done
}

# Prints the path of checkpatch.pl, which Debian has only within the kernel's source.
checkpatch_script() {
  local dir=$CACHE_DIR/checkpatch deb
  if [ ! -f "$dir/.done" ]; then
    say "Taking checkpatch.pl out of the kernel's source" >&2
    mkdir -p "$dir"
    deb=$(fetch_deb "linux-source-6.1=$(version_in linux-source-6.1 bookworm-security)")
    dpkg --fsys-tarfile "$deb" | tar -xO ./usr/src/linux-source-6.1.tar.xz |
      tar -xJ -C "$dir" --strip-components 2 --wildcards '*/scripts/checkpatch.pl' '*/scripts/spelling.txt' \
        '*/scripts/const_structs.checkpatch'
    touch "$dir/.done"
  fi
  echo "$dir/checkpatch.pl"
}

# Builds both modules with W=1 and fails on any warning: build_modules NAME KERNEL_DIR BUILD_DIR. The newest
# kernels need a newer compiler and C library than Debian 12 has: a chroot of Debian 13.
build_modules() {
  local name=$1 kernel=$2 build=$3
  rm -rf "$build"
  mkdir -p "$build"
  cp "$MODULE_DIR"/*.c "$MODULE_DIR"/*.h "$MODULE_DIR/Kbuild" "$build/"
  if [ "$name" = newest ]; then
    bash "$TESTS_DIR/in-trixie.sh" make -C "$kernel/build" M="$build" CC=gcc-14 W=1 modules
  else
    make -C "$kernel/build" M="$build" CC=gcc-12 W=1 modules
  fi >"$build.log" 2>&1 || {
    cat "$build.log" >&2
    die "the modules do not build against $name"
  }
  if grep -n 'warning:\|WARNING:' "$build.log"; then
    die "the build against $name is not quiet"
  fi
}

# Brings Node.js and the project's dependencies, as every root command does, and puts them first in PATH;
# what more to bring is named as in packages/setup: prepare_project [SCOPE...]
# shellcheck disable=SC2120 # the suite of the virtual machine names one
prepare_project() {
  cd "$REPO_DIR" || exit 1
  install=yes
  local part
  for part in ui checks mends requirements; do
    # shellcheck disable=SC1090 # the four files above
    source "packages/setup/lib/$part.sh"
  done
  own_tools_first
  prepare project "$@"
}

# Hands what the guests left to the judges, which are vitest files: run_judges SUITE RESULTS JUDGE...
run_judges() {
  (
    # shellcheck disable=SC2119 # the project alone: it is this function that has arguments
    prepare_project
    export GUEST_RESULTS=$2
    node_modules/.bin/vitest run --root packages/kernel-tests --reporter=default \
      --reporter=json --outputFile.json="$REPO_DIR/.tools/reports/$1.json" "${@:3}"
  )
}
