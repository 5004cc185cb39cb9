"""The data folder: what it holds, whose it is, and who may use it now.

.equity-home     the marker: proof that we made this folder, and where PostgreSQL's files are
lock             held while a supervisor, or the guardian that tidies up after one, is alive
prepared.json    what the demonstration was last prepared from: an unchanged checkout starts without those steps
secrets.json     passwords and the secret key, drawn once, readable by this account alone
postgres/        PostgreSQL's data and socket (elsewhere when PostgreSQL's account cannot reach this folder)
valkey/ logs/ media/ static/ beat/
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .errors import CannotStart
from .server_user import ServerUser

MARKER = ".equity-home"
LOCK = "lock"
SECRETS = "secrets.json"
SECRET_NAMES = (
    "SECRET_KEY",
    "equity_owner",
    "equity_inside",
    "equity_outside",
    "equity_work",
    "valkey",
)
SYSTEM_FOLDER = Path("/var/lib/equity")
LONGEST_SOCKET_FOLDER = 80  # a socket's whole path must stay under about 100 bytes on every system
HOLDER_PATIENCE_SECONDS = 1.0
GUARDIAN_PATIENCE_SECONDS = 15.0


@dataclass(frozen=True)
class Home:
    """An opened data folder: locked for us, marked as ours, with its secrets drawn."""

    folder: Path
    cluster_folder: Path
    secrets: Mapping[str, str]
    user: ServerUser | None
    lock_descriptor: int

    def subfolder(self, name: str) -> Path:
        """A folder of this name inside, made if needed, closed to other accounts."""
        path = self.folder / name
        path.mkdir(mode=0o700, exist_ok=True)
        return path

    def log_file(self, name: str) -> Path:
        return self.subfolder("logs") / f"{name}.log"

    def close(self) -> None:
        """Let the next supervisor in."""
        os.close(self.lock_descriptor)


def open_home(folder: Path, *, user: ServerUser | None = None, reset: bool = False) -> Home:
    """Open the data folder, making it on first use; with `reset`, remove what it held.

    Raises CannotStart when the folder holds somebody else's files, or when a supervisor is using it.
    """
    folder = folder.resolve()
    _refuse_foreign_folder(folder, reset=reset)
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711 if user else 0o700)
    lock_descriptor = _lock(folder)
    try:
        if reset:
            _erase(folder)
        cluster_folder = _cluster_folder(folder, user)
        drawn_secrets = _secrets(folder / SECRETS)
    except BaseException:
        os.close(lock_descriptor)
        raise
    return Home(folder, cluster_folder, drawn_secrets, user, lock_descriptor)


def make_temporary_folder() -> Path:
    """An empty folder with a short path that other accounts may pass through."""
    folder = Path(tempfile.mkdtemp(prefix="equity-", dir=_short_temporary_root()))
    folder.chmod(0o711)
    return folder


def remove_home(folder: Path) -> None:
    """Remove a data folder and the database files that belong to it.

    Raises CannotStart when the folder does not bear our marker: nothing is removed then.
    """
    _refuse_foreign_folder(folder, reset=True)
    _erase(folder)
    shutil.rmtree(folder)


def socket_folder(preferred: Path, user: ServerUser | None) -> Path:
    """`preferred`, or a short stand-in for it in the temporary folder, owned by who will open sockets there.

    A socket's path is limited to about 100 bytes, and has to stand in a URL as it is.
    """
    plain = all(character.isalnum() or character in "/._-" for character in str(preferred))
    fits = plain and str(preferred).isascii() and len(str(preferred)) <= LONGEST_SOCKET_FOLDER
    folder = preferred if fits else _short_temporary_root() / f"equity-{_digest(preferred)}"
    owner = user.uid if user else os.geteuid()
    if folder.is_symlink() or (folder.exists() and folder.stat().st_uid not in (owner, os.geteuid())):
        raise CannotStart(
            f"{folder} belongs to somebody else, and we need it for sockets: remove it, then start again."
        )
    if user:
        user.own(folder)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    return folder


def _short_temporary_root() -> Path:
    root = Path(tempfile.gettempdir())
    return root if len(str(root)) <= LONGEST_SOCKET_FOLDER - 40 else Path("/tmp")  # noqa: S108  # only folders of ours in it


def _digest(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]


def _refuse_foreign_folder(folder: Path, *, reset: bool) -> None:
    if not folder.exists() or (folder / MARKER).exists():
        return
    if not folder.is_dir():
        raise CannotStart(f"{folder} is a file, not a folder: choose another place with EQUITY_HOME.")
    if {entry.name for entry in folder.iterdir()} <= {LOCK}:
        return
    refusal = "so RESET removed nothing" if reset else "so nothing was written there"
    raise CannotStart(
        f"{folder} holds files that are not ours (it has no {MARKER}), {refusal}: "
        "choose an empty or a new folder with EQUITY_HOME."
    )


def _lock(folder: Path) -> int:
    """Take the folder's lock, waiting for the guardian of a supervisor that was killed to finish."""
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    begun = time.monotonic()
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 20, 0).decode().strip()  # a guardian that took over has emptied it
            patience = HOLDER_PATIENCE_SECONDS if _is_alive(holder) else GUARDIAN_PATIENCE_SECONDS
            if time.monotonic() - begun > patience:
                os.close(descriptor)
                raise CannotStart(
                    f"Another process ({holder or 'stopping'}) is already running on {folder}: "
                    "stop it first, or choose another folder with EQUITY_HOME."
                ) from None
            time.sleep(0.05)
        else:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
            return descriptor


def _is_alive(pid: str) -> bool:
    if not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _cluster_folder(folder: Path, user: ServerUser | None) -> Path:
    """Where PostgreSQL's files are: decided at first start, then kept in the marker."""
    marker = folder / MARKER
    if not marker.exists():
        identity = secrets.token_hex(8)
        reachable = user is None or user.can_enter(folder)
        place = "postgres" if reachable else str(SYSTEM_FOLDER / identity)
        write_privately(marker, json.dumps({"identity": identity, "cluster_folder": place}))
    mark = json.loads(marker.read_text())
    cluster_folder = folder / str(mark["cluster_folder"])
    for path in (cluster_folder.parent, cluster_folder):
        if not path.exists():
            path.mkdir(parents=True)
            path.chmod(0o711 if user else 0o700)
    if not (cluster_folder / MARKER).exists():
        write_privately(
            cluster_folder / MARKER, json.dumps({"identity": mark["identity"], "home": str(folder)})
        )
    return cluster_folder


def _erase(folder: Path) -> None:
    """Empty a marked folder. The marker goes last, so that an interrupted reset can be repeated."""
    marker = folder / MARKER
    if not marker.exists():
        return
    mark = json.loads(marker.read_text())
    cluster_folder = folder / mark["cluster_folder"]
    cluster_marker = cluster_folder / MARKER
    if cluster_marker.exists() and json.loads(cluster_marker.read_text())["identity"] == mark["identity"]:
        shutil.rmtree(cluster_folder)
    for entry in folder.iterdir():
        if entry.name in (MARKER, LOCK):
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    marker.unlink()


def _secrets(path: Path) -> dict[str, str]:
    """The stored secrets; any that are missing are drawn now and kept."""
    stored: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = [name for name in SECRET_NAMES if name not in stored]
    if missing:
        stored.update({name: secrets.token_urlsafe(48) for name in missing})
        write_privately(path, json.dumps(stored, indent=1))
    return stored


def write_privately(path: Path, text: str) -> None:
    """Write a file that only this account can read, whole or not at all."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
