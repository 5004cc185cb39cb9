"""A small house for tests that break things: the product's own services under its own supervisor, which here runs in the
test's process. Riverside and its cast live in it, and nothing else, so that it stands in seconds.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

import psycopg
from celery import Celery
from kombu import pools

from equity.project.embedded import supervisor
from equity.project.embedded.demo import DemoOptions, manage, servers
from equity.project.embedded.processes import Service, StopRequest
from equity.project.embedded.services import Session, start_services, supervised
from tests.functional.house import clean_environment, free_port

PATIENCE_SECONDS = 60.0
LEASE_SECONDS = 3
FORGOTTEN_AFTER_SECONDS = 5.0
Found = TypeVar("Found")


@dataclass(frozen=True)
class SmallHouse:
    """Where it is, and what a test may do to it."""

    session: Session
    environment: dict[str, str]

    @property
    def address(self) -> str:
        return self.environment["BASE_URL"]

    def log(self, name: str) -> str:
        return self.session.home.log_file(name).read_text(errors="replace")

    def until(self, find: Callable[[], Found]) -> Found:
        """Ask until the answer is a true one. Meanwhile the supervisor does its work."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (found := find()):
            assert time.monotonic() < deadline, (
                f"did not happen; the worker's log ends {self.log('worker')[-3000:]}"
            )
            self.session.supervisor.look_after()
            time.sleep(0.05)
        return found

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection[Any]]:
        """One transaction as the operator, who sees every row; what is not committed is undone at the end."""
        connection = psycopg.connect(self.environment["DATABASE_URL"].replace("postgres://", "postgresql://"))
        try:
            connection.execute("SET ROLE equity_operator")
            connection.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            connection.commit()
            yield connection
        finally:
            connection.close()

    def ask(self, statement: str, *given: object) -> list[tuple[Any, ...]]:
        """The rows that a statement gives; what it writes stays."""
        with self.database() as connection:
            cursor = connection.execute(statement, given)
            rows = cursor.fetchall() if cursor.description else []
            connection.commit()
            return rows

    def service(self, name: str) -> int:
        """The main process of a service, which the supervisor starts again when it dies."""
        return next(one.process.pid for one in self.session.supervisor._running if one.service.name == name)

    def is_back(self, name: str, killed: int) -> bool:
        """Whether the supervisor has started a service again, and it is ready to work."""
        found = next(one for one in self.session.supervisor._running if one.service.name == name)
        pid = found.process.pid
        return pid != killed and found.restart_at is None and found.service.is_ready(pid)

    def process_of(self, job: str) -> int:
        """The process that does a job, by the worker's own word."""
        pools.reset()  # they may hold a connection to a broker that was killed
        broker = self.environment["REDIS_URL"] + "?virtual_host=0"
        with Celery(broker=broker, set_as_current=False) as application:
            told = application.control.inspect(limit=1, timeout=PATIENCE_SECONDS).active() or {}
        (pid,) = {task["worker_pid"] for tasks in told.values() for task in tasks if job in task["args"]}
        return int(pid)


def parent_of(pid: int) -> int:
    return next(parent for child, parent, _state in _processes() if child == pid)


def with_children(pid: int) -> set[int]:
    return {pid, *(child for child, parent, _state in _processes() if parent == pid)}


def is_running(pid: int) -> bool:
    """A dead process that nobody has collected yet does not run."""
    return any(child == pid and not state.startswith("Z") for child, _parent, state in _processes())


def _processes() -> list[tuple[int, int, str]]:
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True
    )
    rows = map(str.split, listing.stdout.splitlines())
    return [(int(pid), int(parent), state) for pid, parent, state in rows]


def kill(pids: set[int]) -> None:
    """All of them; one that went with another is gone too."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@contextmanager
def small_house(folder: Path) -> Iterator[SmallHouse]:
    """Web, worker, beat, PostgreSQL and Valkey, with a lease of three seconds."""
    port = free_port()
    options = DemoOptions(folder=folder, listen="127.0.0.1", port=port, reset=False, follow_parent=False)
    with ExitStack() as stack:
        # Here services are killed again and again on purpose, faster than in any minute of real life.
        stack.enter_context(patch.object(supervisor, "WITHIN_SECONDS", FORGOTTEN_AFTER_SECONDS))
        # The environment names the services of the test run itself: this house brings its own.
        with patch.dict(os.environ, clean_environment(), clear=True):
            session = stack.enter_context(supervised(folder, stop=StopRequest()))
            environment = start_services(session, base_url=options.base_url)
        environment["JOB_LEASE_SECONDS"] = str(LEASE_SECONDS)
        for step in _preparations(session, environment):
            session.supervisor.run_to_the_end(step)
        for service in servers(session.home, environment, options):
            session.supervisor.start(service)
        yield SmallHouse(session, environment)


def _preparations(session: Session, environment: dict[str, str]) -> Iterator[Service]:
    yield manage(session.home, environment, "migrate", "--database", "owner", "--noinput")
    yield manage(session.home, environment, "collectstatic", "--noinput")
    yield Service(
        name="Riverside",
        command=(sys.executable, "-m", "tests.functional.riverside"),
        log=session.home.log_file("riverside"),
        environment=environment,
    )
