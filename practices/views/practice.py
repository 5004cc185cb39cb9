"""One practice, and the list of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from equity.cycle.queries import current_cycle
from equity.errors import RuleBroken
from equity.http import go, page
from equity.roles import Permission
from equity.tenancy.access import needs
from practices import actions, queries
from practices.exports import practices_as_csv
from practices.forms import (
    AssignForm,
    EvidenceFileForm,
    EvidenceLinkForm,
    FilterForm,
    UpdateForm,
    VersionedForm,
    VisibilityForm,
)
from practices.history import told
from practices.models import AdoptedPractice, Evidence
from practices.views.writing import address, written_from
from practices.workflow import PracticeStatus

ON_A_PAGE = 50


@needs(Permission.SEE_PROGRAMME)
def practice_list(request: Any) -> HttpResponse:
    form = FilterForm(request.GET)
    found = _matching(form)
    context = {
        "cycle": current_cycle(),
        "form": form,
        "practices": Paginator(found, ON_A_PAGE).get_page(request.GET.get("page")),
        "filtered": bool(form.changed_data),
        "query": request.GET.urlencode(),
    }
    return page(request, "practices/list.html", context)


@needs(Permission.SEE_PROGRAMME)
def practices_csv(request: Any) -> HttpResponse:
    response = HttpResponse(
        practices_as_csv(_matching(FilterForm(request.GET))), content_type="text/csv; charset=utf-8"
    )
    name = f"{request.organisation.slug}-practices-{timezone.localdate():%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _matching(form: FilterForm) -> Any:
    cycle = current_cycle()
    if cycle is None:
        return AdoptedPractice.objects.none()
    return queries.practices_matching(cycle, form.filters(), timezone.localdate())


@needs(Permission.SEE_PROGRAMME)
def practice(request: Any, pk: UUID) -> HttpResponse:
    return practice_page(request, queries.practice_for(pk))


def practice_page(request: Any, found: AdoptedPractice, status: int = 200, **more: Any) -> HttpResponse:
    """The page of a practice. `more` takes the place of usual forms: those not accepted, or a conflict."""
    may = request.permissions
    is_open = found.goal.cycle.ended_on is None
    context = {
        "practice": found,
        "updates": list(queries.updates_of(found)),
        "evidence": [(piece, _visibility_form(piece)) for piece in queries.evidence_of(found)],
        "history": [(event, told(event)) for event in queries.history_of(found)]
        if Permission.SEE_AUDIT_TRAIL in may
        else [],
        "can_update": is_open and Permission.UPDATE_PRACTICE in may,
        "can_assign": is_open and Permission.RUN_PROGRAMME in may,
        "update_form": UpdateForm(practice=found, auto_id="update_%s"),
        "assign_form": AssignForm(practice=found, auto_id="assign_%s"),
        "file_form": EvidenceFileForm(auto_id="file_%s"),
        "link_form": EvidenceLinkForm(auto_id="link_%s"),
        **more,
    }
    return page(request, "practices/practice.html", context, status=status)


def _visibility_form(piece: Evidence) -> VisibilityForm:
    initial = {"evidence": piece.pk, "visibility": piece.visibility}
    return VisibilityForm(initial=initial, auto_id=f"show-{piece.pk}-%s")


@needs(Permission.UPDATE_PRACTICE)
@written_from("practice")
def post_update(request: Any, pk: UUID) -> HttpResponse:
    found = queries.practice_for(pk)
    form = UpdateForm(request.POST, practice=found, auto_id="update_%s")

    def act(data: dict[str, Any]) -> None:
        actions.post_update(
            practice=found,
            status=PracticeStatus(data["status"]),
            words=data["words"],
            version=data["version"],
            by=request.person,
        )

    return _written(request, found, form, act, "update_form", _("Your news is on the page."))


@needs(Permission.RUN_PROGRAMME)
@written_from("practice")
def assign(request: Any, pk: UUID) -> HttpResponse:
    found = queries.practice_for(pk)
    form = AssignForm(request.POST, practice=found, auto_id="assign_%s")

    def act(data: dict[str, Any]) -> None:
        actions.assign(
            practice=found, owner=data["owner"], due=data["due"], version=data["version"], by=request.person
        )

    return _written(request, found, form, act, "assign_form", _("Saved."))


def _written(
    request: Any, found: AdoptedPractice, form: VersionedForm, act: Any, name: str, thanks: str
) -> HttpResponse:
    """Try to write. When somebody else was faster, show both versions and keep what was typed."""
    if form.is_valid():
        try:
            act(form.cleaned_data)
        except actions.ChangedMeanwhile:
            now = queries.practice_for(found.pk)
            form.redrawn_for(now)
            return practice_page(
                request, now, status=409, conflict=name, typed=form.cleaned_data, **{name: form}
            )
        except RuleBroken as broken:
            form.add_error(None, broken.message)
        else:
            messages.success(request, thanks)
            return go(request, address(request, "practice", pk=found.pk))
    return practice_page(request, found, status=422, **{name: form})
