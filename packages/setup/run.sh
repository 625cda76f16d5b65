#!/usr/bin/env bash
# The door to every root command: prepares what the command needs, then hands over.
#   run.sh start [--no-install] [manager's options]   run the manager
#   run.sh setup [--no-install]                       only prepare the machine
#   run.sh images                                     build what is missing of our images
#   run.sh doctor [doctor's options]                  check everything, change nothing
#   run.sh check                                      the contributor's quick gate
#   run.sh test | test:all                            every test | and those that take longer
#   run.sh bench:collector [options]                  measure the collector
#   run.sh requirements                               the table as TSV, for the doctor
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# shellcheck source-path=SCRIPTDIR/../..
source packages/setup/lib/ui.sh
source packages/setup/lib/checks.sh
source packages/setup/lib/mends.sh
source packages/setup/lib/requirements.sh
source packages/setup/lib/gate.sh

command=${1:-}
shift || true

install=yes
arguments=()
for argument in "$@"; do
  if [[ $argument == --no-install ]]; then install=no; else arguments+=("$argument"); fi
done

own_tools_first
case $command in
  start)
    prepare project system
    # exec all the way down: a signal sent to npm's pid must reach the manager itself.
    exec node packages/manager/src/main.ts "${arguments[@]}"
    ;;
  setup)
    prepare project system
    say "$(green '✓') This machine has everything that Gestor needs."
    ;;
  images)
    prepare project system
    exec node packages/manager/src/build-images.ts
    ;;
  doctor)
    install=no
    prepare project
    exec node packages/manager/src/doctor.ts "${arguments[@]}"
    ;;
  check)
    prepare project
    gate_check quick
    ;;
  test | test:all)
    prepare project system test
    gate_test "$command"
    ;;
  bench:collector)
    prepare project
    exec node packages/collector/bench/main.ts "${arguments[@]}"
    ;;
  requirements)
    print_requirements project system
    ;;
  *)
    sed -n '2,/^set/s/^# \{0,1\}//p' packages/setup/run.sh >&2
    exit 2
    ;;
esac
