"""How far long work has come. Kept in Valkey, because nothing depends on it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.cache import cache

DAY = 86_400


def report(job_id: UUID | str, *, done: int, total: int | None, words: str = "") -> None:
    """Say that `done` of `total` (None: not known) is finished; `words` tells what is being done."""
    cache.set(f"progress:{job_id}", {"done": done, "total": total, "words": words}, DAY)


def of(job_id: UUID | str) -> dict[str, Any]:
    """The last report, or an empty one."""
    return cache.get(f"progress:{job_id}") or {"done": 0, "total": None, "words": ""}
