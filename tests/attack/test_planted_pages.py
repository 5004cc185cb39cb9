"""Leaks on pages are planted, and found: rates, ranges, sentences, measures, charts, attributes. The same page without the leak
gives nothing. In all of them the numbers of B and C are hidden: C has 4 of 23, B 31 of 60, A 64 of 120.
"""

from __future__ import annotations

import json
import math

import pytest

from tests.attack.attacker import Finding, Material, Place
from tests.attack.attacker.told import Figure
from tests.attack.press import Press, at, attacked

EAST = at("east", "2025", a=(64, 120), b=(31, 60), c=(4, 23))
HIDDEN = {"east|2025|race=b", "east|2025|race=c"}
ADDRESS = "/p/riverside/measures/seen/?by=race&unit=east&period=2025-01-01..2025-12-31"
C = frozenset({("race", "c")})
PEOPLE, SHARES = (120, 60, 23), (64 / 120, 31 / 60, 4 / 23)
MEAN = 99 / 203
VARIANCE = sum(n / 203 * (share - MEAN) ** 2 for n, share in zip(PEOPLE, SHARES, strict=True))
THEIL = sum(n / 203 * share / MEAN * math.log(share / MEAN) for n, share in zip(PEOPLE, SHARES, strict=True))
WILSON = 6.97865, 37.13765
PILL = '<span class="pill">Hidden to protect privacy</span>'
NO_LEAK = f'<table><tbody><tr><th scope="row">C</th><td colspan="2">{PILL}</td></tr></tbody></table>'


def read(body: str, *, denominators: bool = True, press: Press | None = None) -> Material:
    """The rows of the API, with the denominators of hidden rows or without, and one page."""
    if press is None:
        press = Press()
        press.release(EAST, hide=HIDDEN, keep_denominator=HIDDEN if denominators else ())
    material = press.material()
    page = f"<!doctype html><html><body><main><h1>Seen in time</h1>{body}</main></body></html>"
    material.page(ADDRESS, page)
    return material


def of_c(found: list[Finding]) -> set[tuple[str, int, int]]:
    return {(one.outcome, one.low, one.high) for one in found if one.place.group == C}


def row(said: str, attributes: str = "") -> str:
    return f'<table><tr {attributes}><th scope="row">C <small>Few people: unsteady</small></th>{said}</tr></table>'


def test_the_page_without_a_leak_gives_nothing() -> None:
    for denominators in (True, False):
        assert attacked(read(NO_LEAK, denominators=denominators)) == []


@pytest.mark.parametrize(
    "leak",
    [
        row("<td>17.4 <small>7.0 to 37.1</small></td>"),
        row(f"<td>{PILL}</td>", 'title="4 of 23"'),
        row(f"<td>{PILL}</td>", 'data-numerator="4"'),
        row(f'<td aria-label="rate 17.4">{PILL}</td>'),
        row(f'<td>{PILL}<!-- 4 of 23 --></td>'),
        row(f'<td>{PILL}<span class="hidden-visually">4 of 23</span></td>'),
        "<p>Riverside counted 53.3 in 100 for A and 17.4 in 100 for C: <b>a gap of 35.9.</b></p>",
        "<p><b>35.9 in 100</b> (likely 12.0 to 50.0) lie between A and C.</p>",
        "<p>As a ratio: the number for C is 0.33 times the number for A (likely 0.13 to 0.80).</p>",
        "<p>63.7 visits would not have happened at the rate of C.</p>",
        '<img alt="Seen in time: 53.3 in 100 for A, 17.4 in 100 for C">',
        "<svg><title>Seen in time</title><desc>17.4 in 100 for C</desc></svg>",
        '<script type="application/json">{"rows": [{"label": "C", "numerator": 4}]}</script>',
        '<script type="application/json">{"data": [{"x": [53.33, 17.39], "y": ["A", "C"]}]}</script>',
        f"<p>Between-group variance: {VARIANCE:.4g}</p>",
        f"<p>Theil index: {THEIL:.4g}</p>",
    ],
    ids=[
        "a rate", "a title", "an attribute", "a label", "a comment", "words for screen readers", "a sentence", "a difference",
        "a ratio", "an excess", "an alternative text", "a description", "embedded counts", "embedded values",
        "a variance", "Theil’s index",
    ],
)  # fmt: skip
def test_a_number_on_a_page_gives_the_count_away(leak: str) -> None:
    assert ("numerator", 4, 4) in of_c(attacked(read(NO_LEAK + leak)))


@pytest.mark.parametrize(
    "harmless",
    [
        "<p>Riverside counted 53.3 in 100 for A and 48.8 in 100 for everybody.</p>",
        "<p>Between-group variance: 0</p>",
        "<p>Theil index: 0.0</p>",
        "<p>2 of 3 groups are hidden. 4 of 23 pages are new.</p>",
        '<script type="application/json">{"data": [{"x": [53.33], "y": ["A"]}]}</script>',
        '<img alt="Seen in time: 53.3 in 100 for A">',
    ],
)
def test_a_number_that_says_nothing_of_hidden_groups_gives_nothing(harmless: str) -> None:
    assert attacked(read(NO_LEAK + harmless)) == []


# --------------------------------------------------- both counts are hidden


def test_a_range_gives_both_counts_away() -> None:
    """Only one pair of whole numbers has this rate and this range."""
    found = of_c(attacked(read(row("<td>17.4 <small>7.0 to 37.1</small></td>"), denominators=False)))
    assert ("numerator", 4, 4) in found


def test_a_rate_alone_gives_both_counts_away_where_few_are_left() -> None:
    """B and C leave 48 people without the outcome: 17.391 in 100 can only be 4 of 23 or 8 of 46."""
    leak = row('<td aria-label="rate 17.391"></td>')
    assert ("numerator", 4, 8) in of_c(attacked(read(leak, denominators=False)))
    many = Press()
    many.release(at("east", "2025", a=(64, 120), b=(90, 300), c=(4, 23)), hide=HIDDEN)
    assert attacked(read(leak, press=many)) == []


# ------------------------------------------------------------------- drawings


def equiplot(*rows: str, dashed: str = "") -> str:
    """A chart from 0 to 60 in 100, as the product draws it."""
    ticks = "".join(f'<text x="{100 * tick / 60:.2f}%" y="17">{tick}</text>' for tick in (0, 20, 40, 60))
    line = f'<line class="all" x1="{dashed}" x2="{dashed}" y1="0" y2="100%"/>' if dashed else ""
    lines = "".join(f'<li class="eq"><svg class="track">{line}</svg>{row}</li>' for row in rows)
    return (
        f'<figure class="equiplot"><ul>{lines}</ul><div class="eq eq--axis"><svg>{ticks}</svg></div></figure>'
    )


def drawn(label: str, *, dot: float | None = None, line: tuple[float, float] | None = None) -> str:
    marks = ""
    if line:
        marks += f'<line class="ci" x1="{100 * line[0] / 60:.2f}%" x2="{100 * line[1] / 60:.2f}%"/>'
    if dot is not None:
        marks += f'<circle class="dot" cx="{100 * dot / 60:.2f}%" cy="50%" r="8"/>'
    return f'<span class="eq__label">{label}<small>Note</small></span><svg class="track">{marks}</svg>{PILL}'


def test_a_dot_without_a_number_is_measured() -> None:
    shown = drawn("A", dot=100 * 64 / 120)
    assert ("numerator", 4, 4) in of_c(attacked(read(equiplot(shown, drawn("C", dot=100 * 4 / 23)))))
    assert attacked(read(equiplot(shown, drawn("C")))) == []


def test_a_line_without_a_number_is_measured() -> None:
    """The likely range alone, of a group whose counts are both hidden."""
    leak = equiplot(drawn("C", line=WILSON))
    assert ("numerator", 4, 4) in of_c(attacked(read(leak, denominators=False)))
    assert attacked(read(equiplot(drawn("C")), denominators=False)) == []


def test_the_dashed_line_of_everybody_is_measured() -> None:
    """Everybody is hidden so that C cannot be subtracted; the dashed line tells it all the same."""
    hide = {"east|2025|", "east|2025|race=c"}
    for dashed, found in ((f"{100 * 48.768473 / 60:.2f}%", {("numerator", 4, 4)}), ("", set())):
        press = Press()
        press.release(EAST, hide=hide, keep_denominator=hide)
        assert of_c(attacked(read(equiplot(drawn("A"), dashed=dashed), press=press))) >= found
        if not dashed:
            assert attacked(read(equiplot(drawn("A"), dashed=dashed), press=press)) == []


def run_chart(label: str, points: dict[int, float]) -> str:
    """A panel over four quarters, 0 to 60 from 100 pixels up to 16."""
    grid = "".join(
        f'<line class="grid" x1="7%" x2="100%" y1="{100 - 84 * tick / 60:.1f}" y2="0"/><text x="4.5%" y="0">{tick}</text>'
        for tick in (0, 20, 40, 60)
    )
    dots = "".join(
        f'<circle class="pt" cx="{9 + 29.1 * n:.2f}%" cy="{100 - 84 * value / 60:.1f}" r="3.5"/>'
        for n, value in points.items()
    )
    names = '<text x="9.00%" y="124">Q1</text><text x="96.30%" y="124">Q4</text>'
    return f'<figure><ul class="multiples"><li><h3>{label}</h3><svg class="run">{grid}{dots}{names}</svg></li></ul></figure>'


def test_a_point_over_time_is_measured() -> None:
    quarters = {"Q1": (20, 60), "Q2": (4, 23), "Q3": (24, 60), "Q4": (25, 60)}
    counts = {
        key.replace("|2025|", f"|2025-{name}|"): count
        for name, c in quarters.items()
        for key, count in at("east", "2025", a=(64, 120), b=(31, 60), c=c).items()
    }
    hide = {"east|2025-Q2|race=b", "east|2025-Q2|race=c"}
    shown = {0: 100 * 20 / 60, 2: 40.0, 3: 100 * 25 / 60}
    for points, found in ((shown, set()), (shown | {1: 100 * 4 / 23}, {("numerator", 4, 4)})):
        press = Press()
        press.release(counts, hide=hide, keep_denominator=hide)
        assert of_c(attacked(read(run_chart("C", points), press=press))) == found


# ----------------------------------------------------------------- the reader


def test_a_page_is_read_by_its_own_choices() -> None:
    """What is selected on a page says more of what it shows than the address it was asked by."""
    form = (
        '<select name="unit"><option value="east" selected>East</option></select>'
        '<select name="period"><option value="2025-01-01..2025-12-31" selected>2025</option></select>'
        '<select name="by"><option value="race" selected>Race</option></select>'
    )
    material = read(NO_LEAK)
    material.page("/p/riverside/measures/seen/", form + row("<td>17.4</td><td>4 <small>of 23</small></td>"))
    place = Place("riverside/seen", "east", "2025-01-01..2025-12-31", C)
    assert (material.seq, Figure(place, "seen", 4, 23)) in material.said


def test_every_page_of_the_api_is_followed() -> None:
    press = Press()
    press.release(EAST)
    material = Material()
    body = json.loads(press.walk()) | {"next": "http://testserver/api/v1/observations?cursor=x"}
    assert material.json(json.dumps(body)) == body["next"]
