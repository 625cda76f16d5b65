# shellcheck shell=bash
# The checks of the requirements table. Each returns 0 when all is well and always
# leaves a few words about what it saw in $detail. None of them changes anything.

node_minimum=24.12
pnpm_minimum=12
own_tools=.tools/node_modules/.bin
detail=

have() { command -v "$1" >/dev/null 2>&1; }

at_least() { printf '%s\n%s\n' "$1" "$2" | sort --check=quiet --version-sort; } # MINIMUM VERSION

check_command() { # COMMAND
  if detail=$(command -v "$1"); then return 0; fi
  detail="no command $1"
  return 1
}

check_node() {
  local version
  version=$(node --version 2>/dev/null) || version=none
  detail="Node.js ${version#v}, $node_minimum or later is needed"
  if [[ $version == none ]] || ! at_least "$node_minimum" "${version#v}"; then return 1; fi
  detail="${version#v} at $(command -v node)"
}

check_pnpm() {
  local version
  # Without the network switched off, corepack's stand-in for pnpm would download one.
  version=$(COREPACK_ENABLE_NETWORK=0 pnpm --version 2>/dev/null) || version=none
  detail="pnpm $version, $pnpm_minimum or later is needed"
  if [[ $version == none ]] || ! at_least "$pnpm_minimum" "$version"; then return 1; fi
  detail="$version at $(command -v pnpm)"
}

# The user's own Node.js and pnpm where they are recent enough, else ours.
own_tools_first() {
  if [[ -d $own_tools && :$PATH: != *":$PWD/$own_tools:"* ]] && ! { check_node && check_pnpm; }; then
    PATH=$PWD/$own_tools:$PATH
  fi
}

check_packages() {
  # pnpm keeps a copy of the lock file that it last installed from.
  if cmp --silent pnpm-lock.yaml node_modules/.pnpm/lock.yaml; then
    detail='as pnpm-lock.yaml says'
    return 0
  fi
  detail='node_modules/ is not what pnpm-lock.yaml says'
  return 1
}

engine_version() { timeout 10 docker version --format '{{.Server.Version}}' 2>&1; }

check_docker() {
  if ! have docker; then
    detail='no command docker'
  elif have dockerd || [[ -n ${DOCKER_HOST:-} ]] || engine_version >/dev/null; then
    detail=$(command -v docker)
    return 0
  else
    detail='the docker command is here, the engine is not'
  fi
  return 1
}

check_engine() {
  local answer
  if answer=$(engine_version); then
    detail="version $answer"
    return 0
  fi
  if [[ -n ${DOCKER_HOST:-} ]]; then
    detail="left to DOCKER_HOST=$DOCKER_HOST"
    return 0
  fi
  detail=${answer##*$'\n'}
  return 1
}

# A daemon named cron in a container is also seen in the host's /proc, but has
# one process id for each level of PID namespaces, and ours has just one. A
# daemon's child that waits for a job calls itself CRON, and may outlive it.
check_cron_daemon() {
  local directory name program ids
  for directory in /proc/[0-9]*; do
    read -r name <"$directory/comm" || continue
    [[ $name == cron || $name == crond ]] || continue
    IFS= read -r -d '' program <"$directory/cmdline" || continue
    [[ ${program##*/} != CRON* ]] || continue
    ids=$(sed -n 's/^NSpid:[[:space:]]*//p' "$directory/status") || continue
    if [[ $ids != *[[:space:]]* ]]; then
      detail="$name, pid ${directory#/proc/}"
      return 0
    fi
  done 2>/dev/null
  detail='no cron daemon is running'
  return 1
}
