#!/usr/bin/env bash
# The only editor of the user's crontab. Every line that is not ours stays byte for byte.
#   crontab.sh install --state DIR [--every 30] [--count N] [--ceiling N] [--docker-host URL]
#   crontab.sh remove [--if-stale DIR]   with --if-stale: only if no manager renews its lease in DIR
#   crontab.sh show                      prints our lines, nothing if there are none
# --every is in seconds. The other options are those of create-containers.sh.
# Exit codes: 0 done, 2 wrong arguments, 3 no crontab command, 4 the crontab cannot be
# read, 5 it cannot be written, 6 another run of this script does not end.
set -euo pipefail
export LC_ALL=C # a crontab is bytes
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR
source "$here/lease.sh"

marker='# gestor:create-containers'
# Says that the line above had no newline at its end before ours were added.
unended='# follows an unended line'
fields='[0-9*/]+ [0-9*/]+ \* \* \*'
ours="^$fields (sleep [0-9]+; )?/bin/bash '.*/create-containers\.sh' --state '.* $marker\$"

fail() { # EXIT_CODE NAME SENTENCE
  printf 'crontab.sh: %s [%s]\n' "$3" "$2" >&2
  exit "$1"
}

ends_well() { [[ ! -s $1 || $(tail --bytes=1 "$1" | od -An -tx1) == *0a ]]; } # FILE

read_crontab() { # FILE
  local reason
  if reason=$(crontab -l 2>&1 >"$1"); then return; fi
  [[ $reason == *'no crontab for'* ]] || fail 4 CRONTAB_UNREADABLE "the crontab cannot be read: $reason"
  : >"$1"
}

write_crontab() { # FILE
  local reason
  if [[ ! -s $1 ]]; then
    reason=$(crontab -r 2>&1) && return
  else
    reason=$(crontab - 2>&1 <"$1") && return
    # Cron wants a last line that ends; better one newline more than our lines left in.
    if ! ends_well "$1"; then
      echo >>"$1"
      reason=$(crontab - 2>&1 <"$1") && return
    fi
  fi
  fail 5 CRONTAB_UNWRITABLE "the crontab could not be changed and is as it was: $reason"
}

without_ours() { # FILE
  local ended=yes
  if tail --lines=1 "$1" | grep --text --quiet -E "$ours"; then
    if grep --text --quiet -F " $unended $marker" "$1"; then ended=no; fi
  elif ! ends_well "$1"; then
    ended=no
  fi
  # grep ends with 1 when it selected no line, with more when it failed.
  { grep --text --invert-match -E "$ours" "$1" || (($? == 1)); } |
    if [[ $ended == yes ]]; then cat; else head --bytes=-1; fi
}

# For cron and then sh: cron takes \% for %, and sh must see what is not in quotes.
quoted() {
  local text=${1//\'/\'\\\'\'}
  printf "'%s'" "${text//%/\'\\%\'}"
}

our_lines() { # EVERY COMMAND
  local minutes=$(($1 / 60)) second
  for ((second = 0; second < 60; second += $1)); do
    case $minutes in
      0 | 1) printf '* * * * * ' ;;
      60) printf '0 * * * * ' ;;
      *) printf '*/%d * * * * ' "$minutes" ;;
    esac
    if ((second > 0)); then printf 'sleep %d; ' "$second"; fi
    printf '%s %s\n' "$2" "$marker"
  done
}

install_lines() {
  local state='' every=30 command option
  local -a passed=()
  while (($# > 0)); do
    (($# > 1)) || fail 2 CRONTAB_USAGE "$1 needs a value"
    case $1 in
      --state) state=$(realpath -- "$2") ;;
      --every) every=$2 ;;
      --count | --ceiling | --docker-host) passed+=("$1" "$2") ;;
      *) fail 2 CRONTAB_USAGE "unknown option $1" ;;
    esac
    shift 2
  done
  [[ -d $state ]] || fail 2 CRONTAB_USAGE "--state must name a directory"
  [[ "$here$state${passed[*]}" != *$'\n'* ]] || fail 2 CRONTAB_USAGE 'a crontab cannot hold a newline in a path or value'
  [[ " 5 6 10 12 15 20 30 60 120 180 240 300 360 600 720 900 1200 1800 3600 " == *" $every "* ]] ||
    fail 2 CRONTAB_USAGE "--every $every: cron can do 5, 6, 10, 12, 15, 20 or 30 seconds, or minutes that divide an hour"
  command="/bin/bash $(quoted "$here/create-containers.sh") --state $(quoted "$state")"
  for option in "${passed[@]}"; do command+=" $(quoted "$option")"; done
  without_ours "$before" >"$after"
  if ! ends_well "$after"; then
    echo >>"$after"
    command+=" $unended"
  fi
  our_lines "$every" "$command" >>"$after"
  write_crontab "$after"
}

remove_lines() { # [--if-stale DIR]
  if [[ ${1:-} == --if-stale ]] && lease_is_fresh "${2:-}"; then return; fi
  grep --text --quiet -E "$ours" "$before" || return 0
  without_ours "$before" >"$after"
  write_crontab "$after"
}

action=${1:-}
shift || true
command -v crontab >/dev/null ||
  fail 3 CRONTAB_MISSING 'there is no crontab command. Install it: apt-get install cron'
# One at a time. The lock is on this file itself: nothing is left behind.
exec 9<"${BASH_SOURCE[0]}"
flock --timeout 20 9 || fail 6 CRONTAB_BUSY 'another change of the crontab does not end'
folder=$(mktemp --directory)
trap 'rm -r "$folder"' EXIT
before=$folder/before after=$folder/after
read_crontab "$before"

case $action in
  install) install_lines "$@" ;;
  remove) remove_lines "$@" ;;
  show) grep --text -E "$ours" "$before" || true ;;
  *) fail 2 CRONTAB_USAGE "say install, remove or show; the head of ${BASH_SOURCE[0]} tells more" ;;
esac
