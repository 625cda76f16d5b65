# shellcheck shell=bash
# The manager renews DIR/lease while it runs: one line, "<boot id> <deadline>", the
# deadline in whole seconds on the clock of /proc/uptime, which no clock change moves.

lease_is_fresh() { # DIR
  local boot_id='' deadline='' this_boot uptime
  read -r boot_id deadline 2>/dev/null <"$1/lease" || [[ -n $deadline ]] || return 1
  read -r this_boot </proc/sys/kernel/random/boot_id
  read -r uptime _ </proc/uptime
  [[ $boot_id == "$this_boot" && $deadline =~ ^[0-9]{1,15}$ ]] && ((${uptime%.*} < 10#$deadline))
}
