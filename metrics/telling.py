"""How figures change, in words: each group by the rules of run charts and limits, the gap as difference and as ratio."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from metrics.breaks import Break
from metrics.courses import Course, Trend
from metrics.figures import Definition, Figure
from metrics.stats import notes, words
from metrics.stats.change import GapTrend
from metrics.stats.runs import Direction
from metrics.wording import decimals, instead, period_label, short_period, unit_words


def trend_sentence(metric: Definition, found: Trend) -> SafeString:
    """Whether the gap closes: the two periods and the two gaps beside the word."""
    change = found.change
    if change.earlier is None or change.later is None:
        return format_html("{}", _too_few(found))
    before, after = (
        words.number(gap.difference.scaled(found.scale).value) for gap in (change.earlier, change.later)
    )
    told = {
        "before": before,
        "after": after,
        "unit": unit_words(metric),
        "earlier": period_label(found.earlier),
        "later": period_label(found.later),
    }
    return format_html(_TREND_SENTENCES[change.trend](), **told)


_TREND_SENTENCES = {
    GapTrend.CLOSING: lambda: _(
        "<b>The gap is closing:</b> {before} {unit} in {earlier}, {after} in {later}."
    ),
    GapTrend.GROWING: lambda: _(
        "<b>The gap is growing:</b> {before} {unit} in {earlier}, {after} in {later}."
    ),
    GapTrend.NO_CLEAR_CHANGE: lambda: _(
        "<b>We see no clear change:</b> {before} {unit} in {earlier}, {after} in {later}. That may be chance."
    ),
    GapTrend.TOO_FEW: lambda: _(
        "<b>Too few were counted</b> to say whether the gap changed: {before} {unit} in {earlier}, {after} in {later}."
    ),
}


def trend_brief(found: Trend | None) -> str:
    """The same in a few words, to follow the sentence about the gap; "" where nothing can be said."""
    if found is None:
        return ""
    return {
        GapTrend.CLOSING: _("It is closing."),
        GapTrend.GROWING: _("It is growing."),
        GapTrend.NO_CLEAR_CHANGE: _("We see no clear change."),
    }.get(found.change.trend, "")


def _too_few(found: Trend) -> str:
    if found.change.trend is GapTrend.NOT_MEASURED:
        return _("The groups were not measured in both periods, so we cannot say whether the gap changed.")
    return _(
        "Fewer than two groups are shown both in %(earlier)s and in %(later)s, so we cannot say whether the gap changed."
    ) % {"earlier": period_label(found.earlier), "later": period_label(found.later)}


def trend_beside(found: Trend) -> list[str]:
    """What belongs beside it: the ratio, whether the two moved in opposite directions, other groups, groups left out."""
    change = found.change
    told = []
    if change.earlier and change.later and change.earlier.ratio and change.later.ratio:
        told.append(
            _("As a ratio it was %(before)s, then %(after)s.")
            % {
                "before": words.number(change.earlier.ratio.value, 2),
                "after": words.number(change.later.ratio.value, 2),
            }
        )
    if opposite := notes.opposite_directions(change, _):
        told.append(f"{opposite} {_('One went up and the other down, so we show both.')}")
    if change.other_pair:
        told.append(_("The two groups furthest apart are not the same two as before."))
    if change.left_out:
        told.append(
            ngettext(
                "%(left)s group is left out: it is not shown in both periods.",
                "%(left)s groups are left out: they are not shown in both periods.",
                change.left_out,
            )
            % {"left": change.left_out}
        )
    return told


def verdict(course: Course) -> str:
    """What a run chart says of one line, in a few words."""
    chart = course.chart
    if chart.current is None and chart.too_few_crossings:
        return _("It moved: too few crossings of the middle for chance")
    return notes.shift(chart, _)


def direction(course: Course, metric: Definition) -> Direction:
    """Whether the shift that goes on is for the better; nothing is where neither way is better."""
    return course.chart.direction(metric.better)


@dataclass(frozen=True, slots=True)
class SignalRow:
    """What the rules say of one line, in words."""

    label: str
    middle: str
    verdict: str
    limits: str
    found: str


@dataclass(frozen=True, slots=True)
class ToldBreak:
    """Where the lines break: the day, since which period, and why ("" where that was not told)."""

    first_day: date
    since: str
    reason: str


def breaks(changed: Iterable[Break], history: Sequence[Figure]) -> list[ToldBreak]:
    """The breaks that fall between the periods of the charts. What lies before the last of them is not judged."""
    found = []
    for one in changed:
        after = [figure for figure in history if figure.period.start >= one.first_day]
        if 0 < len(after) < len(history):
            found.append(ToldBreak(one.first_day, short_period(after[0].period), one.reason))
    return found


def signals(courses: Sequence[Course], metric: Definition) -> list[SignalRow]:
    """Every line by both sets of rules: the run chart, and the limits from point to point."""
    return [_signal_row(course, decimals(metric)) for course in courses]


def _signal_row(course: Course, places: int) -> SignalRow:
    chart, limits = course.chart, course.limits.limits
    rules = dict.fromkeys(one.rule for one in course.limits.found)
    return SignalRow(
        label=course.label,
        middle="" if chart.middle is None else words.number(chart.middle, places),
        verdict=" ".join(filter(None, (_sentence(verdict(course)), notes.crossings(chart, _)))),
        limits=""
        if limits is None
        else _("%(low)s to %(high)s")
        % {"low": words.number(limits.low, places), "high": words.number(limits.high, places)},
        found=get_text_list([notes.xmr_found(rule, _) for rule in rules], _("and")),
    )


def _sentence(told: str) -> str:
    return f"{told}."


def rules() -> list[str]:
    """The rules that every page prints beside what they found."""
    return [notes.run_chart_rule(None, _), notes.xmr_rule(_)]


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """One period of every line, in words; `hidden`: to protect privacy."""

    period: str
    cells: list[tuple[str, bool]]


def over_time(courses: Sequence[Course], history: Sequence[Figure]) -> list[PeriodRow]:
    """Every number of the run charts, one row a period, one column a line."""
    return [
        PeriodRow(short_period(figure.period), [_cell(course, index, figure.metric) for course in courses])
        for index, figure in enumerate(history)
    ]


def _cell(course: Course, index: int, metric: Definition) -> tuple[str, bool]:
    line = course.lines[index]
    if line is None:
        return "", False
    if line.value is None:
        return instead(line), line.cell.hidden
    return words.number(line.value, decimals(metric)), False


@dataclass(frozen=True, slots=True)
class GapRow:
    """The gap of one period, in words."""

    period: str
    gap: str
    low: str
    high: str
    ratio: str
    first: str
    second: str
    clear: bool


def gaps(history: Sequence[Figure]) -> list[GapRow]:
    """How the gap stood in each period that has one, in order. The two groups furthest apart may be others each time."""
    rows = []
    for figure in history:
        gap, difference = figure.gap, figure.difference
        if gap is None or difference is None:
            continue
        rows.append(
            GapRow(
                period=short_period(figure.period),
                gap=words.number(difference.value),
                low=words.number(difference.low),
                high=words.number(difference.high),
                ratio="" if gap.ratio is None else words.number(gap.ratio.value, 2),
                first=gap.first.label,
                second=gap.second.label,
                clear=gap.clear,
            )
        )
    return rows


def excess_sentence(figure: Figure) -> SafeString | str:
    """The gap as people: how many more or fewer events at the best group's rate. "" where that makes no sense."""
    excess = figure.excess
    if excess is None or excess.count.value == 0:
        return ""
    fewer = figure.metric.better == "lower"
    told = {
        "count": words.number(excess.count.value, 0),
        "low": words.number(excess.count.low, 0),
        "high": words.number(excess.count.high, 0),
        "best": excess.best.label,
        "counted": _inside_a_sentence(figure.metric.numerator),
        "period": period_label(figure.period),
    }
    if not excess.clear:
        return format_html(
            _(
                "If every group had the number of {best}, there might have been <b>{count} fewer</b> in {period} (likely {low} to {high}; it may be none): {counted}."
            )
            if fewer
            else _(
                "If every group had the number of {best}, there might have been <b>{count} more</b> in {period} (likely {low} to {high}; it may be none): {counted}."
            ),
            **told,
        )
    return format_html(
        _(
            "If every group had the number of {best}, there would have been <b>{count} fewer</b> in {period} (likely {low} to {high}): {counted}."
        )
        if fewer
        else _(
            "If every group had the number of {best}, there would have been <b>{count} more</b> in {period} (likely {low} to {high}): {counted}."
        ),
        **told,
    )


def _inside_a_sentence(told: str) -> str:
    """ "Stays followed by …" → "stays followed by …"; an abbreviation keeps its capitals."""
    told = told.rstrip(".")
    return told if told[1:2].isupper() else told[:1].lower() + told[1:]


MOST_SHARES = 5
"""So many groups are named, the largest shares first."""


def excess_beside(figure: Figure) -> list[str]:
    """What belongs beside it: which groups it would have been, and whom it leaves out."""
    excess = figure.excess
    if excess is None or excess.count.value == 0:
        return []
    shares = [
        f"{share.group.label} {words.number(share.count, 0)}"
        for share in excess.shares[:MOST_SHARES]
        if words.rounded(share.count, 0)
    ]
    if len(excess.shares) > MOST_SHARES:
        shares.append(_("other groups the rest"))
    told = (
        [_("Of these: %(shares)s.") % {"shares": get_text_list(shares, _("and"))}] if len(shares) > 1 else []
    )
    if excess.hidden:
        told.append(_("Hidden groups are not in this number, so it may be larger."))
    return told
