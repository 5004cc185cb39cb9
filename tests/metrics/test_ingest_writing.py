"""Staged counts are written in sets: what is new, what says something else, and nothing besides."""

from __future__ import annotations

import pytest
from django.db import DatabaseError

from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from metrics.ingest import Written, refuse_obstacles, staged, write
from metrics.models import Batch, Metric, Observation
from tests.cast import House
from tests.metrics.importing import csv_of, define, observations, uploaded

JANUARY = "pain-30-minutes,east,2024-01,,30,60"
FEBRUARY = "pain-30-minutes,east,2024-02,,31,61"
MARCH = "pain-30-minutes,east,2024-03,,32,62"
QUARTER = "local-hires,east,2024-Q1,,7,9"


@pytest.fixture
def defined(house: House) -> House:
    define(house)
    return house


def written(house: House, batch: Batch, *rows: str) -> Written:
    """What the work on a file writes, whatever the reader would have said about its rows."""
    with acting_as(Persona.WORKER, organisation=house.riverside):
        with staged(house.riverside.pk, [csv_of(rows).encode()]) as stage:
            refuse_obstacles(stage)
            return write(stage, batch.pk)


def batch_of(house: House, name: str) -> Batch:
    return uploaded(house, csv_of([JANUARY]), name)


def test_new_changed_and_unchanged_cells_are_told_apart(defined: House) -> None:
    first, second = batch_of(defined, "first.csv"), batch_of(defined, "second.csv")
    assert written(defined, first, JANUARY, FEBRUARY) == Written(new=2, changed=0, unchanged=0)
    assert written(defined, second, JANUARY, FEBRUARY.replace("31,61", "withheld,"), MARCH) == Written(
        1, 1, 1
    )
    with acting_as(Persona.OPERATOR):
        batches = dict(Observation.objects.values_list("start__month", "batch_id"))
    assert batches == {1: first.pk, 2: second.pk, 3: second.pk}
    assert ("east", "2024-02-01", "", None, None, "withheld") in observations(defined)


def test_counts_that_the_file_is_silent_about_stay(defined: House) -> None:
    batch = batch_of(defined, "first.csv")
    written(defined, batch, FEBRUARY, FEBRUARY.replace("east", "west"), QUARTER)
    assert written(defined, batch, JANUARY, MARCH) == Written(new=2, changed=0, unchanged=0)
    assert {(unit, start, numerator) for unit, start, _key, numerator, *_rest in observations(defined)} == {
        ("east", "2024-01-01", 30), ("east", "2024-02-01", 31), ("east", "2024-03-01", 32),
        ("west", "2024-02-01", 31), ("east", "2024-01-01", 7),
    }  # fmt: skip


def test_count_of_a_quarter_does_not_replace_the_month_that_begins_on_its_first_day(defined: House) -> None:
    batch = batch_of(defined, "first.csv")
    written(defined, batch, JANUARY)
    with acting_as(Persona.OPERATOR):
        Metric.objects.filter(code="pain-30-minutes").update(frequency=3)
    quarter = JANUARY.replace("2024-01", "2024-Q1")
    assert written(defined, batch, quarter) == Written(new=1, changed=0, unchanged=0)
    with acting_as(Persona.OPERATOR):
        assert Observation.objects.count() == 2


def test_series_that_a_file_brings_is_found_again(defined: House) -> None:
    batch = batch_of(defined, "first.csv")
    black = JANUARY.replace(",,", ",black,")
    assert written(defined, batch, black, JANUARY) == Written(new=2, changed=0, unchanged=0)
    assert written(defined, batch, black) == Written(new=0, changed=0, unchanged=1)


@pytest.mark.parametrize("before", [[], [JANUARY.replace("30,60", "1,60")]])
def test_cell_given_twice_is_refused_by_the_database(defined: House, before: list[str]) -> None:
    batch = batch_of(defined, "first.csv")
    if before:
        written(defined, batch, *before)
    with pytest.raises(DatabaseError):
        written(defined, batch, JANUARY, JANUARY.replace("30,60", "2,60"))
