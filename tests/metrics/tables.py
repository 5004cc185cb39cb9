"""A small table of counts, its mapping, and reading it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from metrics.reading.cells import CountRow, MetricKind, Stratum
from metrics.reading.counts import KnownCodes
from metrics.reading.errors import RowError
from metrics.reading.periods import Grain, containing
from metrics.reading.table import TableReader
from metrics.reading.table_mapping_file import parse_table_mapping

KNOWN = KnownCodes(
    metrics={kind.value: kind for kind in MetricKind},
    units={"al", "ak"},
    categories={"race": {"black", "white", "asian"}, "age": {"0-9", "10-19"}},
)

HEAD = """
[source]
format = "table"
name = "t"
"""
REST = """
[metric]
code = "proportion"
[unit]
column = "State"
values = { "Alabama" = "al", "Alaska" = "ak" }
[period]
grain = "year"
column = "Year"
[dimensions.race]
column = "Race"
dimension = "race"
values = { "All" = "", "AA" = "black", "W" = "white" }
"""
NUMBERS = """
[numbers]
numerator = "Yes"
denominator = "All"
thousands = ","
decimal = "."
[blanks]
words = { "Suppressed" = "withheld", "NA" = "not_collected", "<11" = "withheld", "-" = "zero" }
"""
MAPPING = HEAD + REST + NUMBERS
HEADER = ["State", "Year", "Race", "Yes", "All"]
YEAR = containing(date(2024, 1, 1), Grain.YEAR)


def csv_of(rows: Sequence[Sequence[Any]], delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode()


def read(
    data: bytes, mapping: str = MAPPING, known: KnownCodes = KNOWN
) -> tuple[list[tuple[int, CountRow]], TableReader]:
    reader = TableReader(parse_table_mapping(mapping), known)
    return list(reader.read([data])), reader


def good(rows: Sequence[Sequence[Any]], mapping: str = MAPPING) -> list[CountRow]:
    found, reader = read(csv_of(rows), mapping)
    assert reader.errors == ()
    return [row for _number, row in found]


def errors_of(rows: Sequence[Sequence[Any]], mapping: str = MAPPING) -> list[RowError]:
    _found, reader = read(csv_of(rows), mapping)
    assert reader.error_total == len(reader.errors) > 0
    return list(reader.errors)


def row_of(stratum: Stratum = (), *numbers: int, unit: str = "al", **more: Any) -> CountRow:
    return CountRow("proportion", unit, YEAR, stratum, *numbers, **more)


BLACK = (("race", "black"),)
