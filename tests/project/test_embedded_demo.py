"""What the demonstration starts, and when it need not prepare anything again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from equity.project.embedded.demo import (
    PREPARED_WITH,
    DemoOptions,
    checkout_fingerprint,
    servers,
    variables_fingerprint,
)
from equity.project.embedded.environment import LOGIN_OF_VARIABLE
from equity.project.embedded.home import open_home


def options(folder: Path, listen: str = "127.0.0.1") -> DemoOptions:
    return DemoOptions(folder=folder, listen=listen, port=8000, reset=False, follow_parent=False)


def test_servers_never_hold_the_owners_login(home_folder: Path) -> None:
    home = open_home(home_folder)
    home.close()
    environment = dict.fromkeys(LOGIN_OF_VARIABLE, "postgres://somewhere")
    started = list(servers(home, environment, options(home_folder)))
    assert [service.name for service in started] == ["web", "worker", "beat"]
    for service in started:
        assert service.environment is not None
        assert set(LOGIN_OF_VARIABLE) - set(service.environment) == {"DATABASE_URL"}


@pytest.mark.parametrize(
    ("listen", "reached_at"),
    [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("192.0.2.7", "192.0.2.7")],
)
def test_server_that_listens_everywhere_is_asked_on_this_machine(
    tmp_path: Path, listen: str, reached_at: str
) -> None:
    assert options(tmp_path, listen).reached_at == reached_at


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    ("change", "prepares_again"),
    [
        (lambda root: write(root / "equity" / "models.py", "two = 2"), True),
        (lambda root: write(root / "static" / "site.css", ""), True),
        (lambda root: (root / "manage.py").unlink(), True),
        (lambda root: write(root / "var" / "demo" / "lock", "1"), False),
        (lambda root: write(root / "equity" / "__pycache__" / "models.pyc", ""), False),
        (lambda root: write(root / ".venv" / "bin" / "python", ""), False),
    ],
    ids=["changed", "added", "removed", "own data", "compiled", "packages"],
)
def test_start_prepares_again_when_the_checkout_changed(
    tmp_path: Path, change: Callable[[Path], None], prepares_again: bool
) -> None:
    write(tmp_path / "manage.py", "")
    write(tmp_path / "equity" / "models.py", "one = 1")
    before = checkout_fingerprint(tmp_path)
    assert checkout_fingerprint(tmp_path) == before
    change(tmp_path)
    assert (checkout_fingerprint(tmp_path) != before) is prepares_again


@pytest.mark.parametrize("variable", PREPARED_WITH)
def test_start_prepares_again_when_a_variable_changed(variable: str) -> None:
    before = dict.fromkeys(PREPARED_WITH, "as before")
    assert variables_fingerprint({**before, variable: "changed"}) != variables_fingerprint(before)
