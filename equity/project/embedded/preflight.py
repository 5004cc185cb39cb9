"""What can be known to fail before anything is started, and what the system's own errors mean to a person."""

from __future__ import annotations

import errno
import shutil
import socket
from pathlib import Path

from .errors import CannotStart

NEEDED_BYTES = 300_000_000


def check_free_space(folder: Path, needed_bytes: int = NEEDED_BYTES) -> None:
    """Raises CannotStart when the disk that holds `folder`, or will hold it, has less room than a start may need."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    if free < needed_bytes:
        raise CannotStart(
            f"The disk that holds {folder} has {free // 1_000_000} MB free, and {needed_bytes // 1_000_000} MB are "
            "needed: make room, or choose a folder on another disk with EQUITY_HOME. Nothing was changed."
        )


def check_port(address: str, port: int) -> None:
    """Raises CannotStart when nothing can listen at this address and port."""
    if not 0 < port < 65536:
        raise CannotStart(f"{port} is not a port: choose a number from 1024 to 65535, for example PORT=8001.")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except PermissionError:
            raise CannotStart(
                f"This account may not listen on port {port}: choose one from 1024 upwards, for example PORT=8001."
            ) from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise CannotStart(
                    f"Cannot listen on {address}, port {port} ({error.strerror}): set LISTEN."
                ) from None
            raise CannotStart(
                f"Port {port} is taken by another program: stop that program, or choose another port, "
                f"for example PORT={port + 1}. Nothing was started."
            ) from None


def explain(error: OSError) -> CannotStart:
    """The sentence for an error of the file system that reached the top."""
    place = error.filename or "the data folder"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return CannotStart("The disk is full: make room, then start again. What was saved before is kept.")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return CannotStart(
            f"Cannot write to {place} ({error.strerror}): make it writable for this account, "
            "or choose another folder with EQUITY_HOME."
        )
    return CannotStart(f"The system refused: {error}.")
