#!/usr/bin/python3
"""Finds a control of a window by what a screen reader is told about it.

a11y.py PID ROLE NAME [SECONDS]: waits until process PID shows a control of that role whose name
contains NAME, and prints the middle of it in screen coordinates. ROLE "any" takes all roles.
a11y.py PID dump: prints the tree.
"""
import sys
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402


def walk(node, depth=0):
    yield node, depth
    for i in range(min(node.get_child_count(), 500)):
        child = node.get_child_at_index(i)
        if child is not None and depth < 60:
            yield from walk(child, depth + 1)


def windows(pid):
    desktop = Atspi.get_desktop(0)
    for i in range(desktop.get_child_count()):
        app = desktop.get_child_at_index(i)
        if app is not None and app.get_process_id() == pid:
            yield app


def find(pid, role, name):
    for app in windows(pid):
        for node, _ in walk(app):
            if role not in ("any", node.get_role_name()) or name not in (node.get_name() or ""):
                continue
            box = "Component" in node.get_interfaces() and node.get_extents(Atspi.CoordType.SCREEN)
            if box and box.width > 0 and box.height > 0 and node.get_state_set().contains(Atspi.StateType.SHOWING):
                return box.x + box.width // 2, box.y + box.height // 2
    return None


def attempt(what):
    try:
        return what()
    except GLib.Error:
        return None  # the page changed while it was read


def main():
    pid = int(sys.argv[1])
    if sys.argv[2] == "dump":
        for app in windows(pid):
            for node, depth in walk(app):
                print("  " * depth + node.get_role_name(), repr(node.get_name()))
        return 0
    role, name = sys.argv[2], sys.argv[3]
    deadline = time.monotonic() + float(sys.argv[4] if len(sys.argv) > 4 else 20)
    while time.monotonic() < deadline:
        at = attempt(lambda: find(pid, role, name))
        if at:
            print(*at)
            return 0
        Atspi.get_desktop(0).clear_cache()
        time.sleep(0.2)
    print(f"no {role} named {name!r} is shown", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
