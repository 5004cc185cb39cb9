"""Pure statistics: how large, how sure, how far apart, and whether it changed. Plain values in, frozen dataclasses out, no Django."""

from metrics.stats.adjusted import AgeGroup, age_adjusted
from metrics.stats.change import GapChange, GapTrend, gap_change
from metrics.stats.estimate import Estimate
from metrics.stats.excess import Excess, excess_count
from metrics.stats.gaps import Gap, Group, gap
from metrics.stats.observed import Mean, Observed, Proportion, Rate, Score
from metrics.stats.reliability import Doubt
from metrics.stats.runs import RunChart, run_chart
from metrics.stats.standard import Ages
from metrics.stats.xmr import Xmr, xmr_chart

__all__ = [
    "AgeGroup",
    "Ages",
    "Doubt",
    "Estimate",
    "Excess",
    "Gap",
    "GapChange",
    "GapTrend",
    "Group",
    "Mean",
    "Observed",
    "Proportion",
    "Rate",
    "RunChart",
    "Score",
    "Xmr",
    "age_adjusted",
    "excess_count",
    "gap",
    "gap_change",
    "run_chart",
    "xmr_chart",
]
