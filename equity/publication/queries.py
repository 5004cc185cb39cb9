"""Reading the ledger: what is in force, and what came since."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.utils import timezone

from equity.errors import NotFound
from equity.publication.models import Agreement, ApiKey, LedgerEntry, Release


class BeginsWith(Func):
    """Whether a text begins with another. Unlike LIKE it cannot tell of a row that a policy hides, so PostgreSQL may look
    such rows up in the index before it asks the policy, instead of reading all rows of an institution.
    """

    function = "starts_with"
    output_field = BooleanField()


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
) -> list[LedgerEntry]:
    """The latest entry of each key, in the order of the keys, without those that were withdrawn.

    Narrowed to one metric by its code, to keys that begin with any of `prefixes`, or to the very `keys`.
    """
    entries = LedgerEntry.objects.filter(organisation_id=organisation_id, kind=kind)
    if metric:
        entries = entries.filter(metric=metric)
    if prefixes:
        entries = entries.filter(reduce(or_, (Q(BeginsWith(F("key"), Value(prefix))) for prefix in prefixes)))
    if keys is not None:
        entries = entries.filter(key__in=keys)
    latest = _with_header(entries).order_by("key", "-seq", "-n").distinct("key")
    return [entry for entry in latest if entry.op == "upsert"]


def numbers_in_force(
    organisation_id: int, kind: str, *, metrics: Collection[str], starts: Collection[date]
) -> list[tuple[str, str, int | None, int | None]]:
    """Key, status, numerator and denominator of what is in force of some metrics, in periods that begin on these days.

    For pages that put many figures beside each other: of each document no more is read than these three.
    """
    entries = LedgerEntry.objects.filter(
        organisation_id=organisation_id, kind=kind, metric__in=metrics, period_start__in=starts
    )
    latest = entries.order_by("key", "-seq", "-n").distinct("key")
    told = ("status", "numerator", "denominator")
    rows = latest.values_list("key", "op", *(f"document__{name}" for name in told))
    return [(key, *rest) for key, op, *rest in rows if op == "upsert"]


def keys_in_force(organisation_id: int, kind: str, *, metric: str = "") -> list[str]:
    """The keys of what is in force, without reading the documents."""
    entries = LedgerEntry.objects.filter(organisation_id=organisation_id, kind=kind)
    if metric:
        entries = entries.filter(metric=metric)
    latest = entries.order_by("key", "-seq", "-n").distinct("key").values_list("key", "op")
    return [key for key, op in latest if op == "upsert"]


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
