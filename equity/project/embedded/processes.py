"""One process: how it is described, started and stopped.

A child gets a session of its own, so that Ctrl-C in the terminal reaches only the supervisor, which then stops
the children in order. Two nets catch the children when the supervisor is killed outright:

* on every system, the guardian (see guardian.py), which sees the supervisor's pipe close;
* on Linux also the kernel's parent-death signal, in case the guardian is killed as well.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from .errors import CannotStart, StopRequested
from .server_user import ServerUser

ROOT = Path(__file__).resolve().parents[3]
POLL_SECONDS = 0.02
LARGEST_LOG_BYTES = 10_000_000
_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG in <linux/prctl.h>
_C_LIBRARY = ctypes.CDLL(None)


@dataclass(frozen=True)
class Service:
    """A process that has to run: everything needed to start it, to know that it works, and to stop it."""

    name: str
    command: tuple[str | Path, ...]
    log: Path
    environment: Mapping[str, str] | None = None  # the whole of it; None: the same as ours
    directory: Path = ROOT
    stop_signal: signal.Signals = signal.SIGTERM
    grace_seconds: float = 10.0
    standard_input: str = ""
    user: ServerUser | None = None
    is_ready: Callable[[int], bool] = lambda _: True
    ready_within_seconds: float = 60.0


class StopRequest:
    """Remembers that somebody asked us to stop. `follow_parent` counts the death of our parent as such a wish."""

    def __init__(self, *, follow_parent: bool = False) -> None:
        self.number = signal.SIGTERM
        self.urgent = False
        self._first_received: float | None = None
        self._parent = os.getppid() if follow_parent else None

    def listen(self) -> None:
        """Take Ctrl-C, SIGTERM and (unless started by nohup) the closing of the terminal as wishes from now on."""
        signal.signal(signal.SIGINT, self._receive)
        signal.signal(signal.SIGTERM, self._receive)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._receive)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._first_received is None:
            self._first_received, self.number = now, signal.Signals(number)
        # One wish may arrive twice, through the process and through its group: only a later one means hurry.
        elif now - self._first_received > 1:
            self.urgent = True

    @property
    def made(self) -> bool:
        return self._first_received is not None or (self._parent is not None and os.getppid() != self._parent)

    def sleep(self, seconds: float = POLL_SECONDS) -> None:
        """Pause; raises StopRequested when asked to stop."""
        deadline = time.monotonic() + seconds
        while True:
            if self.made:
                raise StopRequested
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return
            time.sleep(min(POLL_SECONDS, remaining))


def start_process(service: Service) -> subprocess.Popen[bytes]:
    """Start the service's process in a session of its own, its output going to its log file."""
    with _open_log(service.log) as log:
        process = subprocess.Popen(  # noqa: S603  # the commands are ours
            [str(argument) for argument in service.command],
            stdin=subprocess.PIPE if service.standard_input else subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=service.directory,
            env=service.environment,
            start_new_session=True,
            preexec_fn=dies_with_parent(service.stop_signal),
            **_account(service.user),
        )
    if process.stdin:
        with contextlib.suppress(BrokenPipeError), process.stdin:
            process.stdin.write(service.standard_input.encode())
    return process


def dies_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """What a child runs before its program, so that the kernel signals it when the supervisor dies (Linux only).

    The kernel ties this to the thread that forks: start children from the main thread.
    """
    if not sys.platform.startswith("linux"):
        return None
    parent = os.getpid()

    def arrange() -> None:
        _C_LIBRARY.prctl(_PARENT_DEATH_SIGNAL, int(number))
        if os.getppid() != parent:  # it died between the fork and the line above
            os._exit(1)

    return arrange


def wait_until_ready(service: Service, process: subprocess.Popen[bytes], stop: StopRequest) -> None:
    """Wait for a service that was just started; raises CannotStart when it dies or takes too long."""
    deadline = time.monotonic() + service.ready_within_seconds
    while not service.is_ready(process.pid):
        if process.poll() is not None:
            raise CannotStart(f"{service.name} stopped while starting. {last_words(service)}")
        if time.monotonic() > deadline:
            raise CannotStart(
                f"{service.name} gave no answer within {service.ready_within_seconds:.0f} seconds. {last_words(service)}"
            )
        stop.sleep()


def stop_process(service: Service, process: subprocess.Popen[bytes], stop: StopRequest) -> None:
    """Ask politely, wait for the grace period, then end the whole process group."""
    deadline = time.monotonic() + service.grace_seconds
    if process.poll() is None:
        process.send_signal(service.stop_signal)
    while process.poll() is None and time.monotonic() < deadline and not stop.urgent:
        time.sleep(POLL_SECONDS)
    end_group(process)


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End whatever is left of the process and of the processes it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def last_words(service: Service, lines: int = 12) -> str:
    """The end of the service's log, to be shown after a sentence about its failure."""
    text = service.log.read_text(errors="replace") if service.log.exists() else ""
    tail = "\n".join(f"    {line}" for line in text.rstrip().splitlines()[-lines:])
    disk_is_full = (
        "The disk is full: make room, then start again; nothing was lost. " if "No space left" in tail else ""
    )
    return f"{disk_is_full}Its log, {service.log}, ends with:\n{tail or '    (nothing)'}"


def _open_log(path: Path) -> Any:
    """The log opened for adding; one that has grown large is set aside first."""
    if path.exists() and path.stat().st_size > LARGEST_LOG_BYTES:
        path.replace(path.with_suffix(".old"))
    return path.open("ab")


def _account(user: ServerUser | None) -> dict[str, Any]:
    return user.popen_arguments() if user else {}
