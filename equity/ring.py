"""The ring of five steps: geometry only. Pure.

Arcs run clockwise from the top, one a step, parted by a gap in which a small arrow says that the steps go on
into each other. Coordinates are those of a view box 300 wide and 300 high.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin

CENTRE = 150.0
RADIUS = 126.0
NUMBER_RADIUS = 96.0
NUMBER_DROP = 6.0
GAP = 10.0
"""Degrees between the end of one step and the beginning of the next."""


@dataclass(frozen=True)
class Arc:
    """One step: the whole arc, the part of it that is kept ("" for none), its number, the arrow after it."""

    number: int
    base: str
    kept: str
    x: str
    y: str
    turn: str


def _at(degrees: float, radius: float) -> tuple[float, float]:
    """The point `degrees` clockwise from the top."""
    angle = degrees * pi / 180
    return CENTRE + radius * sin(angle), CENTRE - radius * cos(angle)


def _path(start: float, end: float) -> str:
    (x1, y1), (x2, y2) = _at(start, RADIUS), _at(end, RADIUS)
    large = 1 if end - start > 180 else 0
    return f"M{x1:.1f} {y1:.1f}A{RADIUS:.0f} {RADIUS:.0f} 0 {large} 1 {x2:.1f} {y2:.1f}"


def arcs(shares: Sequence[float]) -> list[Arc]:
    """One arc for each step; a share is the part of the step that is kept, from 0 to 1."""
    turn = 360 / len(shares)
    drawn = []
    for index, share in enumerate(shares):
        start, end = index * turn + GAP / 2, (index + 1) * turn - GAP / 2
        kept = min(max(share, 0.0), 1.0)
        x, y = _at((start + end) / 2, NUMBER_RADIUS)
        arrow_x, arrow_y = _at((index + 1) * turn, RADIUS)
        drawn.append(
            Arc(
                number=index + 1,
                base=_path(start, end),
                kept=_path(start, start + (end - start) * kept) if kept else "",
                x=f"{x:.1f}",
                y=f"{y + NUMBER_DROP:.1f}",
                turn=f"translate({arrow_x:.1f} {arrow_y:.1f}) rotate({(index + 1) * turn:.0f})",
            )
        )
    return drawn
