"""An attacker who shares no code with the defence, and reads only what is published."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from metrics.disclosure import CellKey, Dimension, Row, Structure, Whole, build_table, certify
from metrics.disclosure.cells import Outcome

# ---------------------------------------------------------------------------------------------- the attacker


@dataclass
class Attacker:
    """Solves for the least and the most that each count can be.

    Knows two unknowns for each row (people with and without the outcome), the figures shown, and that what is
    divided adds up. ``wholes`` are (whole, parts, complete, overlapping).
    """

    groups: Sequence[tuple[str, str, tuple[tuple[str, str], ...]]]
    shown: Mapping[CellKey, int]
    wholes: Iterable[tuple[int, list[int], bool, bool]]
    facts: list[tuple[dict[int, int], float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for number, group in enumerate(self.groups):
            for outcome, terms in self.terms_of(number).items():
                figure = self.shown.get(CellKey(*group, outcome))
                if figure is not None:
                    self.facts.append((terms, figure, figure))
        self.remainders: list[dict[int, int]] = []
        for whole, parts, complete, overlapping in self.wholes:
            subsets = [[part] for part in parts] if overlapping else [parts]
            for subset in subsets:
                left = [{2 * whole + o: 1, **{2 * part + o: -1 for part in subset}} for o in (0, 1)]
                known_to_be_all = complete and not overlapping
                self.facts += [(terms, 0, 0 if known_to_be_all else np.inf) for terms in left]
                self.remainders += [*left, {**left[0], **left[1]}]
            if overlapping:
                for o in (0, 1):
                    together = {2 * whole + o: -1, **{2 * part + o: 1 for part in parts}}
                    self.facts.append((together, 0, np.inf))
        matrix = np.array([self.vector(terms) for terms, _, _ in self.facts])
        least, most = np.array([bounds for _, *bounds in self.facts]).T
        self.knowledge = LinearConstraint(matrix, least, most)

    @staticmethod
    def terms_of(number: int) -> dict[Outcome, dict[int, int]]:
        with_outcome, without = {2 * number: 1}, {2 * number + 1: 1}
        return {"numerator": with_outcome, "complement": without, "denominator": {**with_outcome, **without}}

    def extreme(self, terms: Mapping[int, int], sign: int) -> float:
        objective = self.vector(terms) * sign
        result = milp(
            objective,
            integrality=np.ones(len(objective), dtype=int),
            bounds=Bounds(0, 10_000),
            constraints=self.knowledge,
        )
        assert result.status == 0, result.message
        return sign * result.fun

    def vector(self, terms: Mapping[int, int]) -> np.ndarray:
        vector = np.zeros(2 * len(self.groups))
        for cell, times in terms.items():
            vector[cell] = times
        return vector

    def finds(self, truth: np.ndarray) -> list[str]:
        """Counts of 1 to 10 that the attacker can tell to be small, or not to be below 2."""
        counts = [
            (f"{outcome} of {group}", terms)
            for number, group in enumerate(self.groups)
            for outcome, terms in self.terms_of(number).items()
        ]
        counts += [(f"remainder {terms}", terms) for terms in self.remainders]
        found = []
        for name, terms in counts:
            if 1 <= self.vector(terms) @ truth <= 10:
                least, most = self.extreme(terms, 1), self.extreme(terms, -1)
                if round(least) > 1 or round(most) < 11:
                    found.append(f"{name} lies in {least:.0f} to {most:.0f}")
        return found


def attack(rows: Sequence[Row], structure: Structure, shown: Mapping[CellKey, int]) -> list[str]:
    """What an attacker finds who sees these figures of these rows."""
    number = {(row.place, row.period, row.stratum): position for position, row in enumerate(rows)}
    wholes = []
    for (place, period, stratum), whole in number.items():
        divisions = [
            ([(part, period, stratum) for part in each.parts], each.overlapping)
            for each in structure.places
            if each.name == place
        ]
        divisions += [
            ([(place, part, stratum) for part in each.parts], each.overlapping)
            for each in structure.periods
            if each.name == period
        ]
        for each in structure.dimensions:
            if each.name not in dict(stratum):
                strata = [tuple(sorted((*stratum, (each.name, category)))) for category in each.categories]
                divisions.append(([(place, period, part) for part in strata], each.overlapping))
        for keys, overlapping in divisions:
            parts = [number[key] for key in keys if key in number]
            if parts:
                complete = len(parts) == len(keys) or structure.absent_means_zero
                wholes.append((whole, parts, complete, overlapping))
    truth = np.array([[row.numerator, row.denominator - row.numerator] for row in rows]).ravel()
    return Attacker(list(number), shown, wholes).finds(truth)


# ------------------------------------------------------------------------------------------------ the tables


@dataclass(frozen=True)
class Shape:
    """What a random table divides its people by, and which divisions it reports."""

    dimensions: tuple[tuple[str, int], ...]
    reported: tuple[tuple[str, ...], ...]
    units: int = 1
    quarters: int = 1
    unit_detail: int = 2

    @property
    def categories(self) -> dict[str, tuple[str, ...]]:
        return {name: tuple(f"{name} {n}" for n in range(size)) for name, size in self.dimensions}

    @property
    def structure(self) -> Structure:
        return Structure(
            dimensions=tuple(Dimension(name, categories) for name, categories in self.categories.items()),
            places=(Whole("all", tuple(f"unit {n}" for n in range(self.units))),) if self.units > 1 else (),
            periods=(Whole("year", tuple(f"q{n}" for n in range(self.quarters))),)
            if self.quarters > 1
            else (),
        )

    def rows(self, people: np.ndarray) -> list[Row]:
        """Every reported sum of ``people[unit, quarter, category..., without or with the outcome]``."""
        rows = []
        units = {f"unit {n}": [n] for n in range(self.units)} if self.units > 1 else {}
        quarters = {f"q{n}": [n] for n in range(self.quarters)} if self.quarters > 1 else {}
        for place, place_numbers in {**units, "all": list(range(self.units))}.items():
            for period, period_numbers in {**quarters, "year": list(range(self.quarters))}.items():
                here = people[place_numbers][:, period_numbers].sum(axis=(0, 1))
                for used in self.reported:
                    if len(used) < self.unit_detail or place == "all":
                        rows += self._stratified(here, used, place, period)
        return rows

    def _stratified(self, here: np.ndarray, used: tuple[str, ...], place: str, period: str) -> list[Row]:
        names = [name for name, _ in self.dimensions]
        unused = tuple(axis for axis, name in enumerate(names) if name not in used)
        counts = here.sum(axis=unused)
        return [
            Row(
                place,
                period,
                tuple(sorted((name, self.categories[name][n]) for name, n in zip(used, chosen, strict=True))),
                int(counts[(*chosen, 1)]),
                int(counts[chosen].sum()),
            )
            for chosen in itertools.product(*(range(len(self.categories[name])) for name in used))
        ]

    def people(self, draw: st.DrawFn) -> np.ndarray:
        sizes = (self.units, self.quarters, *(size for _, size in self.dimensions), 2)
        few_or_many = st.sampled_from((0, 1, 2, 3, 5, 8, 10, 11, 14, 20, 30, 30, 45, 60, 60, 90, 120, 150))
        total = int(np.prod(sizes))
        return np.array(draw(st.lists(few_or_many, min_size=total, max_size=total))).reshape(sizes)


SHAPES = {
    "two-way": Shape((("age", 3), ("race", 3)), ((), ("age",), ("race",), ("age", "race"))),
    "three-way": Shape(
        (("age", 2), ("race", 3), ("sex", 2)),
        (
            (),
            ("age",),
            ("race",),
            ("sex",),
            ("age", "race"),
            ("age", "sex"),
            ("race", "sex"),
            ("age", "race", "sex"),
        ),
    ),
    "units and quarters": Shape((("race", 3),), ((), ("race",)), units=2, quarters=2),
    "intersections at the organisation only": Shape(
        (("age", 2), ("race", 3)), ((), ("age",), ("race",), ("age", "race")), units=2
    ),
}


def draw_rows(data: st.DataObject, shape: Shape) -> list[Row]:
    return data.draw(st.composite(lambda draw: shape.rows(shape.people(draw)))())


# ------------------------------------------------------------------------------------------------- the tests


def test_attacker_finds_small_count_from_its_complement() -> None:
    rows = [Row("all", "year", (), 4, 100)]
    key = CellKey("all", "year", (), "numerator")
    shown = {key._replace(outcome="complement"): 96, key._replace(outcome="denominator"): 100}
    assert attack(rows, Structure(), shown) == [f"numerator of {('all', 'year', ())} lies in 4 to 4"]


def test_attacker_finds_leaks_when_only_small_cells_are_hidden() -> None:
    shape = SHAPES["two-way"]
    people = np.full((1, 1, 3, 3, 2), 40)
    people[0, 0, 1, 1, 1] = 3
    rows = shape.rows(people)
    table = build_table(rows, shape.structure)
    small = table.small(11)
    shown = {key: int(table.values[n]) for n, key in enumerate(table.keys) if not small[n]}
    assert attack(rows, shape.structure, shown)


@pytest.mark.parametrize("name", SHAPES)
@settings(max_examples=12, deadline=None, derandomize=True)
@given(data=st.data())
def test_attacker_finds_nothing_in_certified_table(name: str, data: st.DataObject) -> None:
    shape = SHAPES[name]
    rows = draw_rows(data, shape)
    certified = certify(rows, shape.structure)
    assert certified.certificate.proved
    assert attack(rows, shape.structure, certified.view.shown) == []


@settings(max_examples=10, deadline=None, derandomize=True)
@given(data=st.data())
def test_attacker_finds_nothing_over_two_releases(data: st.DataObject) -> None:
    shape = SHAPES["units and quarters"]
    rows = draw_rows(data, shape)
    first = certify([row for row in rows if row.period != "year"], shape.structure)
    published = first.view.shown
    hidden = first.view.hidden
    second = certify(rows, shape.structure, already_hidden=hidden, already_published=published)
    assert published.items() <= second.view.shown.items()
    assert hidden <= second.view.hidden
    assert attack(rows, shape.structure, second.view.shown) == []


@settings(max_examples=20, deadline=None, derandomize=True)
@given(data=st.data())
def test_attacker_finds_nothing_when_rows_are_absent(data: st.DataObject) -> None:
    shape = SHAPES["two-way"]
    every_row = draw_rows(data, shape)
    absent = data.draw(st.sets(st.sampled_from([row.group for row in every_row if row.stratum]), max_size=3))
    if data.draw(st.booleans(), label="no margins"):
        absent |= {row.group for row in every_row if len(row.stratum) == 1}
    rows = [row for row in every_row if row.group not in absent]
    certified = certify(rows, shape.structure)
    assert attack(every_row, shape.structure, certified.view.shown) == []


@settings(max_examples=25, deadline=None, derandomize=True)
@given(data=st.data())
def test_attacker_finds_nothing_when_people_give_several_answers(data: st.DataObject) -> None:
    answers = ("a", "b", "c")
    combinations = [chosen for n in (1, 2) for chosen in itertools.combinations(answers, n)]
    count = st.sampled_from((0, 1, 3, 8, 11, 40, 90, 150))
    drawn = data.draw(
        st.lists(st.tuples(count, count), min_size=len(combinations), max_size=len(combinations))
    )
    people = dict(zip(combinations, drawn, strict=True))
    rows = [Row("all", "year", (), *total(people.values()))]
    for answer in answers:
        counted = total(counts for chosen, counts in people.items() if answer in chosen)
        rows.append(Row("all", "year", (("race", answer),), *counted))
    structure = Structure((Dimension("race", answers, overlapping=True),))
    certified = certify(rows, structure)
    assert attack(rows, structure, certified.view.shown) == []


def total(counts: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Numerator and denominator of people counted as (with, without) the outcome."""
    pairs = list(counts)
    return sum(pair[0] for pair in pairs), sum(sum(pair) for pair in pairs)
