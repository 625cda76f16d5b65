# shellcheck shell=bash
# The commands that mend what is missing, as text: the same text is shown to the
# user, given to the doctor and, where we may, executed by bash.

node_version=24.21.0
pnpm_version=12.21.0

is_root() { [[ $(id -u) == 0 ]]; }

# Empty for root, so that the same text serves both.
as_root=
if ! is_root && have sudo; then as_root='sudo '; fi

npm_install() { # PACKAGE
  printf 'npm install --prefix .tools --save-exact --ignore-scripts %s' "$1"
}

# The package that carries only the binary: it needs no install script.
mend_node() {
  local -A names=([x86_64]=x64 [aarch64]=arm64)
  local name=${names[$(uname -m)]:-}
  if [[ -n $name ]] && have npm; then
    npm_install "node-linux-$name@$node_version"
  else
    printf '# install Node.js %s or later with npm from https://nodejs.org' "$node_minimum"
  fi
}

mend_pnpm() { npm_install "pnpm@$pnpm_version"; }

mend_packages() {
  # shellcheck disable=SC2016 # expanded where the command runs
  if ! { check_node && check_pnpm; }; then printf 'PATH="$PWD/%s:$PATH" ' "$own_tools"; fi
  printf 'pnpm install --frozen-lockfile'
}

# Whether apt's lists were fetched within a day (apt then touches the folder partial;
# the lists bear the server's dates) and hold the package.
apt_knows() {
  [[ -n $(find /var/lib/apt/lists/partial -prune -mtime -1 2>/dev/null) ]] && apt-cache show "$1" >/dev/null 2>&1
}

# --no-remove: preparing Gestor never takes something else away.
apt_install() { # PACKAGE...
  if ! have apt-get; then
    printf "# install the equivalent of Debian's %s with this system's package manager" "$*"
    return
  fi
  if ! apt_knows "$1"; then printf '%sapt-get update && ' "$as_root"; fi
  printf '%sapt-get install --yes -o DPkg::Lock::Timeout=300 --no-install-recommends --no-remove %s' "$as_root" "$*"
}

mend_docker() {
  # From Debian 13 on the command line is a package of its own.
  if have apt-cache && apt-cache show docker-cli >/dev/null 2>&1; then
    apt_install docker.io docker-cli
  else
    apt_install docker.io
  fi
}

start_service() { # NAME
  if [[ -d /run/systemd/system ]]; then
    printf '%ssystemctl start %s' "$as_root" "$1"
  else
    printf '%sservice %s start' "$as_root" "$1"
  fi
}

start_engine() {
  if [[ $detail == *'permission denied'* ]]; then
    printf '%susermod --append --groups docker %s   # then log in again' "$as_root" "$(id -un)"
  elif [[ -d /run/systemd/system ]] || grep --quiet --line-regexp init /proc/1/comm; then
    start_service docker
  else
    # No init system, as in a container: docker's init script would fail there. In a
    # session of its own, so that Ctrl-C in this terminal does not stop the engine.
    printf "%ssh -c 'cd / && setsid dockerd >>/var/log/dockerd.log 2>&1 </dev/null &'" "$as_root"
  fi
}
