"""Every measure of every case equals WHO's software, or the entry that a declared choice of ours names."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from metrics.inequality.catalogue import MEASURES
from metrics.inequality.conventions import DECIDED, HEALTHEQUAL, Conventions
from tests.metrics.inequality.oracle import VARIANTS, comparisons, files, variants


@pytest.mark.parametrize("path", files(), ids=lambda path: path.stem)
@pytest.mark.parametrize("conventions", [DECIDED, HEALTHEQUAL], ids=["ours", "healthequal"])
def test_every_number_equals_its_entry(path: Path, conventions: Conventions) -> None:
    made = list(comparisons(path, conventions))
    assert made
    differing = [f"{one.case} {one.measure}: {one.verdict}" for one in made if "DIFFERS" in one.verdict]
    assert differing == []


@pytest.mark.parametrize("path", files(), ids=lambda path: path.stem)
def test_conventions_that_can_be_asked_for_equal_their_entries(path: Path) -> None:
    differing = [
        f"{one.case} {one.entry}: {one.verdict}" for one in variants(path) if "DIFFERS" in one.verdict
    ]
    assert differing == []


def test_the_cases_of_this_repository_compare_every_measure_and_every_entry() -> None:
    ours = list(comparisons(files()[0]))
    assert {one.measure for one in ours} == MEASURES.keys() - {"EXCESS"}
    assert Counter(one.verdict.split()[0] for one in ours) == {"matches": 246, "refused": 26}
    assert {one.entry for one in variants(files()[0])} == VARIANTS.keys()


def test_a_wrong_number_is_seen() -> None:
    one = next(one for one in comparisons(files()[0]) if one.measure == "PAF")
    for name in ("value", "se", "lower", "upper"):
        good = one.result[name]
        one.result[name] = good * (1 + 1e-6)
        assert one.verdict == f"DIFFERS: {name}"
        one.result[name] = good
