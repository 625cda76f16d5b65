# shellcheck shell=bash
# Everything that Gestor needs on a machine, in the order in which it is mended.

#  scope   | name         | check                | what is put in place                     | command that mends it
requirements=(
  "project | Node.js      | check_node           | Node.js $node_version, in .tools/        | mend_node"
  "project | pnpm         | check_pnpm           | pnpm $pnpm_version, in .tools/           | mend_pnpm"
  'project | npm packages | check_packages       | the packages of pnpm-lock.yaml           | mend_packages'
  'system  | Docker       | check_docker         | Docker Engine, from Debian (docker.io)   | mend_docker'
  'system  | engine       | check_engine         | the Docker Engine, started               | start_engine'
  'system  | cron         | check_command crontab | cron, from Debian                       | apt_install cron'
  'system  | cron daemon  | check_cron_daemon    | the cron daemon, started                 | start_service cron'
  'system  | flock        | check_command flock  | flock, from Debian (util-linux)          | apt_install util-linux'
  'test    | tmux         | check_command tmux   | tmux, for tests in a real terminal       | apt_install tmux'
  'test    | jq           | check_command jq     | jq, for tests that read JSON             | apt_install jq'
  'test    | shellcheck   | check_command shellcheck | shellcheck, for the shell scripts    | apt_install shellcheck'
)

trimmed() {
  local words
  read -r words <<<"$1"
  printf '%s' "$words"
}

# Calls FUNCTION scope name check what mend for each row of the given scopes.
each_requirement() { # FUNCTION SCOPE...
  local function=$1 row scope name check what mend
  shift
  for row in "${requirements[@]}"; do
    IFS='|' read -r scope name check what mend <<<"$row"
    if [[ " $* " == *" ${scope// /} "* ]]; then
      "$function" "${scope// /}" "$(trimmed "$name")" "$check" "$(trimmed "$what")" "$mend"
    fi
  done
}

# Runs a cell of the table: a function's name and its arguments.
run_cell() {
  local -a words
  read -ra words <<<"$1"
  "${words[@]}"
}

print_row() {
  local state=ok mend=
  if ! run_cell "$3"; then
    state=missing
    mend=$(run_cell "$5")
  fi
  printf '%s\t%s\t%s\t%s\n' "$2" "$state" "${detail//[$'\t\n']/ }" "$mend"
}

# Rows of TSV: name, ok or missing, detail, command that mends it.
print_requirements() { each_requirement print_row "$@"; }

plan_row() {
  if run_cell "$3"; then return; fi
  local mend
  mend=$(run_cell "$5")
  missing_whats+=("$4")
  missing_mends+=("$mend")
  if [[ $mend == \#* ]] || { [[ $1 != project ]] && ! is_root; }; then may_install=no; fi
}

announce() {
  local i
  say "$(bold 'Gestor needs, and will now install or start:')"
  for i in "${!missing_whats[@]}"; do
    say "  ${missing_whats[i]}"
    say "    $(dim "${missing_mends[i]}")"
  done
  say
}

print_commands() {
  complain "This machine lacks what Gestor needs. Nothing was changed. Run, in $PWD:"
  printf '  %s\n' "${missing_mends[@]}" >&2
  complain 'Then start again.'
}

# Waits until a mended requirement holds: a daemon needs a moment to answer.
mend_cell() { # CHECK COMMAND
  local deadline
  # Nothing may ask a question.
  CI=true DEBIAN_FRONTEND=noninteractive npm_config_audit=false npm_config_fund=false bash -c "$2" || return 1
  deadline=$((SECONDS + 60))
  while true; do
    own_tools_first
    hash -r
    if run_cell "$1"; then return 0; fi
    if ((SECONDS >= deadline)); then break; fi
    sleep 0.2
  done
  say "After \"$2\": $detail"
  return 1
}

mend_row() {
  own_tools_first
  if run_cell "$3"; then return; fi
  local mend
  mend=$(run_cell "$5")
  if ! step "$4" "$setup_log" mend_cell "$3" "$mend"; then
    complain "  This command failed: $mend"
    complain "  The end of its output (all of it is in $setup_log):"
    tail -n 15 "$setup_log" | sed 's/^/    /' >&2
    exit 1
  fi
}

# Brings the rows of the given scopes in order, or says how to and ends with code 1.
prepare() { # SCOPE...
  local missing_whats=() missing_mends=() may_install=$install start
  each_requirement plan_row "$@"
  if ((${#missing_mends[@]} == 0)); then return; fi
  if [[ $may_install == no ]]; then
    print_commands
    exit 1
  fi
  announce
  start=$(now_us)
  mkdir -p .tools
  each_requirement mend_row "$@"
  own_tools_first
  say "  Ready in $(seconds_since "$start")."
  say
}
