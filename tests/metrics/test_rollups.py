"""Roll-ups are what plain Python says, whatever was written, changed and taken away in whatever order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from equity.tenancy.acting import acting_as
from equity.tenancy.models import Unit
from equity.tenancy.personas import Persona
from metrics.models import Blank, Metric, Observation, Rollup, Series, Stratum, Touched
from metrics.plain_sums import MONTH, QUARTER, SPAN, YEAR, Fact, add_up, later
from metrics.rollups import RolledUp, roll_up, roll_up_again
from tests.cast import House
from tests.metrics.facts import Facts

KINDS = ("proportion", "rate", "mean", "count")
FIRST = date(2023, 1, 1)
LARGEST = 10**12


@dataclass(frozen=True)
class Kept:
    """One thing that is measured: a metric of some kind and length of period, in one group.

    `over_periods` and `over_units`: who comes again in another period, or another unit, is counted once in the whole.
    """

    kind: str
    grain: int
    group: int
    over_periods: bool
    over_units: bool

    @property
    def metric(self) -> tuple[str, int, bool, bool]:
        return self.kind, self.grain, self.over_periods, self.over_units

    @property
    def grains(self) -> list[int]:
        """The lengths of period that are given."""
        longer = {MONTH: [QUARTER, YEAR], QUARTER: [YEAR]}.get(self.grain, [])
        return [self.grain, *(longer if self.over_periods else [])]


@dataclass(frozen=True)
class Step:
    """A number written (over whatever stands there), a blank, or a count taken away."""

    kept: int
    unit: int
    part: int
    numbers: tuple[int, int, int] | None
    gone: bool = False
    longer: int = 0


@dataclass
class Story:
    """A tree (each unit's parent stands before it), what is measured there, and what happens between roll-ups."""

    parents: list[int | None]
    kept: list[Kept]
    rounds: list[list[Step]]


numbers = st.tuples(*[st.integers(0, LARGEST)] * 3)


@st.composite
def stories(draw: Callable[[Any], Any]) -> Story:
    parents = [None, *(draw(st.integers(0, below)) for below in range(draw(st.integers(0, 4))))]
    kept = draw(
        st.lists(
            st.builds(
                Kept,
                st.sampled_from(KINDS),
                st.sampled_from((SPAN, MONTH, QUARTER, YEAR)),
                st.integers(0, 1),
                st.booleans(),
                st.booleans(),
            ),
            min_size=1,
            max_size=3,
            unique=True,
        )
    )
    step = st.builds(
        Step,
        st.integers(0, len(kept) - 1),
        st.integers(0, len(parents) - 1),
        st.integers(0, 27),
        st.one_of(st.none(), numbers, numbers),
        st.sampled_from((False, False, False, True)),
        st.integers(0, 2),
    )
    years = draw(
        st.lists(
            st.tuples(st.integers(0, len(kept) - 1), st.integers(0, len(parents) - 1), numbers), max_size=2
        )
    )
    whole = [Step(one, unit, part, given) for one, unit, given in years for part in range(14)]
    rounds = draw(st.lists(st.lists(step, max_size=6), min_size=1, max_size=4))
    return Story(parents, kept, [whole, *rounds])


@dataclass
class Played:
    """An institution in which a story happens, and what stands there by our own book."""

    house: House
    story: Story
    units: list[Unit] = field(default_factory=list)
    series: dict[tuple[int, int], int] = field(default_factory=dict)
    book: dict[tuple[int, int, int, date], Fact] = field(default_factory=dict)

    def build(self) -> None:
        organisation = self.house.riverside
        facts = Facts(organisation, {})
        self.batch = facts.batch
        with acting_as(Persona.OPERATOR):
            self.units.append(self.house.units["riverside/all"])
            for number, parent in enumerate(self.story.parents[1:]):
                above, code = self.units[parent or 0], f"n{number}"
                made = Unit.objects.create(
                    organisation=organisation, parent=above, code=code, name=code, kind="ward"
                )
                self.units.append(made)
            self.strata = [
                Stratum.objects.create(organisation=organisation, key=f"k={group}", by="k")
                for group in range(2)
            ]
            self.metrics: dict[tuple[str, int, bool, bool], Metric] = {}
        for kept in self.story.kept:
            if kept.metric not in self.metrics:
                self.metrics[kept.metric] = facts.metric(
                    "-".join(map(str, kept.metric)).lower(),
                    kind=kept.kind,
                    frequency=kept.grain,
                    once_over_periods=kept.over_periods,
                    once_over_units=kept.over_units,
                )

    def take(self, step: Step) -> None:
        kept, organisation = self.story.kept[step.kept], self.house.riverside
        grain = kept.grains[step.longer % len(kept.grains)]
        start = later(FIRST, step.part * (grain or 1))
        end = later(start, grain or 1) - timedelta(days=1)
        key = (step.kept, step.unit, grain, start)
        with acting_as(Persona.OPERATOR):
            series, _made = Series.objects.get_or_create(
                organisation=organisation,
                metric=self.metrics[kept.metric],
                unit=self.units[step.unit],
                stratum=self.strata[kept.group],
            )
            place = {"organisation": organisation, "series": series, "grain": grain, "start": start}
            standing = Observation.objects.filter(**place)
            if step.gone:
                standing.delete()
                self.book.pop(key, None)
                return
            numerator, denominator, squares = _of_kind(kept.kind, step.numbers)
            values = {
                "end": end,
                "numerator": numerator,
                "denominator": denominator,
                "squares": squares,
                "blank": Blank.NONE if step.numbers else Blank.WITHHELD,
            }
            if not standing.update(**values):
                Observation.objects.create(**place, **values, batch=self.batch)
            unit = self.units[step.unit].pk
            self.book[key] = Fact(unit, grain, start, end, numerator, denominator, squares)

    def expected(self) -> dict[Any, Any]:
        """By metric, group, unit, grain and first day."""
        parent_of = {unit.pk: unit.parent_id for unit in self.units}
        of: dict[int, list[Fact]] = defaultdict(list)
        for (kept, _unit, _grain, _start), fact in self.book.items():
            of[kept].append(fact)
        return {
            (self.metrics[one.metric].pk, self.strata[one.group].pk, *place): tuple(found)
            for number, facts in of.items()
            for one in [self.story.kept[number]]
            for place, found in add_up(
                facts,
                parent_of,
                grain=one.grain,
                once_over_periods=one.over_periods,
                once_over_units=one.over_units,
            ).items()
        }

    def stored(self) -> dict[Any, Any]:
        with acting_as(Persona.OPERATOR):
            rows = Rollup.objects.filter(organisation=self.house.riverside).values_list(
                "series__metric_id", "series__stratum_id", "series__unit_id", "grain", "start",
                "end", "numerator", "denominator", "squares",
            )  # fmt: skip
            return {row[:5]: row[5:] for row in rows}

    def add_up(self, how: Callable[[int], RolledUp] = roll_up) -> RolledUp:
        with acting_as(Persona.WORKER, organisation=self.house.riverside):
            return how(self.house.riverside.pk)


def _of_kind(kind: str, given: tuple[int, int, int] | None) -> tuple[int | None, int | None, int | None]:
    if given is None:
        return None, None, None
    numerator, denominator, squares = given
    with_denominator = None if kind == "count" else denominator
    return numerator, with_denominator, squares**2 if kind == "mean" else None


class Undo(Exception):
    """Raised to roll an example back."""


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=stories())
def test_stored_sums_are_those_of_plain_python(house: House, story: Story) -> None:
    """After each round of writing, whether what was touched is added up or everything anew; a second time changes nothing."""
    try:
        with transaction.atomic(using="owner"):
            played = Played(house, story)
            played.build()
            for steps in story.rounds:
                for step in steps:
                    played.take(step)
                played.add_up()
                assert played.stored() == played.expected()
                assert played.add_up() == RolledUp(0, 0)
            assert played.add_up(roll_up_again) == RolledUp(0, 0)
            assert not Touched.objects.using("owner").exists()
            raise Undo
    except Undo:
        pass


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=stories())
def test_everything_anew_comes_to_the_same_sums(house: House, story: Story) -> None:
    try:
        with transaction.atomic(using="owner"):
            played = Played(house, story)
            played.build()
            for step in (step for steps in story.rounds for step in steps):
                played.take(step)
            played.add_up(roll_up_again)
            assert played.stored() == played.expected()
            assert played.add_up() == RolledUp(0, 0)
            raise Undo
    except Undo:
        pass


@pytest.fixture
def facts(house: House) -> Facts:
    """Two hospitals count by month, for two years."""
    made = Facts(
        house.riverside, {code: house.units[f"riverside/{code}"] for code in ("all", "east", "west")}
    )
    made.metric("seen", frequency=1)
    for month in range(24):
        code = f"{2023 + month // 12}-{month % 12 + 1:02}"
        for unit in ("east", "west"):
            made.add("seen", unit, code, {"": (month, 100)})
    made.roll_up()
    return made


def written(facts: Facts) -> set[tuple[str, int, str]]:
    """Unit, grain and first day of every roll-up of a longer period that is not as it was marked."""
    with acting_as(Persona.OPERATOR):
        rows = (
            Rollup.objects.exclude(grain=1)
            .exclude(end=date(1900, 1, 1))
            .values_list("series__unit__code", "grain", "start")
        )
        return {(unit, grain, start.isoformat()) for unit, grain, start in rows}


def test_a_late_correction_recomputes_its_descendants_and_nothing_else(facts: Facts) -> None:
    """Every longer period is spoilt; those that hold the corrected month are put right, and no other."""
    with acting_as(Persona.OPERATOR):
        right = dict(Rollup.objects.values_list("pk", "end"))
        Rollup.objects.exclude(grain=1).update(end=date(1900, 1, 1))
    facts.change("seen", "east", "2024-02", {"": (50, 100)})
    facts.roll_up()
    windows = {later(date(2023, 3, 1), back).isoformat() for back in range(10)}
    assert written(facts) == {
        (unit, grain, start)
        for unit in ("east", "all")
        for grain, start in {
            (3, "2024-01-01"), (12, "2024-01-01"), *((112, start) for start in windows)
        }
    }  # fmt: skip
    with acting_as(Persona.OPERATOR):
        months = Rollup.objects.filter(grain=1, numerator__gt=23).values_list(
            "series__unit__code", "start", "numerator"
        )
        assert set(months) == {
            *(("all", later(date(2023, 1, 1), month), 2 * month) for month in range(12, 24) if month != 13),
            ("all", date(2024, 2, 1), 63), ("east", date(2024, 2, 1), 50),
        }  # fmt: skip
    with acting_as(Persona.WORKER, organisation=facts.organisation):
        roll_up_again(facts.organisation.pk)
    with acting_as(Persona.OPERATOR):
        assert dict(Rollup.objects.values_list("pk", "end")) == right


def test_twelve_months_are_added_up_when_all_of_them_are_there(facts: Facts) -> None:
    facts.blank_over("seen", "west", "2024-03")
    facts.roll_up()
    with acting_as(Persona.OPERATOR):
        of_west = Rollup.objects.filter(grain=112, series__unit__code="west").values_list(
            "start", "end", "numerator"
        )
        found = {start.isoformat(): (end.isoformat(), total) for start, end, total in of_west}
    assert set(found) == {"2023-02-01", "2023-03-01"}
    assert found["2023-03-01"] == ("2024-02-29", sum(range(2, 14)))


def test_squares_beyond_the_reach_of_a_float_are_exact(facts: Facts) -> None:
    facts.metric("dollars", kind="mean", frequency=3)
    for unit in ("east", "west"):
        facts.add("dollars", unit, "2024-Q1", {"": (2**53, 2)}, squares={"": 2**106 + 1})
    facts.roll_up()
    with acting_as(Persona.OPERATOR):
        total = Rollup.objects.get(series__metric__code="dollars", series__unit__code="all", grain=3)
        assert int(total.squares) == 2**107 + 2


def test_a_sum_too_large_to_keep_is_refused_and_not_wrapped(facts: Facts) -> None:
    for unit in ("east", "west"):
        facts.change("seen", unit, "2024-02", {"": (2**63 - 1, 2**63 - 1)})
    with pytest.raises(DatabaseError, match="out of range"):
        facts.roll_up()


def test_an_observation_of_a_series_that_the_institution_has_not_is_refused(
    facts: Facts, house: House
) -> None:
    stranger = Facts(house.elsewhere, {"all": house.units["elsewhere/all"]})
    stranger.metric("seen", frequency=1)
    stranger.add("seen", "all", "2024-01", {"": (1, 2)})
    series = stranger.series["seen", "all", ""]
    with acting_as(Persona.WORKER, organisation=house.riverside), connections["owner"].cursor() as cursor:
        for theirs in (series.pk, 10**9):
            with (
                pytest.raises(DatabaseError, match=f"has no series {theirs}"),
                transaction.atomic(using="owner"),
            ):
                cursor.execute(
                    'INSERT INTO metrics_observation (organisation_id, series_id, grain, start, "end", numerator, blank,'
                    " batch_id) VALUES (%s, %s, 1, '2025-01-01', '2025-01-31', 1, '', %s)",
                    [house.riverside.pk, theirs, facts.batch.pk],
                )


def test_an_observation_cannot_be_moved(facts: Facts) -> None:
    with acting_as(Persona.OPERATOR), pytest.raises(DatabaseError, match="stays where it is"):
        Observation.objects.filter(start=date(2024, 2, 1)).update(start=date(2025, 2, 1))


def test_nobody_deletes_a_series(facts: Facts) -> None:
    """An observation is checked against its series only when it is written."""
    with acting_as(Persona.OPERATOR), connections["owner"].cursor() as cursor:
        for statement in ("DELETE FROM metrics_series", "UPDATE metrics_series SET id = id + 1000"):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(using="owner"):
                cursor.execute(statement)
