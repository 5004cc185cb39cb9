"""The product itself is attacked: what its real house publishes, fetched by somebody who is not signed in."""

from __future__ import annotations

import pytest
from django.db import connections

from equity.tenancy.acting import acting_as
from equity.tenancy.models import Unit
from equity.tenancy.personas import Persona
from tests.attack.attacker import Attack, Material
from tests.attack.attacker.attack import Truth, report
from tests.attack.attacker.feeds import place_of
from tests.attack.attacker.told import Contrast, Figure, LikelyRange, Outcome, Place, Share
from tests.attack.visitor import Visitor
from tests.cast import House
from tests.metrics.facts import Facts, example, released
from tests.metrics.hospitals import EAST, QUARTERS, in_quarter, two_hospitals

ROLLED_UP = """
SELECT organisation.slug || '|' || metric.code || '|' || unit.code || '|' || rollup.start || '..' || rollup.end || '|'
           || stratum.key, rollup.numerator, rollup.denominator, metric.kind
  FROM metrics_rollup rollup
  JOIN metrics_series series ON series.id = rollup.series_id
  JOIN metrics_metric metric ON metric.id = series.metric_id
  JOIN tenancy_unit unit ON unit.id = series.unit_id
  JOIN metrics_stratum stratum ON stratum.id = series.stratum_id
  JOIN tenancy_organisation organisation ON organisation.id = rollup.organisation_id
 WHERE rollup.organisation_id = %s AND metric.counts_people
"""


def truth(facts: Facts) -> Truth:
    """The true counts, read by the operator in plain SQL."""
    found: dict[tuple[Place, Outcome], int] = {}
    with acting_as(Persona.OPERATOR) as acting, connections[acting.alias].cursor() as cursor:
        cursor.execute(ROLLED_UP, [facts.organisation.pk])
        for key, numerator, denominator, kind in cursor.fetchall():
            place = place_of(key)
            if kind != "mean":
                found[place, "numerator"] = numerator
            if denominator is not None:
                found[place, "denominator"] = denominator
                if kind == "proportion":
                    found[place, "complement"] = denominator - numerator
    return found


def assert_nothing_is_found(material: Material, facts: Facts) -> Attack:
    attack = Attack(material)
    assert not attack.findings(), report(attack.findings())
    narrow = attack.narrow(truth(facts))
    assert not narrow, report(narrow)
    return attack


@pytest.fixture
def facts(house: House) -> Facts:
    return two_hospitals(house)


def test_the_pages_tell_the_attacker_what_the_api_tells(facts: Facts, house: House) -> None:
    """Else nothing would be found on them because nothing is read."""
    released(facts, house.person("alice"), QUARTERS[:1])
    material = Visitor("riverside").visit()
    seen = {one.place: one for _, one in material.said if isinstance(one, Figure)}
    figures = [version.figure for versions in material.versions.values() for version in versions]
    shown = {one.place: one for one in figures if one and one.status == "published"}
    assert len(shown) < len(figures)
    assert {place: (one.numerator, one.denominator) for place, one in seen.items()} == {
        place: (one.numerator, one.denominator) for place, one in shown.items()
    }
    assert {one.place for _, one in material.said if isinstance(one, Share)} == shown.keys()
    assert {one.place for _, one in material.said if isinstance(one, LikelyRange)} == shown.keys()
    assert any(isinstance(one, Contrast) for _, one in material.said)


def test_a_count_that_the_check_had_let_through_would_be_found(facts: Facts, house: House) -> None:
    """The attack works on what the house publishes: with one hidden number more in hand, it finds the small one."""
    released(facts, house.person("alice"), QUARTERS[:1])
    material, true = Visitor("riverside").visit(every=3), truth(facts)
    hidden = [
        place
        for place, versions in material.versions.items()
        if place.unit == "east" and (figure := versions[-1].figure) and figure.status == "hidden"
    ]
    c, *others = sorted(hidden, key=lambda place: place.group != {("race", "c")})
    assert true[c, "numerator"] == 4
    for one in others:
        material.said.append(
            (material.seq, Figure(one, "seen", true[one, "numerator"], true[one, "denominator"]))
        )
    assert (c, "numerator", 4) in {(one.place, one.outcome, one.low) for one in Attack(material).findings()}


def test_nothing_is_found_over_a_year_of_releases(facts: Facts, house: House) -> None:
    """A quarter, its correction, another quarter, then the rest with the year; the visitor comes after each."""
    alice, visitor = house.person("alice"), Visitor("riverside")
    released(facts, alice, QUARTERS[:1])
    attack = assert_nothing_is_found(visitor.visit(), facts)
    assert attack.tried
    correct(facts, 0, {"race=a": (20, 40), "lang=en": (20, 40), "": (20, 40)})
    released(facts, alice, QUARTERS[:1])
    attack = assert_nothing_is_found(visitor.visit(), facts)
    assert len(attack.clusters[0]) == 2
    released(facts, alice, QUARTERS[1:2])
    assert_nothing_is_found(visitor.visit(every=3), facts)
    released(facts, alice, [*QUARTERS[2:], "2024"])
    assert_nothing_is_found(visitor.visit(every=3), facts)


def correct(facts: Facts, quarter: int, by: dict[str, tuple[int, int]]) -> None:
    """East counts other than it did at first: so many more, or fewer."""
    counts = in_quarter(EAST, quarter)
    changed = {key: (counts[key][0] + k, counts[key][1] + n) for key, (k, n) in by.items()}
    facts.change("seen-in-time", "east", QUARTERS[quarter], changed)
    facts.roll_up()


def test_nothing_is_found_in_the_readmissions_of_130_hospitals(house: House) -> None:
    """Real counts: five ways to compare, one of them race by payer."""
    facts = Facts(house.elsewhere, {"all": house.units["elsewhere/all"]})
    example(facts, "hospitals-130")
    released(facts, house.person("walter"), ["1999-01-01/2008-12-31"])
    attack = assert_nothing_is_found(Visitor("elsewhere").visit(), facts)
    assert attack.tried > 100


def test_nothing_is_found_in_quarters_of_three_units(house: House) -> None:
    """The example of Willow Ferry: months are counted, quarters and the year published, an average among them."""
    codes = {"willow-ferry": "all", "alder": "east", "ferry": "west"}
    units = {name: house.units[f"riverside/{code}"] for name, code in codes.items()}
    with acting_as(Persona.OPERATOR):
        units["millrace"] = Unit.objects.create(
            organisation=house.riverside,
            parent=units["willow-ferry"],
            code="millrace",
            name="Millrace",
            kind="clinic",
            position=2,
        )
    facts, visitor = Facts(house.riverside, units), Visitor("riverside")
    example(facts, "willow-ferry", ["prenatal-by-week-12", "interpreter-wait", "policy-positions"])
    released(facts, house.person("alice"), ["2024-Q2", "2024-Q3"])
    visitor.walk()
    released(facts, house.person("alice"), ["2024-Q4", "2024"])
    assert_nothing_is_found(visitor.visit(every=20), facts)
