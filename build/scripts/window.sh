#!/usr/bin/env bash
# The judge of the window: starts the desktop program under Xvfb and uses it as a person does, with
# pointer and keyboard. Controls are found by their accessible names. Screenshots go to build/shots.
#   window.sh PROGRAM
set -euo pipefail
. "$(dirname "$0")/lib.sh"

program=$(realpath "$1")
if [[ -z ${WINDOW_JUDGE_INSIDE:-} ]]; then
  # shellcheck disable=SC2086
  need_apt $DEB_XVFB $DEB_A11Y
  # A bus of its own, so that nothing of the session is touched and nothing is left behind.
  export WINDOW_JUDGE_INSIDE=1
  noise='dbus-daemon|SpiRegistry|JSC_SIGNAL|Openbox-Message|XIO:|requests \(|MESA|libEGL|Ctrl\+C'
  dbus-run-session -- "$0" "$program" 2>&1 | { grep --line-buffered -vE "$noise" || true; }
  exit "${PIPESTATUS[0]}"
fi

work=$(mktemp -d)
mkdir -p "$SHOTS"
export HOME=$work XDG_RUNTIME_DIR=$work XDG_DATA_HOME=$work/share
unset WAYLAND_DISPLAY ANTIGRAVITY_DATA_DIR ANTIGRAVITY_HOST ANTIGRAVITY_PORT ANTIGRAVITY_ALLOW_LAN
pids=()
cleanup() {
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap cleanup EXIT

ok() { echo "ok: $*"; }
bad() { echo "NOT OK: $*" >&2; import -window root "$SHOTS/failure.png" 2>/dev/null || true; exit 1; }

# until_ok SECONDS COMMAND…: waits until the command succeeds.
until_ok() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [[ $SECONDS -lt $end ]] || return 1
    sleep 0.1
  done
}
shot() { import -window root "$SHOTS/$1.png"; }
find_control() { /usr/bin/python3 "$ROOT/build/scripts/a11y.py" "$@"; }
click() { # click PID ROLE NAME
  local x y
  read -r x y < <(find_control "$@") || bad "there is no $2 named '$3' in the window"
  xdotool mousemove --sync "$x" "$y" click 1
}
healthy() { curl -fsS --max-time 2 --noproxy '*' "http://127.0.0.1:$1/healthz"; }
listens() { ss -Hltn "sport = :$1" | awk '{print $4}'; }
on_loopback_only() { [[ -n $(listens "$1") ]] && ! listens "$1" | grep -qvE '^(127\.0\.0\.1|\[::1\]):'; }
on_all() { listens "$1" | grep -qE '^(\*|0\.0\.0\.0|\[::\]):'; }
# A port below those that the system gives away by itself (test/freeport says why).
free_port() {
  /usr/bin/python3 - <<'EOF'
import random, socket
for port in random.sample(range(20000, 32000), 50):
    with socket.socket() as s:
        if s.connect_ex(("127.0.0.1", port)) != 0:
            print(port)
            break
EOF
}
ended() { ! kill -0 "$1" 2>/dev/null; }

# 1. Without a display there is a clear message.
code=0
env -u DISPLAY "$program" --data-dir "$work/none" >"$work/out" 2>&1 || code=$?
[[ $code == 1 ]] && grep -q "no display" "$work/out" && grep -q "serve" "$work/out" || bad "no display: code $code, $(cat "$work/out")"
ok "without a display: $(tail -n 1 "$work/out")"

# 2. A display and a window manager.
display=
for n in $(seq 90 120); do
  [[ -e /tmp/.X11-unix/X$n || -e /tmp/.X$n-lock ]] && continue
  Xvfb ":$n" -screen 0 1280x860x24 -nolisten tcp >/dev/null 2>&1 &
  pids+=($!)
  until_ok 5 test -e "/tmp/.X11-unix/X$n" && { display=:$n; break; }
done
[[ -n $display ]] || bad "Xvfb does not start"
export DISPLAY=$display
openbox >/dev/null 2>&1 &
pids+=($!)

# 3. The window opens and the gateway answers.
port=$(free_port)
data=$work/data
"$program" --data-dir "$data" config set proxy.port "$port" >/dev/null || bad "the port could not be set"
"$program" --data-dir "$data" --demo >"$work/first.log" 2>&1 &
first=$!
pids+=("$first")
until_ok 20 healthy "$port" || bad "no answer on /healthz: $(cat "$work/first.log" "$data"/logs/* 2>/dev/null)"
find_control "$first" any "Running" 30 >/dev/null || bad "the window does not say that it is running"
xdotool search --onlyvisible --pid "$first" >/dev/null 2>&1 || xdotool search --onlyvisible --name "Antigravity Tools" >/dev/null || bad "no window is shown"
shot window
on_loopback_only "$port" || bad "it listens on: $(listens "$port")"
ok "the window says Running, /healthz answers, and only loopback is listened on"

# 4. The LAN switch, flipped with the pointer, moves the listener, and back.
click "$first" "toggle button" "LAN access" 20
until_ok 10 on_all "$port" || bad "the LAN switch does not open the listener: $(listens "$port")"
healthy "$port" >/dev/null || bad "no answer after the LAN switch"
sleep 0.5 # let the page draw what the screenshot is to show
shot window-lan
ok "LAN access on: $(listens "$port" | tr '\n' ' ')"
# The new key is shown once in a dialog: whatever its button says, the keyboard closes it.
xdotool key --clearmodifiers Escape
sleep 0.3
click "$first" "toggle button" "LAN access" 20
until_ok 10 on_loopback_only "$port" || bad "the LAN switch does not close the listener: $(listens "$port")"
ok "LAN access off: $(listens "$port" | tr '\n' ' ')"

# 5. A second start brings the first window to the front and ends.
code=0
timeout 20 "$program" --data-dir "$data" >"$work/second.log" 2>&1 || code=$?
[[ $code == 0 ]] || bad "a second start: code $code, $(cat "$work/second.log")"
ok "a second start: $(tail -n 1 "$work/second.log")"

# 6. A taken port: the window opens, says so, and the offered port works.
other=$work/other
"$program" --data-dir "$other" config set proxy.port "$port" >/dev/null
"$program" --data-dir "$other" >"$work/third.log" 2>&1 &
third=$!
pids+=("$third")
find_control "$third" any "Use port" 30 >/dev/null || bad "a taken port: no other port is offered"
shot window-port-taken
click "$third" "push button" "Use port" 10
moved() { [[ $("$program" --data-dir "$other" status --json | sed -n 's/.*"port": \([0-9]*\).*/\1/p') != "$port" ]] && "$program" --data-dir "$other" status --json | grep -q '127.0.0.1:'; }
until_ok 10 moved || bad "the offered port was not taken: $("$program" --data-dir "$other" status --json)"
ok "a taken port: the offered one works"
kill "$third"
until_ok 15 ended "$third" || bad "SIGTERM does not end the window"

# 7. Closing the window ends the program cleanly.
wmctrl -c "Antigravity Tools" || bad "the window cannot be closed"
until_ok 35 ended "$first" || bad "the program goes on after its window was closed"
code=0
wait "$first" || code=$?
[[ $code == 0 && ! -e $data/run.json ]] || bad "after closing: code $code, $(ls "$data")"
[[ -s $data/logs/antigravity-tools.log ]] || bad "there is no log in the data directory"
ok "closing the window ends the program"
