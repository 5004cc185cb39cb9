"""What a process loads before it has anything to do."""

from __future__ import annotations

import subprocess
import sys

START = """
import sys
import django
django.setup()
from django.urls import get_resolver
get_resolver().url_patterns
from equity.tenancy.jobs import WORK
assert "metrics.certify_release" in WORK
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_no_process_starts_with_the_solver_or_the_plotting_library() -> None:
    """They take seconds and tens of megabytes; only the worker that certifies a release needs the first."""
    told = subprocess.run([sys.executable, "-c", START], check=True, capture_output=True, text=True)
    assert not {"scipy", "numpy", "plotly"} & set(told.stdout.split())
