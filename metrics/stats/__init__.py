"""Pure statistics: how large, how sure, how far apart. Plain values in, frozen dataclasses out, no Django."""

from metrics.stats.estimate import Estimate
from metrics.stats.gaps import Gap, Group, gap
from metrics.stats.observed import Mean, Observed, Proportion, Rate

__all__ = ["Estimate", "Gap", "Group", "Mean", "Observed", "Proportion", "Rate", "gap"]
