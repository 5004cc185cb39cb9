"""What the ledger says of a count, as a cell. Pure. Of what is not shown no number is taken, whatever a document carries."""

from __future__ import annotations

from collections.abc import Sequence

from metrics.figures import HIDDEN, PUBLISHED, Cell
from metrics.stats.estimate import DEFAULT_LEVEL, around
from metrics.stats.observed import Score
from metrics.stats.quantiles import student_quantile


def cell_of(
    kind: str,
    status: str,
    numerator: int | None,
    denominator: int | None,
    likely: Sequence[float] | None,
    value: float | None = None,
    *,
    reliable: bool = True,
) -> Cell:
    """A published count. `likely`: its published range, which a metric of averages needs beside its counts. An index has its
    published `value` instead of counts."""
    if status != PUBLISHED:
        return Cell(status, None, denominator if status == HIDDEN else None)
    if kind == "index" and value is not None:
        return Cell(PUBLISHED, score=score_of(value, likely, reliable=reliable))
    if numerator is None:
        return Cell("not_counted")
    squares = None
    if kind == "mean" and likely is not None and denominator is not None and denominator > 1:
        squares = squares_behind(numerator, denominator, likely)
    return Cell(PUBLISHED, numerator, denominator, squares)


def score_of(value: float, likely: Sequence[float] | None, *, reliable: bool) -> Score:
    """A published index; rounding left its range a hair off at most."""
    return Score(value, None if likely is None else around(value, *likely), reliable)


def squares_behind(total: float, count: int, likely: Sequence[float]) -> float:
    """The sum of squares that an average's published range was worked out from: Student's interval, read backward.

    So a published average has the same range and the same gap as inside, without its sum of squares being published.
    """
    low, high = likely
    reach = max(high - low, 0.0) / 2
    variance = (reach / student_quantile(DEFAULT_LEVEL, count - 1)) ** 2 * count
    return variance * (count - 1) + total**2 / count
