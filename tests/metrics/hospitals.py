"""Two hospitals, four quarters, two ways to compare: what most tests of releases begin with."""

from __future__ import annotations

from collections.abc import Mapping

from tests.cast import House
from tests.metrics.facts import Facts

QUARTERS = ("2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4")
EAST = {"race=a": (64, 120), "race=b": (31, 60), "race=c": (4, 23), "lang=en": (80, 150), "lang=es": (19, 53)}
WEST = {
    "race=a": (41, 90),
    "race=b": (52, 110),
    "race=c": (17, 44),
    "lang=en": (70, 180),
    "lang=es": (40, 64),
}


def in_quarter(counts: Mapping[str, tuple[int, int]], number: int) -> dict[str, tuple[int, int]]:
    """The counts a quarter later, a little other, with everybody."""
    moved = {key: (one[0] + number * (number % 3), one[1] + number * 5) for key, one in counts.items()}
    races = [one for key, one in moved.items() if key.startswith("race")]
    total = sum(one[0] for one in races), sum(one[1] for one in races)
    moved["lang=es"] = total[0] - moved["lang=en"][0], total[1] - moved["lang=en"][1]
    return {"": total, **moved}


def two_hospitals(house: House) -> Facts:
    """Counts of East and West, added up; c at East is small."""
    units = {code: house.units[f"riverside/{code}"] for code in ("all", "east", "west")}
    made = Facts(house.riverside, units)
    made.dimension("race", ["a", "b", "c"])
    made.dimension("lang", ["en", "es"])
    made.metric("seen-in-time")
    for number, quarter in enumerate(QUARTERS):
        made.add("seen-in-time", "east", quarter, in_quarter(EAST, number))
        made.add("seen-in-time", "west", quarter, in_quarter(WEST, number))
    made.roll_up()
    return made
