"""Reads the mapping of a line list from a small TOML file that a person can read and check.

strata = [["race"], ["race", "payer"]]          first in the file; the overall count is always made
[source]            name, and perhaps encoding, delimiter, attribution
[metric]            code
[unit]              constant = "all", or column = "site" and perhaps values = { "Main campus" = "main" }
[period]            grain with start (and end, when whole), or grain with column and format (as in strptime)
[numerator]         column, equals = [...], and perhaps others = [...]: then any third value is an error
[denominator]       may be left out; column and in = [...] or not_in = [...]; several as [[denominator]]
[dimensions.race]   column, dimension = "race_ethnicity", values = { "AfricanAmerican" = "black" }
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from metrics.reading.cells import is_code
from metrics.reading.errors import KeyFault, MappingError, Problem
from metrics.reading.errors import gettext_noop as _
from metrics.reading.mapping import (
    DenominatorRule,
    DimensionRule,
    LineListMapping,
    NumeratorRule,
    PeriodRule,
    Source,
    UnitRule,
)
from metrics.reading.periods import Grain, Period, containing, parse_day, whole
from metrics.reading.records import DELIMITERS, ENCODINGS
from metrics.reading.toml_table import NOT_ONE_OF, Table

NOT_TOML = Problem(
    _("The mapping is not valid TOML: %(place)s."),
    _("Compare that line with the example mapping: quotation marks, brackets and equals signs."),
)
NOT_A_CODE = Problem(
    _('"%(code)s" is not a code.'),
    _("Use lower-case letters, digits, hyphens and underscores, such as not_recorded."),
)
CHOOSE_ONE = Problem(
    _("Exactly one of %(choices)s is needed here."),
    _("Keep the one that says what you mean and delete the other."),
)
NOT_A_SPAN = Problem(
    _("This is not a period."),
    _("Write days as 2024-01-31. A whole period needs start and end, and ends on or after its start."),
)
NOT_FIRST_DAY = Problem(
    _("The period does not start on the first day of its %(grain)s."),
    _("Start on the first day, or choose the grain whole and state the end."),
)
FORMAT_TOO_COARSE = Problem(
    _("This format does not tell in which %(grain)s a day is."),
    _("Write it as in %%Y-%%m-%%d (2024-01-31) or %%m/%%d/%%Y (01/31/2024)."),
)
IN_BOTH = Problem(
    _('"%(given)s" is both in equals and in others.'), _("Keep each value in one of the two lists.")
)
DIMENSION_TWICE = Problem(
    _('The dimension "%(given)s" is used twice.'), _("Map each dimension from one column only.")
)
STRATUM_EMPTY = Problem(_("A stratum names no dimension."), _("Delete it: the overall count is always made."))
STRATUM_TWICE = Problem(
    _("A stratum is written twice, or names a dimension twice."), _("Keep each stratum once.")
)
DIMENSION_UNUSED = Problem(
    _("No stratum uses this dimension."),
    _('Add ["%(given)s"] to strata, at the top of the file, or delete the dimension.'),
)

_SAMPLE_DAY = datetime(2019, 11, 23)


def load_mapping(path: Path) -> LineListMapping:
    """Read and check a mapping file. Raises `MappingError` with every fault."""
    return parse_mapping(path.read_text(encoding="utf-8"))


def parse_mapping(text: str) -> LineListMapping:
    """Read and check the text of a mapping. Raises `MappingError` with every fault."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError([KeyFault(NOT_TOML, key="", parts={"place": str(error)})]) from None
    root = Table(content)
    mapping = _mapping(root)
    if root.faults:
        raise MappingError(root.faults)
    return mapping


def _mapping(root: Table) -> LineListMapping:
    """What the file says; where it is wrong, a fault is noted and something harmless stands in its place."""
    dimensions = _dimensions(root.table("dimensions", required=False))
    mapping = LineListMapping(
        source=_source(root.table("source")),
        metric=_metric(root.table("metric")),
        unit=_unit(root.table("unit")),
        period=_period(root.table("period")),
        numerator=_numerator(root.table("numerator")),
        denominator=tuple(_denominator(table) for table in root.tables("denominator")),
        dimensions=tuple(dimensions.values()),
        strata=_strata(root, tuple(dimensions)),
    )
    root.refuse_leftovers()
    return mapping


def _source(table: Table) -> Source:
    source = Source(
        name=table.text("name"),
        encoding=table.text_among("encoding", ENCODINGS, default="utf-8"),
        delimiter=table.text_among("delimiter", DELIMITERS, default=","),
        attribution=table.text("attribution", default=""),
    )
    table.refuse_leftovers()
    return source


def _metric(table: Table) -> str:
    code = _code(table, "code")
    table.refuse_leftovers()
    return code


def _unit(table: Table) -> UnitRule:
    choice = _choice(table, "constant", "column")
    if choice is None:
        return UnitRule()
    if choice == "constant":
        rule = UnitRule(constant=_code(table, "constant"))
    else:
        values = _codes_by_value(table) if "values" in table else None
        rule = UnitRule(column=table.text("column"), values=values)
    table.refuse_leftovers()
    return rule


def _period(table: Table) -> PeriodRule:
    choice = _choice(table, "start", "column")
    if choice is None:
        return PeriodRule(Grain.WHOLE)
    label = table.text("label", default="")
    if choice == "start":
        grain = Grain(table.text_among("grain", tuple(Grain)) or Grain.WHOLE)
        rule = PeriodRule(grain, constant=_constant_period(table, grain), label=label)
    else:
        calendar = (Grain.MONTH, Grain.QUARTER, Grain.YEAR)
        grain = Grain(table.text_among("grain", calendar) or Grain.YEAR)
        rule = PeriodRule(grain, column=table.text("column"), format=_format(table, grain), label=label)
    table.refuse_leftovers()
    return rule


def _constant_period(table: Table, grain: Grain) -> Period | None:
    start = table.text("start")
    end = table.text("end") if grain is Grain.WHOLE else ""
    try:
        first = parse_day(start)
        period = whole(first, parse_day(end)) if grain is Grain.WHOLE else containing(first, grain)
    except ValueError:
        table.fault("start", NOT_A_SPAN)
        return None
    if period.start != first:
        table.fault("start", NOT_FIRST_DAY, grain=grain.value)
    return period


def _format(table: Table, grain: Grain) -> str:
    """A format is good when a day that is written with it is read back in the same period."""
    format_ = table.text("format")
    try:
        read_back = datetime.strptime(_SAMPLE_DAY.strftime(format_), format_)
    except ValueError:
        read_back = datetime.min
    if containing(read_back.date(), grain) != containing(_SAMPLE_DAY.date(), grain):
        table.fault("format", FORMAT_TOO_COARSE, grain=grain.value)
    return format_


def _numerator(table: Table) -> NumeratorRule:
    equals = table.texts("equals")
    others = table.texts("others") if "others" in table else None
    for value in sorted(equals & (others or frozenset())):
        table.fault("others", IN_BOTH, given=value)
    rule = NumeratorRule(table.text("column"), equals, others)
    table.refuse_leftovers()
    return rule


def _denominator(table: Table) -> DenominatorRule:
    choice = _choice(table, "in", "not_in")
    if choice is None:
        return DenominatorRule("", frozenset(), excludes=False)
    rule = DenominatorRule(table.text("column"), table.texts(choice), excludes=choice == "not_in")
    table.refuse_leftovers()
    return rule


def _dimensions(table: Table) -> dict[str, DimensionRule]:
    rules: dict[str, DimensionRule] = {}
    for name in table:
        entry = table.table(name)
        rule = DimensionRule(entry.text("column"), _code(entry, "dimension"), _codes_by_value(entry))
        if any(rule.dimension == earlier.dimension for earlier in rules.values()):
            entry.fault("dimension", DIMENSION_TWICE, given=rule.dimension)
        entry.refuse_leftovers()
        rules[name] = rule
    return rules


def _strata(root: Table, names: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    strata = root.lists_of_texts("strata")
    named = [name for stratum in strata for name in stratum]
    for name in named:
        if name not in names:
            root.fault("strata", NOT_ONE_OF, given=name, choices=", ".join(names))
    if () in strata:
        root.fault("strata", STRATUM_EMPTY)
    if len({frozenset(stratum) for stratum in strata}) < len(strata) or any(
        len(set(stratum)) < len(stratum) for stratum in strata
    ):
        root.fault("strata", STRATUM_TWICE)
    for name in names:
        if name not in named:
            root.fault(f"dimensions.{name}", DIMENSION_UNUSED, given=name)
    return tuple(tuple(names.index(name) for name in stratum if name in names) for stratum in strata)


def _choice(table: Table, first: str, second: str) -> str | None:
    """Which of two keys that exclude each other is there; a fault when none or both are."""
    if (first in table) == (second in table):
        table.fault("", CHOOSE_ONE, choices=f"{first}, {second}")
        return None
    return first if first in table else second


def _code(table: Table, key: str) -> str:
    return _checked_codes(table, key, [table.text(key)])[0]


def _codes_by_value(table: Table) -> dict[str, str]:
    values = table.text_by_text("values")
    _checked_codes(table, "values", values.values())
    return values


def _checked_codes(table: Table, key: str, codes: Collection[str]) -> list[str]:
    for code in codes:
        if code and not is_code(code):
            table.fault(key, NOT_A_CODE, code=code)
    return list(codes)
