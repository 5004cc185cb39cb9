"""The unprivileged account that PostgreSQL runs under when the supervisor is root.

PostgreSQL refuses to run as root. We borrow an existing account and never create one.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import CannotStart

ACCOUNT = "nobody"


@dataclass(frozen=True)
class ServerUser:
    """An account to drop to; `None` in its place means: stay who we are."""

    uid: int
    gid: int

    def popen_arguments(self) -> dict[str, Any]:
        """Arguments that make `subprocess` start a program under this account alone."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_enter(self, path: Path) -> bool:
        """Whether this account can traverse to `path` and enter or execute it.

        Asked of the kernel, as that account: permission bits alone would miss access control lists.
        """
        probe = ["/bin/sh", "-c", 'test -x "$0"', str(path)]
        answer = subprocess.run(probe, cwd="/", check=False, **self.popen_arguments())  # noqa: S603
        return answer.returncode == 0

    def own(self, folder: Path) -> None:
        """Make `folder` if needed and hand it to this account, closed to all others."""
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)


def server_user() -> ServerUser | None:
    """The account PostgreSQL must run under, or None when it can run under ours."""
    return find_account(ACCOUNT) if os.geteuid() == 0 else None


def find_account(name: str) -> ServerUser:
    """Raises CannotStart when this machine has no account of that name."""
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise CannotStart(
            f"PostgreSQL refuses to run as root, and this machine has no account “{name}” to run it under: "
            "start this as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own."
        ) from None
    return ServerUser(entry.pw_uid, entry.pw_gid)


def own_account_name() -> str:
    """The name of the account we run under; PostgreSQL's peer authentication needs one."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise CannotStart(
            f"User id {os.geteuid()} has no name on this machine, and PostgreSQL needs one: "
            "add a line for it to /etc/passwd, or set DATABASE_URL to a PostgreSQL of your own."
        ) from None
