"""Many measures of many groups at once, by name."""

from __future__ import annotations

from collections.abc import Collection

from metrics.inequality.catalogue import MEASURES
from metrics.inequality.conventions import DECIDED, Conventions
from metrics.inequality.measured import Measured
from metrics.inequality.simulation import Draws, with_simulated_ranges
from metrics.inequality.subgroups import Subgroups


def measure(
    what: Subgroups,
    names: Collection[str] = tuple(MEASURES),
    *,
    draws: Draws | None = None,
    conventions: Conventions = DECIDED,
) -> dict[str, Measured]:
    """The named measures of every group, by name; arrays in them have the shape (groups,).

    Without `draws` the measures that need simulation have a value and no range. Measures of ordered dimensions
    are refused for groups without an order; those of unordered dimensions are given for any group, since they
    ask for no order. Raises KeyError for a name that is not in `catalogue.MEASURES`.
    """
    found = {name: MEASURES[name].formula(what, conventions) for name in names}
    spreads = {name: spread for name in names if (spread := MEASURES[name].spread) is not None}
    if draws is not None and spreads:
        found |= with_simulated_ranges(what, spreads, found, draws, conventions)
    return found
