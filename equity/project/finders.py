"""Plotly's script, straight from the installed package: no copy in the repository."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage


class PlotlyFinder(BaseFinder):
    """Serves `vendor/plotly/plotly.min.js`."""

    prefix = "vendor/plotly"
    script = "plotly.min.js"

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        spec = find_spec("plotly")
        root = Path((spec.submodule_search_locations or [""])[0]) / "package_data" if spec else Path()
        self.storage = FileSystemStorage(location=root)
        self.storage.prefix = self.prefix  # type: ignore[attr-defined]  # collectstatic reads it from any storage

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        found = self.storage.path(self.script) if path == f"{self.prefix}/{self.script}" else None
        if find_all:
            return [found] if found else []
        return found or []

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        yield self.script, self.storage
