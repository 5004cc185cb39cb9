"""No new counts come in for a retired measure: its rows are left out and told, and the rest of the file goes on."""

from __future__ import annotations

import datetime
import json

import pytest
from django.test import Client

from equity.tenancy import jobs
from metrics.actions.choosing import retire_metric
from metrics.actions.imports import apply_batch, undo_batch
from metrics.models import Batch, Metric
from tests.cast import House
from tests.metrics.importing import (
    address,
    again,
    applied,
    apply,
    as_member,
    csv_of,
    define,
    file_of,
    observations,
    run_jobs,
    uploaded,
)
from tests.metrics.test_import_table import REPORTS, TABLE, report_of, send, taken, text_of

PAIN = "pain-30-minutes,east,2024-01,,30,60"
OTHER = "policy-positions,all,2024-Q1,,2,"
BROUGHT = {("all", "2024-01-01", "", 2, None, "")}
DAY = datetime.date(2026, 3, 1)
TOLD = 'The measure "pain-30-minutes" was retired on 2026-03-01. This row was left out.'


def retire(house: House, code: str = "pain-30-minutes") -> None:
    with as_member(house, "alice"):
        metric = Metric.objects.get(organisation=house.riverside, code=code)
        retire_metric(metric=metric, reason="Another measure took its place.", by=None, on=DAY)


@pytest.fixture
def bea(client: Client, house: House) -> Client:
    define(house)
    client.force_login(house.accounts["bea"])
    return client


def page_of(client: Client, batch: Batch) -> str:
    return client.get(address("import_batch", pk=batch.pk)).content.decode()


def test_rows_of_a_retired_measure_are_left_out_and_told_by_row_and_column(house: House, bea: Client) -> None:
    retire(house)
    batch = uploaded(house, csv_of([OTHER, PAIN, PAIN.replace("2024-01", "2024-02")]))
    assert (batch.state, batch.report["check"]["new"]) == (Batch.State.UPLOADED, 1)
    assert [(one["row"], one["column"], one["parts"]["value"]) for one in batch.report["retired"]] == [
        (3, "metric", "pain-30-minutes"),
        (4, "metric", "pain-30-minutes"),
    ]
    assert batch.report["retired_total"] == 2
    words = page_of(bea, batch).replace("&quot;", '"')
    assert TOLD in words
    assert "Delete the row, or give its count under the measure that is used instead." in words
    apply(house, batch)
    assert observations(house) == BROUGHT


def test_file_of_retired_measures_only_says_so_and_nothing_else(house: House, bea: Client) -> None:
    before = applied(house, csv_of([PAIN]))
    retire(house)
    response = bea.post(address("import_counts"), {"file": file_of(csv_of([PAIN.replace("30,60", "31,60")]))})
    batch = again(house, response["Location"].rstrip("/").rsplit("/", 1)[1])
    assert (batch.state, bytes(batch.content)) == (Batch.State.REFUSED, b"")
    (error,) = batch.report["errors"]
    assert (error["row"], error["column"], error["parts"]["value"]) == (None, "metric", "pain-30-minutes")
    assert "This file holds counts for retired measures only: pain-30-minutes." in page_of(bea, batch)
    assert observations(house) == {("east", "2024-01-01", "", 30, 60, "")}
    assert again(house, before.pk).state == Batch.State.APPLIED


def test_row_of_a_retired_measure_stops_nothing_though_its_period_is_of_another_length(
    house: House, bea: Client
) -> None:
    retire(house)
    batch = uploaded(house, csv_of([OTHER, PAIN.replace("2024-01", "2024")]))
    assert (batch.state, batch.report["retired_total"]) == (Batch.State.UPLOADED, 1)


def test_errors_of_a_file_with_retired_measures_only_are_the_errors(house: House, bea: Client) -> None:
    retire(house)
    batch = uploaded(house, csv_of([PAIN, PAIN.replace("east", "north")]))
    assert [error["column"] for error in batch.report["errors"]] == ["unit"]


def test_table_names_the_column_that_says_the_measure(house: House, bea: Client) -> None:
    retire(house)
    mapping = TABLE.replace(
        'code = "pain-30-minutes"',
        'column = "Race"\nvalues = { "All" = "prenatal-by-week-12", "Black" = "pain-30-minutes" }',
    )
    mapping = mapping[: mapping.index("[dimensions.race]")]
    rows = [["East Hospital", "2024-01-01", race, "30", "60", "50%"] for race in ("All", "Black")]
    batch = taken(house, send(bea, mapping, text_of(rows).encode(), "two.csv"))
    assert batch.state == Batch.State.UPLOADED, batch.report
    assert [(one["row"], one["column"]) for one in batch.report["retired"]] == [(3, "Race")]


def test_reports_of_a_retired_measure_say_so(house: House, bea: Client) -> None:
    retire(house)
    batch = taken(house, send(bea, REPORTS, json.dumps(report_of("east", 30, 60)).encode(), "reports.json"))
    assert batch.state == Batch.State.REFUSED
    assert [error["column"] for error in batch.report["errors"]] == ["measure"]


def test_measure_retired_after_its_file_was_read_stands_against_it(house: House, bea: Client) -> None:
    batch = uploaded(house, csv_of([PAIN, OTHER]))
    retire(house)
    with as_member(house):
        job = apply_batch(batch=batch, by=house.person("bea"))
    assert not jobs.run(house.riverside.pk, job.pk)
    with as_member(house):
        job.refresh_from_db()
    assert "was retired after the file was read" in job.outcome["error"]
    assert observations(house) == set()


def test_counts_of_a_retired_measure_can_still_be_taken_back(house: House, bea: Client) -> None:
    batch = applied(house, csv_of([PAIN]))
    later = applied(house, csv_of([PAIN.replace("30,60", "31,60")]))
    retire(house)
    for one in (later, batch):
        with as_member(house):
            undo_batch(batch=one, by=house.person("bea"))
        run_jobs(house)
    assert observations(house) == set()


def test_line_list_for_a_retired_measure_is_refused_before_a_file_is_sent(house: House, bea: Client) -> None:
    assert bea.get(address("import_line_list") + "?mapping=diabetes130").status_code == 200
    retire(house, "readmission-30-day")
    refused = bea.get(address("import_line_list") + "?mapping=diabetes130")
    assert refused.status_code == 409
    assert "was retired on 2026-03-01: no new counts are taken in for it." in refused.content.decode()
    assert "diabetes130" not in bea.get(address("import_line_list")).content.decode().lower()


def test_retired_measure_is_not_offered_to_type_in_or_fill_in(house: House, bea: Client) -> None:
    grid = address("import_typed") + "?metric=pain-30-minutes&unit=east&year=2024"
    assert bea.get(grid).status_code == 200
    assert "pain-30-minutes" in bea.get(address("import_template")).content.decode()
    retire(house)
    assert bea.get(grid).status_code == 422
    assert "pain-30-minutes" not in bea.get(address("import_template")).content.decode()
