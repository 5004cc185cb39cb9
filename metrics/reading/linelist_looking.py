"""A first look at a line list: what its columns are called, and the values that many rows share. Never a row.

A line list is about people. So nothing of it is told but

    the names of its columns, and only if its first row looks like names: where a header is missing, its cells are a
    person's;
    of a column with few different values, those that at least so many rows have, unless they look like a number or an
    address of somebody;
    of a column with days, how they are written, and the month that most rows have.

All else stays in the file: the page says that there are rarer values, not which and not how many rows have them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from metrics.reading.decompress import DEFAULT_LIMIT_BYTES
from metrics.reading.errors import Problem, UnreadableFile
from metrics.reading.errors import gettext_noop as _
from metrics.reading.looking import MOST_COLUMNS, MOST_VALUES, TOO_MANY_COLUMNS, header_of
from metrics.reading.mapping import Source
from metrics.reading.mapping_file import SEPARATORS
from metrics.reading.periods import Grain, containing, parse_period
from metrics.reading.records import COLUMN_TWICE, DELIMITERS, NO_ROWS
from metrics.reading.table_source import TableSource

DAY_FORMATS = (
    "%Y-%m-%d",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%m/%d/%y",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%Y%m%d",
)
"""Ways to write a day that are recognized; the first that fits every cell is suggested."""

PERIOD_CODES = "codes"
"""In place of a format: cells hold codes of periods, such as 2024-01."""

NO_HEADER = Problem(
    _("The first row does not look like the names of the columns."),
    _("Add a row with a name for each column, with letters in it, and send the file again."),
)

_VALUES_HELD = 2_000
"""Different values of a column that are counted; with more the column has too many to be told, and none is held."""

_DAYS_REMEMBERED = 4_096
_YEARS = range(1900, 2101)
_ABOUT_SOMEBODY = re.compile(
    r"^(patients?|persons?|members?|clients?|records?|cases?|encounters?|visits?|stays?|name|id)$"
    r"|(^|[^a-z])(patient|person|member|client|record|case|encounter|visit|stay|medical record|account)"
    r"[ _-]?(id|no|nr|nbr|num|number|key|identifier)([^a-z]|$)"
    r"|(first|last|full|given|family|middle|maiden|patient|sur)[ _-]?name"
    r"|birth[ _-]?(date|day)|date[ _-]of[ _-]birth"
    r"|(^|[^a-z])(dob|mrn|ssn|phone|telephone|e-?mail|street|address)([^a-z]|$)",
    re.IGNORECASE,
)
_COUNTS = re.compile(
    r"(^|[^a-z])(numerator|denominator|counts?|number of|total|cases|population|percent|rate|score)([^a-z]|$)|%",
    re.IGNORECASE,
)
_NUMBER_OF_SOMEBODY = re.compile(r"[0-9]{5}|@|[0-9]{3}[-. ][0-9]{2}")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class PeopleColumn:
    """A column of a line list.

    `values`: what at least so many rows have in it. `has_more`: rows have other values too, which are not told.
    `answers`: the same for the parts of its cells, by the mark between them. `days`: how its days are written, if all
    of them are days; `month`: the one that most rows have, if enough do.
    """

    name: str
    values: list[str] = field(default_factory=list)
    has_more: bool = False
    answers: dict[str, list[str]] = field(default_factory=dict)
    separator: str = ""
    days: str = ""
    month: str = ""


@dataclass(frozen=True)
class LookedPeople:
    """What a person needs to know of a line list to map it, and how it was read."""

    columns: list[PeopleColumn]
    encoding: str
    delimiter: str
    sheet: str

    @property
    def header(self) -> str:
        """The same for every line list with the same names in the same order, whatever else it holds."""
        return header_of([column.name for column in self.columns])


def may_be_people(names: Iterable[str]) -> bool:
    """Whether names of columns are those of a line list: one speaks of a person, and none of a count."""
    known = list(names)
    return any(map(_ABOUT_SOMEBODY.search, known)) and not any(map(_COUNTS.search, known))


def look_at_people(
    chunks: Callable[[], Iterable[bytes]],
    *,
    at_least: int,
    encoding: str = "utf-8",
    delimiter: str = "",
    sheet: str = "",
    limit_bytes: int = DEFAULT_LIMIT_BYTES,
) -> LookedPeople:
    """Read a line list to its end. `chunks` gives its bytes, each time from the beginning. Raises `UnreadableFile`.

    `at_least`: so many rows share a value that is told. Without a `delimiter` it is the one that makes the most columns.
    """

    def rows(mark: str) -> Iterator[list[str]]:
        source = Source(name="", encoding=encoding, delimiter=mark)
        for _number, cells in TableSource(source, sheet=sheet, limit_bytes=limit_bytes).rows(chunks()):
            yield cells

    marks = [delimiter] if delimiter else [",", *sorted(DELIMITERS - {","})]
    best = max(marks, key=lambda mark: len(_first(rows(mark))))
    following = rows(best)
    names = [name.strip() for name in next(following, [])]
    _check_names(names)
    columns = [_Column(name) for name in names]
    read = 0
    for cells in following:
        read += 1
        for column, cell in zip(columns, cells, strict=False):
            column.note(cell)
    if not read:
        raise UnreadableFile(NO_ROWS)
    if 2 * sum(column.holds_its_name for column in columns) > len(columns):
        raise UnreadableFile(NO_HEADER)
    return LookedPeople([column.told(at_least) for column in columns], encoding, best, sheet)


def _first(rows: Iterator[list[str]]) -> list[str]:
    try:
        return next(islice(rows, 1), [])
    except UnreadableFile:
        return []


def _check_names(names: Sequence[str]) -> None:
    """No name is repeated to the person here: it may be a cell about somebody."""
    if not names:
        raise UnreadableFile(NO_ROWS)
    if len(names) > MOST_COLUMNS:
        raise UnreadableFile(TOO_MANY_COLUMNS, columns=len(names), most=MOST_COLUMNS)
    if not all(_LETTER.search(name) and not _NUMBER_OF_SOMEBODY.search(name) for name in names):
        raise UnreadableFile(NO_HEADER)
    if len(set(names)) < len(names):
        raise UnreadableFile(COLUMN_TWICE)


class _Column:
    """A column while the file is read: how many rows have each value, as long as there are few, and what days it has."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._rows: dict[str, int] | None = {}
        self._days = _Days()
        self.holds_its_name = False

    def note(self, cell: str) -> None:
        self.holds_its_name |= cell == self.name
        if self._rows is not None:
            self._rows[cell] = self._rows.get(cell, 0) + 1
            if len(self._rows) > _VALUES_HELD:
                self._rows = None
        self._days.note(cell)

    def told(self, at_least: int) -> PeopleColumn:
        days, month = self._days.told(at_least)
        if self._rows is None or days or _ABOUT_SOMEBODY.search(self.name):
            return PeopleColumn(self.name, has_more=True, days=days, month=month)
        values = _shared(self._rows, at_least)
        answers = {mark: _shared(found, at_least) for mark, found in self._answers(at_least)}
        return PeopleColumn(
            self.name,
            values,
            has_more=len(values) < len(self._rows),
            answers={mark: found for mark, found in answers.items() if found},
            separator=next(
                (mark for mark, found in answers.items() if found and self._stand_alone(found)), ""
            ),
        )

    def _answers(self, at_least: int) -> Iterator[tuple[str, Mapping[str, int]]]:
        """For each mark that stands in enough cells, how many rows have each of the parts between."""
        rows = self._rows or {}
        for mark in sorted(SEPARATORS):
            if sum(number for value, number in rows.items() if mark in value) < at_least:
                continue
            found: Counter[str] = Counter()
            for value, number in rows.items():
                parts = {part.strip() for part in value.split(mark)} - {""} or {""}
                found.update(dict.fromkeys(parts, number))
            yield mark, found

    def _stand_alone(self, answers: Collection[str]) -> bool:
        """Parts that other rows have as their only answer were put together of several answers."""
        return all(answer in (self._rows or {}) for answer in answers)


def _shared(rows: Mapping[str, int], at_least: int) -> list[str]:
    """The values that so many rows have; none where there are too many to ask about, or they may be somebody's."""
    found = sorted(value for value, number in rows.items() if number >= at_least)
    return [] if len(found) > MOST_VALUES else [one for one in found if not _NUMBER_OF_SOMEBODY.search(one)]


class _Days:
    """How the days of a column are written, as far as every cell so far allows, and how many rows each month has."""

    def __init__(self) -> None:
        self._formats: list[str] = [PERIOD_CODES, *DAY_FORMATS]
        self._known: dict[str, str] = {}
        self._months: Counter[str] = Counter()

    def note(self, cell: str) -> None:
        if not self._formats or not cell:
            return
        if cell not in self._known:
            fitting = [(one, month) for one in self._formats if (month := _month(cell, one))]
            changed = len(fitting) < len(self._formats)
            self._formats = [one for one, _month in fitting]
            if not fitting:
                self._months.clear()
                return
            if changed and self._months:
                self._again()
            if len(self._known) >= _DAYS_REMEMBERED:
                self._known.clear()
            self._known[cell] = fitting[0][1]
        self._months[self._known[cell]] += 1

    def _again(self) -> None:
        """Days may have been read in another way before: 02/03 was a day of February until 13/03 came."""
        self._known.clear()
        self._months.clear()

    def told(self, at_least: int) -> tuple[str, str]:
        if not self._formats or not self._months:
            return "", ""
        month, rows = self._months.most_common(1)[0]
        return self._formats[0], month if rows >= at_least else ""


def _month(cell: str, format_: str) -> str:
    """The month of a cell that is written so; the empty text when it is not. A longer period is its own."""
    try:
        if format_ == PERIOD_CODES:
            period = parse_period(cell)
        else:
            period = containing(datetime.strptime(cell, format_).date(), Grain.MONTH)
    except ValueError:
        return ""
    return period.code if period.start.year in _YEARS else ""
