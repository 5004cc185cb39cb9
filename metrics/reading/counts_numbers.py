"""The number cells of a counts row: whole numbers that fit the kind of the metric, or why there are none."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from metrics.amounts import DENOMINATORS, NUMERATORS
from metrics.reading.cells import LARGEST_NUMBER, BlankKind, MetricKind
from metrics.reading.errors import Problem
from metrics.reading.errors import gettext_noop as _

EMPTY = Problem(
    _("This cell is empty, and empty can mean many things."),
    _(
        "Write the number (0 when it is zero), or why there is none: "
        '"not collected", "not asked", "withheld" or "not yet due".'
    ),
)
NOT_WHOLE = Problem(
    _('"%(value)s" is not a whole number.'),
    _("Write counts with digits only, such as 1234: no percentages, decimals, units or remarks."),
)
SEPARATED_THOUSANDS = Problem(
    _('"%(value)s" may be a number with separated thousands, or a decimal.'),
    _("Write it with digits only, such as 1234, so that it can be read in one way."),
)
NEGATIVE = Problem(
    _('"%(value)s" is less than zero, and a count cannot be.'), _("Correct the number; zero is written as 0.")
)
TOO_LARGE = Problem(
    _('"%(value)s" is too large a number.'),
    _("Correct it; the largest number that can be kept has 19 digits."),
)
TOO_FINE = Problem(
    _('"%(value)s" has more decimals than this measure keeps (%(decimals)s).'),
    _("Round it, or correct the measure."),
)
NUMBER_AND_REASON = Problem(
    _('One cell of this row holds a number and another says why there is none ("%(value)s").'),
    _("Write the reason in the numerator and leave the other cells empty, or write all the numbers."),
)
PART_OVER_WHOLE = Problem(
    _("The numerator %(value)s is greater than the denominator %(denominator)s."),
    _("The numerator is a part of the denominator. Check that the two were not swapped."),
)
OUT_OF_NOTHING = Problem(
    _("The numerator is %(value)s and the denominator is 0."),
    _("Where there is nothing to count in, nothing can be counted: correct one of the two."),
)
IMPOSSIBLE_SQUARES = Problem(
    _("No values have this number (%(denominator)s), sum (%(numerator)s) and sum of squares (%(value)s)."),
    _("Add up the squares of the single values; a squared sum or a sum of rounded values does not do."),
)
NOT_FOR_THIS_KIND = Problem(
    _('"%(value)s" stands where a metric of the kind "%(kind)s" has no number.'),
    _("Leave this cell empty, or correct the kind of the metric."),
)

IS_AN_INDEX = Problem(
    _('"%(value)s" is an index: it is worked out from its parts, and has no counts of its own.'),
    _("Send the counts of its parts, and leave this row out."),
)

_COLUMNS_OF_KIND: dict[str, tuple[str, ...]] = {
    MetricKind.PROPORTION: ("numerator", "denominator"),
    MetricKind.RATE: ("numerator", "denominator"),
    MetricKind.MEAN: ("numerator", "denominator", "sum_of_squares"),
    MetricKind.COUNT: ("numerator",),
}
_BLANK_BY_WORDS = {kind.words: kind for kind in BlankKind}
_NEGATIVE_NUMBER = re.compile(r"[-\u2212]\s*[0-9][0-9.,]*")
_AMOUNT = re.compile(r"(?P<whole>[0-9]{1,19})\.(?P<decimals>[0-9]+)")
_SEPARATED_THOUSANDS = re.compile(r"[0-9]{1,3}([,.'\u2019\s][0-9]{3})+")
_DIGITS_OF_LARGEST = len(str(LARGEST_NUMBER))


class Numbers(NamedTuple):
    """The numbers of a row, or why there are none."""

    numerator: int | Decimal | None = None
    denominator: int | Decimal | None = None
    sum_of_squares: int | Decimal | None = None
    blank: BlankKind | None = None


class CellFault(NamedTuple):
    """What is wrong with one number cell."""

    column: str
    problem: Problem
    parts: dict[str, str | int]


def read_numbers(cells: dict[str, str], kind: str, decimals: int = 0) -> Numbers | list[CellFault]:
    """The numbers of a row for a metric of this kind, or everything that is wrong with its cells.

    `cells` are the texts under `numerator`, `denominator` and `sum_of_squares`, without surrounding spaces. `decimals`:
    how many the amounts of the metric may have.
    """
    blank = blank_of(cells["numerator"])
    if blank is not None:
        return _other_cells_agree(cells, blank) or Numbers(blank=blank)
    needed = _COLUMNS_OF_KIND[kind]
    finest = decimals_of_columns(kind, decimals)
    numbers: dict[str, int | Decimal] = {}
    faults: list[CellFault] = []
    for column, text in cells.items():
        if column not in needed:
            if text:
                faults.append(CellFault(column, NOT_FOR_THIS_KIND, {"value": text, "kind": kind}))
            continue
        number = _number(text, finest[column])
        if isinstance(number, Problem):
            faults.append(CellFault(column, number, {"value": text, "decimals": finest[column]}))
        else:
            numbers[column] = number
    return faults or _impossible(kind, numbers) or _numbers(numbers)


def blank_of(text: str) -> BlankKind | None:
    """The kind of blank that these words name, in any letter case."""
    return _BLANK_BY_WORDS.get(text.lower().replace("_", " "))


def _other_cells_agree(cells: dict[str, str], blank: BlankKind) -> list[CellFault]:
    return [
        CellFault(column, NUMBER_AND_REASON, {"value": blank.words})
        for column, text in cells.items()
        if text and blank_of(text) is not blank
    ]


def decimals_of_columns(kind: str, decimals: int) -> dict[str, int]:
    """How many decimals each number may have, where the amounts of a metric of this kind have so many."""
    numerator, denominator = (decimals if kind in amounts else 0 for amounts in (NUMERATORS, DENOMINATORS))
    return {"numerator": numerator, "denominator": denominator, "sum_of_squares": 2 * numerator}


def _numbers(numbers: dict[str, int | Decimal]) -> Numbers:
    return Numbers(numbers["numerator"], numbers.get("denominator"), numbers.get("sum_of_squares"))


def _number(text: str, decimals: int) -> int | Decimal | Problem:
    if decimals and (amount := _AMOUNT.fullmatch(text)):
        if len(amount["decimals"]) > decimals:
            return TOO_FINE
        return TOO_LARGE if int(amount["whole"]) * 10**decimals > LARGEST_NUMBER else Decimal(text)
    if text.isascii() and text.isdigit():
        if len(text.lstrip("0")) > _DIGITS_OF_LARGEST or int(text) > LARGEST_NUMBER:
            return TOO_LARGE
        return int(text)
    if not text:
        return EMPTY
    if blank_of(text) is not None:
        return NUMBER_AND_REASON
    if _NEGATIVE_NUMBER.fullmatch(text):
        return NEGATIVE
    if _SEPARATED_THOUSANDS.fullmatch(text):
        return SEPARATED_THOUSANDS
    return NOT_WHOLE


def _impossible(kind: str, numbers: dict[str, int | Decimal]) -> list[CellFault]:
    """What no set of things or values could have given."""
    if kind == MetricKind.COUNT:
        return []
    numerator, denominator = numbers["numerator"], numbers["denominator"]
    parts: dict[str, str | int] = {"value": told(numerator), "denominator": told(denominator)}
    if kind == MetricKind.PROPORTION and numerator > denominator:
        return [CellFault("numerator", PART_OVER_WHOLE, parts)]
    if numerator > 0 and denominator == 0:
        return [CellFault("numerator", OUT_OF_NOTHING, parts)]
    if kind == MetricKind.MEAN and _squares_are_impossible(numerator, denominator, numbers["sum_of_squares"]):
        squares: dict[str, str | int] = {
            "value": told(numbers["sum_of_squares"]),
            "numerator": told(numerator),
        }
        return [CellFault("sum_of_squares", IMPOSSIBLE_SQUARES, squares | {"denominator": told(denominator)})]
    return []


def told(number: int | Decimal) -> str | int:
    """A number as a part of a sentence."""
    return number if isinstance(number, int) else written(number)


def written(number: int | Decimal) -> str:
    """A number in digits, never as 1E-8."""
    return f"{number:f}" if isinstance(number, Decimal) else str(number)


def _squares_are_impossible(
    total: int | Decimal, number: int | Decimal, sum_of_squares: int | Decimal
) -> bool:
    """Cauchy and Schwarz: (sum of x)² ≤ n · (sum of x²). And n values of nothing have no squares."""
    return total * total > number * sum_of_squares or (number == 0 and sum_of_squares > 0)
