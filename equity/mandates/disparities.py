"""The widest disparities of a report, by the ratio of each group's rate to that of the reference group.

The rule, as the pages print it:
- Only rates that are shown and steady count. Groups whose answer is not known are left out.
- The reference is the group with the best rate of its way to compare: the highest where more is better, the lowest where
  less is. A template may name another group; without a rate of that group nothing is compared.
- The ratio is group ÷ reference. It is above 1 where less is better, below 1 where more is better. What is ranked is how
  far it is from 1 in the direction of worse: the worse of the two rates divided by the better one.
- A reference rate of 0 has no ratio: such a way to compare is left out, and listed. A rate of 0 where more is better is the
  widest gap there can be.
- Equal ratios: the larger difference of the two rates comes first, then the larger group, then the order of the template.
  Whatever has the same ratio as the last one and found no place is counted.

Ratios are compared as fractions of whole counts, so that rounding never decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from equity.mandates.filling import Block, Row, Table, Value
from equity.mandates.template import Direction, Group, Kind, Measure, Stratification


@dataclass(frozen=True, slots=True)
class Disparity:
    """A group beside the reference group of its way to compare. `width` None: no bound, a rate of 0 where more is better."""

    kind: Kind
    measure: Measure
    stratification: Stratification
    group: Group
    value: Value
    reference: Group
    reference_value: Value
    ratio: Fraction
    width: Fraction | None

    @property
    def key(self) -> str:
        """Names it in addresses, and in the plans that belong to it."""
        return "--".join((self.kind.code, self.measure.code, self.stratification.code, self.group.code))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A way to compare that has no ratio, because the reference rate is 0 or the named reference group has no rate."""

    kind: Kind
    measure: Measure
    stratification: Stratification
    reference: Group
    is_zero: bool


@dataclass(frozen=True, slots=True)
class Ranking:
    """The widest, in order; how many more have the same ratio as the last; what could not be compared."""

    widest: tuple[Disparity, ...]
    tied_out: int
    left_out: tuple[LeftOut, ...]


def rank(tables: Sequence[Table], most: int) -> Ranking:
    """At most `most` disparities of all measures together."""
    every = [one for table in tables for block in table.blocks for one in _compared(table, block)]
    found = sorted((one for one in every if isinstance(one, Disparity)), key=_order)
    widest, rest = found[:most], found[most:]
    tied_out = sum(one.width == widest[-1].width for one in rest) if widest else 0
    return Ranking(tuple(widest), tied_out, tuple(one for one in every if isinstance(one, LeftOut)))


def _order(one: Disparity) -> tuple[bool, Fraction, Fraction, int]:
    """Widest first; sorting is stable, so that the order of the template decides last."""
    difference = abs(_rate(one.value) - _rate(one.reference_value))
    return one.width is not None, -(one.width or Fraction(0)), -difference, -(one.value.denominator or 0)


def _compared(table: Table, block: Block) -> Iterator[Disparity | LeftOut]:
    ranked = [row for row in block.rows if not row.group.apart and row.value.shown and row.value.reliable]
    reference = reference_of(table.measure, block.stratification, ranked)
    if reference is None:
        if ranked and block.stratification.reference:
            named = next(row.group for row in block.rows if row.group.code == block.stratification.reference)
            yield LeftOut(table.kind, table.measure, block.stratification, named, is_zero=False)
        return
    base = _rate(reference.value)
    others = [row for row in ranked if row is not reference]
    if base == 0:
        if any(_rate(row.value) for row in others):
            yield LeftOut(table.kind, table.measure, block.stratification, reference.group, is_zero=True)
        return
    for row in others:
        rate = _rate(row.value)
        if not _is_worse(table.measure, rate, base):
            continue
        lower = table.measure.better is Direction.LOWER
        width = rate / base if lower else base / rate if rate else None
        yield Disparity(
            kind=table.kind,
            measure=table.measure,
            stratification=block.stratification,
            group=row.group,
            value=row.value,
            reference=reference.group,
            reference_value=reference.value,
            ratio=rate / base,
            width=width,
        )


def reference_of(measure: Measure, stratification: Stratification, rows: Iterable[Row]) -> Row | None:
    """The row of the named reference group, else of the best rate; of equal rates the larger group's, then the first."""
    candidates = list(rows)
    if stratification.reference:
        return next((row for row in candidates if row.group.code == stratification.reference), None)
    sign = 1 if measure.better is Direction.HIGHER else -1
    return max(
        candidates, key=lambda row: (sign * _rate(row.value), row.value.denominator or 0), default=None
    )


def _is_worse(measure: Measure, rate: Fraction, base: Fraction) -> bool:
    return rate > base if measure.better is Direction.LOWER else rate < base


def _rate(value: Value) -> Fraction:
    return Fraction(value.numerator or 0, value.denominator or 1)
