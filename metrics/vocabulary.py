"""The dimensions of the institution with all that a figure says of them: groups, goals, joinings, newer lists. One query."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject

from equity.language import told
from equity.roles import Role
from equity.tenancy.models import ROLE_LABELS, Membership
from metrics import figures
from metrics.aims import Goal
from metrics.library.entries import MergedGroup
from metrics.models import Category, Dimension, DimensionVersion, Grouping, MissingGoal
from metrics.spans import Regrouped


def vocabulary() -> dict[str, figures.Dimension]:
    """Every dimension of the institution that has categories, by code, with them."""
    groups: dict[Dimension, dict[str, figures.Category]] = {}
    of_dimension: dict[UUID, Any] = {}
    rows = Category.objects.select_related("dimension").annotate(
        goal=latest_goal(), regrouped=_regrouped(), joinings=_joinings()
    )
    for one in rows.order_by("position", "label"):
        label, short = told(one.label), told(one.short_label or one.label)
        words = figures.Category(one.code, label, short, one.missing, one.position)
        groups.setdefault(one.dimension, {})[one.code] = words
        of_dimension[one.dimension_id] = one
    return {
        one.code: figures.Dimension(
            one.code,
            told(one.name),
            one.position,
            one.partition,
            categories,
            _goal_of(of_dimension[one.pk].goal),
            tuple(_regrouped_of(found) for found in of_dimension[one.pk].regrouped),
            tuple(_joining_of(found) for found in of_dimension[one.pk].joinings),
            (one.library_code, one.library_version) if one.library_version else None,
        )
        for one, categories in groups.items()
    }


def _joinings() -> ArraySubquery:
    """How the groups of a category's dimension may be joined into fewer."""
    found = Grouping.objects.filter(dimension=OuterRef("dimension")).order_by("code")
    return ArraySubquery(found.values(told=JSONObject(name="name", groups="groups")))


def _joining_of(found: dict[str, Any]) -> figures.Joining:
    groups = (MergedGroup(one["code"], one["label"], tuple(one["categories"])) for one in found["groups"])
    return figures.Joining(found["name"], tuple(groups))


def _regrouped() -> ArraySubquery:
    """When a category's dimension got another list of groups, and why, as plain values."""
    later = DimensionVersion.objects.filter(dimension=OuterRef("dimension"), first_day__isnull=False)
    return ArraySubquery(later.order_by("number").values(told=JSONObject(day="first_day", reason="reason")))


def _regrouped_of(found: dict[str, Any]) -> Regrouped:
    return Regrouped(date.fromisoformat(found["day"]), found["reason"])


def latest_goal() -> Subquery:
    """The latest goal for the missing answers of a category's dimension, as plain values."""
    held = Membership.objects.filter(
        organisation=OuterRef("organisation"), person=OuterRef("owner"), ended_on=None
    )
    goals = MissingGoal.objects.filter(dimension=OuterRef("dimension")).order_by("-set_at", "-id")
    values = JSONObject(
        at_most="at_most",
        by="by_date",
        owner="owner__name",
        role=Subquery(held.order_by("since", "pk").values("role")[:1]),
    )
    return Subquery(goals.values(told=values)[:1])


def _goal_of(found: dict[str, Any] | None) -> Goal | None:
    if found is None:
        return None
    role = str(ROLE_LABELS[Role(found["role"])]) if found["role"] else ""
    return Goal(float(found["at_most"]), date.fromisoformat(found["by"]), found["owner"], role)
