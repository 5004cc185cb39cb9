"""Small institutions with made-up people, whose figures pass the product's own check and are printed without a database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from metrics.certification import judge
from metrics.figures import HIDDEN, Category, Cell, Dimension
from metrics.questions import Address, Count, Question
from metrics.reading.periods import Grain, Period, parse_period
from tests.attack.attacker.attack import Truth
from tests.attack.attacker.feeds import place_of
from tests.attack.attacker.told import Outcome, Place
from tests.attack.press import METRIC, Press, days

People = dict[tuple[str, str, str, str], tuple[int, int]]
"""(unit, quarter, race, language) → how many with the outcome, and how many without it."""


@dataclass(frozen=True)
class Shape:
    """What an institution has. People of the race "a+b" gave both answers."""

    units: tuple[str, ...] = ("east", "west")
    quarters: tuple[str, ...] = ("Q1",)
    races: tuple[str, ...] = ("a", "b", "c")
    languages: tuple[str, ...] = ("x", "y")
    crossed: bool = False
    parents: Mapping[str, str] = field(default_factory=dict)

    def above(self, unit: str) -> list[str]:
        """A unit with all that it is a part of."""
        return ["all"] if unit == "all" else [unit, *self.above(self.parents.get(unit, "all"))]

    @property
    def parent_of(self) -> dict[str, str | None]:
        """Every unit with the one that it is a part of."""
        below = {unit: self.parents.get(unit, "all") for unit in {*self.units, *self.parents}}
        return {"all": None, **dict.fromkeys(self.parents.values(), "all"), **below}

    @property
    def answers(self) -> tuple[str, ...]:
        """The categories of race."""
        return tuple(sorted({answer for race in self.races for answer in race.split("+")}))

    @property
    def groups(self) -> list[tuple[str, str, str, str]]:
        return list(product(self.units, self.quarters, self.races, self.languages))

    @property
    def periods(self) -> list[str]:
        """The quarters, and the year once all four are there."""
        quarters = [f"2025-{quarter}" for quarter in self.quarters]
        return [*quarters, "2025"] if len(self.quarters) == 4 else quarters


@dataclass
class Institution:
    """Its people, what it has published, and the press it publishes with."""

    shape: Shape
    people: People
    press: Press = field(default_factory=Press)
    gone: set[str] = field(default_factory=set)
    """Periods that are withdrawn."""
    earlier: dict[str, dict[Address, Cell]] = field(default_factory=dict)
    told_of: dict[str, dict[str, tuple[int, int]]] = field(default_factory=dict)

    def table(self) -> dict[str, tuple[int, int]]:
        """`unit|period|stratum` → numerator and denominator, of everything that it reports."""
        found: dict[str, tuple[int, int]] = {}
        for (unit, quarter, race, language), (with_outcome, without) in self.people.items():
            for place, period in product(self.shape.above(unit), (f"2025-{quarter}", "2025")):
                if period in self.shape.periods:
                    for stratum in self._strata(place, race, language):
                        k, n = found.get(f"{place}|{period}|{stratum}", (0, 0))
                        found[f"{place}|{period}|{stratum}"] = k + with_outcome, n + with_outcome + without
        return found

    def _strata(self, place: str, race: str, language: str) -> Iterable[str]:
        yield from ("", f"lang={language}")
        for answer in race.split("+"):
            yield f"race={answer}"
            if self.shape.crossed and place == "all":
                yield f"lang={language}&race={answer}"

    def publish(
        self, periods: Iterable[str] = (), *, metric: Mapping[str, Any] = METRIC, turned: bool = False
    ) -> None:
        """Have the table checked and print what may be shown; with `turned`, those without the outcome are counted."""
        table = {key: (n - k, n) if turned else (k, n) for key, (k, n) in self.table().items()}
        wanted = set(periods or self.shape.periods)
        earlier = self.earlier.setdefault(metric["code"], {})
        counts = {_address(key): Count(*count) for key, count in table.items()}
        answer = judge(
            Question(
                kind=metric["kind"],
                counts_people=True,
                counts={
                    where: count
                    for where, count in counts.items()
                    if where.period.code in {parse_period(one).code for one in wanted} or where in earlier
                },
                blanks={},
                earlier=earlier,
                vocabulary=self.vocabulary(),
                parent_of=self.shape.parent_of,
                again={where for where in earlier if _code(where) in self.gone & wanted},
                kept_away={where for where in earlier if _code(where) in self.gone - wanted},
            )
        )
        self.gone -= wanted - {_code_of(period) for period in answer.waiting}
        earlier |= answer.cells
        self.told_of.setdefault(metric["code"], {}).update(
            {key: count for key, count in table.items() if _address(key).period not in answer.waiting}
        )
        named = {_address(key): key for key in table}
        cells = {named[where]: cell for where, cell in answer.cells.items()}
        self.press.release(
            {key: table[key] for key in cells},
            hide={key for key, cell in cells.items() if not cell.shown},
            keep_denominator={key for key, cell in cells.items() if cell.denominator is not None},
            metric=metric,
        )

    def hide_all(self, metric: Mapping[str, Any], table: Mapping[str, tuple[int, int]]) -> None:
        """Publish that there are counts, and none of them."""
        self.earlier[metric["code"]] = {_address(key): Cell(HIDDEN) for key in table}
        self.told_of[metric["code"]] = dict(table)
        self.press.release(table, hide=set(table), metric=metric)

    def withdraw(self, *periods: str) -> None:
        """Take everything back that is published of these periods."""
        self.gone |= set(periods)
        self.press.withdraw(
            _key(where) for cells in self.earlier.values() for where in cells if _code(where) in periods
        )

    def vocabulary(self) -> dict[str, Dimension]:
        return {
            name: Dimension(
                name, name, position, name != "race" or self.shape.answers == self.shape.races, {one: Category(one, one.upper(), one, False, place) for place, one in enumerate(codes)}
            )
            for position, (name, codes) in enumerate((("race", self.shape.answers), ("lang", self.shape.languages)))
        }  # fmt: skip

    def truth(self, metric: Mapping[str, Any] = METRIC) -> Truth:
        """The true counts that the publications speak of: of a correction that waits the earlier ones."""
        found: dict[tuple[Place, Outcome], int] = {}
        for key, (k, n) in self.told_of[metric["code"]].items():
            unit, period, stratum = key.split("|")
            first, last, _ = days(period)
            place = place_of(f"{self.press.institution}|{metric['code']}|{unit}|{first}..{last}|{stratum}")
            found[place, "numerator"], found[place, "complement"], found[place, "denominator"] = k, n - k, n
        return found


def _code(where: Address) -> str:
    return _code_of(where.period)


def _code_of(period: Period) -> str:
    """`2025-Q1` or `2025`, as the press names it."""
    quarter = f"-Q{(period.start.month + 2) // 3}" if period.grain is Grain.QUARTER else ""
    return f"{period.start.year}{quarter}"


def _key(where: Address) -> str:
    return f"{where.place}|{_code(where)}|{where.stratum}"


def _address(key: str) -> Address:
    unit, period, stratum = key.split("|")
    return Address(unit, parse_period(period), stratum)
