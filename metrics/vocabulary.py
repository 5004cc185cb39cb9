"""The dimensions of the institution with all that a figure says of them: groups, goals, joinings. One query."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject

from equity.roles import Role
from equity.tenancy.models import ROLE_LABELS, Membership
from metrics import figures
from metrics.aims import Goal
from metrics.library.entries import MergedGroup
from metrics.models import Category, Dimension, Grouping, MissingGoal


def vocabulary() -> dict[str, figures.Dimension]:
    """Every dimension of the institution that has categories, by code, with them."""
    groups: dict[Dimension, dict[str, figures.Category]] = {}
    goals: dict[UUID, dict[str, Any] | None] = {}
    joined: dict[UUID, list[dict[str, Any]]] = {}
    rows = Category.objects.select_related("dimension").annotate(goal=_goal(), joinings=_joinings())
    for one in rows.order_by("position", "label"):
        words = figures.Category(one.code, one.label, one.short_label or one.label, one.missing, one.position)
        groups.setdefault(one.dimension, {})[one.code] = words
        goals[one.dimension_id] = one.goal
        joined[one.dimension_id] = one.joinings
    return {
        one.code: figures.Dimension(
            one.code,
            one.name,
            one.position,
            one.partition,
            categories,
            _goal_of(goals[one.pk]),
            tuple(_joining_of(told) for told in joined[one.pk]),
            (one.library_code, one.library_version) if one.library_version else None,
        )
        for one, categories in groups.items()
    }


def _joinings() -> ArraySubquery:
    """How the groups of a category's dimension may be joined into fewer."""
    found = Grouping.objects.filter(dimension=OuterRef("dimension")).order_by("code")
    return ArraySubquery(found.values(told=JSONObject(name="name", groups="groups")))


def _joining_of(told: dict[str, Any]) -> figures.Joining:
    groups = (MergedGroup(one["code"], one["label"], tuple(one["categories"])) for one in told["groups"])
    return figures.Joining(told["name"], tuple(groups))


def _goal() -> Subquery:
    """The latest goal for the missing answers of a category's dimension."""
    held = Membership.objects.filter(
        organisation=OuterRef("organisation"), person=OuterRef("owner"), ended_on=None
    )
    goals = MissingGoal.objects.filter(dimension=OuterRef("dimension")).order_by("-set_at", "-id")
    told = JSONObject(
        at_most="at_most",
        by="by_date",
        owner="owner__name",
        role=Subquery(held.order_by("since", "pk").values("role")[:1]),
    )
    return Subquery(goals.values(told=told)[:1])


def _goal_of(told: dict[str, Any] | None) -> Goal | None:
    if told is None:
        return None
    role = str(ROLE_LABELS[Role(told["role"])]) if told["role"] else ""
    return Goal(float(told["at_most"]), date.fromisoformat(told["by"]), told["owner"], role)
