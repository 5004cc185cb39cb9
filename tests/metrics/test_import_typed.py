"""Counts that are typed in go the same way as a file: checked, shown, applied, undone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from metrics.models import Batch
from tests.cast import House
from tests.metrics.importing import address, again, applied, apply, csv_of, define, observations, run_jobs

PLACE = "?metric=pain-30-minutes&unit=east&year=2024&dimension=race_ethnicity"


@pytest.fixture
def bea(client: Client, house: House) -> Client:
    define(house)
    client.force_login(house.accounts["bea"])
    return client


def typed(client: Client, fields: dict[str, str], place: str = PLACE) -> Any:
    return client.post(address("import_typed") + place, fields)


def test_what_is_typed_becomes_observations(bea: Client, house: House) -> None:
    response = typed(
        bea,
        {
            "all|2024-01|n": "30",
            "all|2024-01|d": "60",
            "black|2024-01|n": "12",
            "black|2024-01|d": "20",
            "all|2024-02|n": "not collected",
            "all|2024-03|n": " ",
        },
    )
    assert response.status_code == 302, response.content.decode()
    run_jobs(house)
    batch = again(house, response["Location"].rstrip("/").rsplit("/", 1)[1])
    assert (batch.kind, batch.state, batch.report["check"]["new"]) == (Batch.Kind.TYPED, "uploaded", 3)
    assert observations(house) == set()
    apply(house, batch)
    assert observations(house) == {
        ("east", "2024-01-01", "", 30, 60, ""),
        ("east", "2024-01-01", "race_ethnicity=black", 12, 20, ""),
        ("east", "2024-02-01", "", None, None, "not_collected"),
    }


def test_grid_shows_what_stands_there_and_every_field_has_a_label(bea: Client, house: House) -> None:
    applied(
        house, csv_of(["pain-30-minutes,east,2024-01,,30,60", "pain-30-minutes,east,2024-02,black,withheld,"])
    )
    page = bea.get(address("import_typed") + PLACE).content.decode()
    fields = re.findall(r'<input name="([^"]*\|[nd])" value="([^"]*)"[^>]*aria-label="([^"]*)"', page)
    values = {name: value for name, value, _label in fields if value}
    assert values == {"all|2024-01|n": "30", "all|2024-01|d": "60", "black|2024-02|n": "withheld"}
    labels = [label for _name, _value, label in fields]
    assert len(set(labels)) == len(labels) == 2 * 12 * 10
    assert "Everybody, January 2024: how many" in labels


def test_wrong_number_is_told_and_what_was_typed_stays(bea: Client, house: House) -> None:
    response = typed(bea, {"all|2024-01|n": "70", "all|2024-01|d": "60", "all|2024-02|n": "many"})
    assert response.status_code == 422
    page = response.content.decode()
    assert "The numerator 70 is greater than the denominator 60." in page
    assert 'value="many"' in page
    assert observations(house) == set()


def test_count_of_things_has_no_denominator(bea: Client) -> None:
    place = "?metric=policy-positions&unit=all&year=2024&dimension="
    page = bea.get(address("import_typed") + place).content.decode()
    assert "how many" in page
    assert "|d" not in page


@pytest.mark.parametrize(
    "place", ["?metric=no-such&unit=east&year=2024", "?metric=pain-30-minutes&unit=east&year=12"]
)
def test_grid_of_what_is_not_there_is_refused(place: str, bea: Client) -> None:
    assert bea.get(address("import_typed") + place).status_code == 422


def test_nothing_typed_is_told(bea: Client) -> None:
    response = typed(bea, {})
    assert response.status_code == 422
    assert "no rows" in response.content.decode()
