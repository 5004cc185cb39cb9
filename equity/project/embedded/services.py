"""PostgreSQL and Valkey for as long as a `with` block lasts, or for as long as a command runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir

from . import environment as variables
from .errors import complain
from .home import Home, make_temporary_folder, open_home
from .postgres import PORT, Postgres
from .preflight import check_free_space
from .processes import POLL_SECONDS, ROOT, StopRequest, dies_with_parent, end_group
from .roles import apply_roles, let_owner_become_every_persona
from .server_user import server_user
from .supervisor import Guardian, Supervisor
from .valkey import valkey_service, valkey_socket

DEFAULT_BASE_URL = "http://localhost:8000"
COMMAND_GRACE_SECONDS = 20.0


@dataclass(frozen=True)
class Session:
    """An opened data folder with a supervisor that has nothing to do yet."""

    home: Home
    supervisor: Supervisor
    guardian: Guardian
    stop: StopRequest


@contextmanager
def supervised(
    folder: Path | None,
    *,
    stop: StopRequest,
    say: Callable[[str], None] = complain,
    reset: bool = False,
) -> Iterator[Session]:
    """Open the data folder (None: a temporary one) and stop, at the end of the block, all that was started in it."""
    user = None if variables.own_database_is_set(os.environ) else server_user()
    check_free_space(folder.absolute() if folder else Path(gettempdir()))
    home = open_home(folder or make_temporary_folder(), user=user, reset=reset)
    try:
        guardian = Guardian(home.lock_descriptor)
        supervisor = Supervisor(guardian, stop, say)
        try:
            if folder is None:
                guardian.remove_at_end(home.cluster_folder)
                guardian.remove_at_end(home.folder)
            yield Session(home, supervisor, guardian, stop)
        finally:
            supervisor.stop_all()
            guardian.close()
    finally:
        home.close()


def start_services(
    session: Session, *, base_url: str = DEFAULT_BASE_URL, throwaway: bool = False
) -> dict[str, str]:
    """Start PostgreSQL and Valkey, unless the caller's environment names others; return the whole environment to use.

    `throwaway` is for tests: it gives up the safety of the data for speed, and lets the owner become every persona.
    """
    home = session.home
    check_free_space(home.cluster_folder)
    offered = variables.default_variables(home, base_url)
    given = dict(os.environ)
    if not variables.own_database_is_set(given):
        given = variables.inherited_environment()
        offered |= _start_postgres(session, throwaway=throwaway)
    if not variables.own_broker_is_set(given):
        offered |= _start_valkey(session, throwaway=throwaway)
    return {**offered, **given}


@contextmanager
def embedded_services(folder: Path | None = None, *, throwaway: bool = True) -> Iterator[dict[str, str]]:
    """PostgreSQL with all roles, and Valkey, inside the block; yields the environment that the settings read.

    With no folder everything is temporary and removed at the end. Call it from the main thread.
    Raises CannotStart with a sentence for a person.
    """
    with supervised(folder, stop=StopRequest()) as session:
        yield start_services(session, throwaway=throwaway)


def run_command(command: Sequence[str], folder: Path | None, *, durable: bool, follow_parent: bool) -> int:
    """Run a command with PostgreSQL and Valkey beside it; return its exit code (128 + n when signal n ended it)."""
    stop = StopRequest(follow_parent=follow_parent)
    stop.listen()
    with supervised(folder, stop=stop, say=complain) as session:
        environment = start_services(session, throwaway=not durable)
        # In a terminal the command stays in the foreground group: it may ask questions, and Ctrl-C reaches it.
        in_terminal = sys.stdin.isatty()
        process = subprocess.Popen(  # noqa: S603  # the command line of whoever runs us
            list(command),
            cwd=ROOT,
            env=environment,
            start_new_session=not in_terminal,
            preexec_fn=dies_with_parent(stop.number),
        )
        session.guardian.watch(process.pid, stop.number)
        try:
            _wait(process, session, in_terminal=in_terminal)
        finally:
            process.kill()
            end_group(process)
            session.guardian.forget(process.pid)
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def _wait(process: subprocess.Popen[bytes], session: Session, *, in_terminal: bool) -> None:
    """Wait for the command. Asked to stop, pass that on, and give it some time to tidy up."""
    deadline: float | None = None
    while process.poll() is None:
        session.supervisor.look_after()
        if session.stop.made and deadline is None:
            deadline = time.monotonic() + COMMAND_GRACE_SECONDS
            if not (in_terminal and session.stop.number is signal.SIGINT):
                process.send_signal(session.stop.number)
        if session.stop.urgent or (deadline is not None and time.monotonic() > deadline):
            return
        time.sleep(POLL_SECONDS)


def _start_postgres(session: Session, *, throwaway: bool) -> dict[str, str]:
    home = session.home
    postgres = Postgres.in_home(home)
    _remove_stand_in_at_end(session, postgres.sockets)
    postgres.prepare(session.supervisor, session.stop, throwaway=throwaway)
    session.supervisor.start(postgres.service(throwaway=throwaway))
    apply_roles(postgres.sockets, PORT, home.secrets)
    if throwaway:
        let_owner_become_every_persona(postgres.sockets, PORT)
    return variables.database_variables(postgres, home.secrets)


def _start_valkey(session: Session, *, throwaway: bool) -> dict[str, str]:
    home = session.home
    path = valkey_socket(home)
    _remove_stand_in_at_end(session, path.parent)
    session.supervisor.start(valkey_service(home, throwaway=throwaway))
    return variables.broker_variables(path, home.secrets["valkey"])


def _remove_stand_in_at_end(session: Session, sockets: Path) -> None:
    """Sockets whose own place has too long a path are in the temporary folder: leave nothing there."""
    home = session.home
    if not (sockets.is_relative_to(home.folder) or sockets.is_relative_to(home.cluster_folder)):
        session.guardian.remove_at_end(sockets)
