"""The ten widest: reference group, direction, ties, what is left out."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from equity.mandates.disparities import rank
from equity.mandates.filling import Block, Row, State, Table, Value, Why, blank
from equity.mandates.reading import read_template
from equity.mandates.template import Direction, Group

SMALL = read_template(Path(__file__).with_name("neighborhood.toml").read_text())
SEEN = SMALL.measures[0]
BACK = replace(SEEN, code="back", name="Back again", better=Direction.LOWER)
ANY = replace(SMALL.stratifications[0], reference="")


def value(numerator, denominator, *, reliable=True) -> Value:
    return Value(State.SHOWN, numerator, denominator, 100 * numerator / denominator, reliable)


def table(measure, by=ANY, *, apart=(), **values) -> Table:
    rows = tuple(
        Row(Group(code, code.capitalize(), (), "", apart=code in apart), one) for code, one in values.items()
    )
    return Table(SMALL.kinds[0], measure, "metric", value(1, 2), (Block(replace(by, groups=()), rows),))


def ranked(*tables, most=10):
    return rank(tables, most)


def codes(ranking):
    return [one.group.code for one in ranking.widest]


def test_reference_is_the_lowest_rate_where_less_is_better():
    (found,) = ranked(table(BACK, a=value(10, 100), b=value(30, 100))).widest
    assert (found.reference.code, found.group.code) == ("a", "b")
    assert (found.ratio, found.width) == (3, 3)


def test_reference_is_the_highest_rate_where_more_is_better():
    (found,) = ranked(table(SEEN, a=value(10, 100), b=value(30, 100))).widest
    assert (found.reference.code, found.group.code) == ("b", "a")
    assert (found.ratio, found.width) == (Fraction(1, 3), 3)


def test_widest_comes_first_whichever_way_is_better():
    ranking = ranked(
        table(BACK, a=value(10, 100), b=value(25, 100)), table(SEEN, c=value(60, 100), d=value(20, 100))
    )
    assert codes(ranking) == ["d", "b"]


def test_hidden_blank_and_unsteady_rates_are_neither_reference_nor_disparity():
    ranking = ranked(
        table(
            BACK,
            hidden=Value(State.SUPPRESSED),
            nothing=blank(Why.NOT_COLLECTED),
            unsteady=value(1, 400, reliable=False),
            a=value(10, 100),
            b=value(20, 100),
        )
    )
    assert [(one.group.code, one.reference.code) for one in ranking.widest] == [("b", "a")]


def test_group_whose_answer_is_not_known_is_left_out():
    ranking = ranked(
        table(BACK, a=value(10, 100), b=value(20, 100), declined=value(90, 100), apart=("declined",))
    )
    assert codes(ranking) == ["b"]


def test_equal_rates_are_no_disparity():
    assert ranked(table(BACK, a=value(10, 100), b=value(20, 200))).widest == ()


def test_one_group_is_no_disparity():
    assert ranked(table(BACK, a=value(10, 100))).widest == ()


def test_reference_rate_of_zero_is_left_out_and_told():
    ranking = ranked(table(BACK, a=value(0, 100), b=value(20, 100)))
    assert ranking.widest == ()
    assert [(one.reference.code, one.is_zero) for one in ranking.left_out] == [("a", True)]


def test_all_rates_zero_are_neither_left_out_nor_a_disparity():
    ranking = ranked(table(BACK, a=value(0, 100), b=value(0, 100)))
    assert (ranking.widest, ranking.left_out) == ((), ())


def test_rate_of_zero_where_more_is_better_is_the_widest_of_all():
    ranking = ranked(
        table(BACK, a=value(1, 1000), b=value(999, 1000)), table(SEEN, c=value(60, 100), d=value(0, 100))
    )
    assert codes(ranking) == ["d", "b"]
    assert (ranking.widest[0].ratio, ranking.widest[0].width) == (0, None)


def test_named_reference_group_is_compared_with_though_another_is_better():
    by = SMALL.stratifications[0]
    one = table(SEEN, medicaid=value(30, 100), private=value(60, 100), other=value(90, 100))
    named = replace(one, blocks=(Block(by, one.blocks[0].rows),))
    assert [(found.group.code, found.reference.code) for found in ranked(named).widest] == [
        ("medicaid", "private")
    ]


def test_named_reference_group_without_a_rate_is_told():
    by = SMALL.stratifications[0]
    one = table(SEEN, medicaid=value(30, 100), private=Value(State.SUPPRESSED))
    ranking = ranked(replace(one, blocks=(Block(by, one.blocks[0].rows),)))
    assert ranking.widest == ()
    assert [(left.reference.code, left.is_zero) for left in ranking.left_out] == [("private", False)]


def test_equal_ratios_go_by_difference_then_size_then_order():
    ranking = ranked(
        table(BACK, a=value(5, 100), b=value(10, 100)),
        table(replace(BACK, code="more"), c=value(20, 100), d=value(40, 100)),
        table(replace(BACK, code="same"), e=value(5, 100), f=value(20, 200)),
        table(replace(BACK, code="last"), g=value(5, 100), h=value(10, 100)),
    )
    assert codes(ranking) == ["d", "f", "b", "h"]


def test_what_is_as_wide_as_the_last_one_and_found_no_place_is_counted():
    tables = [table(replace(BACK, code=f"m{n}"), a=value(5, 100), b=value(10, 100)) for n in range(5)]
    ranking = ranked(*tables, most=2)
    assert len(ranking.widest) == 2
    assert ranking.tied_out == 3


def test_a_third_is_a_third_however_it_is_counted():
    """1/3 of 300 and 1/3 of 30,000 tie exactly: rounding decides nothing."""
    ranking = ranked(
        table(BACK, a=value(100, 900), b=value(100, 300)),
        table(replace(BACK, code="z"), c=value(10_000, 90_000), d=value(10_000, 30_000)),
        most=1,
    )
    assert ranking.tied_out == 1


RATES = st.dictionaries(
    st.sampled_from("abcdef"),
    st.tuples(st.integers(0, 60), st.integers(60, 200)).map(lambda pair: value(*pair)),
    min_size=2,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RATES, st.sampled_from([BACK, SEEN]), st.integers(1, 4))
def test_every_disparity_is_worse_than_its_reference_and_none_wider_is_missing(values, measure, most):
    ranking = ranked(table(measure, **values), most=most)
    every = ranked(table(measure, **values), most=100).widest
    assert ranking.widest == every[:most]
    for found in every:
        worse = found.value.rate > found.reference_value.rate
        assert worse is (measure.better is Direction.LOWER)
        assert found.width is None or found.width > 1
    widths = [found.width for found in every if found.width is not None]
    assert widths == sorted(widths, reverse=True)
