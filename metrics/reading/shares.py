"""A share that a file states is compared with its counts, and never stored: counts say it, and say it exactly."""

from __future__ import annotations

import re
from decimal import Decimal

from metrics.reading.errors import Problem
from metrics.reading.errors import gettext_noop as _

SHARE_DISAGREES = Problem(
    _('The file states "%(value)s", and %(numerator)s of %(denominator)s is %(counted)s.'),
    _("Ask whoever made the file which of them is right. Only the counts are kept."),
)
NOT_A_SHARE = Problem(
    _('"%(value)s" is not a share or percentage.'),
    _(
        "Correct it, add the word to words under [blanks] in the mapping, or delete the column from the mapping."
    ),
)

_SHARE = re.compile(r"[0-9]{1,20}(\.[0-9]{0,30})?%?")
_MOST_DECIMALS_SHOWN = 4
_DIGITS_OF_A_FLOAT = 15
_SIX_DECIMALS = Decimal("0.000001")


def parse_share(text: str, *, decimal: str = ".") -> Decimal | None:
    """The number of a text such as 78.7, 78,7 or 78.7%; None when it is none."""
    written = text.replace(decimal, ".") if decimal else text
    return _without_noise(Decimal(written.rstrip("%"))) if _SHARE.fullmatch(written) else None


def _without_noise(share: Decimal) -> Decimal:
    """Software that reckons in binary writes 0.8125 as 0.8125000000000001: what is beyond its precision says nothing."""
    if len(share.as_tuple().digits) <= _DIGITS_OF_A_FLOAT:
        return share
    rounded = round(share, _DIGITS_OF_A_FLOAT - share.adjusted() - 1).normalize()
    return min(rounded, rounded.quantize(_SIX_DECIMALS), key=lambda one: one.as_tuple().exponent)


def share_agrees(
    stated: Decimal, numerator: int | Decimal, denominator: int | Decimal, *, out_of: int = 1
) -> bool:
    """Whether a stated share is that of the counts, rounded or cut at any digit that it is written with.

    Nothing out of nothing has no share, so that whatever is stated agrees.
    """
    if denominator == 0:
        return True
    exponent = stated.as_tuple().exponent
    last_digit = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)
    difference = abs(stated * denominator - numerator * out_of)
    return difference < last_digit * denominator


def share_in_words(numerator: int | Decimal, denominator: int | Decimal, *, out_of: int = 1) -> str:
    """The share of the counts with a few decimals, to stand beside a stated one."""
    return str(round(Decimal(numerator * out_of) / Decimal(denominator), _MOST_DECIMALS_SHOWN))
