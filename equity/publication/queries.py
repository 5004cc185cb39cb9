"""Reading the ledger: what is in force, and what came since."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.db.models import (
    BooleanField,
    CharField,
    Exists,
    F,
    Func,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import JSONArray
from django.utils import timezone

from equity.errors import NotFound
from equity.publication.models import Agreement, ApiKey, LedgerEntry, Release


class BeginsWith(Func):
    """Whether a text begins with another. Unlike LIKE it cannot tell of a row that a policy hides, so PostgreSQL may look
    such rows up in the index before it asks the policy, instead of reading all rows of an institution.
    """

    function = "starts_with"
    output_field = BooleanField()


UNIT_OF_KEY = Func(F("key"), Value("|"), Value(2), function="split_part", output_field=CharField())
"""The unit in the key of an observation: "metric|unit|first day..last day|group"."""


def published_releases() -> QuerySet[Release]:
    """Releases that have crossed the wall, newest first."""
    return Release.objects.filter(seq__isnull=False).order_by("-seq")


def institutions() -> list[Release]:
    """The latest published header of every institution, by name: who publishes here."""
    latest = (
        Release.objects.filter(seq__isnull=False)
        .order_by("institution_slug", "-seq")
        .distinct("institution_slug")
    )
    return sorted(latest, key=lambda release: release.institution_name.casefold())


def institution_header(slug: str) -> Release:
    """The latest published header of one institution."""
    header = published_releases().filter(institution_slug=slug).first()
    if header is None:
        raise NotFound("")
    return header


def last_seq() -> int:
    """The last number given out: everything up to it is committed and can be read. 0: nothing is published yet."""
    return published_releases().values_list("seq", flat=True).first() or 0


def in_force(
    organisation_id: int,
    kind: str,
    *,
    metric: str = "",
    prefixes: Sequence[str] = (),
    keys: Collection[str] | None = None,
    audience: str = "",
    tombstones: bool = False,
) -> list[LedgerEntry]:
    """The latest entry of each key, in the order of the keys, without those that were withdrawn, unless `tombstones`.

    Narrowed to one metric by its code, to keys that begin with any of `prefixes`, to the very `keys`, or to what was
    published for one `audience`: members of an institution also see what goes to partners by agreement only.
    """
    entries = LedgerEntry.objects.filter(organisation_id=organisation_id, kind=kind)
    if audience:
        entries = entries.filter(audience=audience)
    if metric:
        entries = entries.filter(metric=metric)
    if prefixes:
        entries = entries.filter(reduce(or_, (Q(BeginsWith(F("key"), Value(prefix))) for prefix in prefixes)))
    if keys is not None:
        entries = entries.filter(key__in=keys)
    latest = _with_header(entries).order_by("key", "-seq", "-n").distinct("key")
    return [entry for entry in latest if tombstones or entry.op == "upsert"]


class Numbers(NamedTuple):
    """The numbers of a row in force; `likely` is the range of its `rate`."""

    key: str
    status: str
    numerator: int | None
    denominator: int | None
    likely: list[float] | None
    rate: float | None
    reliable: bool | None


def numbers_in_force(
    organisation_id: int,
    kind: str,
    *,
    metrics: Collection[str],
    units: Collection[str],
    days: Collection[tuple[date, date]],
) -> list[Numbers]:
    """The numbers of what is in force of some metrics and units, in the periods with these first and last days.

    For pages that put many figures beside each other: of each document no more is read than six members, at once.
    """
    entries = LedgerEntry.objects.annotate(unit=UNIT_OF_KEY).filter(
        organisation_id=organisation_id,
        kind=kind,
        metric__in=metrics,
        unit__in=units,
        period_start__in={first for first, _ in days},
        period_end__in={last for _, last in days},
    )
    told = JSONArray(
        *(f"document__{name}" for name in ("status", "numerator", "denominator", "ci", "rate", "reliable"))
    )
    latest = entries.order_by("key", "-seq", "-n").distinct("key").annotate(told=told)
    return [
        Numbers(key, *told) for key, op, told in latest.values_list("key", "op", "told") if op == "upsert"
    ]


class Place(NamedTuple):
    """One metric in one unit and one period, as its first row in force says: everybody's, where there is one."""

    metric: str
    unit: dict[str, Any]
    period: dict[str, Any]
    status: str
    numerator: int | None
    denominator: int | None
    version: int | None
    """Of the metric's definition; rows that were published before this was told have none."""


def places_in_force(organisation_id: int, kind: str, *, metric: str = "") -> list[Place]:
    """Every metric, unit and period of which something is published. Of each one row is read, not all of its groups."""
    entries = LedgerEntry.objects.filter(organisation_id=organisation_id, kind=kind, op="upsert")
    if metric:
        entries = entries.filter(metric=metric)
    places = entries.annotate(unit=UNIT_OF_KEY).values("metric", "unit", "period_start", "period_end")
    # Everybody's key is the beginning of all the others, and so the first of them.
    first = places.annotate(first=Min("key")).values("first")
    found = entries.filter(key__in=first).order_by("key", "-seq", "-n").distinct("key")
    told = ("unit", "period", "status", "numerator", "denominator", "metric__version")
    return [Place(*row) for row in found.values_list("metric", *(f"document__{name}" for name in told))]


class Told(NamedTuple):
    """What a row in force says, when it was published, and its number in the ledger."""

    key: str
    document: dict[str, Any]
    published_at: datetime
    seq: int


def told_in_force(organisation_id: int, kind: str, *, prefixes: Sequence[str]) -> list[Told]:
    """What is in force of keys that begin with any of `prefixes`, in the order of the keys, without the releases' reports."""
    begins = reduce(or_, (Q(BeginsWith(F("key"), Value(prefix))) for prefix in prefixes))
    entries = LedgerEntry.objects.filter(begins, organisation_id=organisation_id, kind=kind)
    latest = entries.order_by("key", "-seq", "-n").distinct("key")
    rows = latest.values_list("key", "document", "release__published_at", "seq", "op")
    return [
        Told(key, document, at, seq)
        for key, document, at, seq, op in rows
        if op == "upsert" and at is not None
    ]


def keys_in_force(organisation_id: int, kind: str, *, metric: str = "") -> list[str]:
    """The keys of what is in force, without reading the documents."""
    entries = LedgerEntry.objects.filter(organisation_id=organisation_id, kind=kind)
    if metric:
        entries = entries.filter(metric=metric)
    latest = entries.order_by("key", "-seq", "-n").distinct("key").values_list("key", "op")
    return [key for key, op in latest if op == "upsert"]


class Gone(NamedTuple):
    """A row that was withdrawn: when, why, and the title of the withdrawal."""

    key: str
    reason: str
    title: str
    on: datetime


def tombstones_in_force(organisation_id: int, kind: str, *, metric: str = "") -> list[Gone]:
    """What was withdrawn and not published again since."""
    entries = LedgerEntry.objects.filter(organisation_id=organisation_id, kind=kind)
    if metric:
        entries = entries.filter(metric=metric)
    later = LedgerEntry.objects.filter(
        organisation_id=organisation_id, kind=kind, key=OuterRef("key"), seq__gt=OuterRef("seq"), op="upsert"
    )
    latest = entries.filter(~Exists(later), op="delete").order_by("key", "-seq", "-n").distinct("key")
    rows = latest.values_list("key", "document__reason", "release__title", "release__published_at")
    return [Gone(key, reason or "", title, on) for key, reason, title, on in rows if on is not None]


def feed(kind: str, *, after: tuple[int, int], up_to: int) -> QuerySet[LedgerEntry]:
    """Entries of a kind after the place `after` = (seq, n), up to the number `up_to`, in the ledger's order.

    What was withdrawn since is not among them whatever `up_to` says: PostgreSQL shows it to nobody any more, and its
    tombstone stands in its place. So a number that should not have been published stops flowing at once, and whoever
    keeps pulling arrives at the same state.
    """
    entries = LedgerEntry.objects.filter(kind=kind, seq__lte=up_to, pk__gt=after)
    return _with_header(entries).order_by("seq", "n")


def _with_header(entries: QuerySet[LedgerEntry]) -> QuerySet[LedgerEntry]:
    """With the public facts of their release, without the report of its check."""
    return entries.select_related("release").defer("release__report")


def key_of(key_hash: str) -> ApiKey | None:
    """The API key with this hash, if there is one. The client persona sees only the key whose hash it has told."""
    return ApiKey.objects.filter(key_hash=key_hash).first()


def live_agreements() -> QuerySet[Agreement]:
    """The agreements of the client one acts as that open rows today."""
    today = timezone.localdate()
    return Agreement.objects.filter(suspended_at=None, starts_on__lte=today, ends_on__gte=today).order_by(
        "pk"
    )


def releases_of_organisation() -> QuerySet[Release]:
    """All releases of the institution one is in, drafts too, newest first."""
    return Release.objects.order_by("-drafted_at")


def release_for(pk: str) -> Release:
    """One release of the institution one is in."""
    release = Release.objects.filter(pk=pk).first()
    if release is None:
        raise NotFound("")
    return release
