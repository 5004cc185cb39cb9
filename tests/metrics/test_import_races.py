"""Two files at once, with the logins as they are in service and transactions that really commit."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from equity.tenancy import jobs
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Job
from equity.tenancy.personas import Persona
from metrics.actions.imports import apply_batch
from metrics.models import Rollup
from metrics.tasks import imports
from tests.cast import House
from tests.metrics.importing import as_member, csv_of, define, observations, uploaded

pytestmark = pytest.mark.real_logins

DAYS = [f"2024-{month:02}" for month in range(1, 13)]


def counts_of(unit: str, denominator: int) -> str:
    return csv_of(
        f"pain-30-minutes,{unit},{day},{group},1,{denominator}" for day in DAYS for group in ("", "black")
    )


def waiting_to_be_applied(house: House, *files: str) -> list[Job]:
    """Jobs that would apply these files, each checked while none of the others was there."""
    define(house)
    batches = [uploaded(house, text) for text in files]
    with as_member(house):
        return [apply_batch(batch=batch, by=house.person("bea")) for batch in batches]


def somebody_waits_for_a_lock() -> bool:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND (database IS NULL"
            " OR database = (SELECT oid FROM pg_database WHERE datname = current_database())))"
        )
        return bool(cursor.fetchone()[0])


def run_both(house: House, waiting: list[Job], monkeypatch: Any) -> list[bool]:
    """Begin the second while the first has written and not yet committed; the first ends when the second waits."""
    first_has_written, second_is_done = threading.Event(), threading.Event()
    roll_up = imports.roll_up

    def slowly(organisation_id: int) -> Any:
        first_has_written.set()
        while not second_is_done.is_set() and not somebody_waits_for_a_lock():
            second_is_done.wait(0.01)
        return roll_up(organisation_id)

    def run(job: Job, after: threading.Event | None) -> bool:
        try:
            if after is not None:
                after.wait(30)
                monkeypatch.setattr(imports, "roll_up", roll_up)
            return jobs.run(house.riverside.pk, job.pk)
        finally:
            if after is not None:
                second_is_done.set()
            connections.close_all()

    monkeypatch.setattr(imports, "roll_up", slowly)
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(run, waiting[0], None), pool.submit(run, waiting[1], first_has_written)]
        return [future.result() for future in futures]


def test_two_files_of_one_institution_follow_one_another(house: House, monkeypatch: Any) -> None:
    waiting = waiting_to_be_applied(house, counts_of("east", 20), counts_of("west", 21))
    assert run_both(house, waiting, monkeypatch) == [True, True]
    assert len(observations(house)) == 48
    with acting_as(Persona.OPERATOR):
        year = Rollup.objects.get(series__unit__code="all", series__stratum__key="", grain=12)
        assert (year.numerator, year.denominator) == (24, 12 * 41)


def test_two_files_at_once_cannot_count_the_same_people_twice(house: House, monkeypatch: Any) -> None:
    waiting = waiting_to_be_applied(house, counts_of("east", 20), counts_of("all", 41))
    assert run_both(house, waiting, monkeypatch) == [True, False]
    assert {unit for unit, *_rest in observations(house)} == {"east"}
