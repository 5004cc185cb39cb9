"""The parts of an index as a definition file writes them: in the library, in a department's set, in an institution's file.

kind = "index"
aggregation = "geometric"        # or "arithmetic"
component = [
  { measure = "nurses-listened", weight = 1, worst = 40, best = 100 },
  …
]
"""

from __future__ import annotations

from typing import Any

from metrics.library.table import LibraryTable
from metrics.reading.cells import MetricKind
from metrics.reading.errors import Problem
from metrics.reading.errors import gettext_noop as _
from metrics.stats.composite import Aggregation

WITHOUT_DENOMINATOR = frozenset({MetricKind.COUNT, MetricKind.INDEX})
"""Kinds that are not counted out of anything."""

NOT_AN_INDEX = Problem(
    _("Only an index has components."), _('Write kind = "index", or delete aggregation and component.')
)
TOO_FEW = Problem(
    _("An index has at least two components."), _("Add one, or define it as a measure of its own.")
)
NOT_ABOVE_0 = Problem(_("A weight is above 0."), _("Write 1 where all weigh the same."))
SAME_ENDS = Problem(
    _("The worst and the best value are the same."),
    _("Write the value that counts as 0, and the one that counts as 1."),
)


def composition_of(table: LibraryTable, kind: str) -> dict[str, Any]:
    """The parts of an index, as definitions keep them; empty for every other kind."""
    if kind != MetricKind.INDEX:
        if "component" in table or "aggregation" in table:
            table.fault("component", NOT_AN_INDEX)
            table.entries("component")
            table.text("aggregation", default="")
        return {}
    aggregation = table.text_among("aggregation", tuple(Aggregation), default=Aggregation.GEOMETRIC)
    components = [_component(entry) for entry in table.entries("component")]
    if len(components) < 2:
        table.fault("component", TOO_FEW)
    return {"aggregation": str(aggregation or Aggregation.GEOMETRIC), "components": components}


def _component(table: LibraryTable) -> dict[str, Any]:
    measure, weight = table.code("measure"), table.amount("weight", default=1)
    worst, best = table.amount("worst"), table.amount("best")
    if weight <= 0:
        table.fault("weight", NOT_ABOVE_0)
    if worst == best:
        table.fault("best", SAME_ENDS)
    table.refuse_leftovers()
    return {"measure": measure, "weight": weight, "worst": worst, "best": best}
