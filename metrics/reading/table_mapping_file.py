"""Reads the mapping of a table of counts from a small TOML file that a person can read and check.

[source]            name, format = "table", and perhaps encoding, delimiter, attribution
[layout]            may be left out; sheet, header_row = 3 or [3, 4], stop_at = ["Note"], fill_down = ["State"]
[metric]            code, or column and perhaps values = { "READM_30_HF" = "readmission-heart-failure" }
[unit]              constant = "all", or column and perhaps values = { "010001" = "main" }
[period]            grain with start (and end, when whole); or grain and column, with format (as in strptime) where
                    the cell is a day, and perhaps values = { "2020 (pandemic)" = "2020" }; or grain with
                    first_column, last_column and format
[numbers]           numerator, complement, denominator: two of these columns, or all; sum_of_squares; share or
                    percent (compared, never stored); thousands = "," and decimal = "." as the file writes them
[blanks]            words = { "Suppressed" = "withheld", "-" = "zero" }; partly = "blank"
[blanks.reasons]    words = ["Not Available"], column, values = { "Too few" = "withheld" }
[dimensions.race]   dimension = "race_ethnicity"; column, and perhaps values = { "All" = "", "AA" = "black" }
[[wide]]            one for each count that a row holds: number columns (those of [numbers] where they are not
                    named), and perhaps categories = { race_ethnicity = "black" }, metric, period
[[leave_out]]       why, column, and in = [...], not_in = [...] or starts_with = [...]
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from metrics.reading.cells import BlankKind, Stratum, stratum_of
from metrics.reading.errors import MappingError, Problem
from metrics.reading.errors import gettext_noop as _
from metrics.reading.mapping_keys import (
    CHOOSE_ONE,
    DIMENSION_TWICE,
    check_codes,
    choice_of,
    code_of,
    codes_by_text,
    constant_period_of,
    day_format_of,
    period_of_code,
    root_of,
    source_of,
)
from metrics.reading.periods import OBSERVED, Grain, Period
from metrics.reading.table_mapping import (
    ZERO,
    BlankRule,
    CodeRule,
    Columns,
    CountRule,
    Layout,
    LeaveOutRule,
    Meaning,
    NumberFormat,
    NumberRole,
    ReasonRule,
    TableDimension,
    TableMapping,
    TablePeriodRule,
)
from metrics.reading.toml_table import NOT_ONE_OF, Table

FORMAT = "table"

PERCENT_IS_NO_COUNT = Problem(
    _("A percentage or share cannot be turned back into a count, and is never stored."),
    _("Name two of numerator, complement and denominator; the percentage is then compared with them."),
)
NO_NUMBERS = Problem(
    _("No column is named that holds the counts."),
    _("Name the numerator, or two of numerator, complement and denominator."),
)
SAME_MARK = Problem(
    _("Thousands and decimals are marked in the same way."), _("Correct one of the two, or delete it.")
)
NOT_SAID = Problem(
    _("Nothing says the %(what)s of a count."),
    _("Add [%(what)s], or %(what)s to every [[wide]]."),
)
SAID_TWICE = Problem(
    _('The dimension "%(given)s" is both under dimensions and in a [[wide]].'), _("Keep one of the two.")
)
COUNT_TWICE = Problem(
    _("Two [[wide]] are about the same metric, period and group."),
    _("Correct the categories of one of them, or delete it."),
)

THOUSANDS = frozenset({",", ".", " ", "'", "’"})
DECIMALS = frozenset({".", ","})
MEANINGS: Mapping[str, Meaning] = {ZERO: 0} | {kind.value: kind for kind in BlankKind}


def load_table_mapping(path: Path) -> TableMapping:
    """Read and check a mapping file. Raises `MappingError` with every fault."""
    return parse_table_mapping(path.read_text(encoding="utf-8"))


def parse_table_mapping(text: str) -> TableMapping:
    """Read and check the text of a mapping. Raises `MappingError` with every fault."""
    root = root_of(text, format_=FORMAT)
    mapping = _mapping(root)
    _check_that_all_is_said(root, mapping)
    if root.faults:
        raise MappingError(root.faults)
    return mapping


def _mapping(root: Table) -> TableMapping:
    """What the file says; where it is wrong, a fault is noted and something harmless stands in its place."""
    numbers = root.table("numbers", required=False)
    shared = _columns(numbers, {})
    mapping = TableMapping(
        source=source_of(root),
        layout=_layout(root.table("layout", required=False)),
        metric=_code_rule(root.table("metric"), "code") if "metric" in root else None,
        unit=_code_rule(root.table("unit"), "constant"),
        period=_period(root.table("period")) if "period" in root else None,
        dimensions=_dimensions(root.table("dimensions", required=False)),
        counts=_counts(root, shared),
        numbers=_number_format(numbers),
        blanks=_blanks(root.table("blanks", required=False)),
        left_out=tuple(_leave_out(table) for table in root.tables("leave_out")),
    )
    root.refuse_leftovers()
    return mapping


def _layout(table: Table) -> Layout:
    layout = Layout(
        sheet=table.text("sheet", default=""),
        header_rows=table.numbers("header_row", default=1),
        stop_at=tuple(sorted(table.texts("stop_at"))) if "stop_at" in table else (),
        fill_down=table.texts("fill_down") if "fill_down" in table else frozenset(),
    )
    if "" in layout.stop_at:
        table.fault("stop_at", NOT_ONE_OF, given="", choices='"Note", "Source"')
    table.refuse_leftovers()
    return layout


def _code_rule(table: Table, constant: str, *, may_be_empty: bool = False) -> CodeRule:
    """The key `constant` names the one code, if the column does not say it."""
    choice = choice_of(table, constant, "column")
    rule = CodeRule()
    if choice == "column":
        values = codes_by_text(table, may_be_empty=may_be_empty) if "values" in table else None
        rule = CodeRule(column=table.text("column"), values=values)
    elif choice is not None:
        rule = CodeRule(constant=code_of(table, constant))
    table.refuse_leftovers()
    return rule


def _period(table: Table) -> TablePeriodRule:
    grain = Grain(table.text_among("grain", OBSERVED) or Grain.WHOLE)
    match choice_of(table, "start", "column", "first_column"):
        case "start":
            rule = TablePeriodRule(grain, constant=constant_period_of(table, grain))
        case "column":
            rule = TablePeriodRule(
                grain,
                column=table.text("column"),
                format=day_format_of(table, grain) if "format" in table else "",
                values=_periods_by_text(table, grain) if "values" in table else {},
            )
        case "first_column":
            format_ = day_format_of(table, Grain.WHOLE)
            first, last = table.text("first_column"), table.text("last_column")
            rule = TablePeriodRule(grain, column=first, last_column=last, format=format_)
        case _:
            return TablePeriodRule(grain)
    table.refuse_leftovers()
    return rule


def _periods_by_text(table: Table, grain: Grain) -> dict[str, Period]:
    periods = {
        given: period_of_code(table, "values", code, grain)
        for given, code in table.text_by_text("values").items()
    }
    return {given: period for given, period in periods.items() if period is not None}


def _columns(table: Table, shared: Mapping[str, str]) -> dict[str, str]:
    """The number columns by their key: those of this table, and for the others the shared ones."""
    keys = (*NumberRole, "share", "percent")
    own = {str(key): table.text(key) for key in keys if key in table}
    return {**shared, **own}


def _number_format(table: Table) -> NumberFormat:
    format_ = NumberFormat(
        thousands=table.text_among("thousands", THOUSANDS, default="") if "thousands" in table else "",
        decimal=table.text_among("decimal", DECIMALS, default="") if "decimal" in table else "",
    )
    if format_.thousands and format_.thousands == format_.decimal:
        table.fault("decimal", SAME_MARK)
    table.refuse_leftovers()
    return format_


def _blanks(table: Table) -> BlankRule:
    rule = BlankRule(
        words=_meanings(table, "words") if "words" in table else {},
        reasons=_reasons(table.table("reasons")) if "reasons" in table else None,
        partly=table.text_among("partly", {"blank"}, default="") == "blank" if "partly" in table else False,
    )
    table.refuse_leftovers()
    return rule


def _reasons(table: Table) -> ReasonRule:
    rule = ReasonRule(table.texts("words"), table.text("column"), _meanings(table, "values"))
    table.refuse_leftovers()
    return rule


def _meanings(table: Table, key: str) -> dict[str, Meaning]:
    given = table.text_by_text(key)
    for word in given.values():
        if word not in MEANINGS:
            table.fault(key, NOT_ONE_OF, given=word, choices=", ".join(f'"{name}"' for name in MEANINGS))
    return {cell: MEANINGS[word] for cell, word in given.items() if word in MEANINGS}


def _dimensions(table: Table) -> tuple[TableDimension, ...]:
    found: dict[str, TableDimension] = {}
    for name in table:
        entry = table.table(name)
        code = code_of(entry, "dimension")
        if code in found:
            entry.fault("dimension", DIMENSION_TWICE, given=code)
        found[code] = TableDimension(code, _code_rule(entry, "constant", may_be_empty=True))
    return tuple(found.values())


def _counts(root: Table, shared: Mapping[str, str]) -> tuple[CountRule, ...]:
    """A table without [[wide]] holds one count in each row."""
    if "wide" not in root:
        return (CountRule(_checked_columns(root, "numbers", shared)),)
    return tuple(_count(entry, shared) for entry in root.tables("wide"))


def _count(table: Table, shared: Mapping[str, str]) -> CountRule:
    rule = CountRule(
        columns=_checked_columns(table, "", _columns(table, shared)),
        metric=code_of(table, "metric") if "metric" in table else None,
        period=_wide_period(table) if "period" in table else None,
        categories=_categories(table) if "categories" in table else (),
    )
    table.refuse_leftovers()
    return rule


def _wide_period(table: Table) -> Period | None:
    return period_of_code(table, "period", table.text("period"), None)


def _categories(table: Table) -> Stratum:
    given = table.text_by_text("categories")
    check_codes(table, "categories", (*given, *given.values()))
    return stratum_of(*given.items())


def _checked_columns(table: Table, key: str, given: Mapping[str, str]) -> Columns:
    numbers = {role: given[role] for role in NumberRole if role in given}
    parts = numbers.keys() & {NumberRole.NUMERATOR, NumberRole.COMPLEMENT, NumberRole.DENOMINATOR}
    enough = NumberRole.NUMERATOR in parts or len(parts) > 1
    stated = given.get("share"), given.get("percent")
    if any(stated) and len(parts) < 2:
        table.fault(key, PERCENT_IS_NO_COUNT)
    elif not enough:
        table.fault(key, NO_NUMBERS)
    if all(stated):
        table.fault(key, CHOOSE_ONE, choices="share, percent")
    return Columns(numbers, *stated)


def _leave_out(table: Table) -> LeaveOutRule:
    why, column = table.text("why"), table.text("column")
    how = choice_of(table, "in", "not_in", "starts_with")
    rule = LeaveOutRule(why, column, table.texts(how) if how else frozenset(), how or "in")
    table.refuse_leftovers()
    return rule


def _check_that_all_is_said(root: Table, mapping: TableMapping) -> None:
    """Every count needs a metric and a period, and no part of it may be said twice."""
    for what, shared, own in (
        ("metric", mapping.metric, [count.metric for count in mapping.counts]),
        ("period", mapping.period, [count.period for count in mapping.counts]),
    ):
        if shared is None and None in own:
            root.fault("", NOT_SAID, what=what)
    of_rows = {dimension.dimension for dimension in mapping.dimensions}
    for dimension in sorted({name for count in mapping.counts for name, _code in count.categories}):
        if dimension in of_rows:
            root.fault("wide", SAID_TWICE, given=dimension)
    places = [(count.metric, count.period, count.categories) for count in mapping.counts]
    if len(set(places)) < len(places):
        root.fault("wide", COUNT_TWICE)
