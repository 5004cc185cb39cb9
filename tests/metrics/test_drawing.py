"""Geometry of the equiplot and the run chart, and the templates that draw them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.template import Context, Engine
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.drawing import (
    Entry,
    Event,
    Point,
    Reference,
    RunCharts,
    Series,
    Span,
    equiplot,
    run_charts,
)
from metrics.drawing.axis import nice_axis
from metrics.stats import Estimate, Proportion

if not django_settings.configured:
    django_settings.configure(USE_I18N=False)

TEMPLATES = Path(__file__).parents[2] / "templates"
YEARS = [str(year) for year in range(1999, 2009)]
PILL = "Hidden to protect privacy"


def in_hundred(numerator: int, denominator: int) -> Estimate:
    estimate = Proportion(numerator, denominator).estimate()
    assert estimate is not None
    return estimate.scaled(100)


BLACK = Entry("Black or African American patients", in_hundred(2_155, 19_210))
HISPANIC = Entry("Hispanic or Latino patients", in_hundred(212, 2_037))
ASIAN = Entry("Asian patients", in_hundred(65, 641))
ANOTHER = Entry("Patients of another group", in_hundred(145, 1_506))
WHITE = Entry("White patients", in_hundred(8_592, 76_099))
UNRECORDED = Entry("Race not recorded", in_hundred(188, 2_273), missing=True, note="A gap in our records")
GAP = Span(8_592 / 760.99, 145 / 15.06, Estimate(1.66, 0.05, 3.07))
ALL_STAYS = Reference("All stays", 1_135_700 / 101_766)
READMISSIONS = [UNRECORDED, BLACK, HISPANIC, ASIAN, ANOTHER, WHITE]


def rendered(template: str, **context: object) -> str:
    engine = Engine(
        dirs=[str(TEMPLATES)], builtins=["django.templatetags.i18n", "equity.templatetags.furniture"]
    )
    with translation.override("en"):
        return engine.get_template(template).render(Context(context))


def shown(*values: float | None) -> list[Point]:
    return [Point(hidden=True) if value is None else Point(value) for value in values]


def strings_in(drawing: object) -> Iterator[str]:
    if isinstance(drawing, str):
        yield drawing
    elif isinstance(drawing, tuple):
        for part in drawing:
            yield from strings_in(part)
    elif is_dataclass(drawing):
        for field in fields(drawing):
            yield from strings_in(getattr(drawing, field.name))


# ---------- axis


@pytest.mark.parametrize(
    ("values", "steps", "ticks"),
    [
        ([7.21, 12.72], 6, (7, 8, 9, 10, 11, 12, 13)),
        ([44, 81], 6, (40, 50, 60, 70, 80, 90)),
        ([7.0, 14.5], 3, (5, 10, 15)),
        ([0.3, 0.62], 6, (0.3, 0.4, 0.5, 0.6, 0.7)),
        ([-1.2, 3.1], 6, (-2, -1, 0, 1, 2, 3, 4)),
        ([1_100, 1_900], 3, (1_000, 1_500, 2_000)),
        ([0, 100], 6, (0, 20, 40, 60, 80, 100)),
        ([5, 5], 6, (4.4, 4.6, 4.8, 5.0, 5.2, 5.4, 5.6)),
        ([0, 0], 3, (0, 0.5, 1)),
        ([11.2, 11.200000000000001], 2, (10, 12, 14)),
    ],
)
def test_nice_axis_has_round_ends_and_ticks(
    values: list[float], steps: int, ticks: tuple[float, ...]
) -> None:
    axis = nice_axis(values, steps=steps)
    assert axis is not None
    assert axis.ticks == ticks


def test_nice_axis_labels_have_the_decimals_their_step_needs() -> None:
    fine, coarse = nice_axis([0.3, 0.62], steps=6), nice_axis([1_100, 1_900], steps=3)
    assert fine is not None
    assert coarse is not None
    assert [fine.label(tick) for tick in fine.ticks] == ["0.3", "0.4", "0.5", "0.6", "0.7"]
    assert [coarse.label(tick) for tick in coarse.ticks] == ["1,000", "1,500", "2,000"]


def test_nice_axis_of_nothing_is_none() -> None:
    assert nice_axis([], steps=6) is None


@settings(deadline=None)
@given(st.lists(st.floats(-1e6, 1e6).map(lambda value: round(value, 6)), min_size=1), st.integers(2, 10))
def test_nice_axis_spans_its_values_in_no_more_than_its_steps(values: list[float], steps: int) -> None:
    axis = nice_axis(values, steps=steps)
    assert axis is not None
    slack = 1e-9 * max(1.0, *(abs(value) for value in values))
    assert axis.ticks[0] - slack <= min(values) <= max(values) <= axis.ticks[-1] + slack
    assert 1 <= len(axis.ticks) - 1 <= steps
    assert min(values) < 0 or axis.ticks[0] >= 0
    assert axis.share(axis.ticks[0]) == 0
    assert axis.share(axis.ticks[-1]) == 1


# ---------- equiplot


def test_equiplot_places_the_published_readmission_rates() -> None:
    chart = equiplot(READMISSIONS, gap=GAP, reference=ALL_STAYS)
    assert [(tick.at, tick.label) for tick in chart.ticks][:2] == [("0.00%", "7"), ("16.67%", "8")]
    assert [(tick.at, tick.label) for tick in chart.ticks][-1] == ("100.00%", "13")
    assert [(row.at, row.start, row.end) for row in chart.rows] == [
        ("70.30%", "62.99%", "77.87%"),
        ("56.79%", "35.92%", "80.15%"),
        ("52.34%", "17.27%", "95.33%"),
        ("43.80%", "20.66%", "70.37%"),
        ("71.51%", "67.79%", "75.29%"),
        ("", "43.80%", "71.51%"),
        ("21.18%", "3.46%", "41.25%"),
    ]
    assert chart.reference is not None
    assert (chart.reference.at, chart.reference.value) == ("69.33%", "11.2")


def test_equiplot_puts_the_gap_below_the_groups_and_missing_records_apart() -> None:
    chart = equiplot(READMISSIONS, gap=GAP)
    assert [row.kind for row in chart.rows] == ["group"] * 5 + ["gap", "apart"]
    assert [row.label for row in chart.rows[:5]] == [entry.label for entry in READMISSIONS[1:]]
    assert (chart.rows[5].value, chart.rows[5].low, chart.rows[5].high) == ("1.7", "0.1", "3.1")


@pytest.mark.parametrize(
    ("value", "anchor"), [(0.5, "start"), (5.0, "middle"), (9.5, "end"), (1.6, "middle"), (8.4, "middle")]
)
def test_equiplot_keeps_the_reference_label_inside_the_drawing(value: float, anchor: str) -> None:
    chart = equiplot([Entry("All", Estimate(5, 0, 10))], reference=Reference("Goal", value))
    assert chart.reference is not None
    assert chart.reference.anchor == anchor


def test_equiplot_draws_no_mark_for_a_hidden_row() -> None:
    chart = equiplot([ANOTHER, WHITE, Entry("Asian patients", hidden=True)])
    hidden = chart.rows[2]
    assert hidden.hidden
    assert not hidden.drawn
    assert (hidden.value, hidden.low, hidden.high, hidden.at, hidden.start, hidden.end) == ("",) * 6


def test_equiplot_with_everything_hidden_keeps_its_rows_and_draws_nothing() -> None:
    chart = equiplot([Entry("A", hidden=True), Entry("B", hidden=True, missing=True)])
    assert [(row.kind, row.drawn) for row in chart.rows] == [("group", False), ("apart", False)]
    assert chart.ticks == ()


@pytest.mark.parametrize(
    "fields_given",
    [
        {"estimate": Estimate(1, 0, 2), "hidden": True},
        {"estimate": Estimate(1, 0, 2), "instead": "Not asked"},
        {"hidden": True, "instead": "Not asked"},
        {},
    ],
)
def test_entry_is_an_estimate_or_hidden_or_words_and_never_two(fields_given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="estimate, or is hidden, or has words"):
        Entry("Asian patients", **fields_given)


def test_equiplot_template_writes_numbers_beside_every_mark() -> None:
    html = rendered(
        "components/equiplot.html",
        chart=equiplot(READMISSIONS, gap=GAP, reference=ALL_STAYS),
        caption="Returns in 100 stays.",
    )
    assert html.count('class="dot"') == 5 + 1  # one in the key
    assert html.count("dot--hollow") == 1
    assert html.count('class="gap"') == 3
    assert 'class="ref" x="69.33%"' in html
    assert '<circle class="dot" cx="70.30%" cy="50%" r="8"/>' in html
    assert "likely 10.8 to 11.7" in html
    assert "likely 0.1 to 3.1" in html
    assert html.index("The gap") < html.index("Race not recorded")
    assert "<figcaption>Returns in 100 stays." in html


def test_equiplot_template_hides_every_drawing_from_screen_readers_and_styles_nothing_inline() -> None:
    chart = equiplot(READMISSIONS, gap=GAP, reference=ALL_STAYS)
    html = rendered("components/equiplot.html", chart=chart, caption="")
    assert html.count('aria-hidden="true" focusable="false"') == html.count("<svg") == 11
    assert "role=" not in html
    assert "style=" not in html


def test_equiplot_template_shows_the_pill_for_hidden_and_words_for_not_asked() -> None:
    entries = [WHITE, Entry("Asian patients", hidden=True), Entry("American Indian", instead="Not asked")]
    html = rendered("components/equiplot.html", chart=equiplot(entries), caption="")
    assert html.count(PILL) == 1
    assert html.count("Not asked") == 1
    assert html.count('class="ci"') == 1 + 1  # one in the key


def test_equiplot_template_has_a_small_form() -> None:
    html = rendered(
        "components/equiplot.html", chart=equiplot([WHITE], gap=GAP, mini=True), caption="Returns"
    )
    assert "equiplot--mini" in html
    assert 'r="6.5"' in html
    assert "(11.1 to 11.5)" in html
    assert "likely" not in html


def test_labels_are_escaped_in_the_templates() -> None:
    html = rendered("components/equiplot.html", chart=equiplot([Entry("<b>", hidden=True)]), caption="<i>")
    assert "&lt;b&gt;" in html
    assert "&lt;i&gt;" in html


# ---------- run chart


def test_run_charts_share_one_scale() -> None:
    charts = run_charts([Series("Low", shown(5, 7, 6)), Series("High", shown(13, 15, 14))], YEARS[:3])
    assert [line.label for line in charts.grid] == ["5", "10", "15"]
    assert [line.y for line in charts.grid] == ["100.0", "58.0", "16.0"]
    assert [panel.points[0].y for panel in charts.panels] == ["100.0", "32.8"]


def test_run_charts_spread_periods_from_edge_to_edge() -> None:
    charts = run_charts([Series("All", shown(*range(5, 15)))], YEARS, events=[Event(4, "A")])
    xs = [point.x for point in charts.panels[0].points]
    assert (xs[0], xs[1], xs[-1]) == ("9.00%", "18.70%", "96.30%")
    assert charts.first_period is not None
    assert charts.last_period is not None
    assert (charts.first_period.text, charts.last_period.text) == ("1999", "2008")
    assert [(event.x, event.text) for event in charts.events] == [("47.80%", "A")]


def test_run_charts_of_one_period_stand_in_the_middle_without_a_second_label() -> None:
    charts = run_charts([Series("All", shown(5))], YEARS[:1])
    assert charts.panels[0].points[0].x == "54.65%"
    assert charts.last_period is None
    assert charts.panels[0].last is None


def test_run_charts_make_room_for_long_tick_labels() -> None:
    short = run_charts([Series("All", shown(5, 15))], YEARS[:2])
    long = run_charts([Series("All", shown(1_100, 1_900))], YEARS[:2])
    assert (short.labels_end, short.plot_begins) == ("4.50%", "7.00%")
    assert (long.labels_end, long.plot_begins) == ("16.50%", "19.00%")
    assert long.panels[0].points[0].x == "21.00%"


def test_hidden_points_leave_a_visible_break() -> None:
    panel = run_charts([Series("All", shown(10, 11, None, 12, None, 13, 14))], YEARS[:7]).panels[0]
    assert len(panel.points) == 5
    lines = [part for part in panel.path.split("M") if "L" in part]
    assert [(line.split()[0], line.split("L")[-1].split()[0]) for line in lines] == [
        ("9.00", "23.55"),
        ("81.75", "96.30"),
    ]
    assert panel.hidden == 2


def test_points_that_are_absent_break_the_line_but_are_not_called_hidden() -> None:
    panel = run_charts([Series("All", [Point(10), Point(), Point(12)])], YEARS[:3]).panels[0]
    assert "L" not in panel.path
    assert panel.hidden == 0


def test_the_line_joins_the_points_it_lies_between() -> None:
    panel = run_charts([Series("All", shown(5, 15))], YEARS[:2]).panels[0]
    first, last = panel.points
    assert panel.path == f"M{first.x.rstrip('%')} {first.y}L{last.x.rstrip('%')} {last.y}"


def test_the_line_behind_is_the_same_in_every_panel_and_stretches_the_scale() -> None:
    everybody = Series("Everybody", shown(10, 20))
    charts = run_charts([Series("A", shown(14, 15)), Series("B", shown(12, 13))], YEARS[:2], behind=everybody)
    assert [line.label for line in charts.grid][-1] == "20"
    assert charts.behind.count("L") == 1
    assert charts.behind_label == "Everybody"


def test_what_was_done_in_one_period_has_one_mark_with_all_its_letters() -> None:
    events = [Event(0, "A"), Event(1, "B"), Event(1, "C")]
    charts = run_charts([Series("All", shown(5, 15))], YEARS[:2], events=events)
    assert [mark.text for mark in charts.events] == ["A", "B C"]


def test_middle_line_lies_at_its_value_and_stretches_the_scale() -> None:
    charts = run_charts([Series("All", shown(6, 7), middle=14.0)], YEARS[:2])
    assert [line.label for line in charts.grid] == ["5", "10", "15"]
    assert (charts.panels[0].middle, charts.panels[0].middle_y) == ("14.0", "24.4")


def test_a_group_without_shown_points_moves_nothing_and_carries_no_signal() -> None:
    shown_group = Series("All", shown(5, 15))
    hidden_group = Series("Asian", shown(None, None), middle=1_000.0, signal="worse", note="Together: 10.1")
    charts = run_charts([shown_group, hidden_group], YEARS[:2])
    assert charts.grid == run_charts([shown_group], YEARS[:2]).grid
    panel = charts.panels[1]
    assert not panel.drawn
    assert (panel.middle, panel.middle_y, panel.signal, panel.points) == ("", "", "none", ())
    assert "1,000" not in rendered("components/run_chart.html", charts=charts, caption="")


def test_run_charts_with_everything_hidden_have_no_grid() -> None:
    charts = run_charts([Series("Asian", shown(None, None))], YEARS[:2])
    assert charts.grid == ()
    assert not charts.panels[0].drawn


def test_a_series_needs_one_point_a_period() -> None:
    with pytest.raises(ValueError, match="one point for each period"):
        run_charts([Series("All", shown(1, 2))], YEARS[:3])


def test_a_hidden_point_carries_no_value() -> None:
    with pytest.raises(ValueError, match="carries no value"):
        Point(3.0, hidden=True)


@pytest.fixture
def mixed() -> RunCharts:
    return run_charts(
        [
            Series("Hispanic", shown(12.6, None, 7.0), middle=12.8, signal="better", verdict="fewer returns"),
            Series("Another", shown(8.0, 9.0, 10.0), signal="worse", verdict="more returns"),
            Series("Asian", shown(None, None, None), verdict="Too few", note="Three years together: 10.1"),
            Series("Unrecorded", [Point(), Point(), Point()]),
        ],
        YEARS[:3],
        events=[Event(1, "A")],
    )


def test_run_chart_template_draws_shown_panels_and_says_what_is_hidden(mixed: RunCharts) -> None:
    html = rendered("components/run_chart.html", charts=mixed, caption="Returns in 100 stays.")
    assert html.count('<svg class="run"') == 2
    assert html.count('class="pt"') == 5
    assert html.count('class="line"') == 2
    assert html.count('class="mid"') == 1
    assert html.count('class="mark-line"') == 2
    assert html.count(PILL) == 2
    assert "1 of 3 periods" in html
    assert "Three years together: 10.1" in html
    assert "No numbers yet." in html
    assert '<span class="signal--better">Better.</span> fewer returns' in html
    assert '<span class="signal--worse">Worse.</span> more returns' in html


def test_run_chart_template_says_in_words_where_a_line_begins_ends_and_lies(mixed: RunCharts) -> None:
    html = rendered("components/run_chart.html", charts=mixed, caption="")
    assert "1999: 12.6. 2001: 7.0. Dashed line: 12.8." in html
    assert html.count('aria-hidden="true" focusable="false"') == html.count('<svg class="run"')
    assert "role=" not in html
    assert "style=" not in html


def test_everything_drawn_is_text_so_that_no_number_format_can_change_it(mixed: RunCharts) -> None:
    chart = equiplot(READMISSIONS, gap=GAP, reference=ALL_STAYS)
    places = [text for text in strings_in((chart, mixed)) if text.endswith("%")]
    assert len(places) > 30
    assert all(0 <= float(place.removesuffix("%")) <= 100 for place in places)
