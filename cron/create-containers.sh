#!/usr/bin/env bash
# Creates containers from randomly chosen load images. Run by cron every 30 seconds.
#   create-containers.sh --state DIR [--count 10] [--ceiling 40] [--docker-host URL] [--kind KIND]
# --state    the manager's directory: lease, create.lock and cron.log are in it
# --count    how many containers to create
# --ceiling  how many containers of ours may exist at once
# --kind     only images of this kind (high, low), and print the names of what was created
# Without a manager that renews its lease it creates nothing and takes our lines out
# of the crontab. Exit code 0 even when some containers could not be created: the
# reasons are in cron.log. 1: nothing could be done at all. 2: wrong arguments.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR
source "$here/lease.sh"

# Cron gives little: no terminal, PATH=/usr/bin:/bin, perhaps no HOME.
export PATH=$PATH:/usr/local/bin:/usr/sbin:/sbin HOME=${HOME:-/} LC_ALL=C
umask 027

log_bytes_max=262144
at_once=3 # starting a container is mostly waiting, but the host may have two cores

usage_error() {
  printf 'create-containers.sh: %s\n' "$1" >&2
  exit 2
}

state='' count=10 ceiling=40 kind=''
while (($# > 0)); do
  (($# > 1)) || usage_error "$1 needs a value"
  case $1 in
    --state) state=$2 ;;
    --count) count=$2 ;;
    --ceiling) ceiling=$2 ;;
    --docker-host) export DOCKER_HOST=$2 ;;
    --kind) kind=$2 ;;
    *) usage_error "unknown option $1" ;;
  esac
  shift 2
done
[[ -d $state ]] || usage_error "--state must name the manager's directory, not \"$state\""
[[ $kind =~ ^(high|low)?$ ]] || usage_error '--kind is high or low'
[[ $count =~ ^[0-9]{1,4}$ && $ceiling =~ ^[0-9]{1,4}$ ]] || usage_error '--count and --ceiling are whole numbers'

log_file=$state/cron.log
exec 2>>"$log_file"

log() { printf '%(%FT%TZ)T %s\n' -1 "$1" >>"$log_file"; }

give_up() {
  log "$1"
  exit 1
}

# Keeps the newest half, from a line's beginning on.
bound_log() {
  (($(stat --format=%s "$log_file") > log_bytes_max)) || return 0
  tail --bytes=$((log_bytes_max / 2)) "$log_file" | sed 1d >"$log_file.new"
  mv "$log_file.new" "$log_file"
  exec 2>>"$log_file"
}

# Sets $images to one row an image: name|cpus|memory|network, as its labels say.
find_images() {
  local ids format
  ids=$(timeout 30 docker image ls --quiet --filter "label=gestor.kind${kind:+=$kind}" --filter dangling=false 2>&1) ||
    give_up "the Docker Engine does not answer: $ids"
  [[ -n $ids ]] || give_up "no image has the label gestor.kind${kind:+=$kind}: the manager builds them when it starts"
  format='{{index .RepoTags 0}}|{{index .Config.Labels "gestor.cpus"}}|{{index .Config.Labels "gestor.memory"}}'
  format+='|{{index .Config.Labels "gestor.network"}}'
  # shellcheck disable=SC2086 # one word an id
  mapfile -t images < <(timeout 30 docker image inspect --format "$format" $ids | sort --unique)
  ((${#images[@]} > 0)) || give_up 'the load images could not be inspected'
}

# How many more containers of ours may exist. Stopped ones count: they take room too.
room() {
  local ids
  ids=$(timeout 30 docker ps --all --quiet --filter label=gestor.managed=true 2>&1) ||
    give_up "the Docker Engine does not answer: $ids"
  printf '%d' $((ceiling - $(grep --count . <<<"$ids")))
}

create_one() { # RANDOM_HEX ROW
  local image cpus memory network name reason
  IFS='|' read -r image cpus memory network <<<"$2"
  name=${image##*/}
  name=${name%%:*}-$1
  if [[ ! $cpus =~ ^[0-9]*\.?[0-9]+$ || ! $memory =~ ^[0-9]+[kmg]$ ]]; then
    log "$image is left out: its labels gestor.cpus=\"$cpus\" and gestor.memory=\"$memory\" are no limits"
  elif reason=$(timeout 60 docker run --detach --name "$name" --label gestor.managed=true \
    --cpus "$cpus" --cpu-shares 128 --memory "$memory" --memory-swap "$memory" --pids-limit 64 \
    --network "${network:-none}" --cap-drop ALL --security-opt no-new-privileges --restart no \
    --log-driver json-file --log-opt max-size=256k "$image" 2>&1 >/dev/null); then
    log "created $name from $image"
    if [[ -n $kind ]]; then printf '%s\n' "$name"; fi
  else
    log "$name could not be created: ${reason//$'\n'/ }"
    # What was created but did not start would stay for ever.
    timeout 30 docker rm --force "$name" >/dev/null 2>&1 || true
  fi
}

create_all() { # NUMBER
  local i hex
  for ((i = 0; i < $1; i++)); do
    if ! lease_is_fresh "$state"; then
      log 'the manager has gone: no more containers'
      break
    fi
    hex=$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')
    create_one "${hex:0:8}" "${images[16#${hex:8} % ${#images[@]}]}" &
    while (($(jobs -rp | wc -l) >= at_once)); do wait -n; done
  done
  wait
}

exec 9>>"$state/create.lock"
if ! flock --nonblock 9; then
  log 'containers are being created already: this run does nothing'
  exit 0
fi
bound_log
if ! lease_is_fresh "$state"; then
  log 'no manager renews its lease: nothing is created, our crontab lines are removed'
  bash "$here/crontab.sh" remove --if-stale "$state" >/dev/null
  exit 0
fi
find_images
free=$(room)
if ((free < count)); then
  log "the ceiling of $ceiling containers leaves room for $((free > 0 ? free : 0)) of $count"
fi
create_all $((free < count ? free : count))
