"""The groups by which an institution compares: taken over or written; changed by the community; goals for missing answers."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from equity import audit
from equity.errors import RuleBroken
from equity.tenancy.acting import current
from equity.tenancy.models import Organisation, Person
from metrics.group_changes import apply, standing, why_not
from metrics.library import entries as library
from metrics.library.entries import LibraryCategory, LibraryDimension
from metrics.library.read import shelf
from metrics.models import Category, Dimension, GroupChange, Grouping, MissingGoal

Decision = GroupChange.Decision


def adopt_dimension(
    *,
    organisation: Organisation,
    entry: LibraryDimension,
    by: Person | None,
    counting: str = "",
    places: Sequence[tuple[str, str]] = (),
) -> Dimension:
    """Take a dimension of the library over, with its standard codes, its three blanks and its coarser groupings.

    `counting`: where people can give several answers, the code of the way to count them. `places`: (code, label) of the
    institution's own places, where the dimension is one of places.
    """
    if not entry.collect:
        raise RuleBroken(_("Do not ask for this: %(why)s") % {"why": entry.caution})
    way = _way_to_count(entry, counting)
    partition = way.partition if way else True
    groups = _answers(entry, way, places)
    merged = [one for one in entry.groupings if one.groups and one.partition and partition]
    with transaction.atomic(using=current().alias):
        dimension = _add(
            organisation,
            entry.code,
            entry.name,
            partition=partition,
            counting=way.code if way else "",
            library_code=entry.code,
            library_version=entry.version,
            standard_name=entry.standard_name,
        )
        Category.objects.bulk_create(_category(dimension, one) for one in groups)
        Grouping.objects.bulk_create(_merged(dimension, one) for one in merged)
        audit.record(
            "dimension.adopt", by=by, target=dimension, version=entry.version, counting=dimension.counting
        )
    return dimension


def write_dimension(
    *,
    organisation: Organisation,
    code: str,
    name: str,
    categories: Sequence[tuple[str, str]],
    several: bool,
    by: Person | None,
) -> Dimension:
    """A local dimension with groups of one's own. `several`: people can be in more than one of them."""
    if len({code for code, _label in categories}) < max(2, len(categories)):
        raise RuleBroken(_("Name two groups or more, each once."))
    blanks = [one for one in shelf().dimensions[0].categories if one.missing]
    with transaction.atomic(using=current().alias):
        dimension = _add(organisation, code, name, partition=not several)
        Category.objects.bulk_create(_own(dimension, categories))
        Category.objects.bulk_create(
            _category(dimension, one, position=len(categories) + number)
            for number, one in enumerate(blanks, start=1)
        )
        audit.record("dimension.define", by=by, target=dimension, code=code)
    return dimension


def _add(organisation: Organisation, code: str, name: str, **more: Any) -> Dimension:
    known = Dimension.objects.filter(organisation=organisation)
    if known.filter(code=code).exists():
        raise RuleBroken(_("There are groups with the code “%(code)s” already.") % {"code": code})
    last = known.aggregate(last=models.Max("position"))["last"]
    return Dimension.objects.create(
        organisation=organisation, code=code, name=name, position=0 if last is None else last + 1, **more
    )


def _way_to_count(entry: LibraryDimension, counting: str) -> library.Grouping | None:
    if not entry.multiple:
        return None
    ways = ways_to_count(entry)
    if len(ways) == 1 and not counting:
        return ways[0]
    found = next((one for one in ways if one.code == counting), None)
    if found is None:
        raise RuleBroken(_("People can give several answers here. Choose how they count."))
    return found


def ways_to_count(entry: LibraryDimension) -> list[library.Grouping]:
    """Where people can give several answers: the ways to count that keep the categories."""
    return [one for one in entry.groupings if not one.groups] if entry.multiple else []


def _answers(
    entry: LibraryDimension, way: library.Grouping | None, places: Sequence[tuple[str, str]]
) -> list[LibraryCategory]:
    """The categories that counts can have: one that is worked out from several answers only where people count once."""
    kept = [
        one for one in entry.categories if not one.derived or (way is not None and way.several == one.code)
    ]
    if not entry.place:
        return kept
    if not places:
        raise RuleBroken(_("Name your places, one in each line."))
    own = [
        LibraryCategory(code, label, label, number, False, False, "", "")
        for number, (code, label) in enumerate(places, start=1)
    ]
    return own + kept


def _category(dimension: Dimension, one: LibraryCategory, position: int | None = None) -> Category:
    return Category(
        organisation_id=dimension.organisation_id,
        dimension=dimension,
        code=one.code,
        label=one.label,
        short_label=one.short[:60],
        missing=one.missing,
        missing_kind=one.code if one.missing else "",
        standard_system=one.standard_system,
        standard_code=one.standard_code,
        position=one.position if position is None else position,
    )


def _own(dimension: Dimension, categories: Sequence[tuple[str, str]]) -> list[Category]:
    return [
        _category(dimension, LibraryCategory(code, label, label, number, False, False, "", ""))
        for number, (code, label) in enumerate(categories, start=1)
    ]


def _merged(dimension: Dimension, one: library.Grouping) -> Grouping:
    groups = [{"code": g.code, "label": g.label, "categories": list(g.categories)} for g in one.groups]
    return Grouping(
        organisation_id=dimension.organisation_id,
        dimension=dimension,
        code=one.code,
        name=one.name,
        explanation=one.explanation,
        groups=groups,
    )


# ---------------------------------------------------------------- the community decides
def propose_change(
    *, dimension: Dimension, kind: str, becomes: dict[str, Any], why: str, by: Person
) -> GroupChange:
    """Ask the community to change labels, order, groupings or the reference group of a dimension."""
    if not why.strip():
        raise RuleBroken(_("Say why."))
    if problem := why_not(dimension, kind, becomes):
        raise RuleBroken(problem)
    was = standing(dimension, kind, becomes)
    if was == becomes:
        raise RuleBroken(_("It is so already."))
    with transaction.atomic(using=current().alias):
        change = GroupChange.objects.create(
            organisation_id=dimension.organisation_id,
            dimension=dimension,
            kind=kind,
            was=was,
            becomes=becomes,
            why=why.strip(),
            proposed_by=by,
        )
        audit.record(
            "group_change.propose",
            by=by,
            target=dimension,
            kind=kind,
            before=was,
            after=becomes,
            why=change.why,
        )
    return change


def decide_change(*, change: GroupChange, approved: bool, by: Person, reason: str = "") -> GroupChange:
    """The community approves a change, which then holds, or declines it with a reason."""
    if not approved and not reason.strip():
        raise RuleBroken(_("Say why not."))
    with transaction.atomic(using=current().alias):
        found = (
            GroupChange.objects.select_for_update(of=("self",))
            .select_related("dimension")
            .filter(pk=change.pk, decision=Decision.OPEN)
            .first()
        )
        if found is None:
            raise RuleBroken(_("This change is decided already."))
        if approved:
            _apply(found, by)
        found.decision = Decision.APPROVED if approved else Decision.DECLINED
        found.reason, found.decided_by, found.decided_at = reason.strip(), by, timezone.now()
        found.save(update_fields=["decision", "reason", "decided_by", "decided_at"])
        audit.record(
            "group_change.decide",
            by=by,
            target=found.dimension,
            kind=found.kind,
            decision=found.decision,
            before=found.was,
            after=found.becomes,
            reason=found.reason,
        )
    return found


def _apply(change: GroupChange, by: Person) -> None:
    if standing(change.dimension, change.kind, change.becomes) != change.was:
        raise RuleBroken(_("The groups changed since this was proposed. Propose it again."))
    if problem := why_not(change.dimension, change.kind, change.becomes):
        raise RuleBroken(problem)
    apply(change, by)


def set_missing_goal(
    *,
    dimension: Dimension,
    owner: Person,
    at_most: Decimal,
    by_date: datetime.date,
    insiders: Collection[Person],
    by: Person | None,
) -> MissingGoal:
    """Who answers for it that at most so many in 100 are missing, from a day on. A later goal replaces it."""
    if owner not in insiders:
        raise RuleBroken(_("Choose somebody who works for the institution."))
    with transaction.atomic(using=current().alias):
        before = MissingGoal.objects.filter(dimension=dimension).order_by("-set_at", "-id").first()
        goal = MissingGoal.objects.create(
            organisation_id=dimension.organisation_id,
            dimension=dimension,
            owner=owner,
            at_most=at_most,
            by_date=by_date,
            set_by=by,
        )
        audit.record(
            "dimension.missing_goal",
            by=by,
            target=dimension,
            owner=owner.name,
            before=f"{before.at_most} in 100 by {before.by_date}" if before else "none",
            after=f"{goal.at_most} in 100 by {goal.by_date}",
        )
    return goal
