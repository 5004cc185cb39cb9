"""Two people at once, with the logins as they are in service and transactions that really commit."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, connections

from accountability import actions, queries
from accountability.models import Round, RoundItem, Score
from equity.errors import RuleBroken
from equity.tenancy.acting import current
from equity.tenancy.models import Person
from tests.accountability.conftest import COMMUNITY, STAFF, Board

pytestmark = pytest.mark.real_logins
EVERYONE = (*COMMUNITY, *STAFF)


def at_once(*works: Callable[[], Any]) -> list[Future[Any]]:
    """Run each on its own thread, and so on its own connections, and wait for all."""

    def closing(work: Callable[[], Any]) -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return [pool.submit(closing, work) for work in works]


def until_it_waits(other_is_done: threading.Event) -> None:
    """Hold on until some connection to this database waits for an advisory lock, or the other thread did not wait."""
    tick = threading.Event()
    while not other_is_done.is_set() and not _somebody_waits():
        tick.wait(0.01)


def _somebody_waits() -> bool:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
        )
        return bool(cursor.fetchone()[0])


def draft_all(board: Board, round: Round, name: str) -> None:
    items = board.items(round)
    with board.acting(name) as person:
        for item in items:
            actions.save_draft(item=item, value="2", reason=f"Words of {name}.", by=person)


def reasons_told(board: Board, round: Round) -> list[str]:
    with board.acting("farid"):
        return [
            reason.text
            for one in queries.results_of(round, with_replies=False)
            for reason in one.finding.reasons
        ]


def test_a_reveal_waits_for_a_submission_that_has_begun(board: Board) -> None:
    round = board.open()
    for name in EVERYONE[:-1]:
        board.score(round, name, "2")
    last = EVERYONE[-1]
    draft_all(board, round, last)
    sent, reveal_is_done = threading.Event(), threading.Event()

    def submit() -> None:
        with board.acting(last) as person:
            actions.submit(round=round, by=person)
            sent.set()
            until_it_waits(reveal_is_done)

    def reveal() -> None:
        sent.wait()
        try:
            board.reveal(round)
        finally:
            reveal_is_done.set()

    for done in at_once(submit, reveal):
        done.result()
    assert reasons_told(board, round).count(f"Words of {last}.") == 3


@pytest.mark.parametrize("how", ["action", "raw SQL"])
def test_a_score_that_comes_during_the_reveal_is_refused(board: Board, how: str) -> None:
    round = board.open()
    for name in EVERYONE:
        board.score(round, name, "2")
    late = board.items(round)[2]
    revealed, score_is_done = threading.Event(), threading.Event()

    def reveal() -> None:
        with board.acting("farid") as farid:
            actions.reveal(round=round, by=farid)
            revealed.set()
            until_it_waits(score_is_done)

    def score() -> None:
        revealed.wait()
        try:
            with board.acting("kofi") as kofi:
                if how == "action":
                    actions.save_draft(item=late, value="0", reason="Too late.", by=kofi)
                else:
                    _insert_raw(late, kofi)
        finally:
            score_is_done.set()

    done, refused = at_once(reveal, score)
    done.result()
    with pytest.raises(RuleBroken if how == "action" else IntegrityError):
        refused.result()
    assert "Too late." not in reasons_told(board, round)


def _insert_raw(item: RoundItem, person: Person) -> None:
    with connections[current().alias].cursor() as cursor:
        cursor.execute(
            "INSERT INTO accountability_score (id, organisation_id, round_id, item_id, reviewer_id, person_id, group_code,"
            " answer, level, reason, language) SELECT gen_random_uuid(), organisation_id, round_id, %s, id, person_id,"
            " group_code, 'level', 0, 'Too late.', 'en' FROM accountability_reviewer WHERE person_id = %s",
            [item.pk, person.pk],
        )


def test_two_reviewers_submit_at_once(board: Board) -> None:
    round = board.open()
    for name in ("carmen", "dora"):
        draft_all(board, round, name)

    def submit(name: str) -> bool:
        with board.acting(name) as person:
            return actions.submit(round=round, by=person)

    outcomes = [done.result() for done in at_once(lambda: submit("carmen"), lambda: submit("dora"))]
    assert outcomes == [True, True]
    for name in ("carmen", "dora"):
        with board.acting(name):
            assert Score.objects.count() == 3


def test_sending_twice_at_once_sends_once(board: Board) -> None:
    round = board.open()
    draft_all(board, round, "carmen")

    def submit() -> bool:
        with board.acting("carmen") as carmen:
            return actions.submit(round=round, by=carmen)

    assert sorted(done.result() for done in at_once(submit, submit, submit)) == [False, False, True]
    with board.acting("carmen") as carmen:
        assert Score.objects.count() == 3
        assert actions.submit(round=round, by=carmen) is False
