"""Keeps a list of services running: starts them in order, restarts those that die, stops them in reverse order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .errors import CannotStart
from .processes import (
    POLL_SECONDS,
    Service,
    StopRequest,
    end_group,
    last_words,
    start_process,
    stop_process,
    wait_until_ready,
)

DEATHS_ALLOWED = 4
WITHIN_SECONDS = 60.0
FIRST_PAUSE_SECONDS = 0.5


class Guardian:
    """Our end of the pipe to guardian.py; see there for what it does with these facts."""

    def __init__(self, lock_descriptor: int) -> None:
        self._lock_descriptor = lock_descriptor
        self._facts: dict[str, str] = {}
        self._start()

    def watch(self, pid: int, stop_signal: signal.Signals) -> None:
        self._tell(f"watch {pid}", f"watch {pid} {int(stop_signal)}")

    def forget(self, pid: int) -> None:
        self._facts.pop(f"watch {pid}", None)
        self._write(f"forget {pid}")

    def remove_at_end(self, folder: Path) -> None:
        self._tell(f"remove {folder}", f"remove {folder}")

    def look_after(self) -> None:
        """Start a new guardian if somebody killed this one."""
        if self._process.poll() is not None:
            os.close(self._pipe)
            self._start()
            for line in self._facts.values():
                self._write(line)

    def close(self) -> None:
        """Let it do what remains to be done, and wait for it."""
        os.close(self._pipe)
        self._process.wait()

    def _start(self) -> None:
        its_end, self._pipe = os.pipe()
        program = Path(__file__).with_name("guardian.py")
        self._process = subprocess.Popen(  # noqa: S603  # our own file
            [sys.executable, "-S", "-E", str(program), str(self._lock_descriptor)],
            stdin=its_end,
            stdout=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
            pass_fds=(self._lock_descriptor,),
        )
        os.close(its_end)

    def _tell(self, key: str, line: str) -> None:
        self._facts[key] = line
        self._write(line)

    def _write(self, line: str) -> None:
        try:
            os.write(self._pipe, f"{line}\n".encode())
        except BrokenPipeError:
            self.look_after()


@dataclass
class RunningService:
    service: Service
    process: subprocess.Popen[bytes]
    deaths: list[float] = field(default_factory=list)
    restart_at: float | None = None


class Supervisor:
    """Runs services. Call it from the main thread only: the kernel ties the children to the thread that starts them."""

    def __init__(
        self,
        guardian: Guardian,
        stop: StopRequest,
        say: Callable[[str], None],
        first_pause_seconds: float = FIRST_PAUSE_SECONDS,
    ) -> None:
        self._first_pause_seconds = first_pause_seconds
        self._guardian = guardian
        self._stop = stop
        self._say = say
        self._running: list[RunningService] = []

    def start(self, service: Service) -> None:
        """Start a service and wait until it is ready.

        Raises CannotStart when it dies or takes too long, StopRequested when somebody asks us to stop meanwhile.
        """
        process = self._spawn(service)
        self._running.append(RunningService(service, process))
        wait_until_ready(service, process, self._stop)

    def run_to_the_end(self, step: Service) -> str:
        """Run a program that ends by itself, and return what it printed.

        Raises CannotStart when it fails.
        """
        printed_before = step.log.stat().st_size if step.log.exists() else 0
        process = self._spawn(step)
        try:
            while process.poll() is None:
                self._stop.sleep()
                self.look_after()
        finally:
            stop_process(step, process, self._stop)
            self._guardian.forget(process.pid)
        if process.returncode != 0:
            raise CannotStart(f"{step.name} failed. {last_words(step)}")
        with step.log.open("rb") as log:
            log.seek(min(printed_before, step.log.stat().st_size))
            return log.read().decode(errors="replace")

    def look_after(self) -> None:
        """Notice services that died and start them again, later each time.

        Raises CannotStart when one of them keeps dying.
        """
        self._guardian.look_after()
        for running in self._running:
            if running.restart_at is None and running.process.poll() is not None:
                self._note_death(running)
            elif running.restart_at is not None and time.monotonic() >= running.restart_at:
                running.process = self._spawn(running.service)
                running.restart_at = None

    def run_until_stopped(self) -> None:
        """Look after the services until somebody asks us to stop."""
        while not self._stop.made:
            self.look_after()
            time.sleep(5 * POLL_SECONDS)

    def stop_all(self) -> None:
        """Stop every service, the last one started first."""
        while self._running:
            running = self._running.pop()
            stop_process(running.service, running.process, self._stop)
            self._guardian.forget(running.process.pid)

    def _spawn(self, service: Service) -> subprocess.Popen[bytes]:
        process = start_process(service)
        self._guardian.watch(process.pid, service.stop_signal)
        return process

    def _note_death(self, running: RunningService) -> None:
        name, code = running.service.name, running.process.returncode
        end_group(running.process)
        self._guardian.forget(running.process.pid)
        now = time.monotonic()
        running.deaths = [moment for moment in running.deaths if now - moment < WITHIN_SECONDS] + [now]
        if len(running.deaths) > DEATHS_ALLOWED:
            raise CannotStart(
                f"{name} stopped {len(running.deaths)} times within a minute, so everything is stopped; "
                f"what was saved is kept. {last_words(running.service)}"
            )
        pause = self._first_pause_seconds * 2 ** (len(running.deaths) - 1)
        running.restart_at = now + pause
        reason = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
        self._say(
            f"{name} stopped by itself ({reason}); starting it again in {pause:g} s. Log: {running.service.log}"
        )
