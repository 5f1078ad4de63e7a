#!/usr/bin/env bash
# make test: every check and every judge, in steps. All steps run, whatever fails; the last line sums up,
# and the exit code is 1 when any failed. A judge that could not run counts as failed.
#   test.sh all | check | e2e
set -uo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/steps.sh"
cd "$ROOT" || exit 1

passed=0 failed=0 names=() report=()
began=$SECONDS

# step NAME LIMIT COMMAND…: runs one step with a time limit in seconds.
step() {
  local name=$1 limit=$2 start=$SECONDS state=ok
  shift 2
  say "$name"
  # timeout cannot call functions: a child shell reads the same files.
  if timeout --kill-after=10 "$limit" bash -c '. build/scripts/lib.sh; . build/scripts/steps.sh; set -eo pipefail; "$@"' step "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1)) state=FAILED names+=("$name")
    echo "FAILED: $name" >&2
  fi
  report+=("$(printf '%-7s %4d s  %s' "$state" $((SECONDS - start)) "$name")")
}

check_steps() {
  step "Tools" 600 step_tools
  step "Console: packages" 300 step_npm
  step "Console: types" 240 npm_script check
  step "Console: lint and format" 240 npm_script lint
  step "Generated client fits the service" 300 generate_check
  step "Go: format" 60 step_gofmt
  step "Go: vet" 600 step_vet
  step "Go: lint and import law" 900 step_lint
}

unit_steps() {
  step "Console: unit tests" 300 npm_script test
  step "Console: build" 240 npm_script build
  step "Go: tests under the race detector" 900 step_race
  step "Go: fuzzing, short" 600 step_fuzz
}

judge_steps() {
  step "Build both programs" 900 step_build
  [[ ! -d test ]] || step "Judges: SDKs over a strict fake upstream" 900 step_judges
  [[ ! -d frontend/e2e/pages ]] || step "Judge: the console in a browser" 600 step_browser
  step "Judge: the window" 300 step_window
  [[ ! -d test/e2e ]] || step "Judge: coding clients without a network" 1500 step_clients
}

case ${1:-all} in
  check) check_steps ;;
  e2e) step "Tools" 600 step_tools; step "Console: packages" 300 step_npm; judge_steps ;;
  all) check_steps; unit_steps; judge_steps ;;
  *) die "usage: test.sh all|check|e2e" ;;
esac

say "Summary"
printf '%s\n' "${report[@]}"
[[ $failed == 0 ]] || printf 'failed: %s\n' "${names[@]}" >&2
echo "took $(((SECONDS - began) / 60)) min $(((SECONDS - began) % 60)) s"
echo "$passed passed, $failed failed"
[[ $failed == 0 ]]
