# Sourced by the other scripts: the repository root, versions of tools, and how to install what is missing.
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BIN=$ROOT/build/bin
SHOTS=$ROOT/build/shots
GOLANGCI_LINT=v2.15.0

# Tags of the real desktop build; webkit2_41 is Linux's WebKitGTK 4.1.
# nomsgpack leaves out gin's codec for MessagePack, which nothing here speaks: a sixth of the program.
SERVER_TAGS=nomsgpack
DESKTOP_TAGS=$SERVER_TAGS,desktop,production
[[ $(go env GOOS 2>/dev/null) == linux ]] && DESKTOP_TAGS=$DESKTOP_TAGS,webkit2_41

# The Debian packages that a job needs.
DEB_GTK="libgtk-3-dev libwebkit2gtk-4.1-dev pkg-config"
DEB_XVFB="xvfb openbox dbus dbus-x11 xdotool wmctrl imagemagick x11-utils fonts-dejavu-core iproute2 curl"
DEB_A11Y="python3-gi gir1.2-atspi-2.0 at-spi2-core"
DEB_CHROMIUM="chromium fonts-dejavu-core"
DEB_NETNS="iproute2 util-linux"

say() { printf '\n== %s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

as_root() {
  if [[ $(id -u) == 0 ]]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else return 127; fi
}

# need_apt PACKAGE…: installs those that are missing, or says what to install by hand.
need_apt() {
  local missing=() p
  command -v dpkg-query >/dev/null || { echo "note: no dpkg here; make sure that these are installed: $*" >&2; return 0; }
  for p in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null) == installed ]] || missing+=("$p")
  done
  [[ ${#missing[@]} == 0 ]] && return 0
  echo "installing: ${missing[*]}"
  # One installer at a time; others wait for the lock instead of failing.
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq update >/dev/null &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq install -y --no-install-recommends "${missing[@]}" >/dev/null ||
    die "could not install ${missing[*]}; run: apt-get install ${missing[*]}"
}

# need_cc: Wails and the race detector use cgo.
need_cc() { command -v "${CC:-cc}" >/dev/null || need_apt gcc libc6-dev; }

# need_npm DIR [FLAG…]: installs what DIR/package-lock.json names when that is newer than what is there.
need_npm() {
  local dir=$1 stamp=$1/node_modules/.package-lock.json
  shift
  command -v npm >/dev/null || die "npm is missing; install Node.js 20.19 or newer"
  [[ -f $stamp && ! $dir/package-lock.json -nt $stamp ]] && return 0
  echo "npm ci in ${dir#"$ROOT"/}"
  (cd "$dir" && npm ci --no-audit --no-fund --loglevel=error "$@")
}

# need_go_tool NAME PACKAGE@VERSION: into build/test/tools, once per version; sets TOOL.
need_go_tool() {
  local dir=$ROOT/build/test/tools/$1-${2##*@}
  TOOL=$dir/$1
  [[ -x $TOOL ]] && return 0
  echo "installing $2"
  GOBIN=$dir go install "$2"
}

version() { git -C "$ROOT" describe --tags --always --dirty 2>/dev/null || echo dev; }
ldflags() { printf -- '-s -w -X main.version=%s' "$(version)"; }

# console: builds the pages when their sources are newer than what was built.
build_console() {
  need_npm "$ROOT/frontend"
  local out=$ROOT/frontend/dist/index.html
  if [[ -f $out ]] && [[ -z $(find "$ROOT/frontend" -path '*/node_modules' -prune -o -path '*/dist' -prune -o \
    -path '*/e2e' -prune -o -type f -newer "$out" -print -quit) ]]; then
    return 0
  fi
  (cd "$ROOT/frontend" && npm run --silent build)
}

build_server() {
  build_console
  (cd "$ROOT" && CGO_ENABLED=0 go build -tags "$SERVER_TAGS" -trimpath -ldflags "$(ldflags)" -o "$BIN/antigravity-tools-server" .)
  echo "built build/bin/antigravity-tools-server"
}

build_desktop() {
  build_console
  if [[ $(uname -s) == Linux ]]; then
    need_cc
    # shellcheck disable=SC2086
    pkg-config --exists webkit2gtk-4.1 gtk+-3.0 2>/dev/null || need_apt $DEB_GTK
  fi
  (cd "$ROOT" && go build -tags "$DESKTOP_TAGS" -trimpath -ldflags "$(ldflags)" -o "$BIN/antigravity-tools" .)
  echo "built build/bin/antigravity-tools"
}
