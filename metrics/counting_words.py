"""What a mapping counts, as a sentence: so that a person sees it before a row is counted."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from metrics.importing import Words
from metrics.reading.mapping import DenominatorRule, LineListMapping
from metrics.reading.periods import Grain, Period, containing, parse_period
from metrics.wording import period_label

MOST_VALUES_NAMED = 6


@dataclass(frozen=True)
class WhatIsCounted:
    """An example of one count, and by what else it is counted."""

    example: str
    counted: str
    groups: list[str]


def what_is_counted(mapping: LineListMapping, words: Words, month: str = "") -> WhatIsCounted:
    """In words. `month`: the code of a month that the file has, for the example."""
    conditions = [_when(mapping, month), _where(mapping, words), *map(_belongs, mapping.denominator)]
    example = _("For example, rows %(conditions)s.") % {
        "conditions": _(" and ").join(filter(None, conditions))
    }
    counted = _("Of them, those whose %(column)s is %(values)s.") % {
        "column": _quoted(mapping.numerator.column),
        "values": _any_of(mapping.numerator.equals),
    }
    return WhatIsCounted(example, counted, list(_groups(mapping, words)))


def _when(mapping: LineListMapping, month: str) -> str:
    rule = mapping.period
    if rule.constant is not None:
        return _("of %(period)s") % {"period": period_label(rule.constant)}
    period = _example(month, rule.grain)
    if period is None:
        return _("of one %(grain)s by %(column)s") % {
            "grain": _GRAINS[rule.grain](),
            "column": _quoted(rule.column or ""),
        }
    return _("whose %(column)s is in %(period)s") % {
        "column": _quoted(rule.column or ""),
        "period": period_label(period),
    }


_GRAINS = {
    Grain.MONTH: lambda: _("month"),
    Grain.QUARTER: lambda: _("quarter"),
    Grain.YEAR: lambda: _("year"),
}


def _example(month: str, grain: Grain) -> Period | None:
    """The period of the measure that a month is in; none when the file's periods are longer."""
    try:
        stated = parse_period(month)
        period = containing(stated.start, grain)
    except ValueError:
        return None
    return period if stated.end <= period.end else None


def _where(mapping: LineListMapping, words: Words) -> str:
    rule = mapping.unit
    if rule.constant is not None:
        return _("in %(unit)s") % {"unit": words.units.get(rule.constant, rule.constant)}
    column = _quoted(rule.column or "")
    if not rule.values:
        return _("in the unit of %(column)s") % {"column": column}
    named = sorted(rule.values.items(), key=lambda pair: pair[0] in (pair[1], words.units.get(pair[1])))
    value, code = named[0]
    return _("in %(unit)s (%(column)s is %(value)s)") % {
        "unit": words.units.get(code, code),
        "column": column,
        "value": _quoted(value),
    }


def _belongs(rule: DenominatorRule) -> str:
    parts = {"column": _quoted(rule.column), "values": _any_of(rule.values)}
    if rule.excludes:
        return _("whose %(column)s is not %(values)s") % parts
    return _("whose %(column)s is %(values)s") % parts


def _groups(mapping: LineListMapping, words: Words) -> Iterator[str]:
    for positions in mapping.strata:
        codes = [mapping.dimensions[position].dimension for position in positions]
        yield _(" and ").join(words.dimensions.get(code, code) for code in codes)


def _any_of(values: Collection[str]) -> str:
    named = [_quoted(value) for value in sorted(values)]
    more = len(named) - MOST_VALUES_NAMED
    if more > 0:
        named[MOST_VALUES_NAMED:] = [
            ngettext("%(number)s other", "%(number)s others", more) % {"number": more}
        ]
    return _(" or ").join(named)


def _quoted(text: str) -> str:
    return f"“{text}”" if text else _("empty")
