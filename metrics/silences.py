"""What is not complete yet, in words: which unit, which months, and the kind of blank that stands there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import pairwise

from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from metrics.completeness import Silence
from metrics.reading.periods import Grain, Period
from metrics.wording import INSTEAD, period_label


def in_words(silences: Iterable[Silence]) -> list[str]:
    """One sentence for each unit and kind of blank: "East Hospital has not reported May to July 2024 (not collected)."."""
    parts: dict[tuple[str, str, str], set[Period]] = defaultdict(set)
    for silence in silences:
        parts[silence.unit.name, silence.unit.code, silence.kind].add(silence.part)
    return [
        _("%(unit)s has not reported %(parts)s (%(why)s).")
        % {"unit": name, "parts": parts_in_words(sorted(found)), "why": str(INSTEAD[kind]).lower()}
        for (name, _code, kind), found in sorted(parts.items())
    ]


def parts_in_words(parts: Sequence[Period]) -> str:
    """Periods in order, those that follow one another as one stretch: "May 2024", "March and May to July 2024"."""
    return get_text_list([_stretch(first, last) for first, last in _stretches(parts)], _("and"))


def _stretches(parts: Sequence[Period]) -> Iterator[tuple[Period, Period]]:
    first = parts[0]
    for one, following in pairwise(parts):
        if one.grain is Grain.WHOLE or one.end + timedelta(days=1) != following.start:
            yield first, one
            first = following
    yield first, parts[-1]


def _stretch(first: Period, last: Period) -> str:
    if first == last:
        return period_label(first)
    if first.grain is Grain.YEAR:
        begin, end = f"{first.start.year}", f"{last.end.year}"
    else:
        same_year = first.start.year == last.end.year
        begin, end = date_format(first.start, "F" if same_year else "F Y"), date_format(last.end, "F Y")
    return _("%(first)s to %(last)s") % {"first": begin, "last": end}
