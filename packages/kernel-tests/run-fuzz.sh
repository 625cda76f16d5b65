#!/usr/bin/env bash
# Fuzzes the module's pure parts in user space under ASan and UBSan: run-fuzz.sh [SECONDS]
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

seconds=${1:-20}
need_packages clang-14 libclang-rt-14-dev
say "Fuzzing JSON escaping and container ids for $seconds s"
mkdir -p "$CACHE_DIR/fuzz/corpus"
cd "$CACHE_DIR/fuzz"
clang-14 -g -O1 -Wall -Wextra -Wno-sign-compare -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
  -o pure_fuzz "$TESTS_DIR/fuzz/pure_fuzz.c" "$TESTS_DIR/guest/json.c"
if ! ./pure_fuzz -max_total_time="$seconds" -max_len=512 -dict="$TESTS_DIR/fuzz/pure.dict" -print_final_stats=1 corpus \
  >fuzz.log 2>&1; then
  tail -n 40 fuzz.log >&2
  die "the fuzzer found an input that breaks the pure parts (it is in $PWD)"
fi
grep -E 'stat::number_of_executed_units|cov:' fuzz.log | tail -n 2
