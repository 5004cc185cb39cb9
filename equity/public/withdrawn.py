"""What an institution took back of its figures and has not published again: from the tombstones of the ledger."""

from __future__ import annotations

from collections.abc import Iterable

from equity.public.figures import Scope
from equity.publication.models import LedgerEntry
from equity.publication.queries import tombstones_in_force
from metrics import gone
from metrics.reading.periods import Period


def withdrawn(organisation_id: int, scopes: Iterable[Scope], metric: str = "") -> list[gone.Withdrawn]:
    """The tables that are withdrawn now; `scopes` is what is in force of them."""
    standing = {(one.metric, one.period.start, one.period.end) for one in scopes}
    rows = tombstones_in_force(organisation_id, LedgerEntry.Kind.OBSERVATION, metric=metric)
    return gone.tables(rows, standing)


def code_of(period: Period) -> str:
    """A period as addresses name it: first and last day."""
    return f"{period.start}..{period.end}"
