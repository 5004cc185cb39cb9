"""What somebody outside can work out of published figures, with every one of them in hand: no small count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from django.db import connections

from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from tests.cast import House
from tests.metrics.attacker import Attacker
from tests.metrics.facts import Facts, entries, released
from tests.metrics.hospitals import QUARTERS, two_hospitals


@pytest.fixture
def facts(house: House) -> Facts:
    return two_hospitals(house)


def truth(facts: Facts, documents: Iterable[Mapping[str, Any]]) -> dict[tuple[Any, ...], tuple[int, int]]:
    """The true counts of published documents, read by the operator in plain SQL."""
    found = {}
    with acting_as(Persona.OPERATOR) as acting, connections[acting.alias].cursor() as cursor:
        cursor.execute(
            "SELECT unit.code, rollup.start, rollup.end, stratum.key, rollup.numerator, rollup.denominator"
            " FROM metrics_rollup rollup JOIN metrics_series series ON series.id = rollup.series_id"
            " JOIN tenancy_unit unit ON unit.id = series.unit_id JOIN metrics_stratum stratum ON stratum.id = series.stratum_id"
            " WHERE rollup.organisation_id = %s",
            [facts.organisation.pk],
        )
        for unit, start, end, key, numerator, denominator in cursor.fetchall():
            dims = frozenset(tuple(part.split("=")) for part in key.split("&") if part)
            found[unit, f"{start}..{end}", dims] = numerator, denominator
    return found


def attack(facts: Facts, documents: Iterable[Mapping[str, Any]]) -> int:
    """No small count may be pinned down: each can be none or one, and each can be 11 or more. Returns how many there were."""
    documents = list(documents)
    attacker, true, tried = Attacker(documents, "all"), truth(facts, documents), 0
    for cell in attacker.cells:
        numerator, denominator = true[cell]
        for what, count in (
            ("numerator", numerator),
            ("denominator", denominator),
            ("complement", denominator - numerator),
        ):
            if 1 <= count <= 10:
                tried += 1
                least, most = attacker.range_of(cell, what)
                assert least <= 1, (cell, what)
                assert most >= 11, (cell, what)
    return tried


def test_nobody_outside_can_work_out_a_small_count(facts: Facts, house: House) -> None:
    assert attack(facts, entries(released(facts, house.person("alice"), ["2024", *QUARTERS])).values())


def test_two_releases_together_give_no_small_count(facts: Facts, house: House) -> None:
    first = released(facts, house.person("alice"), QUARTERS[:3])
    second = released(facts, house.person("alice"), [QUARTERS[3], "2024"])
    before, after = entries(first), entries(second)
    assert not before.keys() & after.keys()
    assert attack(facts, {**before, **after}.values())


def test_an_attacker_would_find_what_is_not_protected(facts: Facts, house: House) -> None:
    """The attack itself works: with one mark taken away it finds the small count."""
    documents = entries(released(facts, house.person("alice"), QUARTERS[:1]))
    true = truth(facts, documents.values())
    for one in documents.values():
        cell = one["unit"]["code"], "2024-01-01..2024-03-31", frozenset(one["dims"].items())
        if cell != ("east", "2024-01-01..2024-03-31", frozenset({("race", "c")})):
            one["numerator"], one["denominator"] = true[cell]
    with pytest.raises(AssertionError):
        attack(facts, documents.values())
