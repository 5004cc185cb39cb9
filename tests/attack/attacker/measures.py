"""What is not linear, tried out: every pair of counts that fits a printed range; every table that fits a printed measure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from tests.attack.attacker.told import Interval

Z = 1.959963984540054
MOST_PEOPLE = 3_000
MOST_TABLES = 400_000
TOLERANCE = 1e-9


def fitting(
    low: Interval,
    high: Interval,
    share: Interval | None,
    numerator: tuple[float, float],
    denominator: tuple[float, float],
    *,
    poisson: bool,
) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """From and to of numerator and denominator, over all pairs of whole numbers whose 95% range is printed like this.

    Ranges that are known already limit the search; None: the search would be too long, or nothing fits.
    """
    first, last = int(max(1, denominator[0])), int(min(denominator[1], MOST_PEOPLE))
    if denominator[1] > MOST_PEOPLE and denominator[0] > 0:
        last = int(max(last, denominator[0]))
    n = np.arange(first, last + 1)
    middle = share or Interval(low.low, high.high)
    kept_k, kept_n = [], []
    width = int(np.max(np.ceil(n * middle.high) - np.floor(n * middle.low), initial=0)) + 1
    if width > 200:
        return None
    start = np.floor(n * middle.low)
    for step in range(width + 1):
        k = start + step
        possible = (k >= max(0, numerator[0])) & (k <= np.minimum(numerator[1], n if not poisson else np.inf))
        one, other = _garwood(k, n) if poisson else _wilson(k, n)
        fits = possible & _inside(one, low) & _inside(other, high) & _inside(k / n, middle)
        kept_k.append(k[fits])
        kept_n.append(n[fits])
    ks, ns = np.concatenate(kept_k), np.concatenate(kept_n)
    if not len(ks) or (last == MOST_PEOPLE and ns.max() == last):
        return None
    return (int(ks.min()), int(ks.max())), (int(ns.min()), int(ns.max()))


def _inside(value: NDArray[np.float64], interval: Interval) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (value >= interval.low - TOLERANCE) & (value <= interval.high + TOLERANCE)
    return found


def _wilson(k: NDArray[np.float64], n: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    inside = np.clip(k, 0, n)
    reach = Z * np.sqrt(inside * (n - inside) / n + Z * Z / 4)
    return (inside + Z * Z / 2 - reach) / (n + Z * Z), (inside + Z * Z / 2 + reach) / (n + Z * Z)


def _garwood(k: NDArray[np.float64], n: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    k = np.maximum(k, 0)
    low = np.where(k > 0, gammaincinv(np.maximum(k, 1), 0.025), 0.0)
    return low / n, gammaincinv(k + 1, 0.975) / n


def tables_with_spread(
    kind: str,
    value: Interval,
    numerators: Sequence[tuple[float, float]],
    denominators: Sequence[int],
    total: int | None,
) -> list[tuple[int, int]] | None:
    """From and to of each group's numerator, over all tables whose measure is printed like this.

    `total` is the numerator of all groups together where it is known. None: too many tables to try, or none fits.
    """
    ranges = [range(math.ceil(low), math.floor(high) + 1) for low, high in numerators if math.isfinite(high)]
    if len(ranges) < len(numerators):
        return None
    open_ = [number for number, one in enumerate(ranges) if len(one) > 1]
    if not open_:
        return None
    settled = open_[-1] if total is not None else None
    tried = [number for number in open_ if number != settled]
    if math.prod(len(ranges[number]) for number in tried) > MOST_TABLES:
        return None
    given = np.array(list(product(*(ranges[number] for number in tried))), dtype=float)
    given = given.reshape(-1, len(tried))
    table = np.tile(np.array([one.start for one in ranges], dtype=float), (len(given), 1))
    table[:, tried] = given
    if settled is not None and total is not None:
        table[:, settled] = 0
        table[:, settled] = total - table.sum(axis=1)
        inside = (table[:, settled] >= ranges[settled].start) & (table[:, settled] < ranges[settled].stop)
        table = table[inside]
    found = _spread(kind, table, np.array(denominators, dtype=float))
    table = table[(found >= value.low) & (found <= value.high)]
    if not len(table):
        return None
    return [(int(column.min()), int(column.max())) for column in table.T]


def _spread(kind: str, numerators: NDArray[np.float64], people: NDArray[np.float64]) -> NDArray[np.float64]:
    """Both weighted by people, on the scale of the share."""
    weight = people / people.sum()
    share = numerators / people
    mean = (share * weight).sum(axis=1, keepdims=True)
    if kind == "variance":
        variance: NDArray[np.float64] = (weight * (share - mean) ** 2).sum(axis=1)
        return variance
    relative = np.divide(share, mean, out=np.zeros_like(share), where=mean > 0)
    theil: NDArray[np.float64] = (
        weight * relative * np.log(relative, out=np.zeros_like(relative), where=relative > 0)
    ).sum(axis=1)
    return theil
