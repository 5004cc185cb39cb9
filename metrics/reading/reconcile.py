"""Whether the parts of a file add up to the totals that the same file states. Usable before anything is applied.

Where everybody is in exactly one group of a dimension (a partition) and every group is given, the groups add up to
everybody. A difference is flagged and stops nothing: the source may have rounded, or may count people twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

from metrics.reading.cells import OVERALL, CountRow, Stratum
from metrics.reading.periods import Period

SHOWN = 100


class Sums(NamedTuple):
    """Numbers that add up: those of a total, or of its parts together."""

    numerator: int | Decimal = 0
    denominator: int | Decimal = 0
    sum_of_squares: int | Decimal = 0

    def plus(self, other: Sums) -> Sums:
        """Both together."""
        return Sums(*(own + others for own, others in zip(self, other, strict=True)))

    def minus(self, other: Sums) -> Sums:
        """What the other lacks; less than zero where the other has more."""
        return Sums(*(own - others for own, others in zip(self, other, strict=True)))


NOTHING = Sums()


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Parts of one total that do not make it. `missing` is what the parts lack; less than zero: they have more.

    `total` is the stratum of the stated total, `by` the dimensions that split it. `blanks`: so many parts have no
    number, and those that have one are more than the total already.
    """

    metric: str
    unit: str
    period: Period
    total: Stratum
    by: tuple[str, ...]
    stated: Sums
    parts: Sums
    blanks: int

    @property
    def missing(self) -> Sums:
        """Total less parts."""
        return self.stated.minus(self.parts)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What was compared. `open_`: totals whose parts have blanks and are not more than the total, so that nothing can
    be said; `agreed` and `disagreed` are counted, and the first disagreements are in `disagreements`."""

    agreed: int
    open_: int
    disagreed: int
    disagreements: tuple[Disagreement, ...]

    @property
    def compared(self) -> int:
        """How many totals have parts beside them."""
        return self.agreed + self.open_ + self.disagreed


@dataclass(slots=True)
class _Parts:
    sums: Sums = NOTHING
    blanks: int = 0

    def add(self, row: CountRow) -> None:
        if row.blank is None:
            self.sums = self.sums.plus(_sums(row))
        else:
            self.blanks += 1


_Split = tuple[Stratum, tuple[str, ...]]
"""The stratum of a total, and the dimensions that split it further."""


@dataclass(slots=True)
class _Place:
    """Everything that is known of one metric, unit and period."""

    totals: dict[Stratum, CountRow] = field(default_factory=dict)
    parts: defaultdict[_Split, _Parts] = field(default_factory=lambda: defaultdict(_Parts))


class Reconciler:
    """Takes the rows of a file one by one. Of more rows than `at_most` it keeps none: then nothing is compared here.

    A total is everybody, or a group that is split further by one more dimension (race within age, beside race). Only
    dimensions in `partitions` are compared.
    """

    def __init__(
        self,
        partitions: Collection[str],
        *,
        at_most: int | None = None,
    ) -> None:
        self._partitions = partitions
        self._at_most = at_most
        self._rows = 0
        self._places: defaultdict[tuple[str, str, Period], _Place] = defaultdict(_Place)

    @property
    def is_too_much(self) -> bool:
        """Whether there were more rows than can be held."""
        return self._at_most is not None and self._rows > self._at_most

    def passed(self, rows: Iterable[CountRow]) -> Iterator[CountRow]:
        """The same rows, each noted on its way."""
        for row in rows:
            self.add(row)
            yield row

    def add(self, row: CountRow) -> None:
        """Note one row."""
        self._rows += 1
        if self.is_too_much:
            self._places.clear()
        else:
            place = self._places[row.metric, row.unit, row.period]
            place.totals[row.stratum] = row
            for split in _splits(row.stratum, self._partitions):
                place.parts[split].add(row)

    def result(self) -> Reconciliation:
        """Every stated total compared with its parts, for each metric, unit, period and partition."""
        return _compared(self._places)


def reconcile(rows: Iterable[CountRow], partitions: Collection[str]) -> Reconciliation:
    """Compare the totals and parts of rows that are all there (see `Reconciler`)."""
    reconciler = Reconciler(partitions)
    for row in rows:
        reconciler.add(row)
    return reconciler.result()


def _splits(stratum: Stratum, partitions: Collection[str]) -> Iterator[_Split]:
    """Every total that this stratum is a part of: one dimension less, and everybody."""
    if all(dimension in partitions for dimension, _code in stratum) and len(stratum) > 1:
        yield OVERALL, tuple(dimension for dimension, _code in stratum)
    for pair in stratum:
        if pair[0] in partitions:
            yield tuple(other for other in stratum if other != pair), (pair[0],)


def _compared(places: Mapping[tuple[str, str, Period], _Place]) -> Reconciliation:
    agreed = open_ = disagreed = 0
    shown: list[Disagreement] = []
    for place, parts_of, total in chain.from_iterable(map(_pairs, places.items())):
        (stratum, by), parts = parts_of
        if total.blank is not None:
            continue
        stated = _sums(total)
        more = any(part > whole for part, whole in zip(parts.sums, stated, strict=True))
        if parts.blanks and not more:
            open_ += 1
        elif parts.sums == stated:
            agreed += 1
        else:
            disagreed += 1
            if len(shown) < SHOWN:
                shown.append(Disagreement(*place, stratum, by, stated, parts.sums, parts.blanks))
    return Reconciliation(agreed, open_, disagreed, tuple(shown))


def _pairs(
    item: tuple[tuple[str, str, Period], _Place],
) -> Iterator[tuple[tuple[str, str, Period], tuple[_Split, _Parts], CountRow]]:
    """Each split of a place whose total is stated, with that total."""
    key, place = item
    for split, parts in sorted(place.parts.items()):
        total = place.totals.get(split[0])
        if total is not None:
            yield key, (split, parts), total


def _sums(row: CountRow) -> Sums:
    return Sums(row.numerator or 0, row.denominator or 0, row.sum_of_squares or 0)
