# shellcheck shell=bash
# The quick gate and the tests.

gate_step() { # NAME COMMAND...
  local log=.tools/check.log
  mkdir -p .tools
  if ! step "$1" "$log" "${@:2}"; then
    cat "$log" >&2
    exit 1
  fi
}

check_shell() {
  local -a files
  # Files in lib/ are checked where they are sourced.
  mapfile -t files < <(git ls-files --cached --others --exclude-standard '*.sh' .ci/run | grep --invert-match /lib/)
  shellcheck --external-sources --check-sourced "${files[@]}"
}

# Vitest speaks for itself; its counts are kept for the closing line.
run_vitest() { # NAME ARGUMENT...
  vitest run --reporter=default --reporter=json --outputFile.json="$PWD/.tools/reports/$1.json" "${@:2}"
}

# Tests that start and kill processes over and over, or write much: in `npm test`, not in the quick gate.
slow_tests='**/{main,crash,graphs,large-log,store-faults,crontab,create-containers,signals}.test.ts'

gate_check() { # [quick]
  local quick=()
  if [[ ${1:-} == quick ]]; then quick=(--no-isolate --exclude "$slow_tests"); fi
  PATH=$PWD/node_modules/.bin:$PATH
  local start
  start=$(now_us)
  gate_step 'format and lint (biome)' biome ci --colors=off .
  gate_step 'types (tsc)' tsc
  gate_step 'dead code (knip)' knip
  if have shellcheck; then gate_step 'shell (shellcheck)' check_shell; fi
  say "  $(bold 'unit tests (vitest)')"
  run_vitest unit --coverage "${quick[@]}"
  say "  $(green ✓) checked in $(seconds_since "$start")"
}

kernel_tests() { bash "packages/kernel-tests/run-$1.sh" "${@:2}"; }

gate_test() { # test | test:all
  rm -rf .tools/reports
  local kernels=(6.1)
  if [[ $1 == test:all ]]; then kernels=(5.10 6.1 6.12 newest); fi
  gate_check
  say "  $(bold 'system tests: a real engine, a real cron daemon')"
  run_vitest system --root packages/system-tests
  say "  $(bold 'kernel sensor: kernels of Debian in virtual machines')"
  kernel_tests kernels "${kernels[@]}"
  if [[ $1 == test:all ]]; then
    say "  $(bold 'kernel sensor: fuzzing, kernels with detectors')"
    kernel_tests fuzz
    kernel_tests uml
    kernel_tests kasan 15 if-built
    say "  $(bold 'a Debian 12 guest: the main job, and power cuts')"
    kernel_tests vm
    kernel_tests power
    say "  $(bold 'collector: crashes, a full disk, long model runs')"
    run_vitest long --config packages/collector/long/vitest.config.ts
  fi
  # A plain closing line, the sum of all reports.
  jq --raw-output --slurp 'def sum(f): map(f) | add;
    "Tests: \(sum(.numPassedTests)) passed, \(sum(.numFailedTests)) failed, \(sum(.numPendingTests)) skipped"' \
    .tools/reports/*.json
}
