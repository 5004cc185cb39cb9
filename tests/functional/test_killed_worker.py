"""A worker, the broker or PostgreSQL is killed in the middle of work: the old state stands, and the work is finished without
anybody's help.

Real processes and real services; PostgreSQL itself says that the work stands in its middle. At every moment that is
looked at, everything the work may write is as it was before, or the job is done and everything is as it should be.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from equity.project.embedded.home import make_temporary_folder, remove_home
from tests.functional.long_work import (
    Certification,
    Import,
    LongWork,
    Moment,
    Publication,
    RollUp,
    Stopped,
    Undo,
    is_connected,
    moment,
    stopped_in_its_middle,
)
from tests.functional.small_house import SmallHouse, is_running, kill, parent_of, small_house, with_children

YEARS = count(2001)
ASKED = """
INSERT INTO tenancy_job (id, organisation_id, kind, arguments, state, attempts, outcome, queued_at)
SELECT uuidv7(), id, 'desk.remind',
       jsonb_build_object('week', date_trunc('week', now() AT TIME ZONE 'UTC')::date), 'queued', 0, '{}',
       now() - interval '1 hour'
  FROM tenancy_organisation WHERE slug = 'riverside' RETURNING id::text
"""
HELD = """
INSERT INTO tenancy_letter (id, person_id, kind, week)
SELECT uuidv7(), person_id, 'due_data', date_trunc('week', now() AT TIME ZONE 'UTC')::date
  FROM tenancy_account WHERE email = 'bea@example.org'
"""
Results = dict[type[LongWork], Any]


@pytest.fixture(scope="module")
def house() -> Iterator[SmallHouse]:
    folder = make_temporary_folder() / "house"
    with small_house(folder) as house:
        yield house
    remove_home(folder)
    folder.parent.rmdir()


@pytest.fixture(scope="module")
def undisturbed(house: SmallHouse) -> Results:
    """What comes of each work when nothing happens to it."""
    return {
        kind: kind(house, next(YEARS)).done() for kind in (Import, RollUp, Publication, Certification, Undo)
    }


def see_through(house: SmallHouse, stopped: Stopped) -> Moment:
    """Look at everything until the job is done: it is as before all the time."""

    def end() -> Moment | None:
        now = moment(house, stopped.job)
        if now.state == "done":
            return now
        assert now.state in {"queued", "running"}, now
        assert now.everything == stopped.before.everything, "half of the work is visible"
        return None

    return house.until(end)


def finished(work: LongWork, stopped: Stopped, expected: Any) -> Moment:
    """How the job ends: with the same result as if nothing had happened."""
    end = see_through(work.house, stopped)
    assert end.everything != stopped.before.everything
    assert work.result() == expected
    assert "Done." in work.page_of(stopped.job)
    return end


@pytest.mark.parametrize("kind", [RollUp, Import, Undo, Certification, Publication])
def test_killed_process_leaves_the_old_state_and_the_work_is_finished(
    house: SmallHouse, undisturbed: Results, kind: type[LongWork]
) -> None:
    """Only the process that did the work; its statement runs on in PostgreSQL, as the lock is let go at once."""
    work = kind(house, next(YEARS))
    work.prepare()
    with stopped_in_its_middle(work) as stopped:
        assert work.words in work.page_of(stopped.job)
        kill({stopped.process})
        stopped.let_go()
    finished(work, stopped, undisturbed[kind])


@pytest.mark.parametrize("kind", [RollUp, Import, Undo, Publication])
def test_killed_worker_leaves_the_old_state_and_the_work_is_finished(
    house: SmallHouse, undisturbed: Results, kind: type[LongWork]
) -> None:
    """The worker with all its processes. What it left in PostgreSQL ends although nobody lets go of the lock."""
    work = kind(house, next(YEARS))
    work.prepare()
    with stopped_in_its_middle(work) as stopped:
        kill(with_children(parent_of(stopped.process)))
        house.until(lambda: not is_connected(house, stopped.backend))
        assert moment(house, stopped.job).everything == stopped.before.everything
    assert finished(work, stopped, undisturbed[kind]).attempts > 1


def test_worker_that_is_asked_to_stop_finishes_its_work_first(
    house: SmallHouse, undisturbed: Results
) -> None:
    work = Import(house, next(YEARS))
    work.prepare()
    with stopped_in_its_middle(work) as stopped:
        worker = parent_of(stopped.process)
        os.kill(worker, signal.SIGTERM)
        house.until(lambda: "Warm shutdown" in house.log("worker"))
        assert is_running(stopped.process)
    assert finished(work, stopped, undisturbed[Import]).attempts == 1
    house.until(lambda: not is_running(worker))


@pytest.mark.parametrize("kind", [RollUp, Import])
def test_killed_broker_does_not_disturb_the_work_and_later_work_finds_its_worker(
    house: SmallHouse, undisturbed: Results, kind: type[LongWork]
) -> None:
    work = kind(house, next(YEARS))
    work.prepare()
    with stopped_in_its_middle(work) as stopped:
        broker = house.service("Valkey")
        kill({broker})
        house.until(lambda: house.is_back("Valkey", broker))
        assert moment(house, stopped.job).everything == stopped.before.everything
        stopped.let_go()
    assert finished(work, stopped, undisturbed[kind]).attempts == 1
    assert kind(house, next(YEARS)).done() == undisturbed[kind]


@pytest.mark.parametrize("kind", [RollUp, Import, Undo])
def test_killed_database_leaves_the_old_state_and_the_work_is_finished(
    house: SmallHouse, undisturbed: Results, kind: type[LongWork]
) -> None:
    """All processes of PostgreSQL at once, as when the machine loses its power; what was committed is there again."""
    work = kind(house, next(YEARS))
    work.prepare()
    with stopped_in_its_middle(work) as stopped:
        server = house.service("PostgreSQL")
        kill(with_children(server))
        house.until(lambda: house.is_back("PostgreSQL", server))
    assert finished(work, stopped, undisturbed[kind]).attempts > 1
    assert kind(house, next(YEARS)).done() == undisturbed[kind]


def sent(house: SmallHouse) -> dict[str, int]:
    """How many e-mails the log holds for each of those who may enter counts."""
    return {name: house.log("worker").count(f"To: {name}@example.org") for name in ("alice", "bea")}


def test_killed_worker_sends_nobody_two_and_the_others_get_theirs(house: SmallHouse) -> None:
    """Its e-mails go to its log, as they do where no mail server is named. It stands between two of them: the first has gone, and the row of the second is held by somebody else."""
    Import(house, next(YEARS)).done()
    assert sent(house) == {"alice": 0, "bea": 0}
    with house.database() as holder:
        holder.execute(HELD)
        ((job,),) = house.ask(ASKED)
        house.until(lambda: sent(house)["alice"])
        kill(with_children(parent_of(house.process_of(job))))
        holder.rollback()
    ask = "SELECT state, attempts, outcome FROM tenancy_job WHERE id = %s"
    house.until(lambda: house.ask(ask, job)[0][0] == "done")
    ((_state, attempts, outcome),) = house.ask(ask, job)
    assert attempts > 1
    assert outcome == {"letters": 1}
    assert sent(house) == {"alice": 1, "bea": 1}
    assert house.ask("SELECT count(*) FROM tenancy_letter WHERE sent_at IS NOT NULL") == [(2,)]
