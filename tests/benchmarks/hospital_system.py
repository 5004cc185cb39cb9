"""A made-up hospital system of 12 units: what a quarterly release of 20 measures has to certify.

Each measure counts its own patients in six dimensions, by unit and quarter; four pairs of dimensions are crossed for the
whole system. Sizes follow what such systems report: units and groups are skewed, some groups have almost nobody, and of
some people nothing was written down.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metrics.figures import Category, Dimension
from metrics.questions import Address, Count, Question
from metrics.reading.periods import parse_period

SIZES = {"age": 6, "disability": 4, "language": 8, "payer": 7, "race": 9, "sex": 5}
CROSSED = (("language", "race"), ("payer", "race"), ("age", "race"), ("payer", "sex"))
UNITS = tuple(f"unit-{number:02}" for number in range(1, 13))
WHOLE = "system"
QUARTERS = tuple(f"2025-Q{number}" for number in (1, 2, 3, 4))
YEAR = "2025"
RATES = (0.12, 0.65, 0.04, 0.3, 0.85, 0.08, 0.5, 0.18, 0.72, 0.02)
PEOPLE = (6_000, 12_000, 3_000, 24_000, 1_500)


@dataclass(frozen=True)
class Patients:
    """People in one quarter: the unit and the category of each dimension (in the order of `SIZES`) as numbers."""

    unit: NDArray[np.int64]
    groups: NDArray[np.int64]
    outcome: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.unit)


def shares(size: int, skew: float, dice: np.random.Generator) -> NDArray[np.float64]:
    """A few large groups and a tail of small ones, in any order."""
    weights = 1 / np.arange(1, size + 1) ** skew
    return dice.permutation(weights / weights.sum())


def patients(number: int) -> list[Patients]:
    """Those of the measure with this number, quarter by quarter."""
    dice = np.random.default_rng(number)
    units = shares(len(UNITS), 0.7, dice)
    groups = [shares(size, 1.2, dice) for size in SIZES.values()]
    effects = [dice.normal(0, 0.2, size) for size in SIZES.values()]
    usual = np.log(RATES[number % len(RATES)] / (1 - RATES[number % len(RATES)]))
    found = []
    for _ in QUARTERS:
        people = int(dice.normal(1, 0.05) * PEOPLE[number % len(PEOPLE)])
        drawn = np.stack([dice.choice(len(one), people, p=one) for one in groups], axis=1)
        odds = usual + sum(effect[drawn[:, axis]] for axis, effect in enumerate(effects))
        outcome = dice.random(people) < 1 / (1 + np.exp(-odds))
        found.append(Patients(dice.choice(len(UNITS), people, p=units), drawn, outcome))
    return found


def vocabulary() -> dict[str, Dimension]:
    """The dimensions; the last category of each is what nobody wrote down."""
    return {
        code: Dimension(
            code,
            code,
            position,
            True,
            {
                f"{code}-{number}": Category(
                    f"{code}-{number}", f"{code} {number}", f"{code} {number}", number == size - 1, number
                )
                for number in range(size)
            },
        )
        for position, (code, size) in enumerate(SIZES.items())
    }


def ways() -> Iterator[tuple[str, ...]]:
    yield ()
    yield from ((code,) for code in SIZES)
    yield from CROSSED


def counts(number: int) -> dict[Address, Count]:
    """Everything a release of four quarters and their year would publish of one measure."""
    found: dict[Address, Count] = {}
    quarters = patients(number)
    everybody = Patients(*(np.concatenate([getattr(one, name) for one in quarters]) for name in ("unit", "groups", "outcome")))  # fmt: skip
    for code, people in zip((*QUARTERS, YEAR), (*quarters, everybody), strict=True):
        for way in ways():
            for place, chosen in _places(people, crossed=len(way) > 1):
                for stratum, count in _by(people, chosen, way).items():
                    found[Address(place, parse_period(code), stratum)] = count
    return found


def _places(people: Patients, *, crossed: bool) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    yield WHOLE, np.ones(len(people), dtype=bool)
    if not crossed:
        for number, unit in enumerate(UNITS):
            yield unit, people.unit == number


def _by(people: Patients, chosen: NDArray[np.bool_], way: tuple[str, ...]) -> Mapping[str, Count]:
    """Groups with nobody in them are counted too: a report says zero."""
    axes = [list(SIZES).index(code) for code in way]
    shape = tuple(SIZES[code] for code in way)
    index = (
        np.ravel_multi_index(people.groups[chosen][:, axes].T, shape)
        if way
        else np.zeros(chosen.sum(), dtype=int)
    )
    size = int(np.prod(shape))
    denominators = np.bincount(index, minlength=size)
    numerators = np.bincount(index, weights=people.outcome[chosen], minlength=size).astype(int)
    return {
        "&".join(f"{code}={code}-{at}" for code, at in zip(way, np.unravel_index(cell, shape), strict=True)): Count(
            int(numerators[cell]), int(denominators[cell])
        )
        for cell in range(size)
    }  # fmt: skip


def question(number: int) -> Question:
    """The whole release of one measure, with nothing published before."""
    return Question(
        kind="proportion",
        counts_people=True,
        counts=counts(number),
        blanks={},
        earlier={},
        vocabulary=vocabulary(),
        parent_of={WHOLE: None, **dict.fromkeys(UNITS, WHOLE)},
    )
