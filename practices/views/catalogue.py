"""The guides, for everybody: no sign-in, no script."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from equity.http import page
from equity.tenancy.access import public
from practices import queries
from practices.forms import SearchForm
from practices.models import GuideItem, ItemKind
from practices.queries import Branch

PAGES = {
    ItemKind.VALUE: "values",
    ItemKind.STEP: "steps",
    ItemKind.LEVEL: "levels",
    ItemKind.DASHBOARD: "levels",
    ItemKind.COMPONENT: "components",
    ItemKind.CRITERION: "components",
    ItemKind.MARKER: "markers",
    ItemKind.RECOMMENDATION: "clinic",
    ItemKind.STRATEGY: "clinic",
    ItemKind.EXAMPLE: "clinic",
}
"""Where each kind of item stands. Goals have pages of their own, and practices stand on their goal's."""


def address_of(item: GuideItem) -> str:
    """The place of an item in the catalogue."""
    goal: GuideItem | None = item
    while goal is not None and goal.kind == ItemKind.PRACTICE:
        goal = goal.parent
    if goal is not None and goal.kind == ItemKind.GOAL:
        return reverse("catalogue:goal", kwargs={"code": goal.code}) + (
            "" if goal is item else f"#{item.code}"
        )
    return f"{reverse(f'catalogue:{PAGES[ItemKind(item.kind)]}')}#{item.code}"


@public
def index(request: Any) -> HttpResponse:
    guides = {guide.code: guide for guide in queries.current_guides()}
    counts: Counter[str] = Counter()
    for guide in guides.values():
        for root in queries.roots(guide):
            _count(root, counts)
    context = {
        "light_and_heat": guides.get(queries.LIGHT_AND_HEAT),
        "clinic": guides.get(queries.CLINIC),
        "counts": counts,
        "form": SearchForm(),
    }
    return page(request, "catalogue/index.html", context)


def _count(branch: Branch, counts: Counter[str]) -> None:
    """Count items by kind. The parts of a practice are not practices of their own."""
    counts[branch.item.kind] += 1
    if branch.item.kind != ItemKind.PRACTICE:
        for children in branch.by_kind.values():
            for child in children:
                _count(child, counts)


@public
def search(request: Any) -> HttpResponse:
    form = SearchForm(request.GET or None)
    wanted = form.cleaned_data if form.is_valid() else {}
    words = wanted.get("q", "").strip()
    found = queries.search(words, wanted.get("kind", ""))
    results = [(item, address_of(item)) for item in found]
    return page(request, "catalogue/search.html", {"form": form, "words": words, "results": results})


def _roots_page(request: Any, template: str, guide_code: str, kind: ItemKind) -> HttpResponse:
    guide = queries.guide_for(guide_code)
    return page(request, f"catalogue/{template}.html", {"guide": guide, "roots": queries.roots(guide, kind)})


@public
def steps(request: Any) -> HttpResponse:
    return _roots_page(request, "steps", queries.LIGHT_AND_HEAT, ItemKind.STEP)


@public
def markers(request: Any) -> HttpResponse:
    return _roots_page(request, "markers", queries.LIGHT_AND_HEAT, ItemKind.STEP)


@public
def components(request: Any) -> HttpResponse:
    return _roots_page(request, "components", queries.LIGHT_AND_HEAT, ItemKind.COMPONENT)


@public
def values(request: Any) -> HttpResponse:
    return _roots_page(request, "values", queries.LIGHT_AND_HEAT, ItemKind.VALUE)


@public
def clinic(request: Any) -> HttpResponse:
    return _roots_page(request, "clinic", queries.CLINIC, ItemKind.RECOMMENDATION)


@public
def levels(request: Any) -> HttpResponse:
    guide = queries.guide_for(queries.LIGHT_AND_HEAT)
    goals = [goal for step in queries.roots(guide, ItemKind.STEP) for goal in step.by_kind.get("goal", [])]
    found = [
        (level, [goal for goal in goals if goal.item.level == level.item.code])
        for level in queries.roots(guide, ItemKind.LEVEL)
    ]
    return page(request, "catalogue/levels.html", {"guide": guide, "levels": found})


@public
def goal(request: Any, code: str) -> HttpResponse:
    guide = queries.guide_for(queries.LIGHT_AND_HEAT)
    step, found = queries.goal_in_guide(guide, code)
    return page(request, "catalogue/goal.html", {"guide": guide, "step": step, "goal": found})
