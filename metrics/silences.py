"""What is not complete yet, in words: which unit, which months, and the kind of blank that stands there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise

from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from metrics.completeness import Reporter, Silence
from metrics.reading.periods import Grain, Period
from metrics.wording import INSTEAD, period_label


def in_words(silences: Iterable[Silence]) -> list[str]:
    """One sentence for all units that lack the same: "East Hospital and West Clinic have not reported May to July 2024
    (not collected) and August 2024 (not due yet)."."""
    lacking: dict[Reporter, dict[str, set[Period]]] = defaultdict(lambda: defaultdict(set))
    for silence in silences:
        lacking[silence.unit][silence.kind].add(silence.part)
    units: dict[str, list[str]] = defaultdict(list)
    for unit in sorted(lacking, key=lambda one: (one.name, one.code)):
        units[_what(lacking[unit])].append(unit.name)
    return [
        ngettext("%(units)s has not reported %(what)s.", "%(units)s have not reported %(what)s.", len(names))
        % {"units": get_text_list(names, _("and")), "what": what}
        for what, names in units.items()
    ]


def _what(lacking: Mapping[str, set[Period]]) -> str:
    """What is missing, the first of it first, each kind of blank by itself."""
    in_order = sorted((sorted(parts), kind) for kind, parts in lacking.items())
    told = [f"{parts_in_words(parts)} ({str(INSTEAD[kind]).lower()})" for parts, kind in in_order]
    return get_text_list(told, _("and"))


def parts_in_words(parts: Sequence[Period]) -> str:
    """Periods in order, those that follow one another as one stretch: "May 2024", "March and May to July 2024"."""
    return get_text_list([_stretch(first, last) for first, last in _stretches(parts)], _("and"))


def _stretches(parts: Sequence[Period]) -> Iterator[tuple[Period, Period]]:
    first = parts[0]
    for one, following in pairwise(parts):
        if (
            one.grain is Grain.WHOLE
            or one.grain is not following.grain
            or one.end + timedelta(days=1) != following.start
        ):
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
