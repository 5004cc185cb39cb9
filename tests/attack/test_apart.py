"""The attacker shares no code with what it attacks."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ATTACKER = Path(__file__).parent / "attacker"
ALLOWED = {"numpy", "scipy"}
FILES = sorted(ATTACKER.rglob("*.py"))


def imported(tree: ast.AST) -> Iterator[str]:
    """Modules that a file imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import does not say what it brings in"
            yield node.module or ""


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_imports_the_standard_library_and_a_solver_only(file: Path) -> None:
    foreign = {
        module
        for module in imported(ast.parse(file.read_text()))
        if not module.startswith("tests.attack.attacker")
        and module.partition(".")[0] not in ALLOWED | sys.stdlib_module_names
    }
    assert not foreign


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_reaches_nothing_by_a_back_door(file: Path) -> None:
    """No import by name, nothing run as code, no file of this machine opened."""
    names = {node.id for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Name)}
    modules = {module.partition(".")[0] for module in imported(ast.parse(file.read_text()))}
    assert not names & {"__import__", "eval", "exec", "open", "compile", "globals"}
    assert not modules & {"importlib", "subprocess", "socket", "pathlib", "os", "sys", "ctypes", "pickle"}


def test_there_is_something_to_check() -> None:
    assert len(FILES) > 10
