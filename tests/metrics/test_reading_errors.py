"""Every sentence of the readers can be filled in, and an error log stays small."""

from __future__ import annotations

from collections import defaultdict
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import pytest

import metrics.reading
from metrics.reading import records
from metrics.reading.errors import ErrorLog, Problem, RowError

MODULES = [
    import_module(f"metrics.reading.{module.name}") for module in iter_modules(metrics.reading.__path__)
]


def _problems(module: ModuleType) -> list[tuple[str, Problem]]:
    return [(name, value) for name, value in vars(module).items() if isinstance(value, Problem)]


@pytest.mark.parametrize(
    "problem",
    [
        pytest.param(value, id=f"{module.__name__}.{name}")
        for module in MODULES
        for name, value in _problems(module)
    ],
)
def test_sentence_can_be_filled_in_and_ends(problem: Problem) -> None:
    parts: defaultdict[str, str] = defaultdict(lambda: "part")
    for sentence in (problem.reason % parts, problem.how_to_mend % parts):
        assert sentence.endswith(".")
        assert sentence[0].isupper() or sentence.startswith('"part"')
        assert "%(" not in sentence


def test_log_keeps_the_first_errors_and_counts_all() -> None:
    log = ErrorLog(shown_at_most=2)
    for row in range(5):
        log.add(RowError(records.NO_ROWS, row=row))
    assert log.total == 5
    assert [error.row for error in log.shown] == [0, 1]
