"""The whole house as a newcomer starts it: web, worker, beat, PostgreSQL and Valkey, in a folder of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OWN = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "MEDIA_ROOT",
    "STATIC_ROOT",
    "BASE_URL",
    "ALLOWED_HOSTS",
    "EQUITY_HOME",
    "PORT",
)
PASSWORD = re.compile(r"Password of all of them: (\S+)")
READY = re.compile(r"Ready after \d+ seconds: (\S+)")
LONGEST_START = 600


@dataclass
class RunningHouse:
    """Where it is, and the password of the example accounts."""

    address: str
    password: str
    home: Path
    environment: dict[str, str] = field(default_factory=dict)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def clean_environment() -> dict[str, str]:
    """Without the services of the test run itself: the house brings its own."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OWN)}


@contextmanager
def running_house(home: Path) -> Iterator[RunningHouse]:
    """Start `make demo`'s own command, wait until it says that it is ready, stop it as Ctrl-C does."""
    command = [
        sys.executable,
        "-m",
        "equity.project.embedded",
        "demo",
        "--home",
        str(home),
        "--port",
        str(free_port()),
    ]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said: list[str] = []
    ready = threading.Event()

    def listen() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if PASSWORD.search(line):
                ready.set()
        ready.set()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        ready.wait(LONGEST_START)
        text = "".join(said)
        address, password = READY.search(text), PASSWORD.search(text)
        if not address or not password:
            raise RuntimeError(f"The house did not start:\n{text}")
        yield RunningHouse(address[1], password[1], home)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        listener.join(10)
