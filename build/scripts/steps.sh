# Sourced by test.sh: what each step does. A step fails when any of its commands does.
# shellcheck shell=bash

step_tools() {
  command -v go >/dev/null || die "Go is missing; install the version that go.mod names"
  command -v node >/dev/null || die "Node.js is missing; install 20.19 or newer"
  go version
  node --version
  need_cc
  # shellcheck disable=SC2086
  [[ $(uname -s) != Linux ]] || need_apt $DEB_GTK $DEB_XVFB $DEB_A11Y $DEB_CHROMIUM $DEB_NETNS
}

step_npm() { need_npm "$ROOT/frontend"; }
npm_script() { (cd "$ROOT/frontend" && npm run --silent "$1"); }
generate_check() { "$ROOT/build/scripts/generate.sh" --check; }

step_gofmt() {
  local bad
  bad=$(git ls-files -z --cached --others --exclude-standard '*.go' | xargs -0 gofmt -l)
  [[ -z $bad ]] || { printf 'not formatted (run `make format`):\n%s\n' "$bad"; return 1; }
  echo "all Go files are formatted"
}

# Without tags, with the window, and as the window's Windows build.
step_vet() {
  go vet ./...
  go vet -tags "$DESKTOP_TAGS" .
  go vet -tags bindings .
  GOOS=windows CGO_ENABLED=0 go vet -tags nomsgpack,desktop,production .
  echo "vet is content"
}

step_lint() {
  need_go_tool golangci-lint "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$GOLANGCI_LINT"
  "$TOOL" config verify
  "$TOOL" run ./...
}

step_race() { go test -race -timeout 10m ./backend/...; }

# Every fuzz target for a few seconds, from its seeds on.
step_fuzz() {
  local file name n=0
  while IFS=: read -r file name; do
    fuzz_one "./$(dirname "$file")" "$name"
    n=$((n + 1))
  done < <(grep -rnoE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' backend | sed -E 's/:[0-9]+:func /:/')
  [[ $n -gt 0 ]] || { echo "no fuzz target found"; return 1; }
  echo "$n fuzz targets ran"
}

fuzz_one() {
  local out try
  for try in 1 2; do
    if out=$(go test -run '^$' -fuzz "^$2\$" -fuzztime "${FUZZTIME:-5s}" "$1" 2>&1); then
      echo "ok $1 $2: $(grep -oE 'execs: [0-9]+' <<<"$out" | tail -n 1)"
      return 0
    fi
    # Go's fuzzer now and then reports its own end as a failure, without an input that fails.
    [[ $try == 1 && $out == *"context deadline exceeded"* && $out != *"Failing input"* ]] || break
  done
  printf '%s\n' "$out"
  return 1
}

step_build() {
  build_server
  build_desktop
  # The headless program must run where nothing is installed.
  if command -v ldd >/dev/null && ldd "$BIN/antigravity-tools-server" >/dev/null 2>&1; then
    echo "the server build is not static"
    return 1
  fi
  "$BIN/antigravity-tools-server" version
  "$BIN/antigravity-tools" version
}

step_judges() { AGT_BINARY=$BIN/antigravity-tools-server go test -count=1 -timeout 14m ./test/...; }

step_browser() {
  (cd "$ROOT/frontend" && AGT_BIN=$BIN/antigravity-tools-server CHROMIUM=$(command -v chromium) npm run --silent test:e2e)
}

step_window() { "$ROOT/build/scripts/window.sh" "$BIN/antigravity-tools"; }

# The clients call home: run.sh keeps them in a network namespace that has loopback alone.
step_clients() {
  need_npm "$ROOT/test/e2e" --ignore-scripts
  [[ -x $ROOT/test/e2e/run.sh ]] || die "test/e2e has no run.sh"
  AGT_BINARY=$BIN/antigravity-tools-server "$ROOT/test/e2e/run.sh"
}
