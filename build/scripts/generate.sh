#!/usr/bin/env bash
# Writes frontend/wailsjs, the typed client of the service, from the Go types. Needs Go alone:
# no Wails command, no cgo, no GTK.   generate.sh [--check]: fail when the committed one is stale.
set -euo pipefail
cd "$(dirname "$0")/../.."

tool=$(mktemp -d)
trap 'rm -rf "$tool"' EXIT
go build -tags bindings -o "$tool/bindings" .

if [[ ${1:-} != --check ]]; then
  tsoutputtype=interfaces "$tool/bindings" >"$tool/log" || { cat "$tool/log" >&2; exit 1; }
  echo "frontend/wailsjs written"
  exit 0
fi

# The generator writes below its working directory: let it write beside the tree and compare.
mkdir -p "$tool/tree/frontend"
cp wails.json "$tool/tree/"
(cd "$tool/tree" && tsoutputtype=interfaces "$tool/bindings" >"$tool/log") || { cat "$tool/log" >&2; exit 1; }
if ! diff -ru frontend/wailsjs "$tool/tree/frontend/wailsjs"; then
  echo "frontend/wailsjs does not fit backend/admin: run \`make generate\` and commit the result" >&2
  exit 1
fi
echo "frontend/wailsjs fits backend/admin"
