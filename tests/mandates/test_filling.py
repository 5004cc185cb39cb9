"""Filling from published cells: what is shown, suppressed, blank and why; what is added up and what is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from equity.mandates.crosswalk import OwnDimension, OwnGroup, cross
from equity.mandates.filling import Answering, Panel, State, Value, Why, combine, fill, overall
from equity.mandates.reading import read_template, shipped
from metrics.figures import Cell

SMALL = read_template(Path(__file__).with_name("neighborhood.toml").read_text())
SEEN = SMALL.measures[0]
PAYER = SMALL.stratifications[0]
PLACE = SMALL.kinds[0]
PAYERS = OwnDimension(
    "payer",
    "Who pays",
    partition=True,
    groups=(
        OwnGroup("medicaid", "Medicaid", "2", missing=False),
        OwnGroup("private", "Private", "5", missing=False),
        OwnGroup("barter", "Barter", "", missing=False),
        OwnGroup("unknown", "Unknown", "", missing=True),
    ),
)
ANSWERING = {"seen": Answering("seen-in-time", "proportion")}


def shown(numerator: int, denominator: int) -> Cell:
    return Cell("published", numerator, denominator)


def tables(cells, units=("east",), dimensions=None, chosen=None, answering=None):
    crosswalk = cross(PAYER, {"payer": PAYERS} if dimensions is None else dimensions, chosen)
    panel = Panel(PLACE, tuple(units))
    (table,) = fill(panel, [SEEN], ANSWERING if answering is None else answering, cells, [crosswalk])
    return table


def group(table, code) -> Value:
    return next(row.value for row in table.blocks[0].rows if row.group.code == code)


# ---------------------------------------------------------------- one cell
def test_shown_cell_has_numerator_denominator_and_rate():
    table = tables({("seen-in-time", "east"): {"": shown(30, 120), "payer=medicaid": shown(10, 50)}})
    assert (table.overall.numerator, table.overall.denominator, table.overall.rate) == (30, 120, 25.0)
    assert group(table, "medicaid").rate == 20.0


def test_hidden_cell_is_suppressed_in_whole_though_its_denominator_may_be_shown_elsewhere():
    value = group(
        tables({("seen-in-time", "east"): {"payer=medicaid": Cell("hidden", None, 40)}}), "medicaid"
    )
    assert value == Value(State.SUPPRESSED)


@pytest.mark.parametrize("status", ["not_collected", "not_asked", "not_yet_due", "withheld"])
def test_blank_keeps_its_kind(status):
    value = group(tables({("seen-in-time", "east"): {"payer=medicaid": Cell(status)}}), "medicaid")
    assert (value.state, value.why) == (State.BLANK, Why(status))


def test_cell_that_was_not_published_is_blank():
    assert group(tables({}), "medicaid").why is Why.NOT_PUBLISHED


def test_group_of_nobody_is_blank_and_not_zero():
    value = group(tables({("seen-in-time", "east"): {"payer=medicaid": shown(0, 0)}}), "medicaid")
    assert (value.state, value.why, value.rate) == (State.BLANK, Why.NOBODY, None)


def test_nobody_in_the_numerator_is_a_rate_of_zero():
    value = group(tables({("seen-in-time", "east"): {"payer=medicaid": shown(0, 90)}}), "medicaid")
    assert (value.state, value.rate) == (State.SHOWN, 0.0)


def test_measure_that_no_metric_answers_is_blank_everywhere():
    table = tables({("seen-in-time", "east"): {"": shown(30, 120)}}, answering={})
    assert {table.overall.why, *(row.value.why for row in table.blocks[0].rows)} == {Why.NO_METRIC}
    assert table.metric == ""


def test_small_rate_is_shown_and_unsteady():
    value = group(tables({("seen-in-time", "east"): {"payer=medicaid": shown(6, 12)}}), "medicaid")
    assert value.shown
    assert not value.reliable


# ---------------------------------------------------------------- groups
def test_dimension_that_the_institution_lacks_is_blank():
    assert group(tables({("seen-in-time", "east"): {}}, dimensions={}), "medicaid").why is Why.NO_GROUP


def test_several_groups_of_the_institution_are_added_up():
    cells = {("seen-in-time", "east"): {"payer=medicaid": shown(10, 50), "payer=barter": shown(20, 50)}}
    value = group(tables(cells, chosen={"medicaid": ["medicaid", "barter"]}), "medicaid")
    assert (value.numerator, value.denominator, value.rate) == (30, 100, 30.0)


def test_groups_that_overlap_are_not_added_up():
    overlapping = OwnDimension("payer", "Who pays", partition=False, groups=PAYERS.groups)
    cells = {("seen-in-time", "east"): {"payer=medicaid": shown(10, 50), "payer=barter": shown(20, 50)}}
    table = tables(cells, dimensions={"payer": overlapping}, chosen={"medicaid": ["medicaid", "barter"]})
    assert group(table, "medicaid").why is Why.OVERLAP


def test_one_hidden_part_hides_the_sum():
    cells = {("seen-in-time", "east"): {"payer=medicaid": shown(10, 50), "payer=barter": Cell("hidden")}}
    assert group(tables(cells, chosen={"medicaid": ["medicaid", "barter"]}), "medicaid").suppressed


def test_group_that_was_put_elsewhere_is_not_proposed_too():
    crosswalk = cross(PAYER, {"payer": PAYERS}, {"private": ["private", "medicaid"]})
    assert crosswalk.takes == {"private": ("private", "medicaid"), "medicaid": ()}


def test_groups_that_go_nowhere_are_named_without_gaps_in_records():
    assert cross(PAYER, {"payer": PAYERS}).left == ("Barter",)


def test_list_that_is_not_there_in_whole_is_not_taken():
    (california,) = (one for one in shipped() if one.code == "california-hospital-equity")
    age = next(one for one in california.stratifications if one.code == "age")
    bands = [
        OwnGroup(code, code, "", missing=False)
        for code in ("18-24", "25-34", "35-44", "45-54", "55-64", "65-74")
    ]
    crosswalk = cross(age, {"age": OwnDimension("age", "Age", partition=True, groups=tuple(bands))})
    assert crosswalk.takes["18-34"] == ("18-24", "25-34")
    assert crosswalk.takes["35-49"] == ()
    assert crosswalk.takes["65-up"] == ()
    assert crosswalk.left == ("35-44", "45-54", "55-64", "65-74")


def test_standard_code_finds_a_group_that_has_another_name():
    (california,) = (one for one in shipped() if one.code == "california-hospital-equity")
    race = california.stratifications[0]
    own = OwnDimension(
        "race", "Race", partition=True, groups=(OwnGroup("aa", "Black", "2054-5", missing=False),)
    )
    assert cross(race, {"race": own}).takes["black"] == ("aa",)


# ---------------------------------------------------------------- a system
def test_system_adds_up_its_hospitals():
    cells = {
        ("seen-in-time", "east"): {"": shown(30, 120)},
        ("seen-in-time", "west"): {"": shown(10, 80)},
    }
    assert tables(cells, units=("east", "west")).overall.rate == 20.0


def test_system_with_a_hidden_hospital_is_suppressed_and_with_a_silent_one_blank():
    cells = {("seen-in-time", "east"): {"": shown(30, 120)}, ("seen-in-time", "west"): {"": Cell("hidden")}}
    assert tables(cells, units=("east", "west")).overall.suppressed
    del cells["seen-in-time", "west"]
    assert tables(cells, units=("east", "west")).overall.why is Why.NOT_PUBLISHED


# ---------------------------------------------------------------- always
STATUSES = st.sampled_from(["published", "hidden", "not_collected", "withheld", None])


@st.composite
def some_cells(draw):
    made = []
    for status in draw(st.lists(STATUSES, max_size=5)):
        denominator = draw(st.integers(0, 500))
        numbers = (draw(st.integers(0, denominator)), denominator) if status == "published" else (None, None)
        made.append(None if status is None else Cell(status, *numbers))
    return made


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some_cells())
def test_number_is_given_only_where_every_part_is_shown(cells):
    value = combine(cells, SEEN, "proportion")
    if any(cell is not None and cell.hidden for cell in cells):
        assert value.state is State.SUPPRESSED
    elif not cells or any(cell is None or not cell.shown for cell in cells):
        assert value.state is State.BLANK
    else:
        total = sum(cell.denominator for cell in cells)
        assert value.state is (State.SHOWN if total else State.BLANK)
    if not value.shown:
        assert (value.numerator, value.denominator, value.rate) == (None, None, None)
    else:
        assert value.numerator == sum(cell.numerator for cell in cells)


def test_overall_reads_everybody_and_no_group():
    cells = {("seen-in-time", "east"): {"payer=medicaid": shown(10, 50)}}
    assert overall(SEEN, ANSWERING["seen"], ["east"], cells).why is Why.NOT_PUBLISHED


def test_units_are_not_added_up_where_a_person_may_be_in_several() -> None:
    once = Answering("seen-in-time", "proportion", once_over_units=True)
    cells = {("seen-in-time", unit): {"": shown(40, 80)} for unit in ("east", "west")}
    assert overall(SEEN, once, ["east"], cells).numerator == 40
    assert overall(SEEN, once, ["east", "west"], cells) == Value(State.BLANK, why=Why.SEVERAL_UNITS)
    table = tables(cells, ("east", "west"), answering={"seen": once})
    assert {row.value.why for block in table.blocks for row in block.rows} <= {
        Why.SEVERAL_UNITS,
        Why.NO_GROUP,
    }
