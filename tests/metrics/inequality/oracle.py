"""Compares our results with numbers from WHO's software, measure by measure.

    python -m tests.metrics.inequality.oracle      prints the table of cases and measures, and its totals

Every number is held against what the conventions say it should equal: the software's own (`expected`), or the
entry of `expected_alt` for a choice of ours or a defect of the software. Nothing may match by accident: for each
measure there is one entry to match, chosen before looking at the result.
"""

from __future__ import annotations

import json
import math
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from metrics.inequality.cases import read_cases
from metrics.inequality.conventions import DECIDED, HEALTHEQUAL, Conventions
from metrics.inequality.results import results_of
from metrics.inequality.simulation import Draws

DATA = Path(__file__).parent / "data"

DRAWS = 10_000

CRASHES = ("object '", "arguments imply")
"""How healthequal's messages begin when it stopped by mistake, and did not refuse."""

DECLARED = replace(DECIDED, impact_reference="declared")
SQUARED = replace(DECIDED, population_once=False)
SQUARED_ON_A_GUESS = replace(SQUARED, declared_scale=False)

CHOSEN = {
    "R": "R_SE_NATURAL",
    "PAF": "PAF_SE100",
    "MLD": "MLD_SE1000",
    "TI": "TI_SE1000",
    "SII": "SII_SINGLEWEIGHT",
    "RII": "RII_SINGLEWEIGHT",
    "SII_LINEAR": "SII_LINEAR_SE",
    "IDISW": "IDISW_OWNMEAN",
}
"""The entry of `expected_alt` that our conventions follow, by measure."""

VARIANTS: dict[str, tuple[str, Conventions]] = {
    "PAR_REFSUBGROUP": ("PAR", DECLARED),
    "PAF_REFSUBGROUP": ("PAF", DECLARED),
    "SII_TRUESCALE": ("SII", SQUARED),
    "RII_TRUESCALE": ("RII", SQUARED),
    "RII_SE_NATURAL": ("RII", SQUARED_ON_A_GUESS),
}
"""Entries of `expected_alt` for conventions that can be asked for, though they are not ours."""


@dataclass(frozen=True)
class Comparison:
    """One measure of one case: what we found, what it should equal, and which entry that was taken from."""

    case: str
    measure: str
    entry: str
    result: dict[str, Any]
    expected: dict[str, Any]

    @property
    def verdict(self) -> str:
        """ "refused", "matches expected", "matches NAME", or "DIFFERS: ..." with what differs."""
        if self.expected.get("error"):
            refused = self.result["value"] is None and self.result.get("error")
            return "refused" if refused else f"DIFFERS: given, expected {self.expected['error']}"
        wrong = [name for name in ("value", "se", "lower", "upper") if not self._agrees(name)]
        return f"DIFFERS: {', '.join(wrong)}" if wrong else f"matches {self.entry}"

    def _agrees(self, name: str) -> bool:
        tolerance = self.expected["tol"]
        simulated = self.expected.get("mc")
        if simulated and name in ("lower", "upper"):
            found, limit = self.result[name], tolerance[f"ci_abs_{name}_n1000"]
            return found is not None and abs(found - simulated[name]) <= limit
        if name not in self.expected:
            return True
        kind = {"value": "value", "se": "se"}.get(name, "ci")
        wanted, found = self.expected[name], self.result[name]
        if name == "se" and self.expected.get("se_scale", self._log_entry) == "log":
            found = self.result.get("se_log", found)
        if wanted is None:
            return self._absent(name, found)
        return close(found, wanted, tolerance.get(f"{kind}_abs", 1e-12), tolerance.get(f"{kind}_rel", 1e-8))

    @property
    def _log_entry(self) -> str:
        """Entries of `expected_alt` do not name their scale; those of RII but one are on the log scale."""
        log = self.measure in ("RII", "RII_LINEAR") and self.entry != "RII_SE_NATURAL"
        return "log" if log else "value"

    def _absent(self, name: str, found: Any) -> bool:
        simulated = self.expected.get("ci") == "simulation" or "mc" in self.expected
        return found is None or (name == "se" and simulated)


def close(found: Any, wanted: Any, absolute: float, relative: float) -> bool:
    if found is None:
        return False
    ours, theirs = float(found), float(wanted)
    if not (math.isfinite(ours) and math.isfinite(theirs)):
        return str(ours) == str(theirs)
    return abs(ours - theirs) <= absolute + relative * abs(theirs)


def comparisons(path: Path, conventions: Conventions = DECIDED) -> Iterator[Comparison]:
    """Every measure of every case of subgroups in a file, under our conventions or healthequal's."""
    found = {one["name"]: one for one in _found(path, conventions)}
    for case in _cases(path):
        for name, expected in case.get("expected", {}).items():
            entry, wanted = _wanted(case, name, expected, conventions)
            yield Comparison(case["name"], name, entry, found[case["name"]]["results"][name], wanted)
        for design, measures in case.get("expected_by_design", {}).items():
            results = found[case["name"]]["results_by_design"][design]
            for name, expected in measures.items():
                log = "log" if name.startswith("RII") else "value"
                wanted = expected | {"tol": case["tol"], "se_scale": log}
                yield Comparison(f"{case['name']}, {design}", name, "expected", results[name], wanted)


def variants(path: Path) -> Iterator[Comparison]:
    """The entries of `expected_alt` for conventions that are not ours."""
    for entry, (name, conventions) in VARIANTS.items():
        found = {one["name"]: one for one in _found(path, conventions)}
        for case in _cases(path):
            wanted = case.get("expected_alt", {}).get(entry)
            if wanted is not None:
                yield Comparison(case["name"], name, entry, found[case["name"]]["results"][name], wanted)


def files() -> list[Path]:
    """The cases of this repository, and of the folder EQUITY_ORACLE where that is set."""
    folder = os.environ.get("EQUITY_ORACLE")
    return [DATA / "cases.json", *(sorted(Path(folder).glob("*.json")) if folder else [])]


def _wanted(
    case: dict[str, Any], name: str, expected: dict[str, Any], conventions: Conventions
) -> tuple[str, dict[str, Any]]:
    alternatives = case["expected_alt"]
    if expected.get("error", "").startswith(CRASHES) or "MDRW_DEFINED" in expected.get("defect", ""):
        return _instead_of_a_crash(case, name, expected, conventions)
    if conventions == HEALTHEQUAL:
        return "expected", expected
    if expected.get("error") and name in ("PAR", "PAF"):
        return "expected_heat", _of_heat(case, name)
    if CHOSEN.get(name) in alternatives:
        return CHOSEN[name], alternatives[CHOSEN[name]]
    return "expected", expected


def _instead_of_a_crash(
    case: dict[str, Any], name: str, expected: dict[str, Any], conventions: Conventions
) -> tuple[str, dict[str, Any]]:
    for entry in (f"{name}_DEFINED", CHOSEN.get(name, "")):
        if entry in case["expected_alt"]:
            wanted = case["expected_alt"][entry]
            plain = {key: wanted[key] for key in ("value", "mc", "tol") if key in wanted}
            return entry, wanted if conventions != HEALTHEQUAL else plain
    return "expected_heat", {"value": case["expected_heat"][name]["value"], "tol": expected["tol"]}


def _of_heat(case: dict[str, Any], name: str) -> dict[str, Any]:
    """What HEAT says where healthequal refuses; its standard error of PAF is a proportion."""
    heat = case["expected_heat"][name]
    unit = 100 if name == "PAF" else 1
    tolerance = {"value_rel": 1e-9, "value_abs": 1e-9, "se_rel": 1e-8}
    return {"value": heat["value"], "se": unit * heat["se"], "tol": tolerance}


@lru_cache
def _found(path: Path, conventions: Conventions) -> list[dict[str, Any]]:
    cases = read_cases(path.read_text(encoding="utf-8"))
    return results_of(
        cases,
        lambda name: (path.parent / name).read_text(encoding="utf-8"),
        draws=Draws(DRAWS),
        conventions=conventions,
    )


@lru_cache
def _cases(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text(encoding="utf-8"))["cases"]


def _print_table() -> None:
    for title, made in (("our conventions", DECIDED), ("as healthequal", HEALTHEQUAL), ("variants", None)):
        totals: Counter[str] = Counter()
        for path in files():
            for one in comparisons(path, made) if made else variants(path):
                totals[one.verdict.split(":")[0]] += 1
                print(f"{title:16}{one.case:42}{one.measure:15}{one.verdict}")
        print(f"\n{title}: {', '.join(f'{count} {what}' for what, count in totals.most_common())}\n")


if __name__ == "__main__":
    _print_table()
