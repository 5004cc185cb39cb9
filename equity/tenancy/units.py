"""The tree of units: who adds, renames, moves and closes its parts, and what keeps it a tree.

A unit is never deleted: counts may hang on it, and what was published names it. One that has counts does not move either,
because the totals of its former parent are published with it in them.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from equity import audit
from equity.errors import NotFound, RuleBroken
from equity.tenancy.acting import current
from equity.tenancy.models import Organisation, Person, Unit

PARTS = (Unit.Kind.HOSPITAL, Unit.Kind.CLINIC, Unit.Kind.DEPARTMENT)


@dataclass(frozen=True)
class Branch:
    """A unit, and the name of the one that it is part of."""

    unit: Unit
    parent: str


def tree() -> list[Branch]:
    """Every unit of the institution one is in, each before its parts."""
    found = sorted(Unit.objects.all(), key=lambda unit: (unit.position, unit.name))

    def below(parent: Unit | None) -> list[Branch]:
        return [
            branch
            for unit in found
            if unit.parent_id == (parent and parent.pk)
            for branch in (Branch(unit, parent.name if parent else ""), *below(unit))
        ]

    return below(None)


def unit_for(code: str) -> Unit:
    """One unit of the institution one is in."""
    found = Unit.objects.select_related("organisation", "parent").filter(code=code).first()
    if found is None:
        raise NotFound("")
    return found


def beneath(unit: Unit, units: Collection[Unit]) -> set[UUID]:
    """A unit and all that is below it, by their keys."""
    found = {unit.pk}
    while more := {one.pk for one in units if one.parent_id in found} - found:
        found |= more
    return found


def parents_for(unit: Unit | None) -> list[Unit]:
    """Where a unit could belong: an open unit that is no department, neither itself nor below it."""
    units = [branch.unit for branch in tree()]
    own = beneath(unit, units) if unit else set()
    return [
        one
        for one in units
        if one.pk not in own and one.closed_on is None and one.kind != Unit.Kind.DEPARTMENT
    ]


def add_unit(
    *, organisation: Organisation, parent: Unit, name: str, kind: str, by: Person | None, code: str = ""
) -> Unit:
    """A new part of the institution. Its code is what files call it; it never changes."""
    code = code or slugify(name)[:50]
    if kind not in PARTS or not code:
        raise RuleBroken(_("Give it a name and a kind."))
    with transaction.atomic(using=current().alias):
        units = _locked(organisation)
        if any(unit.code == code for unit in units):
            raise RuleBroken(_("There is a unit with the code “%(code)s” already.") % {"code": code})
        _refuse_parent(parent, units)
        unit = Unit.objects.create(
            organisation=organisation,
            parent=parent,
            code=code,
            name=name.strip(),
            kind=kind,
            position=max((one.position for one in units), default=0) + 1,
        )
        audit.record("unit.add", by=by, target=unit, code=code, parent=parent.name)
    return unit


def rename_unit(*, unit: Unit, name: str, by: Person | None) -> Unit:
    """Another name; what is published keeps the former one."""
    if not name.strip():
        raise RuleBroken(_("Give it a name."))
    with transaction.atomic(using=current().alias):
        before, unit.name = unit.name, name.strip()
        unit.save(update_fields=["name"])
        audit.record("unit.rename", by=by, target=unit, before=before, after=unit.name)
    return unit


def move_unit(*, unit: Unit, parent: Unit, counted: bool, by: Person | None) -> Unit:
    """Make it a part of another unit. `counted`: whether it, or a unit below it, has counts."""
    if counted:
        raise RuleBroken(
            _("It has counts, and totals with them are known. Close it, and add a new unit where it belongs.")
        )
    with transaction.atomic(using=current().alias):
        units = _locked(unit.organisation)
        if unit.parent_id is None:
            raise RuleBroken(_("The whole institution is part of nothing."))
        if parent.pk in beneath(unit, units):
            raise RuleBroken(_("A unit cannot be a part of itself."))
        _refuse_parent(parent, units)
        before = next(one.name for one in units if one.pk == unit.parent_id)
        unit.parent = parent
        unit.save(update_fields=["parent"])
        audit.record("unit.move", by=by, target=unit, before=before, after=parent.name)
    return unit


def close_unit(*, unit: Unit, by: Person | None, on: datetime.date | None = None) -> Unit:
    """It cares for nobody any more. Its counts stay in every total."""
    with transaction.atomic(using=current().alias):
        units = _locked(unit.organisation)
        if unit.parent_id is None:
            raise RuleBroken(_("The whole institution does not close here."))
        if unit.closed_on is not None:
            raise RuleBroken(_("It is closed already."))
        if any(one.parent_id == unit.pk and one.closed_on is None for one in units):
            raise RuleBroken(_("Close its parts first."))
        unit.closed_on = on or timezone.localdate()
        unit.save(update_fields=["closed_on"])
        audit.record("unit.close", by=by, target=unit, on=unit.closed_on.isoformat())
    return unit


def reopen_unit(*, unit: Unit, by: Person | None) -> Unit:
    """It was closed by mistake, or it opens again."""
    if unit.closed_on is None:
        raise RuleBroken(_("It is open."))
    with transaction.atomic(using=current().alias):
        _refuse_parent(next(one for one in _locked(unit.organisation) if one.pk == unit.parent_id), [])
        unit.closed_on = None
        unit.save(update_fields=["closed_on"])
        audit.record("unit.reopen", by=by, target=unit)
    return unit


def _locked(organisation: Organisation) -> list[Unit]:
    """All units, so that two changes at once cannot bend the tree into a ring."""
    return list(Unit.objects.select_for_update().filter(organisation=organisation).order_by("pk"))


def _refuse_parent(parent: Unit, units: Sequence[Unit]) -> None:
    now = next((one for one in units if one.pk == parent.pk), parent)
    if now.closed_on is not None:
        raise RuleBroken(_("“%(name)s” is closed.") % {"name": now.name})
    if now.kind == Unit.Kind.DEPARTMENT:
        raise RuleBroken(_("A department has no parts."))
