"""Starting, restarting and stopping real processes; nothing may be left, whatever kills us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from equity.project.embedded.errors import CannotStart
from equity.project.embedded.home import remove_home
from equity.project.embedded.processes import Service, StopRequest
from equity.project.embedded.server_user import find_account, server_user
from equity.project.embedded.supervisor import Guardian, Supervisor

Embedded = Callable[..., subprocess.Popen[str]]
Eventually = Callable[[Callable[[], object]], None]
Processes = Callable[[int], dict[int, str]]
Running = Callable[[Iterable[int]], set[int]]

READY_THEN_SLEEP = ("sh", "-c", "echo $DATABASE_URL; exec sleep 1000")


def accounts() -> list[Any]:
    """The accounts to try: our own, and for root also one that is not root where it can run this Python."""
    tried = [pytest.param({}, id="own")]
    if server_user() and find_account("nobody").can_enter(Path(sys.executable).resolve()):
        tried.append(pytest.param(find_account("nobody").popen_arguments(), id="nobody"))
    return tried


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[tuple[Supervisor, list[str]]]:
    said: list[str] = []
    lock = os.open(tmp_path / "lock", os.O_CREAT | os.O_RDWR)
    guardian = Guardian(lock)
    supervisor = Supervisor(guardian, StopRequest(), said.append, first_pause_seconds=0.01)
    yield supervisor, said
    supervisor.stop_all()
    guardian.close()
    os.close(lock)


def shell(name: str, script: str, log_folder: Path, **more: Any) -> Service:
    return Service(name=name, command=("sh", "-c", script), log=log_folder / f"{name}.log", **more)


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


@pytest.fixture
def own_signals() -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_closed_terminal_is_a_wish_to_stop_unless_started_by_nohup(own_signals: None) -> None:
    for disposition, expected in ((signal.SIG_DFL, True), (signal.SIG_IGN, False)):
        signal.signal(signal.SIGHUP, disposition)
        stop = StopRequest()
        stop.listen()
        signal.raise_signal(signal.SIGHUP)
        assert stop.made is expected


def test_second_wish_at_once_is_the_same_wish(own_signals: None) -> None:
    stop = StopRequest()
    stop.listen()
    signal.raise_signal(signal.SIGINT)
    signal.raise_signal(signal.SIGINT)
    assert (stop.made, stop.urgent) == (True, False)


@pytest.mark.parametrize("account", accounts())
def test_killed_supervisor_leaves_no_process_and_no_folder(
    embedded: Embedded,
    descendants: Processes,
    running: Running,
    eventually: Eventually,
    account: dict[str, Any],
) -> None:
    process = embedded("run", "--", "sh", "-c", "echo $MEDIA_ROOT; sleep 1000 & sleep 1000", **account)
    folder = Path(first_line(process)).parent
    family = descendants(process.pid)
    assert len(family) > 8  # guardian, PostgreSQL with its own processes, Valkey, sh, two sleeps
    process.kill()
    eventually(lambda: not running(family))
    eventually(lambda: not folder.exists())


def test_killed_guardian_is_replaced(
    embedded: Embedded,
    descendants: Processes,
    running: Running,
    eventually: Eventually,
) -> None:
    process = embedded("run", "--", *READY_THEN_SLEEP)
    first_line(process)

    def guardians() -> set[int]:
        return {pid for pid, command in descendants(process.pid).items() if "guardian.py" in command}

    (guardian,) = guardians()
    os.kill(guardian, signal.SIGKILL)
    eventually(lambda: guardians() - {guardian})
    family = descendants(process.pid)
    process.kill()
    eventually(lambda: not running(family))


@pytest.mark.parametrize("platform", {sys.platform} & {"linux"})
def test_kernel_ends_the_services_when_supervisor_and_guardian_are_killed(
    embedded: Embedded,
    descendants: Processes,
    running: Running,
    eventually: Eventually,
    platform: str,
) -> None:
    process = embedded("run", "--", "sh", "-c", "dirname $MEDIA_ROOT; exec sleep 1000")
    folder = first_line(process)
    family = descendants(process.pid)
    process.send_signal(signal.SIGSTOP)  # it must not replace the guardian
    for pid, command in family.items():
        if "guardian.py" in command:
            os.kill(pid, signal.SIGKILL)
    process.kill()
    eventually(lambda: not running(family))
    remove_home(Path(folder))


def test_terminated_run_ends_its_command_and_services(
    embedded: Embedded, descendants: Processes, running: Running, eventually: Eventually
) -> None:
    process = embedded("run", "--", *READY_THEN_SLEEP)
    first_line(process)
    family = descendants(process.pid)
    process.terminate()
    process.communicate()
    assert process.returncode == 128 + signal.SIGTERM
    eventually(lambda: not running(family))


def test_run_returns_the_exit_code_of_its_command(embedded: Embedded) -> None:
    process = embedded("run", "--", "sh", "-c", "exit 7")
    _, complaint = process.communicate()
    assert (process.returncode, complaint) == (7, "")


@pytest.mark.parametrize("durable", [False, True])
def test_only_a_throwaway_cluster_lets_the_owner_become_a_member(embedded: Embedded, durable: bool) -> None:
    process = embedded("run", *(["--durable"] if durable else []), "--", *READY_THEN_SLEEP)
    with psycopg.connect(first_line(process)) as connection:
        if durable:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("SET ROLE equity_member")
        else:
            connection.execute("SET ROLE equity_member")


def test_data_survives_a_killed_supervisor(embedded: Embedded, home_folder: Path) -> None:
    first = embedded("run", "--durable", "--home", home_folder, "--", *READY_THEN_SLEEP)
    with psycopg.connect(first_line(first)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    first.kill()
    second = embedded("run", "--durable", "--home", home_folder, "--", *READY_THEN_SLEEP)
    with psycopg.connect(first_line(second)) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_killed_database_comes_back_with_its_data(
    embedded: Embedded, home_folder: Path, eventually: Eventually
) -> None:
    process = embedded("run", "--durable", "--home", home_folder, "--", *READY_THEN_SLEEP)
    address = first_line(process)
    with psycopg.connect(address) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    pid_file = next(home_folder.rglob("postmaster.pid"))
    os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)

    def answer() -> object:
        try:
            with psycopg.connect(address) as connection:
                return connection.execute("SELECT answer FROM kept").fetchone()
        except psycopg.OperationalError:
            return None

    eventually(answer)
    assert answer() == (42,)


def test_services_stop_in_reverse_order(supervisor: tuple[Supervisor, list[str]], tmp_path: Path) -> None:
    order = tmp_path / "order"
    for name in ("first", "second", "third"):
        script = (
            f"trap 'echo {name} >> {order}; exit' TERM; touch {tmp_path}/{name}; while :; do sleep 0.05; done"
        )
        ready = (tmp_path / name).exists
        supervisor[0].start(shell(name, script, tmp_path, is_ready=lambda pid, ready=ready: ready()))
    supervisor[0].stop_all()
    assert order.read_text().split() == ["third", "second", "first"]


def test_stubborn_service_and_its_children_are_ended_after_the_grace(
    supervisor: tuple[Supervisor, list[str]], tmp_path: Path, running: Running, eventually: Eventually
) -> None:
    pids = tmp_path / "pids"
    script = f"trap '' TERM; sleep 1000 & echo $! $$ > {pids}; wait"
    supervisor[0].start(
        shell(
            "stubborn",
            script,
            tmp_path,
            grace_seconds=0.2,
            is_ready=lambda pid: _has_text(pids),
        )
    )
    supervisor[0].stop_all()
    eventually(lambda: not running(map(int, pids.read_text().split())))


def test_dead_service_is_started_again_with_a_sentence(
    supervisor: tuple[Supervisor, list[str]], tmp_path: Path, eventually: Eventually
) -> None:
    starts = tmp_path / "starts"
    service = shell(
        "web",
        f"echo $$ >> {starts}; exec sleep 1000",
        tmp_path,
        is_ready=lambda pid: _has_text(starts),
    )
    supervisor[0].start(service)
    os.kill(int(starts.read_text()), signal.SIGKILL)

    def started_again() -> bool:
        supervisor[0].look_after()
        return len(starts.read_text().split()) == 2

    eventually(started_again)
    assert len(supervisor[1]) == 1
    assert supervisor[1][0].startswith("web stopped by itself (killed by signal 9); starting it again")


def test_service_that_keeps_dying_ends_everything(
    supervisor: tuple[Supervisor, list[str]], tmp_path: Path, eventually: Eventually
) -> None:
    supervisor[0].start(shell("web", "echo out of cheese; exit 3", tmp_path))

    def look_after() -> None:
        supervisor[0].look_after()

    with pytest.raises(CannotStart, match="web stopped 5 times within a minute") as reason:
        eventually(look_after)
    assert "out of cheese" in str(reason.value)
    assert len(supervisor[1]) == 4


def test_service_that_dies_while_starting_shows_its_log(
    supervisor: tuple[Supervisor, list[str]], tmp_path: Path
) -> None:
    with pytest.raises(CannotStart, match=r"web stopped while starting.(.|\n)*no such module"):
        supervisor[0].start(
            shell(
                "web",
                "echo no such module; exit 1",
                tmp_path,
                is_ready=lambda pid: False,
            )
        )


def test_failed_step_shows_its_log(supervisor: tuple[Supervisor, list[str]], tmp_path: Path) -> None:
    assert supervisor[0].run_to_the_end(shell("step", "echo done", tmp_path)) == "done\n"
    with pytest.raises(CannotStart, match=r"step failed.(.|\n)*no such table"):
        supervisor[0].run_to_the_end(shell("step", "echo no such table; exit 1", tmp_path))


def _has_text(path: Path) -> bool:
    return path.exists() and path.read_text().endswith("\n")
