"""Proof: attaching it, saying who may see it, taking it away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.utils.translation import gettext as _

from equity.errors import NotFound
from equity.http import go
from equity.roles import Permission
from equity.tenancy.access import needs
from practices import actions, queries
from practices.evidence_rules import Visibility
from practices.forms import EvidenceFileForm, EvidenceLinkForm, VisibilityForm
from practices.models import Evidence
from practices.views.practice import practice_page
from practices.views.writing import accepted, address, written_from


@needs(Permission.UPDATE_PRACTICE)
@written_from("practice")
def attach_file(request: Any, pk: UUID) -> HttpResponse:
    found = queries.practice_for(pk)
    form = EvidenceFileForm(request.POST, request.FILES, auto_id="file_%s")

    def act(data: dict[str, Any]) -> None:
        actions.attach_evidence_file(
            practice=found, by=request.person, **data | {"visibility": Visibility(data["visibility"])}
        )

    if not accepted(form, act):
        return practice_page(request, found, file_form=form, status=422)
    return _attached(request, pk)


@needs(Permission.UPDATE_PRACTICE)
@written_from("practice")
def attach_link(request: Any, pk: UUID) -> HttpResponse:
    found = queries.practice_for(pk)
    form = EvidenceLinkForm(request.POST, auto_id="link_%s")

    def act(data: dict[str, Any]) -> None:
        actions.attach_evidence_link(
            practice=found, by=request.person, **data | {"visibility": Visibility(data["visibility"])}
        )

    if not accepted(form, act):
        return practice_page(request, found, link_form=form, status=422)
    return _attached(request, pk)


def _attached(request: Any, pk: UUID) -> HttpResponse:
    messages.success(request, _("The evidence is attached."))
    return go(request, address(request, "practice", pk=pk) + "#evidence")


@needs(Permission.SEE_PROGRAMME)
def download(request: Any, pk: UUID) -> FileResponse:
    """A file is only ever taken away, never opened on our pages."""
    evidence = queries.evidence_for(pk)
    if evidence.kind != Evidence.Kind.FILE:
        raise NotFound("")
    try:
        content = evidence.file.open("rb")
    except FileNotFoundError as missing:
        raise NotFound(
            _("The file is missing from the store. Its SHA-256 is %(hash)s.") % {"hash": evidence.sha256}
        ) from missing
    response = FileResponse(
        content, as_attachment=True, filename=evidence.file_name, content_type=evidence.content_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


@needs(Permission.UPDATE_PRACTICE)
@written_from("practice")
def show_to(request: Any, pk: UUID) -> HttpResponse:
    form = VisibilityForm(request.POST)
    if not form.is_valid():
        raise NotFound("")
    evidence = queries.evidence_for(form.cleaned_data["evidence"])
    if evidence.practice_id != pk:
        raise NotFound("")
    visibility = Visibility(form.cleaned_data["visibility"])
    actions.show_evidence_to(evidence=evidence, visibility=visibility, by=request.person)
    messages.success(request, _("Saved."))
    return go(request, address(request, "practice", pk=pk) + "#evidence")
