"""What every row of an institution has in common."""

from __future__ import annotations

from typing import Any

from django.db import models

from equity.tenancy.ids import uuid7


class TenantKey(models.ForeignKey):
    """A reference to another tenant table. The database key is `SameTenant`, named in `tenant_table(keys=[...])`."""

    def __init__(self, to: Any, **options: Any) -> None:
        options.setdefault("on_delete", models.PROTECT)
        options["db_constraint"] = False
        super().__init__(to, **options)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        return name, path, args, kwargs


class TenantModel(models.Model):
    """A row that belongs to one institution and has a public, unguessable id."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # No index of its own: every tenant table has one that begins with it.
    organisation = models.ForeignKey(
        "tenancy.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        abstract = True
