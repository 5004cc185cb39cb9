"""Charts are measured: where a dot, a line's end or a dash stands on its axis is a number again.

A place is printed in hundredths of a percent of the width, or in tenths of a pixel; half of that, on the scale of the axis,
is how exactly its value is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.attack.attacker.dom import Element
from tests.attack.attacker.told import Interval, printed

EVERYBODY = ""
"""The label of the dashed line behind all rows."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What one row of a chart gives back, in the unit of its axis. `column`: which of the periods, counted from 0."""

    label: str
    value: Interval | None = None
    low: Interval | None = None
    high: Interval | None = None
    column: int = 0


@dataclass(frozen=True, slots=True)
class Scale:
    """Two marks of an axis: where they stand, and which values they name."""

    first: tuple[float, float]
    last: tuple[float, float]

    def value(self, place: str) -> Interval:
        (from_place, from_value), (to_place, to_value) = self.first, self.last
        found = [
            from_value + (end - from_place) / (to_place - from_place) * (to_value - from_value)
            for end in printed(place.rstrip("%"))
        ]
        return Interval(min(found), max(found))


def scale(marks: Sequence[tuple[str, str]]) -> Scale | None:
    """From the places of marks and their words; None where fewer than two can be read."""
    read = sorted((float(place.rstrip("%")), _number(words)) for place, words in marks)
    return Scale(read[0], read[-1]) if len(read) > 1 and read[0][0] < read[-1][0] else None


def _number(words: str) -> float:
    return float(words.replace(",", "").replace("\N{MINUS SIGN}", "-"))


def equiplot(figure: Element) -> Iterator[Drawn]:
    """One row a group: a dot for what was counted, a line for the likely range; dashed, everybody."""
    axes = [one for one in figure.all("div", "eq--axis") if not one.has("eq--top")]
    marks = [(mark.attributes["x"], mark.text) for axis in axes for mark in axis.all("text")]
    axis = scale(marks)
    if axis is None:
        return
    dashes = [
        line.attributes["x1"] for line in figure.all("line", "all") if line.attributes["x1"].endswith("%")
    ]
    if dashes:
        yield Drawn(EVERYBODY, axis.value(dashes[0]))
    for row in figure.all("li", "eq"):
        labels = row.all("span", "eq__label")
        if labels:
            yield _row(axis, row, _label(labels[0]))


def _row(axis: Scale, row: Element, label: str) -> Drawn:
    dots = [one.attributes["cx"] for one in row.all("circle") if one.attributes.get("cx", "").endswith("%")]
    ends = [one for one in row.all("line", "ci") if one.attributes["x1"].endswith("%")]
    return Drawn(
        label,
        axis.value(dots[0]) if dots else None,
        axis.value(ends[0].attributes["x1"]) if ends else None,
        axis.value(ends[0].attributes["x2"]) if ends else None,
    )


def _label(element: Element) -> str:
    """Its own words, without the note in small print; of a link, its text."""
    own = " ".join(" ".join(child for child in element.children if isinstance(child, str)).split())
    return own or element.text


def run_charts(figure: Element, columns: int) -> Iterator[Drawn]:
    """One panel a group, one point a period; `columns` is how many periods stand side by side."""
    for panel in figure.all("li"):
        headings, drawings = panel.all("h3"), panel.all("svg", "run")
        if headings and drawings:
            yield from _points(drawings[0], headings[0].text, columns)


def _points(drawing: Element, label: str, columns: int) -> Iterator[Drawn]:
    children = [one for one in drawing.children if isinstance(one, Element)]
    pairs = [(line, text) for line, text in pairwise(children) if line.has("grid") and text.tag == "text"]
    axis = scale([(line.attributes["y1"], text.text) for line, text in pairs])
    below = [
        float(one.attributes["x"].rstrip("%")) for one in children if one.attributes.get("y") == "124"
    ]  # the names of the first and the last period
    if axis is None or not below:
        return
    step = (below[-1] - below[0]) / max(columns - 1, 1) or 1.0
    for point in drawing.all("circle"):
        column = round((float(point.attributes["cx"].rstrip("%")) - below[0]) / step)
        yield Drawn(label, axis.value(point.attributes["cy"]), column=column)
