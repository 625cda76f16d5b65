#!/usr/bin/env bash
# What the Debian 12 guest does: the main job as its user would run it; the manager builds the module, loads it,
# and unloads it at the end. Then containers of known consumption. Judges nothing; leaves everything in /out,
# which it sends to the host through the third disk.
set -u
project=/mnt
out=/out
carnet=202400001
mkdir -p "$out"
cd "$project" || exit 1
export PATH=$project/.tools/node_modules/.bin:$PATH HOME=/root TERM=xterm COLUMNS=100 LINES=50
# The dependencies were installed in another place: pnpm would install them again before it runs anything.
export pnpm_config_verify_deps_before_run=false
manager() { node packages/manager/src/main.ts --carnet "$carnet" "$@"; }

note() { echo "gestor-test: $(cut -d ' ' -f 1 /proc/uptime) s: $*" | tee -a "$out/steps.txt"; }

# try NAME COMMAND…: keeps what it says and its exit code.
try() {
  local name=$1
  shift
  "$@" >"$out/$name.txt" 2>&1
  echo "$name $?" >>"$out/results"
  note "$name"
}

# Waits for words on the screen of the manager, whose process is $terminal: on_screen SECONDS WORDS
on_screen() {
  local end=$((SECONDS + $1))
  until grep -q "$2" "$out/screen.txt" 2>/dev/null; do
    [ "$SECONDS" -lt "$end" ] && kill -0 "$terminal" || return 1
    sleep 0.2
  done
}

containers() { docker ps --no-trunc --filter label=gestor.managed=true --filter "label=gestor.kind=$1" --quiet | wc -l; }

# Five containers at a time: an emulated machine takes seconds to start one.
main_job() {
  crontab - <<<'5 4 * * * true # mine' && crontab -l >"$out/crontab-before.txt"
  mkfifo /tmp/keys
  script --quiet --flush --return --command \
    "stty cols 100 rows 50; exec pnpm --filter manager start --carnet $carnet --batch 5" "$out/screen.txt" </tmp/keys >/dev/null 2>&1 &
  local terminal=$!
  # For whoever wonders what goes on: the manager's screen is in the console's log too.
  tail --follow=name --retry "$out/screen.txt" 2>/dev/null >/dev/console &
  exec 3>/tmp/keys
  try first-cycle on_screen 600 'cycle 1'
  crontab -l >"$out/crontab-during.txt"
  try fourth-cycle on_screen 180 'cycle 4'
  cat "/proc/sysinfo_$carnet" >"$out/sysinfo.json"
  cat "/proc/sysinfo_so1_$carnet" >"$out/sysinfo_so1.json"
  try sixth-cycle on_screen 120 'cycle 6'
  lsmod >"$out/lsmod-during.txt"
  note 'Ctrl-C'
  printf '\003' >&3
  try ended wait "$terminal"
  exec 3>&-
  crontab -l >"$out/crontab-after.txt"
  lsmod >"$out/lsmod-after.txt"
  echo "{\"high\":$(containers high),\"low\":$(containers low)}" >"$out/alive.json"
  curl -s 127.0.0.1:8000/healthz >"$out/healthz.json" 2>/dev/null
  mkdir -p "$out/volumes"
  cp -a volumes/logs volumes/graphs "$out/volumes/"
}

# Containers that consume what their limits and arguments say; the manager never removes a protected one.
start_known() {
  docker run --detach --name "$1" --label gestor.managed=true --label gestor.kind=high \
    --label gestor.protected=true --volume "$project/guest:/guest:ro" "${@:2}" >/dev/null
}

# What the containers' own cgroups counted, several times a second: the truth to compare with.
sample() {
  local name _ usage
  declare -A cgroup
  for name in $(docker ps --filter name=known-cpu --format '{{.Names}}'); do
    cgroup[$name]=/sys/fs/cgroup/system.slice/docker-$(docker inspect --format '{{.Id}}' "$name").scope
  done
  while [ -e /tmp/sampling ]; do
    for name in "${!cgroup[@]}"; do
      read -r _ usage <"${cgroup[$name]}/cpu.stat"
      echo "$EPOCHREALTIME $name $usage"
    done
    sleep 0.3
  done
}

measure() {
  touch /tmp/sampling
  sample >"$out/$1-samples.txt" &
  try "$1" manager --dry-run --json --cycles 4 --interval 4
  rm /tmp/sampling
  wait $!
}

accuracy() {
  # What is built already is loaded where nothing could be built.
  rm "/lib/modules/$(uname -r)/build"
  docker ps --filter label=gestor.managed=true --quiet | xargs --no-run-if-empty docker rm --force >/dev/null
  for percent in 10 25 50; do
    start_known "known-cpu-$percent" --cpus "0.$percent" gestor/low-idle /guest spin
  done
  for mib in 16 64 256; do
    start_known "known-mib-$mib" gestor/low-idle /guest touch "$mib"
  done
  note 'containers of known consumption'
  sleep 1
  measure accuracy-parts
  docker rm --force known-cpu-10 known-cpu-25 known-cpu-50 >/dev/null
  start_known known-cpu-100 --cpus 1 gestor/low-idle /guest spin
  sleep 1
  measure accuracy-whole
}

# The collector alone, on a disk that is kept, until the power is cut (packages/collector/long/power-cut.ts).
power() {
  local options=()
  [[ $1 != *posts* ]] || options+=(--posts)
  [[ $1 != *unsynced* ]] || options+=(--unsynced)
  stty -F /dev/ttyS1 raw -echo
  mkdir -p /data
  mount /dev/vdc /data
  note 'disk mounted'
  node packages/collector/long/power-cut.ts "${options[@]}" /data/collector >/dev/ttyS1
}

note 'up'
if grep -q gestor.power /proc/cmdline; then
  power "$(sed 's/.*gestor\.power=\([^ ]*\).*/\1/' /proc/cmdline)"
  exit
fi
if grep -q gestor.prepare /proc/cmdline; then
  docker load --input images.tar
  note 'images loaded'
  sync
  exit
fi
uname -r >"$out/release"
docker info --format '{{.ServerVersion}} cgroup {{.CgroupVersion}} {{.CgroupDriver}}' >"$out/docker.txt"
dmesg --clear
try status make --silent -C module status
main_job
accuracy
docker ps --all --quiet | xargs --no-run-if-empty docker rm --force >/dev/null
dmesg >"$out/dmesg.txt"
note 'done'
tar -C "$out" -cf /dev/vdc .
sync
