"""Reading the ledger: what is in force, and what came since."""

from __future__ import annotations

from django.db.models import QuerySet

from equity.errors import NotFound
from equity.publication.models import LedgerEntry, Release


def published_releases() -> QuerySet[Release]:
    """Releases that have crossed the wall, newest first."""
    return Release.objects.filter(seq__isnull=False).order_by("-seq")


def institutions() -> list[Release]:
    """The latest published header of every institution, by name: who publishes here."""
    latest = Release.objects.filter(seq__isnull=False).order_by("institution_slug", "-seq").distinct("institution_slug")
    return sorted(latest, key=lambda release: release.institution_name.casefold())


def institution_header(slug: str) -> Release:
    """The latest published header of one institution."""
    header = published_releases().filter(institution_slug=slug).first()
    if header is None:
        raise NotFound("")
    return header


def in_force(organisation_id: int, kind: str, *, prefix: str = "") -> list[LedgerEntry]:
    """The latest entry of each key, without those that were withdrawn."""
    entries = LedgerEntry.objects.filter(organisation_id=organisation_id, kind=kind)
    if prefix:
        entries = entries.filter(key__startswith=prefix)
    latest = entries.order_by("key", "-seq").distinct("key")
    return [entry for entry in latest if entry.op == "upsert"]


def releases_of_organisation() -> QuerySet[Release]:
    """All releases of the institution one is in, drafts too, newest first."""
    return Release.objects.order_by("-drafted_at")


def release_for(pk: str) -> Release:
    """One release of the institution one is in."""
    release = Release.objects.filter(pk=pk).first()
    if release is None:
        raise NotFound("")
    return release
