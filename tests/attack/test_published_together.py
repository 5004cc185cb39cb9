"""Publications that are safe one by one, put beside each other: what the product's own house says twice."""

from __future__ import annotations

import pytest

from tests.attack.attacker import Attack
from tests.attack.attacker.attack import report
from tests.attack.visitor import Visitor
from tests.cast import House
from tests.metrics.facts import Facts, certified, released
from tests.metrics.facts import report as told

QUARTER = "2024-Q1"
EAST = {
    "race=a": (64, 120), "race=b": (31, 60), "race=c": (14, 43), "lang=en": (80, 150), "lang=es": (29, 73),
}  # fmt: skip
WEST = {
    "race=a": (41, 90), "race=b": (52, 110), "race=c": (17, 44), "lang=en": (63, 180), "lang=es": (47, 64),
}  # fmt: skip


@pytest.fixture
def facts(house: House) -> Facts:
    made = Facts(
        house.riverside, {code: house.units[f"riverside/{code}"] for code in ("all", "east", "west")}
    )
    made.dimension("race", ["a", "b", "c"])
    made.dimension("lang", ["en", "es"])
    made.metric("seen-in-time")
    for unit, counts in (("east", EAST), ("west", WEST)):
        made.add("seen-in-time", unit, QUARTER, with_everybody(counts))
    made.roll_up()
    return made


def with_everybody(counts: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    races = [count for key, count in counts.items() if key.startswith("race")]
    return {**counts, "": (sum(k for k, _ in races), sum(n for _, n in races))}


def correct(facts: Facts, counts: dict[str, tuple[int, int]]) -> None:
    """West counts again."""
    facts.change("seen-in-time", "west", QUARTER, with_everybody(counts))
    facts.roll_up()


def assert_nothing_is_found(visitor: Visitor) -> None:
    found = Attack(visitor.visit()).findings()
    assert not found, report(found)


def test_the_first_and_the_third_state_of_a_count_give_nothing_away(facts: Facts, house: House) -> None:
    """20 more, then 15 fewer: both changes are large, and whoever kept the first number knows that 5 people came."""
    visitor = Visitor("riverside")
    released(facts, house.person("alice"), [QUARTER])
    assert_nothing_is_found(visitor)
    correct(facts, {**WEST, "race=b": (72, 150), "lang=en": (83, 220)})
    released(facts, house.person("alice"), [QUARTER])
    assert_nothing_is_found(visitor)
    correct(facts, {**WEST, "race=b": (57, 135), "lang=en": (68, 205)})
    third = certified(facts, house.person("alice"), [QUARTER])
    assert told(third)["metrics"][0]["waiting"] == ["January to March 2024"]


def test_a_count_that_a_correction_makes_small_is_not_given_away(facts: Facts, house: House) -> None:
    """11 people of West who speak Spanish were counted by mistake: 17 without the outcome become 6. What is hidden beside
    them now was shown before, and did not change.
    """
    visitor = Visitor("riverside")
    released(facts, house.person("alice"), [QUARTER])
    assert_nothing_is_found(visitor)
    correct(facts, {**WEST, "race=b": (52, 99), "lang=es": (47, 53)})
    released(facts, house.person("alice"), [QUARTER])
    assert_nothing_is_found(visitor)


def test_two_measures_of_the_same_people_give_nothing_away(house: House) -> None:
    """Both are out of everybody: 7 people of group c at East. Each alone hides other counts beside them."""
    units = {code: house.units[f"riverside/{code}"] for code in ("all", "east", "west")}
    facts = Facts(house.riverside, units)
    facts.dimension("race", ["a", "b", "c"])
    people = {"east": (120, 60, 7), "west": (90, 110, 44)}
    for metric, counts in {
        "seen-in-time": {"east": (93, 47, 4), "west": (42, 36, 23)},
        "helped": {"east": (65, 19, 2), "west": (80, 76, 19)},
    }.items():
        facts.metric(metric, numerator=f"Those {metric}")
        for unit, numerators in counts.items():
            pairs = zip(numerators, people[unit], strict=True)
            table = {f"race={name}": pair for name, pair in zip("abc", pairs, strict=True)}
            facts.add(metric, unit, QUARTER, with_everybody(table))
    facts.roll_up()
    released(facts, house.person("alice"), [QUARTER])
    assert_nothing_is_found(Visitor("riverside"))
