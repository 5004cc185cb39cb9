"""The colors hold in both themes: text 4.5 to 1, whatever else carries meaning 3 to 1 (WCAG 2.2 AA)."""

from __future__ import annotations

import pytest

from tests.look.css import DARK_BY_CHOICE, DARK_BY_SYSTEM, contrast, declarations, luminance, theme

GROUNDS = ("paper", "surface", "sunk")
TEXT = [
    *(
        (ink, ground)
        for ink in ("ink", "muted", "action", "action-deep", "ember", "danger", "success")
        for ground in GROUNDS
    ),
    *((ink, ground) for ink in ("better", "worse", "steady") for ground in ("paper", "surface")),
    ("on-action", "action"),
    ("on-action", "action-deep"),
    ("ink", "tint"),
    ("paper", "danger"),
]
"""Words: what is written in which color, on what."""

MARKS = [
    *(
        (mark, ground)
        for mark in ("control", "ember", "dot", "dot-lit", "interval")
        for ground in ("paper", "surface")
    ),
    *((f"series-{number}", "surface") for number in (1, 2, 3, 4)),
    ("action", "tint"),
]
"""Edges of controls and drawings: what must be seen but is not read. The focus ring's outer line is ink."""


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_is_read_on_its_ground(name: str, ink: str, ground: str) -> None:
    tokens = theme(name)
    assert contrast(tokens[ink], tokens[ground]) >= 4.5


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize(("mark", "ground"), MARKS)
def test_mark_is_seen_on_its_ground(name: str, mark: str, ground: str) -> None:
    tokens = theme(name)
    assert contrast(tokens[mark], tokens[ground]) >= 3


def test_dark_by_choice_equals_dark_by_system() -> None:
    assert declarations(DARK_BY_CHOICE) == declarations(DARK_BY_SYSTEM)


def test_contrast_of_black_and_white_is_twenty_one() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert luminance("#FFFFFF") == pytest.approx(1)
