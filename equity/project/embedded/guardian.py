"""Ends the children of a supervisor that was killed before it could do so itself.

The supervisor starts this file as a program and keeps a pipe to its standard input open. Each line is a fact:

    watch PID SIGNAL    this child now runs; SIGNAL asks it to stop
    forget PID          this child is gone
    remove FOLDER       a temporary folder that has to go when everything is over

When the supervisor ends, however it ends, the kernel closes the pipe. The guardian then asks what is left to stop,
and after a grace period ends it. It also inherits the data folder's lock, so that the next supervisor waits for it.

Standard library only, and no import from this package: it has to start in a few milliseconds.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import time

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
    end_all(stop_signals)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def end_all(stop_signals: dict[int, int]) -> None:
    """Signal every process, wait until their groups are empty, then kill what remains."""
    for pid, number in stop_signals.items():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
    deadline = time.monotonic() + GRACE_SECONDS
    while any(_is_alive(pid) for pid in stop_signals) and time.monotonic() < deadline:
        time.sleep(0.02)
    for pid in stop_signals:
        _send(pid, signal.SIGKILL)


def _is_alive(pid: int) -> bool:
    return _send(pid, 0)


def _send(pid: int, number: int) -> bool:
    """Signal the group that `pid` leads, or `pid` alone when it leads none; whether there was anyone to receive it."""
    for send in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS refuses a group of zombies
            send(pid, number)
            return True
    return False


if __name__ == "__main__":
    main()
