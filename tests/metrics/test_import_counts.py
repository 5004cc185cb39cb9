"""What is wrong with a counts file is said row by row, and a file that is wrong changes nothing."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client

from metrics.models import Batch
from tests.cast import House
from tests.metrics.importing import address, again, applied, csv_of, define, file_of, observations

EAST = "pain-30-minutes,east,2024-01,,30,60"


@pytest.fixture
def bea(client: Client, house: House) -> Client:
    define(house)
    client.force_login(house.accounts["bea"])
    return client


def refused(house: House, client: Client, text: str) -> Batch:
    response = client.post(address("import_counts"), {"file": file_of(text)})
    batch = again(house, response["Location"].rstrip("/").rsplit("/", 1)[1])
    assert batch.state == Batch.State.REFUSED
    assert bytes(batch.content) == b""
    return batch


def errors_of(client: Client, batch: Batch) -> list[dict[str, str]]:
    text = client.get(address("import_errors", pk=batch.pk)).content.decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_errors_say_row_column_value_reason_and_remedy(house: House, bea: Client) -> None:
    batch = refused(house, bea, csv_of([EAST, EAST.replace("30,60", "70,60"), EAST.replace("east", "north")]))
    part, unit = errors_of(bea, batch)
    assert (part["row"], part["column"], part["your value"]) == ("3", "numerator", "70")
    assert part["what is wrong"] == "The numerator 70 is greater than the denominator 60."
    assert (unit["row"], unit["column"], unit["your value"]) == ("4", "unit", "north")
    assert "all, east, west" in unit["how to mend it"]
    page = bea.get(address("import_batch", pk=batch.pk)).content.decode()
    assert "2 errors" in page
    assert observations(house) == set()


def test_formula_in_a_cell_is_text_in_the_errors_file(house: House, bea: Client) -> None:
    batch = refused(house, bea, csv_of([EAST.replace("30,60", "=1+1,60")]))
    assert errors_of(bea, batch)[0]["your value"] == "'=1+1"


@pytest.mark.parametrize("period", ["2024-Q1", "2024", "2024-01-01/2024-01-31"])
def test_period_must_be_of_the_length_that_the_measure_has(house: House, bea: Client, period: str) -> None:
    (error,) = errors_of(bea, refused(house, bea, csv_of([EAST.replace("2024-01", period)])))
    assert (error["row"], error["column"], error["your value"]) == ("2", "period", period)
    assert "(month)" in error["what is wrong"]


def test_one_first_day_begins_one_stated_span_only(house: House, bea: Client) -> None:
    rows = [
        f"readmission-30-day,east,1999-01-01/{end},{group},1,20"
        for end, group in [("2008-12-31", ""), ("2005-12-31", "black")]
    ]
    (error,) = errors_of(bea, refused(house, bea, csv_of(rows)))
    assert (error["row"], error["column"]) == ("3", "period")


def test_line_list_sent_as_counts_is_not_repeated(house: House, bea: Client) -> None:
    batch = refused(house, bea, "name,race,readmitted\nZebulon,Asian,NO\n")
    assert "Zebulon" not in str(batch.report)
    headerless = refused(house, bea, "Zebulon,Asian,NO\nZebulon,Asian,NO\n")
    assert "Zebulon" not in str(headerless.report)
    assert {error["column"] for error in errors_of(bea, headerless)} == {
        "metric",
        "unit",
        "period",
        "numerator",
        "denominator",
    }


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_separators_are_understood(house: House, bea: Client, delimiter: str) -> None:
    applied(house, csv_of([EAST]).replace(",", delimiter))
    assert observations(house) == {("east", "2024-01-01", "", 30, 60, "")}


def test_template_has_the_codes_of_the_institution_and_is_refused_unfilled(house: House, bea: Client) -> None:
    template = bea.get(address("import_template")).content.decode()
    rows = list(csv.DictReader(io.StringIO(template)))
    assert {row["metric"] for row in rows} >= {"pain-30-minutes", "readmission-30-day", "policy-positions"}
    assert {row["unit"] for row in rows} == {"east"}
    assert {row["race_ethnicity"] for row in rows} >= {"", "black", "white"}
    batch = refused(house, bea, template)
    assert {error["column"] for error in errors_of(bea, batch)} <= {
        "numerator",
        "denominator",
        "sum_of_squares",
    }


@pytest.mark.parametrize("files", [{}, {"file": file_of("")}, {"other": file_of(EAST)}])
def test_no_file_is_said_in_the_form(bea: Client, files: dict[str, Any]) -> None:
    assert bea.post(address("import_counts"), files).status_code == 422


def test_first_visit_offers_both_ways_and_no_table(bea: Client) -> None:
    page = bea.get(address("imports")).content.decode()
    assert "No file has come in yet." in page
    assert "<table" not in page
