"""What a change of groups means for each kind: how it stands now, why it cannot be, and making it so.

A change is told as plain values: `{"category", "label", "short"}`, `{"order": [codes]}`, `{"reference": code}`,
`{"code", "name", "groups": [{code, label, categories}]}`, or what `group_versions.planned` gives.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.utils.translation import gettext as _

from equity.tenancy.models import Person
from metrics import group_versions
from metrics.models import Category, Dimension, GroupChange, Grouping

Kind = GroupChange.Kind


def people(dimension: Dimension) -> list[Category]:
    """The groups of people of a dimension, in order; gaps in records are none, nor are groups of an earlier list."""
    return list(
        Category.objects.filter(dimension=dimension, missing=False, retired=False).order_by(
            "position", "label"
        )
    )


def standing(dimension: Dimension, kind: str, becomes: dict[str, Any]) -> dict[str, Any]:
    """The same thing as it is now, in the same form."""
    if kind == Kind.LABEL:
        one = Category.objects.filter(dimension=dimension, code=becomes.get("category", "")).first()
        return {"category": one.code, "label": one.label, "short": one.short_label} if one else {}
    if kind == Kind.ORDER:
        return {"order": [one.code for one in people(dimension)]}
    if kind == Kind.REFERENCE:
        return {"reference": Dimension.objects.values_list("reference", flat=True).get(pk=dimension.pk)}
    if kind == Kind.VERSION:
        now = Dimension.objects.get(pk=dimension.pk)
        return group_versions.standing(now, people(now))
    made = Grouping.objects.filter(dimension=dimension, code=becomes.get("code", "")).first()
    return {"code": made.code, "name": made.name, "groups": made.groups} if made else {}


def why_not(dimension: Dimension, kind: str, becomes: dict[str, Any]) -> str:
    """Why a change makes no sense, in words; "" when it does."""
    codes = [one.code for one in people(dimension)]
    if kind == Kind.LABEL:
        known = Category.objects.filter(dimension=dimension, code=becomes.get("category", "")).exists()
        return "" if known and becomes.get("label", "").strip() else _("Choose a group, and what to call it.")
    if kind == Kind.ORDER:
        same = sorted(becomes.get("order", [])) == sorted(codes)
        return "" if same else _("Put every group into the order, each once.")
    if kind == Kind.REFERENCE:
        known = becomes.get("reference", "") in ["", *codes]
        return "" if known else _("Choose one of the groups.")
    if kind == Kind.VERSION:
        return group_versions.why_not(dimension, people(dimension), becomes)
    return _why_no_grouping(dimension, becomes, codes)


def _why_no_grouping(dimension: Dimension, becomes: dict[str, Any], codes: list[str]) -> str:
    groups = becomes.get("groups", [])
    if not dimension.partition and any(len(group["categories"]) > 1 for group in groups):
        return _(
            "People count under every answer they gave, so joined groups would count some of them twice."
        )
    times = Counter(code for group in groups for code in group["categories"])
    if sorted(times) != sorted(codes) or set(times.values()) != {1}:
        return _("Put every group into exactly one of the joined groups.")
    if not 2 <= len(groups) < len(codes):
        return _("Join some groups, and leave two or more.")
    return "" if becomes.get("name", "").strip() else _("Give the grouping a name.")


def apply(change: GroupChange, by: Person) -> None:
    """Make it so."""
    dimension, kind, becomes = change.dimension, change.kind, change.becomes
    if kind == Kind.LABEL:
        Category.objects.filter(dimension=dimension, code=becomes["category"]).update(
            label=becomes["label"], short_label=becomes["short"]
        )
    elif kind == Kind.ORDER:
        for position, code in enumerate(becomes["order"], start=1):
            Category.objects.filter(dimension=dimension, code=code).update(position=position)
    elif kind == Kind.REFERENCE:
        Dimension.objects.filter(pk=dimension.pk).update(reference=becomes["reference"])
    elif kind == Kind.VERSION:
        group_versions.apply(dimension, becomes, change, by)
    else:
        Grouping.objects.update_or_create(
            organisation_id=dimension.organisation_id,
            dimension=dimension,
            code=becomes["code"],
            defaults={"name": becomes["name"], "groups": becomes["groups"]},
        )
