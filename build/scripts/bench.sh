#!/usr/bin/env bash
# make bench: runs the bench harness, when there is one, against a fresh headless build.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
[[ -d $ROOT/test/bench ]] || die "there is no test/bench yet"
build_server
if [[ -x $ROOT/test/bench/run.sh ]]; then exec env AGT_BINARY="$BIN/antigravity-tools-server" "$ROOT/test/bench/run.sh" "$@"; fi
cd "$ROOT" && AGT_BINARY=$BIN/antigravity-tools-server exec go run ./test/bench "$@"
