"""Reads the tokens out of tokens.css, and computes contrast as WCAG 2 defines it. Pure."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TOKENS = (ROOT / "static/css/tokens.css").read_text()
DECLARATION = re.compile(r"--([a-z0-9-]+):\s*([^;]+);")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)

LIGHT, DARK_BY_SYSTEM, DARK_BY_CHOICE = (
    r":root \{(.*?)\n\}",
    r"prefers-color-scheme: dark\) \{\s*:root:not\(\[data-theme=\"light\"\]\) \{(.*?)\n  \}",
    r"\n:root\[data-theme=\"dark\"\] \{(.*?)\n\}",
)


def declarations(block: str) -> dict[str, str]:
    """The tokens that one block of tokens.css declares."""
    found = re.search(block, COMMENT.sub("", TOKENS), re.DOTALL)
    assert found, block
    return {name: " ".join(value.split()) for name, value in DECLARATION.findall(found[1])}


def theme(name: str) -> dict[str, str]:
    """Every token as it stands in one theme: dark declares what differs from light."""
    light = declarations(LIGHT)
    return light if name == "light" else {**light, **declarations(DARK_BY_SYSTEM)}


def contrast(one: str, other: str) -> float:
    """The WCAG 2 contrast ratio of two colors written #RRGGBB."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: str) -> float:
    """Relative luminance of #RRGGBB, from 0 (black) to 1 (white)."""
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
