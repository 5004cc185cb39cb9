"""Numbers as people read them: "11.2", "likely 10.8 to 11.7", "in 100", "per 1,000".

Every number on a page is the exact figure, rounded once, half up, at the very end. A displayed gap is
therefore the rounded true gap, and may differ in the last digit from the difference of two displayed values;
`rounding_note` says so where it does.

Functions that return words take `gettext`, so that this module needs no framework: pass the translation
function of the request. Numbers are written as in the United States, in Spanish too.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from metrics.stats.estimate import Estimate
from metrics.stats.gaps import Gap

Translate = Callable[[str], str]

MINUS = "\N{MINUS SIGN}"
SIGNIFICANT = 12


def rounded(value: float, decimals: int = 1) -> Decimal:
    """`value` rounded half away from zero; what floating point added beyond 12 digits is dropped first.

    So 1.25 becomes 1.3 and 0.29 * 100 becomes 29.0, as on paper. Never a negative zero.
    """
    exact = Decimal(f"{value:.{SIGNIFICANT}g}")
    result = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return abs(result) if result == 0 else result


def number(value: float, decimals: int = 1) -> str:
    """The number as text, with a true minus sign below 0: "11.2", "1,234.0"."""
    return f"{rounded(value, decimals):,f}".replace("-", MINUS)


def likely(estimate: Estimate, decimals: int = 1, gettext: Translate = str) -> str:
    """The range in words: "likely 10.8 to 11.7". Scale proportions first: `estimate.scaled(100)`."""
    low, high = number(estimate.low, decimals), number(estimate.high, decimals)
    return gettext("likely %(low)s to %(high)s") % {"low": low, "high": high}


def value_and_range(estimate: Estimate, decimals: int = 1, gettext: Translate = str) -> str:
    """Value and range for captions and sentences: "11.2 (likely 10.8 to 11.7)"."""
    return f"{number(estimate.value, decimals)} ({likely(estimate, decimals, gettext)})"


def out_of(whole: int = 100, gettext: Translate = str) -> str:
    """What follows a proportion: "in 100"."""
    return gettext("in %(whole)s") % {"whole": number(whole, 0)}


def per(units: int, gettext: Translate = str) -> str:
    """What follows a rate: "per 1,000"."""
    return gettext("per %(units)s") % {"units": number(units, 0)}


def unit(kind: str, per_units: int, gettext: Translate = str) -> str:
    """What follows a number of a measure of this kind: "in 100", "per 1,000", "of 100 points", or nothing for averages and counts."""
    if kind == "index":
        return gettext("of %(most)s points") % {"most": number(per_units, 0)}
    if kind == "proportion":
        return out_of(per_units, gettext)
    return per(per_units, gettext) if kind == "rate" and per_units > 1 else ""


def gap_sentence(gap: Gap, gettext: Translate = str) -> str:
    """What a gap says, with places for {name}, who counted, for {unit}, and for `gap_parts`.

    Its bold part is HTML: whoever fills the places escapes what goes into them.
    """
    if gap.clear:
        return gettext(
            "{name} counted {high} {unit} for {first} and {low} for {second}: <b>a gap of {gap}.</b>"
        )
    return gettext(
        "{name} counted {high} {unit} for {first} and {low} for {second}. <b>The gap of {gap} may be chance.</b>"
    )


def gap_parts(gap: Gap, scale: int) -> dict[str, str]:
    """The two groups of a gap, their numbers and the difference, each times `scale` (100: a share as "in 100")."""
    return {
        "high": number(gap.first_estimate.value * scale),
        "low": number(gap.second_estimate.value * scale),
        "first": gap.first.label,
        "second": gap.second.label,
        "gap": number(gap.difference.scaled(scale).value),
    }


def rounding_note(first: float, second: float, decimals: int = 1, gettext: Translate = str) -> str:
    """The sentence a reader needs when the shown gap is not the shown first less the shown second; else "".

    All values in the unit shown ("in 100").
    """
    if rounded(first - second, decimals) == rounded(first, decimals) - rounded(second, decimals):
        return ""
    return gettext(
        "The gap is worked out before rounding, so its last digit can differ from the rounded figures."
    )


def caution(gap: Gap, gettext: Translate = str) -> str:
    """The sentence that belongs beside a gap whose pair was picked for lying furthest apart; else ""."""
    if not gap.extreme:
        return ""
    if gap.reference is None:
        sentence = gettext(
            "We show the two groups furthest apart out of %(count)s. Chance alone sets some groups apart, "
            "so the true gap may be smaller than it looks."
        )
    else:
        sentence = gettext(
            "We show the group furthest from the one we compare with, out of %(count)s groups. Chance alone "
            "sets some groups apart, so the true gap may be smaller than it looks."
        )
    return sentence % {"count": gap.compared}
