"""A release that cannot be certified whole leaves out the part that stands in the way, and says so."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np

from metrics.disclosure import (
    PLAN,
    CellKey,
    Certification,
    Dimension,
    Part,
    Reason,
    Row,
    Structure,
    Whole,
    certify,
    protect,
    verify,
)
from metrics.disclosure.degrade import _parts, _Release
from metrics.disclosure.equations import build_table

DIMENSIONS = ("age", "race", "sex")
CUBE = Structure(tuple(Dimension(name, (f"{name} 0", f"{name} 1", f"{name} 2")) for name in DIMENSIONS))


def cube(seed: int) -> list[Row]:
    """Every margin of a three-way table of random people."""
    random = np.random.default_rng(seed)
    typical = (0, 1, 2, 3, 5, 8, 10, 11, 14, 20, 30, 30, 45, 60, 60, 90, 120, 150)
    people = random.choice(typical, size=(3, 3, 3, 2))
    rows = []
    for used in itertools.chain.from_iterable(itertools.combinations(range(3), n) for n in range(4)):
        counts = people.sum(axis=tuple(axis for axis in range(3) if axis not in used))
        for chosen in itertools.product(range(3), repeat=len(used)):
            stratum = tuple(
                (DIMENSIONS[a], f"{DIMENSIONS[a]} {n}") for a, n in zip(used, chosen, strict=True)
            )
            rows.append(Row("Org", "2024", stratum, int(counts[(*chosen, 1)]), int(counts[chosen].sum())))
    return rows


@cache
def undecided_without_integer_programmes() -> tuple[Row, ...]:
    """A table for which linear programmes do not find every witness. The first seed is known to be one."""
    for seed in (31, *range(300)):
        rows = cube(seed)
        if not protect(build_table(rows, CUBE), node_limit=0).proved:
            return tuple(rows)
    raise AssertionError("every table was certified without integer programmes")


def parts_dropped(certification: Certification) -> list[Part]:
    return [drop.part for drop in certification.certificate.dropped]


def test_release_that_can_be_certified_is_whole() -> None:
    certification = certify(undecided_without_integer_programmes(), CUBE)
    assert certification.certificate.proved
    assert parts_dropped(certification) == []


def test_release_without_rows_shows_nothing() -> None:
    certification = certify([], Structure())
    assert certification.certificate.proved
    assert certification.new == {}


def test_undecided_release_leaves_out_intersections_and_says_why() -> None:
    certification = certify(undecided_without_integer_programmes(), CUBE, node_limit=0)
    (drop, *_) = certification.certificate.dropped
    assert drop.part is Part.INTERSECTIONS
    assert {each.reason for each in drop.because} == {Reason.UNDECIDED}
    deepest = {key for key in certification.table.keys if len(key.stratum) == 3}
    assert drop.cells == len(deepest)
    assert deepest <= certification.certificate.hidden
    assert certification.new
    assert verify(certification.table, certification.certificate) == []


def test_part_that_is_left_out_keeps_what_earlier_releases_show() -> None:
    rows = undecided_without_integer_programmes()
    whole = certify(rows, CUBE)
    shown = next(key for key, count in whole.view.shown.items() if count >= 11 and len(key.stratum) == 3)
    release = _Release(whole.table, 11, frozenset(), {shown: whole.view.shown[shown]}, 0)
    everything = np.ones(len(whole.table.keys), dtype=bool)
    assert release.leave_out(Part.INTERSECTIONS, everything, whole.certificate)
    assert whole.table.keys_at(~release.withheld) == {shown}


def test_plan_decides_what_is_left_out() -> None:
    certification = certify(undecided_without_integer_programmes(), CUBE, node_limit=0, plan=())
    assert parts_dropped(certification) == [Part.CONNECTED]


def test_nothing_publishable_is_said() -> None:
    certification = certify(undecided_without_integer_programmes(), CUBE, node_limit=0, plan=())
    assert certification.new == {}
    assert certification.certificate.proved
    assert len(certification.view.hidden) == len(certification.table.keys)


def test_leaked_count_stops_what_is_tied_to_it_and_nothing_else() -> None:
    rows = [Row("Org", "q1", (), 4, 100), Row("Org", "q2", (), 40, 120)]
    leak = {CellKey("Org", "q1", (), "complement"): 96, CellKey("Org", "q1", (), "denominator"): 100}
    certification = certify(rows, Structure(), already_published=leak)
    assert [(each.key, each.reason) for each in certification.certificate.unproved] == [
        (CellKey("Org", "q1", (), "numerator"), Reason.EXPOSED)
    ]
    assert parts_dropped(certification) == []
    assert certification.new == {
        CellKey("Org", "q2", (), "numerator"): 40,
        CellKey("Org", "q2", (), "complement"): 80,
        CellKey("Org", "q2", (), "denominator"): 120,
    }


def test_small_count_shown_earlier_is_reported_and_stops_nothing() -> None:
    numerator = CellKey("Org", "q1", (), "numerator")
    certification = certify([Row("Org", "q1", (), 4, 100)], Structure(), already_published={numerator: 4})
    assert [(each.key, each.reason) for each in certification.certificate.unproved] == [
        (numerator, Reason.EXPOSED)
    ]
    assert set(certification.new.values()) == {96, 100}


def test_leaked_count_stops_the_year_it_belongs_to() -> None:
    rows = [Row("Org", "q1", (), 4, 100), Row("Org", "q2", (), 40, 120), Row("Org", "2024", (), 44, 220)]
    leak = {CellKey("Org", "q1", (), "complement"): 96, CellKey("Org", "q1", (), "denominator"): 100}
    certification = certify(rows, Structure(periods=(Whole("2024", ("q1", "q2")),)), already_published=leak)
    assert parts_dropped(certification) == [Part.CONNECTED]
    assert certification.new.keys() <= {
        CellKey("Org", "q2", (), "denominator"),
        CellKey("Org", "2024", (), "denominator"),
    }
    assert certification.view.shown.items() >= leak.items()


def test_plan_leaves_out_intersections_then_units_then_short_periods() -> None:
    race, sex = Dimension("race", ("a", "b")), Dimension("sex", ("f", "m"))
    structure = Structure(
        (race, sex),
        places=(Whole("Org", ("A", "B")),),
        periods=(Whole("2024", ("q1", "q2")), Whole("q1", ("m1", "m2"))),
    )
    strata = [(), (("race", "a"),), (("race", "a"), ("sex", "f"))]
    groups = itertools.product(("Org", "A", "B"), ("2024", "q1", "q2", "m1", "m2"), strata)
    counts = {"2024": 400, "q1": 200, "q2": 200, "m1": 100, "m2": 100}
    rows = [
        Row(place, period, stratum, 0, counts[period] * (2 if place == "Org" else 1) // 2 ** len(stratum))
        for place, period, stratum in groups
    ]
    table = build_table(rows, structure)
    listed = [key for key, is_listed in zip(table.keys, table.listed, strict=True) if is_listed]
    steps = [
        (part, {table.keys[cell] for cell in np.flatnonzero(cells)}) for part, cells in _parts(table, PLAN)
    ]
    assert [part for part, _ in steps] == [
        Part.UNIT_INTERSECTIONS,
        Part.INTERSECTIONS,
        Part.UNITS,
        Part.FINEST_PERIODS,
        Part.FINEST_PERIODS,
    ]
    expected = [
        {key for key in listed if key.place != "Org" and len(key.stratum) == 2},
        {key for key in listed if len(key.stratum) == 2},
        {key for key in listed if key.place != "Org"},
        {key for key in listed if key.period in {"m1", "m2", "q2"}},
        {key for key in listed if key.period == "q1"},
    ]
    assert [step & set(listed) for _, step in steps] == expected
