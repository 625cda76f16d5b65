# shellcheck shell=bash
# What the user sees while something is prepared: one line a step, with its time.

setup_log=.tools/setup.log

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
  paint() { printf '\e[%sm%s\e[0m' "$1" "$2"; }
else
  paint() { printf '%s' "$2"; }
fi
green() { paint 32 "$1"; }
red() { paint 31 "$1"; }
dim() { paint 2 "$1"; }
bold() { paint 1 "$1"; }

say() { printf '%s\n' "$*"; }
complain() { printf '%s\n' "$*" >&2; }

now_us() { printf '%s' "${EPOCHREALTIME/[.,]/}"; }

# Seconds with one decimal since the given now_us.
seconds_since() {
  local tenths=$((($(now_us) - $1) / 100000))
  printf '%d.%d s' $((tenths / 10)) $((tenths % 10))
}

step_began() { if [[ -t 1 ]]; then printf '  … %s' "$1"; fi; }

step_ended() { # MARK NAME START_US
  if [[ -t 1 ]]; then printf '\r\e[K'; fi
  printf '  %s %-44s %s\n' "$1" "$2" "$(dim "$(seconds_since "$3")")"
}

# Runs a command as one step. Its output goes to a file and is shown only if it fails.
step() { # NAME LOG COMMAND...
  local name=$1 log=$2 start
  shift 2
  start=$(now_us)
  step_began "$name"
  if "$@" </dev/null >"$log" 2>&1; then
    step_ended "$(green ✓)" "$name" "$start"
    return 0
  fi
  step_ended "$(red ✗)" "$name" "$start"
  return 1
}
