"""Periods, units and sentences in words. The institution is the subject; the absolute number comes first."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.aims import Goal
from metrics.figures import Definition, Figure, Line
from metrics.reading.periods import Grain, Period
from metrics.stats import Gap, words

INSTEAD = {
    "hidden": gettext_lazy("Hidden to protect privacy"),
    "not_collected": gettext_lazy("Not collected"),
    "not_asked": gettext_lazy("Not asked"),
    "not_yet_due": gettext_lazy("Not due yet"),
    "withheld": gettext_lazy("Held back"),
    "not_counted": gettext_lazy("Not measured"),
}
"""What stands where there is no number. A blank always has a kind, and is never a zero."""

BETTER = {
    "higher": gettext_lazy("More is better"),
    "lower": gettext_lazy("Less is better"),
    "neither": gettext_lazy("Neither more nor less is better"),
}

GRAIN_NAMES = {
    Grain.WHOLE: gettext_lazy("Several years together"),
    Grain.YEAR: gettext_lazy("Years"),
    Grain.ROLLING: gettext_lazy("Twelve months to any month"),
    Grain.QUARTER: gettext_lazy("Quarters"),
    Grain.MONTH: gettext_lazy("Months"),
}


def period_label(period: Period) -> str:
    """ "2024", "January to March 2024", "March 2024", "1999 to 2008", "Twelve months to June 2024"."""
    start, end = period.start, period.end
    if period.grain is Grain.ROLLING:
        return _("Twelve months to %(month)s") % {"month": date_format(end, "F Y")}
    if period.grain is Grain.YEAR:
        return f"{start.year}"
    if period.grain is Grain.MONTH:
        return date_format(start, "F Y")
    if period.grain is Grain.QUARTER:
        first, last = date_format(start, "F"), date_format(end, "F Y")
    elif (start.month, start.day, end.month, end.day) == (1, 1, 12, 31):
        first, last = f"{start.year}", f"{end.year}"
    else:
        first, last = date_format(start, "F j, Y"), date_format(end, "F j, Y")
    return _("%(first)s to %(last)s") % {"first": first, "last": last}


def short_period(period: Period) -> str:
    """For the ends of an axis: "2024", "Q1 2024", "Jan 2024"."""
    if period.grain is Grain.QUARTER:
        return _("Q%(number)s %(year)s") % {
            "number": (period.start.month + 2) // 3,
            "year": period.start.year,
        }
    return date_format(period.start, "M Y") if period.grain is Grain.MONTH else period_label(period)


def unit_words(metric: Definition) -> str:
    """What follows a number of this metric: "in 100", "per 1,000", or nothing for averages and counts."""
    return words.unit(metric.kind, metric.per, _)


def decimals(metric: Definition) -> int:
    """A count is a whole number; everything else has one decimal."""
    return 0 if metric.kind == "count" else 1


def figure_words(metric: Definition, value: float | None) -> str:
    """A value with its unit: "11.2 in 100", "1,240"."""
    if value is None:
        return ""
    return f"{words.number(value, decimals(metric))} {unit_words(metric)}".strip()


def instead(line: Line) -> str:
    """Words in place of a number, or of its likely range."""
    if line.cell.shown:
        return str(_("Nobody was counted")) if line.cell.denominator == 0 else ""
    return str(INSTEAD.get(line.cell.status, line.cell.status))


def not_added_up(metric: Definition) -> list[str]:
    """Why counts of this metric are not added up, where they are not."""
    told = []
    if metric.once_over_periods:
        told.append(
            _(
                "Counts of a quarter cannot be added up to a year, because a person who comes in several quarters is counted"
                " once in the year. So longer periods are counted by themselves."
            )
        )
    if metric.once_over_units:
        told.append(
            _(
                "Counts of units cannot be added up to the whole, because a person who goes to several units is counted once"
                " in the whole. So the whole institution is counted by itself."
            )
        )
    return told


def everybody(metric: Definition) -> str:
    """What all groups together are called: people, or everything that was counted."""
    return _("Everybody") if metric.counts_people or metric.kind == "index" else _("All together")


def sentence(institution: str, figure: Figure) -> SafeString:
    """What a figure says: its gap; without one what was counted; or that nothing can be said, and why."""
    if figure.gap is None:
        pair = without_range(figure)
        return _plain_gap(institution, figure, *pair) if pair else _without_gap(institution, figure)
    return format_html(
        _gap_sentence(figure, figure.gap),
        name=institution,
        unit=unit_words(figure.metric),
        **words.gap_parts(figure.gap, figure.scale),
    )


def without_range(figure: Figure) -> tuple[Line, Line] | None:
    """The highest and the lowest of groups that have numbers and no likely ranges; None where there is a gap with one.

    So it is with averages whose sums of squares nobody sent, and with shares of things that are no people.
    """
    shown = [line for line in figure.lines if not line.missing and line.value is not None]
    if (
        figure.gap
        or figure.metric.kind in {"count", "index"}
        or len(shown) < 2
        or any(line.certain for line in shown)
    ):
        return None
    found = sorted(shown, key=lambda line: (-(line.value or 0), line.key))
    return found[0], found[-1]


def _plain_gap(institution: str, figure: Figure, first: Line, second: Line) -> SafeString:
    high, low = first.value or 0.0, second.value or 0.0
    if figure.metric.kind == "mean":
        said = _of_averages(judged=figure.judged, clear=True)
    elif figure.judged:
        said = _("{name} counted {high} {unit} for {first} and {low} for {second}: <b>a gap of {gap}.</b>")
    else:
        said = _(
            "{name} counted {high} {unit} for {first} and {low} for {second}: <b>a difference of {gap}.</b>"
        )
    return format_html(
        said,
        name=institution,
        unit=unit_words(figure.metric),
        high=words.number(high),
        low=words.number(low),
        gap=words.number(high - low),
        first=first.label,
        second=second.label,
    )


def _gap_sentence(figure: Figure, gap: Gap) -> str:
    """Where neither more nor less is better, a wide difference is told, and is not called a gap."""
    if figure.metric.kind == "mean":
        return _of_averages(judged=figure.judged, clear=gap.clear)
    if figure.metric.kind == "index" and gap.clear:
        return _(
            "{name} had a score of {high} {unit} for {first} and {low} for {second}: <b>a gap of {gap}.</b>"
        )
    if figure.metric.kind == "index":
        return _(
            "{name} had a score of {high} {unit} for {first} and {low} for {second}. <b>The gap of {gap} may be chance.</b>"
        )
    if figure.judged:
        return words.gap_sentence(gap, _)
    if gap.clear:
        return _(
            "{name} counted {high} {unit} for {first} and {low} for {second}: <b>a difference of {gap}.</b>"
        )
    return _(
        "{name} counted {high} {unit} for {first} and {low} for {second}. <b>The difference of {gap} may be chance.</b>"
    )


def _of_averages(*, judged: bool, clear: bool) -> str:
    if judged and clear:
        return _("{name} had an average of {high} for {first} and {low} for {second}: <b>a gap of {gap}.</b>")
    if judged:
        return _(
            "{name} had an average of {high} for {first} and {low} for {second}. <b>The gap of {gap} may be chance.</b>"
        )
    if clear:
        return _(
            "{name} had an average of {high} for {first} and {low} for {second}: <b>a difference of {gap}.</b>"
        )
    return _(
        "{name} had an average of {high} for {first} and {low} for {second}. <b>The difference of {gap} may be chance.</b>"
    )


def _without_gap(institution: str, figure: Figure) -> SafeString:
    metric, overall = figure.metric, figure.overall
    if figure.hidden:
        return format_html(
            _(
                "{name} hides <b>{hidden} of {all}</b> groups here to protect privacy, so there is no gap to show."
            ),
            name=institution,
            hidden=figure.hidden,
            all=sum(not line.missing for line in figure.lines),
        )
    if overall.cell.hidden:
        return format_html(_("{name} hides this number <b>to protect privacy</b>."), name=institution)
    if overall.value is None:
        return format_html(
            _("{name}: <b>{instead}.</b>"), name=institution, instead=instead(overall) or _("No number")
        )
    if metric.kind == "index":
        return format_html(
            _("{name} had a score of <b>{number} {unit}</b> in {period}."),
            name=institution,
            number=words.number(overall.value),
            unit=unit_words(metric),
            period=period_label(figure.period),
        )
    if metric.kind == "count":
        return format_html(
            _("{name} counted <b>{number}</b> in {period}."),
            name=institution,
            number=words.number(overall.value, 0),
            period=period_label(figure.period),
        )
    if metric.kind == "mean":
        return format_html(
            _("{name} had an average of <b>{number}</b> in {period}."),
            name=institution,
            number=words.number(overall.value),
            period=period_label(figure.period),
        )
    return format_html(
        _("{name} counted <b>{number}</b> in {period}: {part} of {whole}."),
        name=institution,
        number=figure_words(metric, overall.value),
        period=period_label(figure.period),
        part=words.number(overall.cell.numerator or 0, 0),
        whole=words.number(overall.cell.denominator or 0, 0),
    )


def not_together(*, full: bool) -> str:
    """Why two ways to compare cannot be seen at once."""
    if full:
        return _("This measure is not counted by these two together, so it is shown by the first.")
    return _(
        "These two together are not published, so the measure is shown by the first. Either the institution does not count "
        "them together, or nobody could prove that no small count can be worked out from them."
    )


def goals_for_missing(figure: Figure) -> list[str]:
    """Who lowers the share that the records do not tell, to what, and by when."""
    dimensions = figure.way.dimensions if figure.way else ()
    return [_goal_words(one.name, one.goal) for one in dimensions if one.goal]


def _goal_words(name: str, goal: Goal) -> str:
    told = {"name": name, "share": words.number(goal.at_most), "by": date_format(goal.by)}
    if goal.owner:
        return _(
            "%(name)s: at most %(share)s in 100 are to be missing by %(by)s. %(owner)s answers for it."
        ) % {**told, "owner": goal.owner}
    said = _("%(name)s: at most %(share)s in 100 are to be missing by %(by)s.") % told
    if not goal.role:
        return said
    return f"{said} {_('Who answers for it: %(role)s.') % {'role': goal.role}}"


def shares_missing(figure: Figure) -> list[str]:
    """How many in 100 have no answer, for each reason that the records keep apart; where several things are crossed, none."""
    of_all = figure.overall.cell.denominator
    if figure.way is None or len(figure.way.dimensions) > 1 or not of_all:
        return []
    return [_share_missing(line, of_all) for line in figure.lines if line.missing]


def _share_missing(line: Line, of_all: int) -> str:
    if not line.cell.shown or line.cell.denominator is None:
        return f"{line.label}: {instead(line) or _('No number')}."
    return _("%(reason)s: %(share)s in 100 (%(missing)s of %(all)s).") % {
        "reason": line.label,
        "share": words.number(100 * line.cell.denominator / of_all),
        "missing": words.number(line.cell.denominator, 0),
        "all": words.number(of_all, 0),
    }


def standfirst(figure: Figure) -> list[str]:
    """What a careful reader needs beside the sentence: the likely range, what was hidden, what nobody wrote down."""
    told = []
    if without_range(figure):
        told.append(
            _("There is no likely range: this is a full count of things, and chance has no part in it.")
            if not figure.metric.counts_people
            else _("How much the values vary is not known here, so nobody can say whether this is chance.")
        )
        if figure.hidden:
            told.append(_("It covers the groups that are shown."))
    if figure.difference is not None:
        told.append(
            (
                _("The gap likely lies between %(low)s and %(high)s.")
                if figure.judged
                else _("The difference likely lies between %(low)s and %(high)s.")
            )
            % {"low": words.number(figure.difference.low), "high": words.number(figure.difference.high)}
        )
        if figure.hidden:
            told.append(_("It covers the groups that are shown."))
    if figure.not_recorded:
        missing, of_all = figure.not_recorded
        told.append(
            _(
                "For %(missing)s of %(all)s the records do not tell the group, so the true gap may be wider or narrower."
            )
            % {"missing": words.number(missing, 0), "all": words.number(of_all, 0)}
        )
    if figure.gap is not None:
        if not figure.gap.reliable:
            told.append(
                _("Few were counted in one of the two groups, so the numbers may change much next time.")
            )
        told.append(words.caution(figure.gap, _))
    return [one for one in told if one]


def gap_facts(figure: Figure) -> Iterator[tuple[str, str]]:
    """Everybody's number, then the gap as a difference, then as a ratio: name and value in words."""
    metric, overall = figure.metric, figure.overall
    if overall.value is not None:
        told = figure_words(metric, overall.value)
        if overall.estimate is not None:
            told = f"{told} ({words.likely(overall.estimate, decimals(metric), _)})"
        yield everybody(metric), told
    if plain := without_range(figure):
        high, low = plain
        apart = words.number((high.value or 0.0) - (low.value or 0.0))
        yield _("Gap") if figure.judged else _("Difference"), f"{apart} {unit_words(metric)}".strip()
        if low.value:
            yield _("As a ratio"), words.number((high.value or 0.0) / low.value, 2)
        yield _("Between"), _("%(first)s and %(second)s") % {"first": high.label, "second": low.label}
    if figure.gap is None or figure.difference is None:
        return
    pair = {"first": figure.gap.first.label, "second": figure.gap.second.label}
    yield (
        _("Gap") if figure.judged else _("Difference"),
        f"{words.value_and_range(figure.difference, gettext=_)} {unit_words(metric)}".strip(),
    )
    if figure.gap.ratio is not None:
        yield _("As a ratio"), words.value_and_range(figure.gap.ratio, 2, _)
    else:
        yield (
            _("As a ratio"),
            _("None: an index has no true zero")
            if metric.kind == "index"
            else _("None: it makes no sense where a number may be zero"),
        )
    yield _("Between"), _("%(first)s and %(second)s") % pair


def caption(figure: Figure) -> str:
    """What a drawing shows: what was counted, in which unit, which way is better."""
    metric = figure.metric
    return _("%(counted)s, %(unit)s. %(better)s.") % {
        "counted": metric.numerator.rstrip("."),
        "unit": unit_words(metric) or _("as it was counted"),
        "better": BETTER[metric.better],
    }
