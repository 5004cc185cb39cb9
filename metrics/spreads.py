"""One figure in every unit below another: is it the same everywhere? Each in the institution's own order, none by rank.

The guide asks each department to look at its own numbers; nobody is to be put at the top or at the bottom of a list.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from metrics.charts import rows_chart
from metrics.drawing import Equiplot
from metrics.figures import Figure, Line
from metrics.stats import words
from metrics.stats.comparisons import difference
from metrics.tables import TableRow, row_of
from metrics.wording import unit_words


@dataclass(frozen=True, slots=True)
class SpreadRow:
    """One unit: its number, and the gap there between the two groups of the gap as a whole."""

    code: str
    told: TableRow
    gap: str
    gap_hidden: bool


@dataclass(frozen=True, slots=True)
class Spread:
    """All units. `between`: the two groups whose gap is told, or ""; `sentence`: from where to where the numbers run."""

    rows: list[SpreadRow]
    between: str
    sentence: str
    chart: Equiplot | None


def spread(whole: Figure, parts: Sequence[Figure]) -> Spread | None:
    """The figure of the parts beside each other; None where there are no two, or nothing of them was measured."""
    if len(parts) < 2 or not any(part.measured for part in parts):
        return None
    pair = whole.ends
    between = (
        _("%(first)s and %(second)s") % {"first": pair[0].label, "second": pair[1].label} if pair else ""
    )
    return Spread(
        rows=[_row(part, pair) for part in parts],
        between=between,
        sentence=" ".join(_sentences(whole, parts)),
        chart=rows_chart(whole, [(part.unit_name, part.overall) for part in parts]),
    )


def _row(part: Figure, pair: tuple[Line, Line] | None) -> SpreadRow:
    told = row_of(part.metric, part.overall, part.unit_name)
    gap, hidden = _gap(part, pair) if pair else ("", False)
    return SpreadRow(part.unit_code, told, gap, hidden)


def _gap(part: Figure, pair: tuple[Line, Line]) -> tuple[str, bool]:
    """The gap between these two groups in this unit, in their order, so that it may be below 0; or why there is none."""
    here = {line.key: line for line in part.lines}
    first, second = (here.get(line.key) for line in pair)
    if first is None or second is None:
        return _("Not measured"), False
    if first.cell.hidden or second.cell.hidden:
        return "", True
    if first.estimate is None or second.estimate is None:
        return _("Too few"), False
    found = words.value_and_range(difference(first.estimate, second.estimate), gettext=_)
    if first.observed and second.observed and first.observed.reliable and second.observed.reliable:
        return found, False
    return _("%(gap)s; too few to lean on") % {"gap": found}, False


def _sentences(whole: Figure, parts: Sequence[Figure]) -> Iterator[str]:
    shown = [part.overall.value for part in parts if part.overall.value is not None]
    if len(shown) > 1:
        yield _("From %(low)s to %(high)s %(unit)s in %(units)s places.") % {
            "low": words.number(min(shown)),
            "high": words.number(max(shown)),
            "unit": unit_words(whole.metric),
            "units": len(shown),
        }
    if hidden := sum(part.overall.cell.hidden for part in parts):
        yield ngettext(
            "%(hidden)s place is hidden to protect privacy.",
            "%(hidden)s places are hidden to protect privacy.",
            hidden,
        ) % {"hidden": hidden}
    few = sum(bool(part.overall.observed and not part.overall.observed.reliable) for part in parts)
    if few:
        yield ngettext(
            "In %(few)s place too few were counted to lean on its number.",
            "In %(few)s places too few were counted to lean on their numbers.",
            few,
        ) % {"few": few}
