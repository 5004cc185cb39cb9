"""Institutions are added up at the same time, and each by one worker at a time. With the logins as they are in service."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connections

from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from metrics.models import Observation, Rollup, Touched
from metrics.rollups import RolledUp, roll_up, roll_up_again
from tests.cast import House
from tests.metrics.facts import Facts

pytestmark = pytest.mark.real_logins

PATIENCE = 60.0


@pytest.fixture
def two(house: House) -> list[Facts]:
    """Two institutions, each with a month that is not added up yet."""
    made = []
    for organisation, root in ((house.riverside, "riverside/all"), (house.elsewhere, "elsewhere/all")):
        facts = Facts(organisation, {"all": house.units[root]})
        facts.metric("seen", frequency=1)
        facts.add("seen", "all", "2024-01", {"": (30, 60)})
        made.append(facts)
    return made


def worked(facts: Facts, how: Callable[[int], RolledUp] = roll_up) -> RolledUp:
    """What a worker does, in a thread and a transaction of its own."""
    try:
        with acting_as(Persona.WORKER, organisation=facts.organisation):
            return how(facts.organisation.pk)
    finally:
        connections.close_all()


@contextmanager
def added_up_but_not_committed(facts: Facts) -> Iterator[Future[None]]:
    """Another worker has added up this institution; it commits at the end of the block."""
    done, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with acting_as(Persona.WORKER, organisation=facts.organisation):
                roll_up(facts.organisation.pk)
                done.set()
                assert let_go.wait(PATIENCE)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        assert done.wait(PATIENCE)
        try:
            yield holding
        finally:
            let_go.set()
        holding.result(PATIENCE)


def waiting_for_a_lock() -> int:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return int(cursor.fetchone()[0])


def sums(facts: Facts) -> set[tuple[Any, ...]]:
    with acting_as(Persona.OPERATOR):
        rows = Rollup.objects.filter(organisation=facts.organisation)
        return set(rows.values_list("grain", "numerator", "denominator"))


def test_one_institution_does_not_wait_for_another(two: list[Facts]) -> None:
    """If it did, the second would wait until the first has committed, which it does only afterwards."""
    one, other = two
    with added_up_but_not_committed(one), ThreadPoolExecutor(1) as pool:
        assert pool.submit(worked, other).result(PATIENCE) == RolledUp(3, 0)
        assert sums(other) == {(grain, 30, 60) for grain in (1, 3, 12)}
        assert sums(one) == set()
    assert sums(one) == {(grain, 30, 60) for grain in (1, 3, 12)}


@pytest.mark.parametrize("how", [roll_up, roll_up_again])
def test_one_institution_is_added_up_by_one_worker_at_a_time(
    two: list[Facts], how: Callable[[int], RolledUp]
) -> None:
    one = two[0]
    with ThreadPoolExecutor(1) as pool:
        with added_up_but_not_committed(one):
            second = pool.submit(worked, one, how)
            while not waiting_for_a_lock():
                assert not second.done(), "the second did not wait"
        assert second.result(PATIENCE) == RolledUp(0, 0)
    assert sums(one) == {(grain, 30, 60) for grain in (1, 3, 12)}


def test_counts_that_come_meanwhile_are_added_up_the_next_time(two: list[Facts]) -> None:
    """A note that another transaction has not committed yet is neither taken nor lost."""
    one = two[0]
    written, let_go = threading.Event(), threading.Event()

    def correct() -> None:
        try:
            with acting_as(Persona.WORKER, organisation=one.organisation):
                Observation.objects.update(numerator=31)
                written.set()
                assert let_go.wait(PATIENCE)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        correcting = pool.submit(correct)
        assert written.wait(PATIENCE)
        assert worked(one) == RolledUp(3, 0)
        let_go.set()
        correcting.result(PATIENCE)
    assert {numerator for _grain, numerator, _denominator in sums(one)} == {30}
    assert worked(one) == RolledUp(3, 0)
    assert {numerator for _grain, numerator, _denominator in sums(one)} == {31}
    with acting_as(Persona.OPERATOR):
        assert not Touched.objects.filter(organisation=one.organisation).exists()
