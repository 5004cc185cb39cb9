"""Real processes for the tests of the embedded services: nothing here needs Django or its database."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from equity.project.embedded.environment import LOGIN_OF_VARIABLE
from equity.project.embedded.home import MARKER, make_temporary_folder, remove_home
from equity.project.embedded.processes import ROOT

OURS = (
    *LOGIN_OF_VARIABLE,
    *("REDIS_URL", "MEDIA_ROOT", "STATIC_ROOT", "SECRET_KEY"),
    *("EQUITY_HOME", "PORT", "LISTEN", "RESET"),
)
PATIENCE_SECONDS = 60.0


@pytest.fixture
def without_services(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test suite itself runs beside embedded services: forget their addresses."""
    for name in OURS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def home_folder(without_services: None) -> Iterator[Path]:
    """Where a data folder can be made; whatever was made is removed afterwards."""
    parent = make_temporary_folder()
    folder = parent / "home"
    yield folder
    if (folder / MARKER).exists():
        remove_home(folder)
    shutil.rmtree(parent)


@pytest.fixture
def embedded(home_folder: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start `python -m equity.project.embedded …`; what is still running at the end is stopped.

    It asks for `home_folder` so that the processes end before the folder goes.
    """
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str | Path, **popen_arguments: Any) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "equity.project.embedded", *map(str, arguments)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **popen_arguments,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.terminate()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe:
                pipe.close()


@pytest.fixture
def descendants() -> Callable[[int], dict[int, str]]:
    """The processes that a process started, and those that they started: pid and command."""

    def find(ancestor: int) -> dict[int, str]:
        arguments = ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="]
        listing = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout
        rows = [line.split(maxsplit=2) for line in listing.splitlines()]
        found: dict[int, str] = {}
        generation = {ancestor}
        while generation:
            children = {int(pid): args for pid, parent, args in rows if int(parent) in generation}
            found |= children
            generation = set(children)
        return found

    return find


@pytest.fixture
def running() -> Callable[[Iterable[int]], set[int]]:
    """Which of these processes still run; a dead one that nobody has collected yet does not."""

    def find(pids: Iterable[int]) -> set[int]:
        listing = subprocess.run(["ps", "-A", "-o", "pid=,stat="], capture_output=True, text=True, check=True)
        states = {int(pid): state for pid, state in map(str.split, listing.stdout.splitlines())}
        return {pid for pid in pids if not states.get(pid, "Z").startswith("Z")}

    return find


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Wait until something becomes true; a hang ends as a failure instead of never."""

    def wait(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, "did not happen"
            time.sleep(0.05)

    return wait
