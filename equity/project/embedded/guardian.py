"""Ends the children of a supervisor that was killed before it could do so itself.

The supervisor starts this file as a program and keeps a pipe to its standard input open. Each line is a fact:

    watch PID SIGNAL    this child now runs; SIGNAL asks it to stop
    forget PID          this child is gone
    remove FOLDER       a temporary folder that has to go when everything is over

When the supervisor ends, however it ends, the kernel closes the pipe. The guardian then asks what is left to stop,
and after a grace period ends it. It inherits the data folder's lock (its only argument: the descriptor), so that the
next supervisor waits for it; it empties the lock file to say that nobody but a guardian holds it.

Standard library only, and no import from this package: it has to start in a few milliseconds.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable

GRACE_SECONDS = 5.0


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    stop_signals: dict[int, int] = {}
    folders: list[str] = []
    for line in sys.stdin:
        word, _, rest = line.rstrip("\n").partition(" ")
        if word == "watch":
            pid, number_text = rest.split()
            stop_signals[int(pid)] = int(number_text)
        elif word == "forget":
            stop_signals.pop(int(rest), None)
        elif word == "remove":
            folders.append(rest)
    os.ftruncate(int(sys.argv[1]), 0)
    end_all(stop_signals)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def end_all(stop_signals: dict[int, int]) -> None:
    """Signal every child, wait until they are gone, then kill what remains of them and of what they started."""
    for pid, number in stop_signals.items():
        _send(os.kill, pid, number)
    deadline = time.monotonic() + GRACE_SECONDS
    while any(_send(os.kill, pid, 0) for pid in stop_signals) and time.monotonic() < deadline:
        time.sleep(0.02)
    for pid in stop_signals:
        # A command that shares its terminal leads no group of its own.
        _send(os.killpg, pid, signal.SIGKILL) or _send(os.kill, pid, signal.SIGKILL)


def _send(send: Callable[[int, int], None], pid: int, number: int) -> bool:
    """Whether there was anyone to receive the signal."""
    try:
        send(pid, number)
    except (ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
        return False
    return True


if __name__ == "__main__":
    main()
