"""Remembering how files of one source are read."""

from __future__ import annotations

from django.db import transaction

from equity import audit
from equity.tenancy.acting import current
from equity.tenancy.models import Organisation, Person
from metrics.models import SavedMapping

LONGEST_NAME = 120


def save_mapping(
    *, organisation: Organisation, name: str, header: str, text: str, by: Person
) -> SavedMapping:
    """Remember a mapping. The one that was there for the same header is replaced."""
    with transaction.atomic(using=current().alias):
        saved, _is_new = SavedMapping.objects.update_or_create(
            organisation=organisation,
            header=header,
            defaults={"name": name[:LONGEST_NAME], "text": text, "by": by},
        )
        audit.record("mapping.save", by=by, target=saved, name=saved.name)
    return saved


def change_mapping(*, saved: SavedMapping, name: str, text: str, by: Person) -> None:
    """Change how the next files of this source are read. What was read before stays as it is."""
    with transaction.atomic(using=current().alias):
        saved.name, saved.text, saved.by = name[:LONGEST_NAME], text, by
        saved.save(update_fields=["name", "text", "by"])
        audit.record("mapping.change", by=by, target=saved, name=saved.name)


def delete_mapping(*, saved: SavedMapping, by: Person) -> None:
    """Forget a mapping. Batches keep the text that they were read with."""
    with transaction.atomic(using=current().alias):
        audit.record("mapping.delete", by=by, target=saved, name=saved.name)
        saved.delete()
