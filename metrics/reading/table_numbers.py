"""The number cells of a table that somebody else laid out become numbers, or say why there are none.

Numbers are whole, but for the amounts of a metric that has decimals: those are kept to the last digit, never rounded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from metrics.reading.cells import LARGEST_NUMBER, BlankKind, MetricKind
from metrics.reading.counts_numbers import (
    NOT_FOR_THIS_KIND,
    TOO_FINE,
    TOO_LARGE,
    CellFault,
    Numbers,
    decimals_of_columns,
    read_numbers,
    told,
    written,
)
from metrics.reading.errors import Problem
from metrics.reading.errors import gettext_noop as _
from metrics.reading.table_mapping import BlankRule, Columns, Meaning, NumberFormat, NumberRole

EMPTY_CELL = Problem(
    _("This cell is empty, and empty can mean many things."),
    _(
        'Say in the mapping what it means, under [blanks]: words = { "" = "not_collected" }, or withheld, '
        "not_asked, not_yet_due or zero. Or write the number."
    ),
)
UNKNOWN_WORD = Problem(
    _('"%(value)s" is neither a whole number nor a word that the mapping explains.'),
    _(
        "Correct the number, or say in the mapping what the word means, under [blanks]: withheld, not_collected, "
        "not_asked, not_yet_due or zero. Percentages and decimals are no counts."
    ),
)
OTHER_MARKS = Problem(
    _('"%(value)s" is not a whole number in the way that the mapping says numbers are written.'),
    _(
        'State the marks of the file under [numbers], such as thousands = "," or decimal = ".", or correct it.'
    ),
)
OTHER_MARKS_OF_AN_AMOUNT = Problem(
    _('"%(value)s" is not a number in the way that the mapping says numbers are written.'),
    _(
        'State the marks of the file under [numbers], such as thousands = "," or decimal = ".", or correct it.'
    ),
)
UNKNOWN_REASON = Problem(
    _('"%(value)s" is no reason that the mapping explains for a missing number.'),
    _("Add it to values under [blanks.reasons] in the mapping."),
)
PARTLY_BLANK = Problem(
    _('One cell of this count holds a number and another says why there is none ("%(value)s").'),
    _(
        'Write partly = "blank" under [blanks] in the mapping when such a row is to be a blank as a whole, or '
        "correct the row."
    ),
)
REASONS_DISAGREE = Problem(
    _('One cell of this count says "%(value)s", another "%(other)s".'), _("Correct one of the two.")
)
PARTS_DISAGREE = Problem(
    _("The numerator %(numerator)s and the others %(complement)s make %(sum)s, and %(value)s is stated."),
    _("Correct one of the three numbers."),
)
COMPLEMENT_OVER_WHOLE = Problem(
    _("Outside the numerator are %(value)s, and the denominator is %(denominator)s only."),
    _("The others are a part of the denominator. Check that the columns were not swapped."),
)

_NUMBER_LIKE = re.compile(r"[-+\u2212]?[0-9][0-9.,'\u2019\s]*")
_DIGITS_OF_LARGEST = len(str(LARGEST_NUMBER))
_SPACES = " \u00a0\u2009\u202f"

_OF_KIND: Mapping[str, frozenset[NumberRole]] = {
    MetricKind.COUNT: frozenset({NumberRole.NUMERATOR}),
    MetricKind.MEAN: frozenset(
        {NumberRole.NUMERATOR, NumberRole.DENOMINATOR, NumberRole.SUM_OF_SQUARES},
    ),
}
_OF_OTHER_KINDS = frozenset({NumberRole.NUMERATOR, NumberRole.COMPLEMENT, NumberRole.DENOMINATOR})


@dataclass(frozen=True, slots=True)
class RoleFault:
    """What is wrong with the number of one role, or of the count as a whole."""

    role: NumberRole
    problem: Problem
    parts: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class TableNumbers:
    """The numbers of one count. `partly`: some cells had a number, and the count is blank all the same."""

    numbers: Numbers
    partly: bool = False


def missing_role(columns: Columns, kind: str) -> NumberRole | None:
    """The column that a metric of this kind needs and that is not named; None when all are."""
    named = columns.numbers.keys()
    if kind in (MetricKind.COUNT, MetricKind.MEAN):
        return next((role for role in NumberRole if role in _OF_KIND[kind] - named), None)
    if len(named & _OF_OTHER_KINDS) > 1:
        return None
    return NumberRole.NUMERATOR if NumberRole.DENOMINATOR in named else NumberRole.DENOMINATOR


class NumberReader:
    """Reads the cells of one count as the mapping says. The same text always means the same."""

    def __init__(self, format_: NumberFormat, blanks: BlankRule) -> None:
        self._blanks = blanks
        self._pattern = _pattern(format_)
        self._thousands = _SPACES if format_.thousands == " " else format_.thousands
        self._decimal = format_.decimal
        self._known: dict[str, Meaning] = dict(blanks.words)

    def read(
        self, cells: Mapping[NumberRole, str], reason: str, kind: str, decimals: int = 0
    ) -> TableNumbers | list[RoleFault]:
        """The numbers for a metric of this kind, or everything that is wrong with them.

        `cells` holds the text under each named column without surrounding spaces, `reason` that of the column of
        reasons. `decimals`: how many the amounts of the metric may have.
        """
        needed = _OF_KIND.get(kind, _OF_OTHER_KINDS)
        finest = _decimals_of_roles(kind, decimals) if decimals else {}
        found: dict[NumberRole, Meaning | Decimal] = {}
        faults: list[RoleFault] = []
        for role, text in cells.items():
            if role not in needed:
                if text and not self._is_blank(text):
                    faults.append(RoleFault(role, NOT_FOR_THIS_KIND, {"value": text, "kind": kind}))
                continue
            allowed = finest.get(role, 0)
            meaning = self._meaning(text, reason, allowed)
            if isinstance(meaning, Problem):
                value = reason if meaning is UNKNOWN_REASON else text
                more = {"decimals": allowed} if meaning is TOO_FINE else {}
                faults.append(RoleFault(role, meaning, {"value": value, **more}))
            else:
                found[role] = meaning
        return faults or self._together(found, kind, decimals)

    def is_explained(self, text: str) -> bool:
        """Whether the mapping says what this word means in a number's place."""
        reasons = self._blanks.reasons
        return text in self._blanks.words or (reasons is not None and text in reasons.words)

    def _is_blank(self, text: str) -> bool:
        return isinstance(self._blanks.words.get(text), BlankKind)

    def _meaning(self, text: str, reason: str, decimals: int) -> Meaning | Decimal | Problem:
        if text.isascii() and text.isdigit():
            return _amount(text, "", decimals)
        meaning = self._known.get(text)
        if meaning is not None:
            return meaning
        reasons = self._blanks.reasons
        if reasons is not None and text in reasons.words:
            explained = reasons.values.get(reason)
            return UNKNOWN_REASON if explained is None else explained
        return self._marked(text, decimals)

    def _marked(self, text: str, decimals: int) -> int | Decimal | Problem:
        """A number with marks for thousands or decimals. Where a metric has no decimals, they may only be zeros."""
        if self._pattern.fullmatch(text):
            digits, _mark, after = text.partition(self._decimal) if self._decimal else (text, "", "")
            for mark in self._thousands:
                digits = digits.replace(mark, "")
            after = after.rstrip("0")
            return _amount(digits, after, decimals) if decimals or not after else OTHER_MARKS
        if not text:
            return EMPTY_CELL
        other_marks = OTHER_MARKS_OF_AN_AMOUNT if decimals else OTHER_MARKS
        return other_marks if _NUMBER_LIKE.fullmatch(text) else UNKNOWN_WORD

    def _together(
        self, found: Mapping[NumberRole, Meaning | Decimal], kind: str, decimals: int
    ) -> TableNumbers | list[RoleFault]:
        blanks = {role: meaning for role, meaning in found.items() if isinstance(meaning, BlankKind)}
        if not blanks:
            numbers = {role: number for role, number in found.items() if not isinstance(number, BlankKind)}
            return _of_kind(numbers, kind, decimals)
        (role, blank), *others = blanks.items()
        for other, kind_of_other in others:
            if kind_of_other is not blank:
                parts = {"value": kind_of_other.words, "other": blank.words}
                return [RoleFault(other, REASONS_DISAGREE, parts)]
        partly = len(blanks) < len(found)
        if partly and not self._blanks.partly:
            return [RoleFault(role, PARTLY_BLANK, {"value": blank.words})]
        return TableNumbers(Numbers(blank=blank), partly)


def _pattern(format_: NumberFormat) -> re.Pattern[str]:
    whole = "[0-9]+"
    if format_.thousands:
        mark = f"[{_SPACES}]" if format_.thousands == " " else re.escape(format_.thousands)
        whole = f"([0-9]{{1,3}}({mark}[0-9]{{3}})+|{whole})"
    return re.compile(f"{whole}({re.escape(format_.decimal)}[0-9]*)?" if format_.decimal else whole)


def _decimals_of_roles(kind: str, decimals: int) -> dict[NumberRole, int]:
    """Those in the denominator and not in the numerator are as fine as the finer of the two."""
    found = {NumberRole(name): number for name, number in decimals_of_columns(kind, decimals).items()}
    return found | {NumberRole.COMPLEMENT: max(found[NumberRole.NUMERATOR], found[NumberRole.DENOMINATOR])}


def _amount(digits: str, after: str, decimals: int) -> int | Decimal | Problem:
    """A number from its digits and those after the mark, which do not end in zero.

    Longer texts are never turned into a number: that would take its time.
    """
    significant = digits.lstrip("0") or "0"
    if len(after) > decimals:
        return TOO_FINE
    if len(significant) > _DIGITS_OF_LARGEST or int(significant) * 10**decimals > LARGEST_NUMBER:
        return TOO_LARGE
    return Decimal(f"{significant}.{after}") if after else int(significant)


def _of_kind(
    found: Mapping[NumberRole, int | Decimal], kind: str, decimals: int
) -> TableNumbers | list[RoleFault]:
    """The third of numerator, complement and denominator, and whether such numbers are possible."""
    numerator = found.get(NumberRole.NUMERATOR)
    complement = found.get(NumberRole.COMPLEMENT)
    denominator = found.get(NumberRole.DENOMINATOR)
    if complement is not None:
        if numerator is not None and denominator is None:
            denominator = numerator + complement
        elif numerator is None and denominator is not None:
            numerator = denominator - complement
            if numerator < 0:
                parts = {"value": told(complement), "denominator": told(denominator)}
                return [RoleFault(NumberRole.COMPLEMENT, COMPLEMENT_OVER_WHOLE, parts)]
        elif numerator is not None and denominator is not None and numerator + complement != denominator:
            sums = {"numerator": numerator, "complement": complement, "sum": numerator + complement}
            parts = {name: told(number) for name, number in (sums | {"value": denominator}).items()}
            return [RoleFault(NumberRole.DENOMINATOR, PARTS_DISAGREE, parts)]
    squares = found.get(NumberRole.SUM_OF_SQUARES)
    cells = {"numerator": numerator, "denominator": denominator, "sum_of_squares": squares}
    texts = {name: "" if number is None else written(number) for name, number in cells.items()}
    read = read_numbers(texts, kind, decimals)
    if isinstance(read, Numbers):
        return TableNumbers(read)
    return [_fault(fault) for fault in read]


def _fault(fault: CellFault) -> RoleFault:
    return RoleFault(NumberRole(fault.column), fault.problem, fault.parts)
