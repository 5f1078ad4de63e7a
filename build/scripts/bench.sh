#!/usr/bin/env bash
# make bench: measures a fresh headless build against direct calls and the floor. Arguments go to test/bench.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
[[ -d $ROOT/test/bench ]] || die "there is no test/bench"
build_server
cd "$ROOT" && exec go run ./test/bench --gateway "$BIN/antigravity-tools-server" "$@"
