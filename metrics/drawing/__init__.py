"""The geometry of two drawings, the equiplot and the run chart: plain values in, strings for SVG out.

Horizontal places are percentages of the drawing's width, so that its text never shrinks with it; vertical
places are pixels. All of them are strings, so that no number format of a language can reach an attribute.
A hidden number draws no mark, and nothing drawn depends on it: it is refused, not merely left out.
Values come in the unit shown to the reader (a proportion as "in 100").
"""

from metrics.drawing.equiplots import Entry, Equiplot, Reference, Span, equiplot
from metrics.drawing.runs import Event, Point, RunCharts, Series, run_charts

__all__ = [
    "Entry",
    "Equiplot",
    "Event",
    "Point",
    "Reference",
    "RunCharts",
    "Series",
    "Span",
    "equiplot",
    "run_charts",
]
