"""Pulling the ledger page by page: filters, cursors, and one page of entries.

The ledger's numbers follow commit order, so whoever has read up to number k has read everything up to k. A walk is bound to
the number that was last when it began (`as_of_seq`): what is published meanwhile comes with the next walk, which begins
after that number. Pages follow each other by (seq, n), which is unique; so no row comes twice and none is missed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from equity.api.problems import INVALID_CURSOR, Refused
from equity.publication import queries as ledger
from equity.publication.models import LedgerEntry

SALT = "equity.public.feed"
WALKING = ("cursor", "limit", "format")
"""Parameters that say how to walk. All others are filters, and a cursor belongs to them."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk stands: the last row given out, and the number it ends with."""

    seq: int
    n: int
    as_of_seq: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries, and the cursor of what follows: empty at the end of the walk."""

    entries: list[LedgerEntry]
    cursor: str
    as_of_seq: int


def filters_of(parameters: Mapping[str, Any]) -> dict[str, str]:
    """The filters among the parameters as plain text, in a settled order."""
    return {name: str(parameters[name]) for name in sorted(parameters) if name not in WALKING}


def read_page(kind: str, parameters: Mapping[str, Any]) -> Page:
    """One page of the entries of a kind that the caller may see, for valid parameters.

    Raises Refused for a cursor that was edited, or made for another kind or other filters.
    """
    belongs_to = _fingerprint(kind, filters_of(parameters))
    cursor = parameters.get("cursor", "")
    place = (
        _opened(cursor, belongs_to)
        if cursor
        else Place(parameters.get("after_seq", 0), _LAST, ledger.last_seq())
    )
    entries = ledger.feed(kind, after=(place.seq, place.n), up_to=place.as_of_seq)
    limit = parameters["limit"]
    found = list(_filtered(entries, parameters)[: limit + 1])
    shown = found[:limit]
    more = Place(shown[-1].seq, shown[-1].n, place.as_of_seq) if len(found) > limit else None
    return Page(shown, _sealed(more, belongs_to) if more else "", place.as_of_seq)


_LAST = 2**31 - 1
"""Beyond every row of a release: a walk after number k begins with the release that follows it."""


def _filtered(entries: QuerySet[LedgerEntry], parameters: Mapping[str, Any]) -> QuerySet[LedgerEntry]:
    """Entries that pass the filters. A tombstone passes where it does not say: else a withdrawn row would live on."""
    if jurisdiction := parameters.get("jurisdiction"):
        field = "county_fips" if jurisdiction.isdigit() else "state_code"
        entries = entries.filter(**{f"release__{field}": jurisdiction.upper()})
    if institution := parameters.get("institution"):
        entries = entries.filter(Q(release__institution_slug=institution) | Q(release__ccn=institution))
    if metric := parameters.get("metric"):
        entries = entries.filter(Q(metric=metric) | Q(op="delete", metric=""))
    if start := parameters.get("period_start"):
        entries = entries.filter(Q(period_start__gte=start) | Q(op="delete", period_start=None))
    if end := parameters.get("period_end"):
        entries = entries.filter(Q(period_end__lte=end) | Q(op="delete", period_end=None))
    if status := parameters.get("status"):
        entries = entries.filter(Q(document__status=status) | Q(op="delete"))
    return entries


def _fingerprint(kind: str, filters: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps([kind, filters], sort_keys=True).encode()).hexdigest()[:16]


def _sealed(place: Place, belongs_to: str) -> str:
    return signing.dumps([place.seq, place.n, place.as_of_seq, belongs_to], salt=SALT)


def _opened(cursor: str, belongs_to: str) -> Place:
    try:
        seq, n, as_of_seq, owner = signing.loads(cursor, salt=SALT)
    except signing.BadSignature:
        raise Refused(
            INVALID_CURSOR, _("The cursor was changed on its way, or was not made by this site.")
        ) from None
    if owner != belongs_to:
        raise Refused(
            INVALID_CURSOR, _("The cursor was made for other filters. Keep them, or begin a new walk.")
        )
    return Place(seq, n, as_of_seq)
