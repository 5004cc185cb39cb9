"""Reads the mapping of a line list from a small TOML file that a person can read and check.

strata = [["race"], ["race", "payer"]]          first in the file; the overall count is always made
[source]            name, and perhaps encoding, delimiter, sheet, attribution
[metric]            code
[unit]              constant = "all", or column = "site" and perhaps values = { "Main campus" = "main" }
[period]            grain with start (and end, when whole), or grain with column, and format (as in strptime) where
                    the cell is a day and not a code such as 2024-01
[numerator]         column, equals = [...], and perhaps others = [...]: then any third value is an error
[denominator]       may be left out; column and in = [...] or not_in = [...]; several as [[denominator]]
[dimensions.race]   column, dimension = "race_ethnicity", values = { "AfricanAmerican" = "black" }; perhaps
                    rest = "other" for every value that is not listed. Where a row holds several answers:
                    separator = ";" or columns = [...] in place of column, and several = "multiracial" (without it the
                    row counts under each), no_answer = ["unknown"]
"""

from __future__ import annotations

from pathlib import Path

from metrics.reading.errors import MappingError, Problem
from metrics.reading.errors import gettext_noop as _
from metrics.reading.mapping import (
    DenominatorRule,
    DimensionRule,
    LineListMapping,
    NumeratorRule,
    PeriodRule,
    UnitRule,
)
from metrics.reading.mapping_keys import (
    DIMENSION_TWICE,
    check_codes,
    choice_of,
    code_of,
    codes_by_text,
    constant_period_of,
    day_format_of,
    root_of,
    source_of,
)
from metrics.reading.periods import OBSERVED, Grain
from metrics.reading.toml_table import NOT_ONE_OF, Table

IN_BOTH = Problem(
    _('"%(given)s" is both in equals and in others.'), _("Keep each value in one of the two lists.")
)
SEVERAL_OF_ONE = Problem(
    _("A row holds one answer here: there is neither a separator nor a second column."),
    _("Add separator or columns, or delete this key."),
)
STRATUM_EMPTY = Problem(_("A stratum names no dimension."), _("Delete it: the overall count is always made."))
STRATUM_TWICE = Problem(
    _("A stratum is written twice, or names a dimension twice."), _("Keep each stratum once.")
)
DIMENSION_UNUSED = Problem(
    _("No stratum uses this dimension."),
    _('Add ["%(given)s"] to strata, at the top of the file, or delete the dimension.'),
)


SEPARATORS = frozenset({";", ",", "|", "/", "+", "&"})
"""What may stand between several answers in one cell."""


def load_mapping(path: Path) -> LineListMapping:
    """Read and check a mapping file. Raises `MappingError` with every fault."""
    return parse_mapping(path.read_text(encoding="utf-8"))


def parse_mapping(text: str) -> LineListMapping:
    """Read and check the text of a mapping. Raises `MappingError` with every fault."""
    root = root_of(text)
    mapping = _mapping(root)
    if root.faults:
        raise MappingError(root.faults)
    return mapping


def _mapping(root: Table) -> LineListMapping:
    """What the file says; where it is wrong, a fault is noted and something harmless stands in its place."""
    dimensions = _dimensions(root.table("dimensions", required=False))
    mapping = LineListMapping(
        source=source_of(root),
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


def _metric(table: Table) -> str:
    code = code_of(table, "code")
    table.refuse_leftovers()
    return code


def _unit(table: Table) -> UnitRule:
    choice = choice_of(table, "constant", "column")
    if choice is None:
        return UnitRule()
    if choice == "constant":
        rule = UnitRule(constant=code_of(table, "constant"))
    else:
        values = codes_by_text(table) if "values" in table else None
        rule = UnitRule(column=table.text("column"), values=values)
    table.refuse_leftovers()
    return rule


def _period(table: Table) -> PeriodRule:
    choice = choice_of(table, "start", "column")
    if choice is None:
        return PeriodRule(Grain.WHOLE)
    label = table.text("label", default="")
    if choice == "start":
        grain = Grain(table.text_among("grain", OBSERVED) or Grain.WHOLE)
        rule = PeriodRule(grain, constant=constant_period_of(table, grain), label=label)
    else:
        calendar = (Grain.MONTH, Grain.QUARTER, Grain.YEAR)
        grain = Grain(table.text_among("grain", calendar) or Grain.YEAR)
        format_ = day_format_of(table, grain) if "format" in table else ""
        rule = PeriodRule(grain, column=table.text("column"), format=format_, label=label)
    table.refuse_leftovers()
    return rule


def _numerator(table: Table) -> NumeratorRule:
    equals = table.texts("equals")
    others = table.texts("others") if "others" in table else None
    for value in sorted(equals & (others or frozenset())):
        table.fault("others", IN_BOTH, given=value)
    rule = NumeratorRule(table.text("column"), equals, others)
    table.refuse_leftovers()
    return rule


def _denominator(table: Table) -> DenominatorRule:
    choice = choice_of(table, "in", "not_in")
    if choice is None:
        return DenominatorRule("", frozenset(), excludes=False)
    rule = DenominatorRule(table.text("column"), table.texts(choice), excludes=choice == "not_in")
    table.refuse_leftovers()
    return rule


def _dimensions(table: Table) -> dict[str, DimensionRule]:
    rules: dict[str, DimensionRule] = {}
    for name in table:
        entry = table.table(name)
        rule = _dimension(entry)
        if any(rule.dimension == earlier.dimension for earlier in rules.values()):
            entry.fault("dimension", DIMENSION_TWICE, given=rule.dimension)
        entry.refuse_leftovers()
        rules[name] = rule
    return rules


def _dimension(table: Table) -> DimensionRule:
    choice = choice_of(table, "column", "columns")
    rule = DimensionRule(
        columns=table.distinct_texts("columns") if choice == "columns" else (table.text("column"),),
        dimension=code_of(table, "dimension"),
        values=codes_by_text(table),
        rest=_code_or_none(table, "rest"),
        separator=table.text_among("separator", SEPARATORS) if "separator" in table else "",
        several=_code_or_none(table, "several"),
        no_answer=table.texts("no_answer") if "no_answer" in table else frozenset(),
    )
    check_codes(table, "no_answer", sorted(rule.no_answer))
    if not rule.separator and len(rule.columns) == 1:
        for key in ("several", "no_answer"):
            if key in table:
                table.fault(key, SEVERAL_OF_ONE)
    return rule


def _code_or_none(table: Table, key: str) -> str:
    return code_of(table, key) if key in table else ""


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
