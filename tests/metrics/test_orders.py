"""The order in which groups stand before a community has set its own: who is usually first is not first."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

FILES = [*Path("metrics/library").glob("dimensions.toml"), *Path("metrics/example").glob("dimensions.toml")]
USUALLY_FIRST = {
    "white",
    "man",
    "men",
    "male",
    "en",
    "english",
    "straight",
    "heterosexual",
    "private",
    "citizen",
}


def dimensions(path: Path) -> list[dict[str, Any]]:
    return list(tomllib.loads(path.read_text())["dimension"])


@pytest.mark.parametrize("path", FILES, ids=str)
def test_who_is_usually_first_is_not_first(path: Path) -> None:
    first = {}
    for dimension in dimensions(path):
        groups = [one for one in dimension.get("category", []) if not one.get("missing")]
        if groups:
            first[dimension["code"]] = min(groups, key=lambda one: one.get("position", 0))["code"]
    assert len(first) > 3
    assert not {code: group for code, group in first.items() if group in USUALLY_FIRST}
