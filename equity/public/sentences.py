"""The one lit sentence of each page: the institution is the subject, the absolute number comes first."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from equity.public import charts
from equity.public.figures import Comparison, Document
from equity.public.findings import Finding
from metrics.stats import words

LEVEL_WORDS = {
    0: gettext_lazy("absent"),
    1: gettext_lazy("promised"),
    2: gettext_lazy("practiced"),
    3: gettext_lazy("practiced with shared power and verified"),
}


def unit_words(metric: Document) -> str:
    """What follows a number of this measure: "in 100", "per 1,000", or nothing for averages and counts."""
    return words.unit(metric["kind"], metric["per"], _)


def front(count: int) -> SafeString:
    """How many institutions show themselves."""
    return format_html(
        ngettext(
            "<b>{count} institution</b> shows its gaps here, and what the people it serves say about them.",
            "<b>{count} institutions</b> show their gaps here, and what the people they serve say about them.",
            count,
        ),
        count=count,
    )


def institution(name: str, leading: Comparison | None, findings: Iterable[Finding]) -> SafeString:
    """The widest clear gap; without one the lowest middle score; without one that there is no clear gap."""
    if leading and leading.gap and leading.difference and leading.clear:
        return format_html(
            _("{name} leaves <b>a gap of {gap} {unit}</b> between {first} and {second}: {measure}."),
            name=name,
            gap=words.number(leading.difference.value),
            unit=unit_words(leading.metric),
            first=leading.gap.first.label,
            second=leading.gap.second.label,
            measure=leading.metric["name"],
        )
    scored = [(low.level, of) for of in findings if (low := of.lowest_median)]
    if scored:
        return finding(name, min(scored, key=lambda one: one[0])[1])
    if leading is not None:
        return format_html(_("{name} shows its numbers here. <b>No gap is clear</b> so far."), name=name)
    return format_html(_("{name} shows <b>no gap and no score</b> here today."), name=name)


def finding(name: str, of: Finding) -> SafeString:
    """The lowest middle score of one item, and whose it is."""
    low = of.lowest_median
    if low is None:
        return format_html(_("{name} has <b>no score</b> here that can be shown."), name=name)
    return format_html(
        _("{name} scored <b>{level}, {word},</b> on “{title}”: the middle score of {group}."),
        name=name,
        level=low.level,
        word=LEVEL_WORDS[low.level],
        title=of.title,
        group=low.group,
    )


def measure(name: str, comparison: Comparison) -> SafeString:
    """The two groups furthest apart and their gap, or why there is none."""
    if comparison.gap is None:
        return _no_gap(name, comparison)
    return format_html(
        words.gap_sentence(comparison.gap, _),
        name=name,
        unit=unit_words(comparison.metric),
        **words.gap_parts(comparison.gap, comparison.scale),
    )


def _no_gap(name: str, comparison: Comparison) -> SafeString:
    if comparison.hidden:
        return format_html(
            _("{name} hides <b>{hidden}</b> of {all} groups here to protect privacy, so we show no gap."),
            name=name,
            hidden=comparison.hidden,
            all=sum(not cell.missing for cell in comparison.cells),
        )
    overall = comparison.overall
    if overall is None or overall.value is None:
        return format_html(_("{name} has <b>no number yet</b> for this measure."), name=name)
    quantity = f"{charts.number(overall)} {unit_words(comparison.metric)}".strip()
    if not comparison.metric["counts_people"]:
        return format_html(_("{name} counted <b>{quantity}</b>."), name=name, quantity=quantity)
    return format_html(_("{name} counted <b>{quantity}</b> for everybody."), name=name, quantity=quantity)
