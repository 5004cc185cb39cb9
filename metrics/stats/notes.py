"""What the statistics say beside a number, in words: doubts, whether a gap closes, and the rules of charts over time.

Functions take `gettext`, as those of `words` do.
"""

from __future__ import annotations

from metrics.stats.change import GapChange, GapTrend
from metrics.stats.reliability import (
    MEAN_MINIMUM,
    PROPORTION_MINIMUM,
    RATE_MINIMUM,
    Doubt,
)
from metrics.stats.runs import BASELINE_MINIMUM, MINIMUM, SHIFT, RunChart
from metrics.stats.words import Translate
from metrics.stats.xmr import XMR_MINIMUM, Rule


def gap_trend(trend: GapTrend, gettext: Translate = str) -> str:
    """The word in a cell of the goals table."""
    return {
        GapTrend.CLOSING: gettext("Gap closing"),
        GapTrend.GROWING: gettext("Gap growing"),
        GapTrend.NO_CLEAR_CHANGE: gettext("No clear change"),
        GapTrend.TOO_FEW: gettext("Too few"),
        GapTrend.NOT_MEASURED: gettext("Not measured"),
    }[trend]


def opposite_directions(change: GapChange, gettext: Translate = str) -> str:
    """The sentence a reader needs when difference and ratio moved in opposite directions; else ""."""
    if not change.opposite or change.absolute is None:
        return ""
    if change.absolute.value < 0:
        return gettext("The gap became smaller as a difference, but larger as a ratio.")
    return gettext("The gap became larger as a difference, but smaller as a ratio.")


def doubt(why: Doubt | None, gettext: Translate = str) -> str:
    """Why a number is unsteady: "Fewer than 10 events"; "" when it is steady."""
    if why is None:
        return ""
    return {
        Doubt.FEW_COUNTED: gettext(
            "Too few counted (we ask for %(minimum)s people, or %(time)s units of time)"
        )
        % {"minimum": max(PROPORTION_MINIMUM, MEAN_MINIMUM), "time": RATE_MINIMUM},
        Doubt.FEW_EVENTS: gettext("Fewer than %(minimum)s events") % {"minimum": RATE_MINIMUM},
        Doubt.WIDE: gettext("The likely range is very wide"),
        Doubt.WIDE_FOR_ITS_SIZE: gettext("The likely range is wide for so small a number"),
    }[why]


def shift(chart: RunChart, gettext: Translate = str) -> str:
    """What a run chart says of its last points, in words; also when it says nothing."""
    if not chart.enough:
        return gettext("Too few numbers to see a change")
    if chart.current is None:
        return gettext("No clear change")
    if chart.current.above:
        return gettext("The last %(run)s are above the middle") % {"run": chart.current.length}
    return gettext("The last %(run)s are below the middle") % {"run": chart.current.length}


def crossings(chart: RunChart, gettext: Translate = str) -> str:
    """Said where the line crosses its middle less often than chance would; else ""."""
    if not chart.too_few_crossings:
        return ""
    return gettext(
        "The line crosses its middle less often (%(crossings)s) than chance would make it (%(fewest)s or more)."
    ) % {"crossings": chart.crossings, "fewest": chart.fewest}


def run_chart_rule(baseline: int | None = None, gettext: Translate = str) -> str:
    """The rule, to print below a run chart."""
    if baseline is None:
        return gettext(
            "We call it a change when %(shift)s points in a row lie on one side of the middle, or when the line "
            "crosses the middle less often than chance would. It takes %(minimum)s points or more. The middle is the "
            "median of all points."
        ) % {"shift": SHIFT, "minimum": MINIMUM}
    return gettext(
        "We call it a change when %(shift)s points in a row lie on one side of the middle, or when the line "
        "crosses the middle less often than chance would. The middle is the median of the first %(baseline)s "
        "periods. It takes %(minimum)s points or more."
    ) % {"shift": SHIFT, "baseline": baseline, "minimum": BASELINE_MINIMUM}


def xmr_rule(gettext: Translate = str) -> str:
    """The rules, to print below an XmR chart."""
    return gettext(
        "The limits lie three standard deviations from the mean, worked out from how far each point lies from the one "
        "before. It takes %(minimum)s points or more. We call it a change when a point lies outside the limits, when "
        "%(shift)s points in a row lie on one side of the mean, or when two of three points in a row lie close to the "
        "same limit."
    ) % {"minimum": XMR_MINIMUM, "shift": SHIFT}


def xmr_found(rule: Rule, gettext: Translate = str) -> str:
    """What one rule found, for a mark on the chart and its row in the table."""
    return {
        Rule.OUTSIDE: gettext("Outside the limits"),
        Rule.SHIFT: gettext("%(shift)s or more in a row on one side of the mean") % {"shift": SHIFT},
        Rule.TWO_OF_THREE: gettext("Two of three close to the same limit"),
    }[rule]
