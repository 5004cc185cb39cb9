"""Amounts with decimals, kept as whole numbers: dollars with two decimals as cents, so that every sum is exact.

A metric says how many decimals its amounts have; people and other things that are counted have none. Pure.
"""

from __future__ import annotations

from decimal import Decimal
from typing import cast

MOST_DECIMALS = 4

NUMERATORS = frozenset({"proportion", "mean", "count"})
"""Kinds whose numerator is an amount: a share of money, a sum of values, an amount."""

DENOMINATORS = frozenset({"proportion", "rate"})
"""Kinds whose denominator is one: all of the money, person-time."""


def scales(kind: str, decimals: int) -> tuple[int, int]:
    """By how much larger than the amount the stored numerator is, and the stored denominator."""
    scale: int = 10**decimals
    return scale if kind in NUMERATORS else 1, scale if kind in DENOMINATORS else 1


def amount(stored: int | None, scale: int) -> int | None:
    """The amount of a stored number, as near as a float comes to it; whole numbers stay what they are.

    Called an int all the same: everything that reads counts is written for whole numbers, and what is only worked out for
    whole numbers (people hidden among people) is never asked of amounts.
    """
    if stored is None or scale == 1:
        return stored
    exact = Decimal(stored) / scale
    return int(exact) if exact == exact.to_integral_value() else cast("int", float(exact))
