"""The one lit sentence of each page: the institution is the subject, the absolute number comes first."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from equity.public.findings import Finding
from metrics.figures import Figure
from metrics.stats import words
from metrics.wording import unit_words

LEVEL_WORDS = {
    0: gettext_lazy("absent"),
    1: gettext_lazy("promised"),
    2: gettext_lazy("practiced"),
    3: gettext_lazy("practiced with shared power and verified"),
}


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


def institution(name: str, leading: Figure | None, findings: Iterable[Finding]) -> SafeString:
    """The widest clear gap; without one the lowest middle score; without one that there is no clear gap."""
    if leading and leading.gap and leading.difference and leading.gap.clear and leading.judged:
        return format_html(
            _("{name} leaves <b>a gap of {gap} {unit}</b> between {first} and {second}: {measure}."),
            name=name,
            gap=words.number(leading.difference.value),
            unit=unit_words(leading.metric),
            first=leading.gap.first.label,
            second=leading.gap.second.label,
            measure=leading.metric.name,
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


def happened(what: str, title: str) -> str:
    """What happened to a practice, as the statement has it: "Done: Interpreters at night"."""
    words = {
        "agreed": _("Agreed: %(title)s"),
        "begun": _("Begun: %(title)s"),
        "done": _("Done: %(title)s"),
        "stopped": _("Stopped: %(title)s"),
    }
    return words[what] % {"title": title} if what in words else title
