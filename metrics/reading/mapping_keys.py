"""How the keys of a mapping are read, whatever kind of file the mapping is for: one vocabulary, one way to err."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from metrics.reading.cells import is_code
from metrics.reading.errors import KeyFault, MappingError, Problem
from metrics.reading.errors import gettext_noop as _
from metrics.reading.mapping import Source
from metrics.reading.periods import Grain, Period, containing, parse_day, parse_period, whole
from metrics.reading.records import DELIMITERS, ENCODINGS
from metrics.reading.toml_table import Table

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
NOT_A_PERIOD_CODE = Problem(
    _('"%(given)s" is not a period.'),
    _("Write 2024-01 (month), 2024-Q1 (quarter), 2024 (year) or 1999-01-01/2008-12-31 (a span of days)."),
)
OTHER_GRAIN = Problem(
    _('"%(given)s" is of the grain %(found)s, and the mapping says %(grain)s.'), _("Correct one of the two.")
)
DIMENSION_TWICE = Problem(
    _('The dimension "%(given)s" is used twice.'), _("Map each dimension from one column only.")
)
ANOTHER_FORMAT = Problem(
    _("This mapping is for another kind of file."),
    _(
        'Write format = "table" under [source] for a table of counts and format = "measure_report" for FHIR '
        "measure reports. The mapping of a line list has no format."
    ),
)

_SAMPLE_DAY = datetime(2019, 11, 23)


def _content_of(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError([KeyFault(NOT_TOML, key="", parts={"place": str(error)})]) from None


def root_of(text: str, *, format_: str = "") -> Table:
    """The outermost table of a mapping for files of this format. Raises `MappingError` when it is none."""
    content = _content_of(text)
    source = content.get("source")
    if isinstance(source, dict) and source.get("format", "") != format_:
        raise MappingError([KeyFault(ANOTHER_FORMAT, key="source.format")])
    return Table(content)


def format_of(text: str) -> str:
    """The kind of file that a mapping is for: the empty text for a line list. Raises `MappingError`."""
    source = _content_of(text).get("source")
    format_ = source.get("format", "") if isinstance(source, dict) else ""
    return format_ if isinstance(format_, str) else ""


def source_of(root: Table) -> Source:
    """The file that the mapping is written for. Its format was looked at before: it chose this mapping's kind."""
    table = root.table("source")
    source = Source(
        name=table.text("name"),
        encoding=table.text_among("encoding", ENCODINGS, default="utf-8"),
        delimiter=table.text_among("delimiter", DELIMITERS, default=","),
        attribution=table.text("attribution", default=""),
        sheet=table.text("sheet", default="") if "format" not in table else "",
    )
    table.text("format", default="")
    table.refuse_leftovers()
    return source


def choice_of(table: Table, *keys: str, required: bool = True) -> str | None:
    """Which of some keys that exclude each other is there; a fault when several are, or none of them."""
    there = [key for key in keys if key in table]
    if len(there) == 1:
        return there[0]
    if there or required:
        table.fault("", CHOOSE_ONE, choices=", ".join(keys))
    return None


def code_of(table: Table, key: str) -> str:
    """A code, such as that of a metric."""
    code = table.text(key)
    check_codes(table, key, [code], may_be_empty=True)
    return code


def codes_by_text(table: Table, *, may_be_empty: bool = False) -> dict[str, str]:
    """The `values` of a table: from what the file says to codes."""
    codes = table.text_by_text("values")
    check_codes(table, "values", codes.values(), may_be_empty=may_be_empty)
    return codes


def check_codes(table: Table, key: str, codes: Iterable[str], *, may_be_empty: bool = False) -> None:
    """A fault for each text that is no code."""
    for code in codes:
        if not is_code(code) and (code or not may_be_empty):
            table.fault(key, NOT_A_CODE, code=code)


def day_format_of(table: Table, grain: Grain) -> str:
    """A format is good when a day that is written with it is read back in the same period."""
    format_ = table.text("format")
    try:
        read_back = datetime.strptime(_SAMPLE_DAY.strftime(format_), format_)
    except ValueError:
        read_back = datetime.min
    if _period_of(read_back, grain) != _period_of(_SAMPLE_DAY, grain):
        table.fault("format", FORMAT_TOO_COARSE, grain="day" if grain is Grain.WHOLE else grain.value)
    return format_


def constant_period_of(table: Table, grain: Grain) -> Period | None:
    """The period from `start`, and `end` when it is whole; a fault and None where they are no period."""
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


def period_of_code(table: Table, key: str, given: str, grain: Grain | None) -> Period | None:
    """The period of a code such as 2024-01; a fault and None where it is none, or not of the grain that is stated."""
    try:
        period = parse_period(given)
    except ValueError:
        table.fault(key, NOT_A_PERIOD_CODE, given=given)
        return None
    if grain is not None and period.grain is not grain:
        table.fault(key, OTHER_GRAIN, given=given, found=period.grain.value, grain=grain.value)
    return period


def _period_of(day: datetime, grain: Grain) -> Period:
    return whole(day.date(), day.date()) if grain is Grain.WHOLE else containing(day.date(), grain)
