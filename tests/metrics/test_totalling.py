"""Sums over institutions: what the public and each institution can work out from them, tried by counting every table."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from metrics.certification import judge
from metrics.figures import HIDDEN, PUBLISHED, Category, Cell, Dimension
from metrics.questions import Address, Answer, Count, Question
from metrics.reading.periods import parse_period
from metrics.totalling import TooFew, judge_totals

YEAR = parse_period("2024")
GROUPS = ("a", "b")
RACE = Dimension(
    "race", "Race", 0, True, {one: Category(one, one, one, False, n) for n, one in enumerate(GROUPS)}
)
STRATA = ("", "race=a", "race=b")
HOSPITALS = ("north", "south", "west")
SUM = "sum"

Events = Mapping[str, tuple[int, int]]
"""Hospital → how many events in group a and in group b."""


def question(events: Events, hidden: Mapping[str, set[str]], **more: object) -> Question:
    """Counts of events (no denominator). `hidden`: hospital → strata that it hides; the rest it has published."""
    counts = {
        Address(hospital, YEAR, stratum): Count(number, None)
        for hospital, (a, b) in events.items()
        for stratum, number in zip(STRATA, (a + b, a, b), strict=True)
    }
    earlier = {
        where: Cell(HIDDEN)
        if where.stratum in hidden.get(where.place, ())
        else Cell(PUBLISHED, count.numerator)
        for where, count in counts.items()
    }
    for stratum in STRATA:
        total = sum(count.numerator for where, count in counts.items() if where.stratum == stratum)
        counts[Address(SUM, YEAR, stratum)] = Count(total, None)
    return Question(
        kind="count",
        counts_people=True,
        counts=counts,
        blanks={},
        earlier=earlier,
        vocabulary={"race": RACE},
        parent_of=dict.fromkeys(events),
        totals={SUM: tuple(events)},
    )


def judged(events: Events, hidden: Mapping[str, set[str]]) -> Answer:
    found = judge_totals({"": question(events, hidden)}, {hospital: hospital for hospital in events})
    return found[""]


def shown(answer: Answer) -> dict[str, int | None]:
    """Stratum → the sum that is shown."""
    return {where.stratum: cell.numerator for where, cell in answer.cells.items()}


LARGE = {"north": (20, 30), "south": (40, 50), "west": (60, 70)}


def test_sums_of_large_counts_are_shown() -> None:
    assert shown(judged(LARGE, {})) == {"": 270, "race=a": 120, "race=b": 150}


def test_two_institutions_have_no_sum() -> None:
    with pytest.raises(TooFew):
        judged({"north": (20, 30), "south": (40, 50)}, {})


def test_one_hidden_count_hides_the_sum_that_would_give_it_back() -> None:
    """South hides both groups; of the others all is known, so the sum of a group less theirs is South's."""
    events = {**LARGE, "south": (4, 50)}
    told = shown(judged(events, {"south": {"race=a", "race=b"}}))
    assert (told["race=a"], told["race=b"]) == (None, None)
    assert told[""] == 20 + 30 + 54 + 130


def test_an_institution_does_not_learn_the_others_count_from_its_own() -> None:
    """The public could not tell 4 from 40 apart: it does not know what is North's. North does."""
    events = {"north": (40, 30), "south": (4, 50), "west": (60, 70)}
    hidden = {"north": {"race=a", "race=b"}, "south": {"race=a", "race=b"}}
    public = shown(judge_publicly(events, hidden))
    assert public["race=a"] == 104
    assert shown(judged(events, hidden))["race=a"] is None


def judge_publicly(events: Events, hidden: Mapping[str, set[str]]) -> Answer:
    answer = judge(question(events, hidden))
    answer.cells = {where: cell for where, cell in answer.cells.items() if where.place == SUM}
    return answer


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_nobody_can_tell_a_small_count(data: st.DataObject) -> None:
    """For the public and for each hospital: a hidden count of 1 to 10 people of another may be 11 or more, and at most 1."""
    count = st.one_of(st.integers(0, 14), st.integers(15, 25))
    events = {hospital: (data.draw(count), data.draw(count)) for hospital in HOSPITALS}
    hidden = {hospital: all_or_nothing(pair) for hospital, pair in events.items()}
    told = shown(judged(events, hidden))
    for insider in (None, *HOSPITALS):
        for hospital, place in product(HOSPITALS, range(len(GROUPS))):
            if hospital != insider and 1 <= events[hospital][place] <= 10:
                known = {one for one in HOSPITALS if one == insider or not hidden[one]}
                least, most = bounds_of((hospital, place), events, known, told)
                assert least <= 1, (events, told, insider, hospital)
                assert most >= 11, (events, told, insider, hospital)


def all_or_nothing(pair: tuple[int, int]) -> set[str]:
    """What a hospital hides: everything where a count is small, else nothing."""
    return set(STRATA) if any(1 <= one <= 10 for one in (*pair, sum(pair))) else set()


MOST = 1_000


def bounds_of(
    wanted: tuple[str, int], events: Events, known: set[str], told: Mapping[str, int | None]
) -> tuple[int, int]:
    """The least and the most whole number that a count can be, by what is known: whole hospitals, and some sums."""
    variables = list(product(HOSPITALS, range(len(GROUPS))))
    low = [float(events[one][place]) if one in known else 0.0 for one, place in variables]
    high = [float(events[one][place]) if one in known else float(MOST) for one, place in variables]
    rules = [
        LinearConstraint(
            [float(stratum in ("", f"race={GROUPS[place]}")) for _, place in variables], total, total
        )
        for stratum, total in told.items()
        if total is not None
    ]
    price = np.array([float(one == wanted) for one in variables])
    found = [
        milp(sign * price, integrality=np.ones(len(variables)), bounds=Bounds(low, high), constraints=rules)
        for sign in (1, -1)
    ]
    assert all(one.success for one in found), "what was published contradicts itself"
    return round(found[0].fun), round(-found[1].fun)
