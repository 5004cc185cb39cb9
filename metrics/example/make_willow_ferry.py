"""Makes willow-ferry-counts.csv: two invented years of an invented health system. Nothing in it is real.

    python -m metrics.example.make_willow_ferry

Invented visits, births, requests and staff are drawn one by one and only counted, so the groups of a
dimension add up to the whole of their unit and period. The draws come from one seeded generator and use
nothing but its `random()`, so every machine makes the same file. The story that is built in:

- pain treated within 30 minutes: the gap between Black patients and the others closes;
- first prenatal visit by week 12: the gap between Haitian Creole and English speakers grows;
- security called on patients: twice as often on Black patients, with no clear change.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from pathlib import Path
from random import Random

from metrics.reading.cells import OVERALL, BlankKind, CountRow, Stratum
from metrics.reading.counts_writer import write_counts
from metrics.reading.periods import Grain, Period, containing

FILE = Path(__file__).with_name("willow-ferry-counts.csv")
SEED = 20_240_101
DIMENSIONS = ("race_ethnicity", "language")
UNITS = ("ferry", "alder", "millrace")
HOSPITALS = ("ferry", "alder")

Shares = Mapping[str, float]
Person = tuple[str, str]
"""Race and ethnicity, and language."""

RACES: Mapping[str, Shares] = {
    "ferry": {
        "american_indian": 0.012, "asian": 0.09, "black": 0.27, "hispanic": 0.19, "middle_eastern": 0.03,
        "other": 0.03, "pacific_islander": 0.008, "white": 0.33, "not_recorded": 0.04,
    },
    "alder": {
        "american_indian": 0.02, "asian": 0.05, "black": 0.21, "hispanic": 0.15, "middle_eastern": 0.02,
        "other": 0.02, "pacific_islander": 0.01, "white": 0.46, "not_recorded": 0.06,
    },
    "millrace": {
        "american_indian": 0.01, "asian": 0.11, "black": 0.36, "hispanic": 0.26, "middle_eastern": 0.05,
        "other": 0.03, "pacific_islander": 0.01, "white": 0.14, "not_recorded": 0.03,
    },
}  # fmt: skip

LANGUAGES: Mapping[str, Shares] = {
    "asian": {"english": 0.52, "vietnamese": 0.33, "other": 0.12, "not_recorded": 0.03},
    "black": {"english": 0.63, "haitian_creole": 0.33, "other": 0.02, "not_recorded": 0.02},
    "hispanic": {"english": 0.42, "spanish": 0.55, "not_recorded": 0.03},
    "middle_eastern": {"arabic": 0.58, "english": 0.39, "not_recorded": 0.03},
    "not_recorded": {"english": 0.55, "spanish": 0.1, "not_recorded": 0.35},
}
ENGLISH_MOSTLY: Shares = {"english": 0.95, "other": 0.03, "not_recorded": 0.02}
ALL_RACES = tuple(RACES["ferry"])
ALL_LANGUAGES = ("arabic", "english", "haitian_creole", "other", "spanish", "vietnamese", "not_recorded")
INTERPRETED = tuple(language for language in ALL_LANGUAGES if language != "english")

MONTHS = [containing(date(2024 + index // 12, index % 12 + 1, 1), Grain.MONTH) for index in range(24)]
QUARTERS = [containing(date(2024 + index // 4, index % 4 * 3 + 1, 1), Grain.QUARTER) for index in range(8)]

BLANKS: Mapping[tuple[str, str, str], BlankKind] = {
    ("interpreter-wait", "alder", "2024-01"): BlankKind.NOT_COLLECTED,
    ("interpreter-wait", "alder", "2024-02"): BlankKind.NOT_COLLECTED,
    ("interpreter-wait", "alder", "2024-03"): BlankKind.NOT_COLLECTED,
    ("local-hires", "millrace", "2024-Q1"): BlankKind.NOT_ASKED,
    ("living-wage", "alder", "2025-Q2"): BlankKind.WITHHELD,
    ("local-spend", "ferry", "2025-Q4"): BlankKind.NOT_YET_DUE,
    ("local-spend", "alder", "2025-Q4"): BlankKind.NOT_YET_DUE,
    ("local-spend", "millrace", "2025-Q4"): BlankKind.NOT_YET_DUE,
}
"""(metric, unit, period) that have no number, and why."""


@dataclass(frozen=True, slots=True)
class Draws:
    """The invented people of one unit and period, drawn from one generator."""

    random: Random
    unit: str
    progress: float
    """How much of the two years has gone by, from 0 to 1."""

    def chance(self, probability: float) -> bool:
        """Whether something with this probability happens."""
        return self.random.random() < probability

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends included, each as likely as the others."""
        return low + int(self.random.random() * (high - low + 1))

    def one_of(self, shares: Shares) -> str:
        """One of these names, each as often as its share says."""
        bounds = list(accumulate(shares.values()))
        return list(shares)[bisect(bounds, self.random.random() * bounds[-1], hi=len(bounds) - 1)]

    def person(self) -> Person:
        """Somebody who comes to this unit."""
        race = self.one_of(RACES[self.unit])
        return race, self.one_of(LANGUAGES.get(race, ENGLISH_MOSTLY))

    def people(self, about: int) -> Iterator[Person]:
        """About this many people."""
        for _ in range(self.between(about * 9 // 10, about * 11 // 10)):
            yield self.person()

    def moving(self, start: float, end: float) -> float:
        """A value that moves from the first month to the last."""
        return start + (end - start) * self.progress


Tally = tuple[Person, int, int]
"""Somebody, what they add to the numerator, and what they add to the denominator."""


def rows() -> Iterator[CountRow]:
    """Every row of the file, metric by metric."""
    random = Random(SEED)
    yield from _split(random, "pain-30-minutes", HOSPITALS, MONTHS, _pain, (ALL_RACES, ALL_LANGUAGES))
    yield from _split(random, "prenatal-by-week-12", UNITS, MONTHS, _prenatal, ((), ALL_LANGUAGES))
    yield from _interpreter_waits(random)
    yield from _split(random, "security-calls", HOSPITALS, MONTHS, _security, (ALL_RACES, ()))
    yield from _split(random, "local-hires", UNITS, QUARTERS, _hires, (ALL_RACES, ()))
    yield from _split(random, "living-wage", UNITS, QUARTERS, _wages, (ALL_RACES, ()))
    yield from _whole(random, "local-spend", QUARTERS, _spend)
    yield from _whole(random, "partner-meetings", MONTHS, _meetings)
    yield from _whole(random, "policy-positions", QUARTERS, _positions)


def _pain(draws: Draws) -> Iterator[Tally]:
    treated = {"black": draws.moving(0.5, 0.7), "hispanic": draws.moving(0.6, 0.69), "white": 0.72}
    for person in draws.people({"ferry": 290, "alder": 180}[draws.unit]):
        race, language = person
        chance = treated.get(race, 0.68) - (0.04 if language != "english" else 0)
        yield person, draws.chance(chance), 1


def _prenatal(draws: Draws) -> Iterator[Tally]:
    in_time = {
        "english": draws.moving(0.79, 0.85),
        "haitian_creole": draws.moving(0.68, 0.47),
        "spanish": 0.7,
        "arabic": 0.64,
        "vietnamese": 0.74,
    }
    for person in draws.people({"ferry": 75, "alder": 45, "millrace": 60}[draws.unit]):
        yield person, draws.chance(in_time.get(person[1], 0.72)), 1


def _security(draws: Draws) -> Iterator[Tally]:
    for person in draws.people({"ferry": 1_500, "alder": 900}[draws.unit]):
        yield person, draws.chance({"black": 0.012, "hispanic": 0.007}.get(person[0], 0.006)), 1


def _hires(draws: Draws) -> Iterator[Tally]:
    nearby = {"black": 0.42, "hispanic": 0.4, "asian": 0.3}
    for person in draws.people({"ferry": 70, "alder": 45, "millrace": 14}[draws.unit]):
        yield person, draws.chance(nearby.get(person[0], 0.2) + draws.moving(0, 0.08)), 1


def _wages(draws: Draws) -> Iterator[Tally]:
    paid = {"black": draws.moving(0.7, 0.8), "hispanic": draws.moving(0.68, 0.8)}
    for person in draws.people({"ferry": 640, "alder": 380, "millrace": 90}[draws.unit]):
        yield person, draws.chance(paid.get(person[0], draws.moving(0.82, 0.88))), 1


def _spend(draws: Draws) -> tuple[int, int | None]:
    dollars = {"ferry": 2_400_000, "alder": 1_300_000, "millrace": 180_000}[draws.unit] + draws.between(
        0, 90_000
    )
    per_thousand = draws.between(90, 110) + int(draws.moving(0, 60))
    return dollars * per_thousand // 1_000, dollars


def _meetings(draws: Draws) -> tuple[int, int | None]:
    held = draws.between(3, 7)
    return sum(draws.chance(draws.moving(0.55, 0.9)) for _ in range(held)), held


def _positions(draws: Draws) -> tuple[int, int | None]:
    return draws.between(0, 2 if draws.unit == "ferry" else 1), None


def _interpreter_waits(random: Random) -> Iterator[CountRow]:
    """A mean: minutes waited, added up and squared. Only people who asked for an interpreter are in it."""
    for draws, period in _draws(random, "interpreter-wait", UNITS, MONTHS):
        waits: dict[str, list[int]] = {language: [] for language in INTERPRETED}
        for _race, language in draws.people({"ferry": 260, "alder": 170, "millrace": 120}[draws.unit]):
            if language in waits:
                longest = 34 if language in ("spanish", "vietnamese") else 58
                waits[language].append(draws.between(1, 6) + draws.between(0, longest))
        everybody = [minutes for language in INTERPRETED for minutes in waits[language]]
        yield _mean_row(draws.unit, period, OVERALL, everybody)
        for language in INTERPRETED:
            yield _mean_row(draws.unit, period, (("language", language),), waits[language])


def _mean_row(unit: str, period: Period, stratum: Stratum, values: list[int]) -> CountRow:
    squares = sum(value * value for value in values)
    return CountRow("interpreter-wait", unit, period, stratum, sum(values), len(values), squares)


def _split(
    random: Random,
    metric: str,
    units: Iterable[str],
    periods: list[Period],
    draw: Callable[[Draws], Iterator[Tally]],
    categories: tuple[Iterable[str], Iterable[str]],
) -> Iterator[CountRow]:
    """A metric that is split by race and ethnicity, by language, or by both, one at a time."""
    for draws, period in _draws(random, metric, units, periods):
        numerators: Counter[Stratum] = Counter()
        denominators: Counter[Stratum] = Counter()
        for person, numerator, denominator in draw(draws):
            for stratum in (OVERALL, *((pair,) for pair in zip(DIMENSIONS, person, strict=True))):
                numerators[stratum] += numerator
                denominators[stratum] += denominator
        pairs = [(name, code) for name, codes in zip(DIMENSIONS, categories, strict=True) for code in codes]
        for stratum in (OVERALL, *((pair,) for pair in pairs)):
            yield CountRow(metric, draws.unit, period, stratum, numerators[stratum], denominators[stratum])


def _whole(
    random: Random, metric: str, periods: list[Period], draw: Callable[[Draws], tuple[int, int | None]]
) -> Iterator[CountRow]:
    """A metric that counts no people and is not split."""
    for draws, period in _draws(random, metric, UNITS, periods):
        numerator, denominator = draw(draws)
        yield CountRow(metric, draws.unit, period, OVERALL, numerator, denominator)


def _draws(
    random: Random, metric: str, units: Iterable[str], periods: list[Period]
) -> Iterator[tuple[Draws, Period]]:
    for unit in units:
        for index, period in enumerate(periods):
            yield Draws(random, unit, index / (len(periods) - 1)), period


def with_blanks(rows: Iterable[CountRow]) -> Iterator[CountRow]:
    """The same rows, where a blank stands alone for a unit and period that have no numbers."""
    for row in rows:
        blank = BLANKS.get((row.metric, row.unit, row.period.code))
        if blank is None:
            yield row
        elif row.stratum == OVERALL:
            yield CountRow(row.metric, row.unit, row.period, OVERALL, blank=blank)


def text() -> str:
    """The whole file."""
    return "".join(write_counts(with_blanks(rows()), DIMENSIONS, with_squares=True))


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8", newline="")
