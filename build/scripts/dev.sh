#!/usr/bin/env bash
# make dev: the headless program on 8045 and Vite on 5173, which passes /api on to it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
need_npm "$ROOT/frontend"
mkdir -p "$ROOT/build/test/dev"
(cd "$ROOT" && go build -o build/test/dev/server .)
"$ROOT/build/test/dev/server" --demo --data-dir "$ROOT/build/test/dev/data" --log-level debug serve &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
cd "$ROOT/frontend" && npm run dev
