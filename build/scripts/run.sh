#!/usr/bin/env bash
# make run: build and start with --demo, so that any client gets an answer before an account exists.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
if [[ $(uname -s) == Linux && -z ${DISPLAY:-} && -z ${WAYLAND_DISPLAY:-} ]]; then
  build_server
  echo "no display here: starting without a window; the console is at the address below"
  exec "$BIN/antigravity-tools-server" --demo serve
fi
build_desktop
exec "$BIN/antigravity-tools" --demo
