"""The data folder, and the sentences that say why a start is impossible."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from equity.project.embedded.environment import own_database_is_set
from equity.project.embedded.errors import CannotStart
from equity.project.embedded.home import (
    LONGEST_SOCKET_FOLDER,
    open_home,
    remove_home,
    socket_folder,
)
from equity.project.embedded.preflight import check_free_space, explain
from equity.project.embedded.server_user import find_account

Embedded = Callable[..., subprocess.Popen[str]]


def test_secrets_are_drawn_once_and_readable_by_us_alone(home_folder: Path) -> None:
    first = open_home(home_folder)
    first.close()
    second = open_home(home_folder)
    second.close()
    assert first.secrets == second.secrets
    assert len(set(first.secrets.values())) == len(first.secrets)
    assert all(len(secret) >= 50 for secret in first.secrets.values())
    assert (home_folder / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_second_supervisor_on_the_same_folder_is_refused(home_folder: Path) -> None:
    first = open_home(home_folder)
    with pytest.raises(CannotStart, match=rf"\({os.getpid()}\) is already running"):
        open_home(home_folder)
    first.close()
    open_home(home_folder).close()


@pytest.mark.parametrize("reset", [False, True])
def test_folder_without_the_marker_is_left_alone(home_folder: Path, reset: bool) -> None:
    home_folder.mkdir()
    (home_folder / "thesis.txt").write_text("ten years of work")
    with pytest.raises(CannotStart, match="not ours"):
        open_home(home_folder, reset=reset)
    assert [entry.name for entry in home_folder.iterdir()] == ["thesis.txt"]


def test_remove_refuses_a_folder_without_the_marker(home_folder: Path) -> None:
    home_folder.mkdir()
    (home_folder / "thesis.txt").write_text("ten years of work")
    with pytest.raises(CannotStart, match="not ours"):
        remove_home(home_folder)
    assert (home_folder / "thesis.txt").exists()


def test_reset_begins_anew(home_folder: Path) -> None:
    first = open_home(home_folder)
    (first.cluster_folder / "data").mkdir()
    (first.subfolder("media") / "evidence.pdf").write_text("x")
    first.close()
    second = open_home(home_folder, reset=True)
    second.close()
    assert second.secrets != first.secrets
    assert not (home_folder / "media").exists()
    assert not (second.cluster_folder / "data").exists()


def test_reset_of_a_folder_in_use_is_refused(home_folder: Path) -> None:
    first = open_home(home_folder)
    with pytest.raises(CannotStart, match="already running"):
        open_home(home_folder, reset=True)
    assert (home_folder / "secrets.json").exists()
    first.close()


@pytest.mark.parametrize("name", ["x" * LONGEST_SOCKET_FOLDER, "a folder", "Zoë"])
def test_socket_moves_where_its_path_is_short_and_plain(tmp_path: Path, name: str) -> None:
    folder = socket_folder(tmp_path / name, None)
    assert folder == socket_folder(tmp_path / name, None)
    assert len(str(folder)) <= LONGEST_SOCKET_FOLDER
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.rmdir()


def test_another_versions_data_is_refused_and_kept(home_folder: Path, embedded: Embedded) -> None:
    home = open_home(home_folder)
    version_file = home.cluster_folder / "data" / "PG_VERSION"
    version_file.parent.mkdir()
    version_file.write_text("13\n")
    home.close()
    process = embedded("run", "--home", home_folder, "--", "true")
    _, complaint = process.communicate()
    assert process.returncode == 1
    assert "was written by PostgreSQL 13" in complaint
    assert "Traceback" not in complaint
    assert version_file.read_text() == "13\n"


def test_taken_port_is_said_before_anything_starts(home_folder: Path, embedded: Embedded) -> None:
    with socket.socket() as occupant:
        occupant.bind(("127.0.0.1", 0))
        occupant.listen()
        port = occupant.getsockname()[1]
        process = embedded("demo", "--home", home_folder, "--port", str(port))
        _, complaint = process.communicate()
    assert process.returncode == 1
    assert complaint.startswith(f"error: Port {port} is taken by another program")
    assert not list(home_folder.rglob("PG_VERSION"))


def test_half_given_database_names_what_is_missing() -> None:
    given = {
        "DATABASE_URL": "postgres://a",
        "DATABASE_URL_INSIDE": "postgres://b",
        "DATABASE_URL_WORK": "postgres://c",
    }
    with pytest.raises(CannotStart, match=r"^DATABASE_URL_OUTSIDE must be set too"):
        own_database_is_set(given)


def test_full_disk_is_said_in_a_sentence(tmp_path: Path) -> None:
    check_free_space(tmp_path, needed_bytes=1)
    with pytest.raises(CannotStart, match="make room"):
        check_free_space(tmp_path, needed_bytes=10**18)
    assert "disk is full" in str(explain(OSError(errno.ENOSPC, "No space left on device")))


def test_folder_that_cannot_be_written_is_named() -> None:
    sentence = str(explain(OSError(errno.EROFS, "Read-only file system", "/media/disc/home")))
    assert "/media/disc/home" in sentence
    assert "EQUITY_HOME" in sentence


def test_missing_account_for_postgresql_is_named() -> None:
    with pytest.raises(CannotStart, match="no account “nobody-at-all”"):
        find_account("nobody-at-all")
