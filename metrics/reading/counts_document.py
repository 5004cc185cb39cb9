"""Reads counts that a system sends: one JSON document with a list of counts, by the rules of a counts file.

    {"name": "Night export", "apply": "when_clean", "counts": [
      {"metric": "pain-30-minutes", "unit": "main", "period": "2024-01", "numerator": 181, "denominator": 260},
      {"metric": "pain-30-minutes", "unit": "main", "period": "2024-01", "stratum": {"race_ethnicity": "black"},
       "numerator": 41, "denominator": 66},
      {"metric": "pain-30-minutes", "unit": "main", "period": "2024-02", "blank": "not_collected"}]}

A count is a row of a counts file: only its shape is looked at here, everything else by `CountsReader`. Nothing is
guessed: a field that is not known here is refused, and a number in quotation marks is not a number.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from metrics.reading.cells import BlankKind, CountRow
from metrics.reading.counts import (
    NOT_A_PERIOD,
    NUMBER_COLUMNS,
    UNKNOWN_CODE,
    WRITTEN_BEFORE,
    CountsReader,
    Header,
    KnownCodes,
)
from metrics.reading.counts_numbers import EMPTY, NOT_FOR_THIS_KIND, NOT_WHOLE
from metrics.reading.errors import KeyFault, MappingError, Problem
from metrics.reading.errors import gettext_noop as _
from metrics.reading.json_node import parse_document
from metrics.reading.showing import listed, shown

FIELDS = ("name", "apply", "counts")
TEXTS = ("metric", "unit", "period")
COUNT_FIELDS = (*TEXTS, "stratum", *NUMBER_COLUMNS, "blank")
BLANKS = listed([kind.value for kind in BlankKind])
LONGEST_NAME = 120


class Apply(StrEnum):
    """What is to become of the counts when nothing is wrong with them."""

    WHEN_CLEAN = "when_clean"
    NEVER = "never"
    """A trial: they are checked, and what they would change is told."""


NOT_AN_OBJECT = Problem(_("This is not a JSON object."), _("Write it with braces: {…}."))
UNKNOWN_FIELD = Problem(
    _('There is no field "%(value)s" here.'), _("Leave it out, or write one of: %(choices)s.")
)
MISSING = Problem(_("This field is missing."), _("Add it."))
NOT_A_TEXT = Problem(_("%(value)s is not a text."), _("Write it in quotation marks, and not empty."))
TOO_LONG = Problem(_('"%(value)s" is too long.'), _("Use at most %(most)s characters."))
NOT_A_CHOICE = Problem(_("%(value)s is none of the choices."), _("Write one of: %(choices)s."))
NOT_COUNTS = Problem(
    _("This is not a list with at least one count."), _("Write the counts as a list: [{…}, {…}].")
)
NOT_A_NUMBER = Problem(
    _("%(value)s is not a number."), _("Write it without quotation marks, or leave the field out.")
)
BLANK_AND_NUMBER = Problem(
    _("A count with “blank” has no numbers."), _("Leave out “blank”, or all the numbers.")
)
NO_SUCH_DIMENSION = Problem(
    _('"%(value)s" is not a dimension of this institution.'), _("Write one of: %(choices)s.")
)

WORDED = {
    UNKNOWN_CODE: Problem(UNKNOWN_CODE.reason, _("Write one of: %(choices)s.")),
    NOT_A_PERIOD: Problem(
        NOT_A_PERIOD.reason,
        _("Write 2024-01 (month), 2024-Q1 (quarter), 2024 (year) or 1999-01-01/2008-12-31 (a span of days)."),
    ),
    WRITTEN_BEFORE: Problem(
        _("Count %(first)s of the list already holds this metric, unit, period and group."),
        _("Keep one of the two."),
    ),
    EMPTY: Problem(
        _("There is no number here, and nothing says why."),
        _('Write the number (0 when it is zero), or leave all numbers out and say why in "blank".'),
    ),
    NOT_WHOLE: Problem(NOT_WHOLE.reason, _("Write a whole number, such as 1234.")),
    NOT_FOR_THIS_KIND: Problem(NOT_FOR_THIS_KIND.reason, _("Leave this field out.")),
}
"""The rules of a counts file in the words of a JSON document: the same problem, mended in another way."""


@dataclass(frozen=True)
class CountsDocument:
    """A document whose outer shape is right. What its counts say is still to be read."""

    counts: list[Any]
    name: str = ""
    apply: Apply = Apply.WHEN_CLEAN


class DocumentRefused(MappingError):
    """The outer shape of a document is wrong. The key of each fault is a JSON pointer."""


def read_document(body: bytes) -> CountsDocument:
    """The document. Raises `UnreadableFile` when it is no JSON, `DocumentRefused` when its shape is another."""
    found = parse_document(body)
    if not isinstance(found, dict):
        raise DocumentRefused([KeyFault(NOT_AN_OBJECT, key="")])
    faults = [
        _fault(UNKNOWN_FIELD, f"/{_escaped(name)}", value=shown(name), choices=", ".join(FIELDS))
        for name in found
        if name not in FIELDS
    ]
    faults += _faults_of_counts(found)
    if "name" in found:
        faults += _faults_of_name(found["name"])
    apply = found.get("apply", Apply.WHEN_CLEAN)
    if apply not in list(Apply):
        choices = ", ".join(Apply)
        faults.append(_fault(NOT_A_CHOICE, "/apply", value=_told(apply), choices=choices))
    if faults:
        raise DocumentRefused(faults)
    return CountsDocument(found["counts"], found.get("name", "").strip(), Apply(apply))


def _faults_of_counts(found: Mapping[str, Any]) -> list[KeyFault]:
    if "counts" not in found:
        return [_fault(MISSING, "/counts")]
    counts = found["counts"]
    return [] if isinstance(counts, list) and counts else [_fault(NOT_COUNTS, "/counts")]


def _faults_of_name(name: Any) -> list[KeyFault]:
    if not isinstance(name, str) or not name.strip():
        return [_fault(NOT_A_TEXT, "/name", value=_told(name))]
    if len(name) > LONGEST_NAME:
        return [_fault(TOO_LONG, "/name", value=shown(name), most=LONGEST_NAME)]
    return []


def _fault(problem: Problem, pointer: str, **parts: str | int) -> KeyFault:
    return KeyFault(problem, key=pointer, parts=parts)


def _told(value: Any) -> str:
    """A value of the document as an error repeats it."""
    return shown(json.dumps(value, ensure_ascii=False, default=str))


def _escaped(name: str) -> str:
    """A name as part of a JSON pointer (RFC 6901)."""
    return shown(name).replace("~", "~0").replace("/", "~1")


class CountsDocumentReader(CountsReader):
    """Reads the counts of one document. The row of an error is the number of the count, from 1."""

    def __init__(self, known: KnownCodes, document: CountsDocument) -> None:
        super().__init__(known)
        self._counts = document.counts
        strata = [
            count["stratum"]
            for count in document.counts
            if isinstance(count, dict) and isinstance(count.get("stratum"), dict)
        ]
        self.dimensions = sorted(set().union(*strata).intersection(known.categories))
        """The dimensions that any count is split by."""
        self.with_squares = any(
            isinstance(count, dict) and "sum_of_squares" in count for count in document.counts
        )

    def _read(self, chunks: Iterator[bytes]) -> Iterator[tuple[int, CountRow]]:
        for _block in chunks:
            pass
        header = Header([*TEXTS, *self.dimensions, *NUMBER_COLUMNS])
        yield from self._read_rows(header, self._well_formed())

    def _well_formed(self) -> Iterator[list[str]]:
        """Each count of the right shape as a row of a counts file; `_row` is its number."""
        for number, count in enumerate(self._counts, start=1):
            self._row = number
            if self._has_the_shape(count):
                yield self._cells(count)
            else:
                self.rows_read += 1

    def _has_the_shape(self, count: Any) -> bool:
        before = self._errors.total
        if not isinstance(count, dict):
            self._misshapen(NOT_AN_OBJECT, None)
            return False
        for name in count:
            if name not in COUNT_FIELDS:
                choices = ", ".join(COUNT_FIELDS)
                self._misshapen(UNKNOWN_FIELD, _escaped(name), value=name, choices=choices)
        for name in TEXTS:
            self._is_text(count, name)
        self._is_stratum(count.get("stratum", {}))
        numbers = [name for name in NUMBER_COLUMNS if name in count]
        for name in numbers:
            if isinstance(count[name], bool) or not isinstance(count[name], int | Decimal):
                self._misshapen(NOT_A_NUMBER, name, value=_told(count[name]))
        if "blank" in count:
            if count["blank"] not in list(BlankKind):
                self._misshapen(NOT_A_CHOICE, "blank", value=_told(count["blank"]), choices=BLANKS)
            if numbers:
                self._misshapen(BLANK_AND_NUMBER, "blank")
        return self._errors.total == before

    def _is_text(self, of: Mapping[str, Any], name: str, column: str = "") -> None:
        if name not in of:
            self._misshapen(MISSING, column or name)
        elif not isinstance(of[name], str) or not of[name].strip():
            self._misshapen(NOT_A_TEXT, column or name, value=_told(of[name]))

    def _is_stratum(self, stratum: Any) -> None:
        if not isinstance(stratum, dict):
            self._misshapen(NOT_AN_OBJECT, "stratum")
            return
        for dimension in stratum:
            column = f"stratum/{_escaped(dimension)}"
            if dimension not in self._known.categories:
                choices = listed(self._known.categories)
                self._misshapen(NO_SUCH_DIMENSION, column, value=dimension, choices=choices)
            self._is_text(stratum, dimension, column)

    def _cells(self, count: Mapping[str, Any]) -> list[str]:
        stratum = count.get("stratum", {})
        numbers = [str(count.get(name, "")) for name in NUMBER_COLUMNS]
        if "blank" in count:
            numbers[0] = BlankKind(count["blank"]).words
        return [
            *(count[name] for name in TEXTS),
            *(stratum.get(dimension, "") for dimension in self.dimensions),
            *numbers,
        ]

    def _misshapen(self, problem: Problem, place: str | None, **parts: str | int) -> None:
        super()._wrong(problem, place, **parts)

    def _wrong(self, problem: Problem, column: str | None = None, **parts: str | int) -> None:
        """A rule of counts files is broken: the place is where it stands in the document."""
        place = f"stratum/{column}" if column in self.dimensions else column
        super()._wrong(WORDED.get(problem, problem), place, **parts)


def pointer_of(row: int | None, place: str | None) -> str:
    """The JSON pointer of an error of a count; without a row, of all of them."""
    if row is None:
        return "/counts"
    return "/".join(["/counts", str(row - 1), *([place] if place else [])])
