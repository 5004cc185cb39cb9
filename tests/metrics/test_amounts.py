"""Amounts with decimals: exact from the file to the sum, and read as they were written."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from metrics.actions.imports import create_batch
from metrics.amounts import amount, scales
from metrics.definitions import define_metrics
from metrics.figures import Cell, in_amounts
from metrics.known import definitions_of
from metrics.models import Metric, Observation, Rollup
from metrics.preparing import from_table
from metrics.reading.counts_numbers import Numbers, read_numbers
from metrics.reading.table_mapping_file import parse_table_mapping
from tests.cast import House
from tests.metrics.importing import (
    address,
    again,
    applied,
    apply,
    as_member,
    csv_of,
    define,
    run_jobs,
    uploaded,
)

DOLLARS = """
[[metric]]
code = "local-dollars"
name = "Dollars spent with local firms"
level = "community"
purpose = "impact"
kind = "proportion"
better = "higher"
counts_people = false
decimals = 2
numerator = "Dollars paid to local firms"
denominator = "Dollars paid to all firms"
frequency = "month"
source = "Ledger"
strata = []

[[metric]]
code = "waiting-minutes"
name = "Minutes until seen"
level = "patient"
purpose = "impact"
kind = "mean"
better = "lower"
decimals = 1
numerator = "Minutes"
denominator = "Visits"
frequency = "month"
source = "Record"
strata = []
"""
HEADER = "metric,unit,period,numerator,denominator,sum_of_squares"
JANUARY = "local-dollars,{unit},2024-01,{part},{whole},"


@pytest.fixture
def defined(house: House) -> House:
    define(house)
    with acting_as(Persona.OPERATOR):
        define_metrics(organisation=house.riverside, text=DOLLARS, by=None)
    return house


def dollars(part: str, whole: str, unit: str = "east") -> str:
    return JANUARY.format(unit=unit, part=part, whole=whole)


def test_amounts_of_a_file_are_added_up_to_the_cent(defined: House) -> None:
    applied(defined, csv_of([dollars("0.10", "1000.30"), dollars("0.2", "7", "west")], HEADER))
    with acting_as(Persona.OPERATOR):
        year = Rollup.objects.get(series__unit__code="all", grain=12)
        metric = Metric.objects.get(code="local-dollars")
    assert (year.numerator, year.denominator) == (30, 100_730)
    assert in_amounts(metric, Cell("published", year.numerator, year.denominator)) == Cell(
        "published", 0.3, 1007.3
    )


def test_sum_of_an_average_has_decimals_and_its_number_of_values_none(defined: House) -> None:
    applied(defined, csv_of(["waiting-minutes,east,2024-01,12.5,2,78.13"], HEADER))
    with acting_as(Persona.OPERATOR):
        found = Observation.objects.get()
    assert (found.numerator, found.denominator, found.squares) == (125, 2, 7813)
    batch = uploaded(defined, csv_of(["waiting-minutes,east,2024-01,12.5,2.5,78.2"], HEADER))
    (error,) = batch.report["errors"]
    assert error["column"] == "denominator"


def test_more_decimals_than_the_measure_keeps_are_refused(defined: House) -> None:
    batch = uploaded(defined, csv_of([dollars("0.105", "1")], HEADER))
    (error,) = batch.report["errors"]
    assert error["parts"] == {"value": "0.105", "decimals": 2}


def test_a_change_is_shown_as_it_was_written(defined: House, client: object) -> None:
    applied(defined, csv_of([dollars("12.50", "100")], HEADER))
    batch = uploaded(defined, csv_of([dollars("12.75", "100")], HEADER))
    (change,) = batch.report["check"]["changes"]
    assert (change["old"][:2], change["new"][:2]) == ([12.5, 100], [12.75, 100])
    assert batch.report["check"]["unchanged"] == 0
    same = uploaded(defined, csv_of([dollars("12.5", "100.00")], HEADER))
    assert same.report["check"]["unchanged"] == 1
    assert address("import_batch", pk=batch.pk)


def test_parts_that_do_not_make_the_total_are_told_to_the_cent(defined: House) -> None:
    header = "metric,unit,period,payer,numerator,denominator"
    with as_member(defined):
        groups = definitions_of(defined.riverside).codes.categories["payer"]
    rows = [f"local-dollars,east,2024-01,{group},0.10,1" for group in groups]
    batch = uploaded(defined, csv_of(["local-dollars,east,2024-01,,99.10,100", *rows], header))
    (told,) = batch.report["reconciled"]["first"]
    parts = Decimal("0.1") * len(groups)
    assert (Decimal(told["parts"][0]), told["whole"]) == (parts, ["99.10", 100])


def test_table_of_amounts_is_applied_to_the_cent(defined: House) -> None:
    mapping = """
[source]
format = "table"
name = "Purchases"
[metric]
code = "local-dollars"
[unit]
constant = "east"
[period]
grain = "month"
column = "Month"
[numbers]
numerator = "Local"
denominator = "All"
thousands = ","
decimal = "."
"""
    with as_member(defined):
        known = definitions_of(defined.riverside)
        table = b'Month,Local,All\n2024-01,"1,234.56","9,999,999.90"\n'
        prepared = from_table([table], parse_table_mapping(mapping), known)
        batch = create_batch(
            organisation=defined.riverside, prepared=prepared, name="t.csv", by=defined.person("bea")
        )
    run_jobs(defined)
    apply(defined, again(defined, batch.pk))
    with acting_as(Persona.OPERATOR):
        found = Observation.objects.get()
    assert (found.numerator, found.denominator) == (123_456, 999_999_990)


def test_people_are_whole(defined: House) -> None:
    with acting_as(Persona.OPERATOR), pytest.raises(IntegrityError), transaction.atomic(using="owner"):
        Metric.objects.filter(code="pain-30-minutes").update(decimals=1)


@given(
    whole=st.integers(0, 10**9),
    decimals=st.integers(0, 4),
    given_decimals=st.integers(0, 4),
    kind=st.sampled_from(["mean", "rate"]),
)
def test_what_is_read_is_what_was_written(whole: int, decimals: int, given_decimals: int, kind: str) -> None:
    text = str(Decimal(whole).scaleb(-given_decimals)) if given_decimals else str(whole)
    plain = f"{Decimal(text):f}"
    cells = (
        {"numerator": "0", "denominator": plain}
        if kind == "rate"
        else {"numerator": plain, "denominator": "1"}
    )
    cells["sum_of_squares"] = "" if kind == "rate" else "9" * 18
    read = read_numbers(cells, kind, decimals)
    if given_decimals > decimals:
        assert not isinstance(read, Numbers)
        return
    if not isinstance(read, Numbers):
        assert read[0].column in ("sum_of_squares", "numerator", "denominator")
        return
    number = read.denominator if kind == "rate" else read.numerator
    assert number == Decimal(plain)
    scale = scales(kind, decimals)[1 if kind == "rate" else 0]
    stored = Decimal(number or 0) * scale
    assert stored == int(stored)
    assert amount(int(stored), scale) == float(plain)
