"""The files of a report: to look at before, to keep when it is submitted, to read again afterwards."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from equity.errors import NotFound
from equity.http import go, page
from equity.mandates import actions, exports, queries
from equity.mandates.assembling import assemble
from equity.mandates.forms import SubmitForm
from equity.mandates.readiness import missing
from equity.mandates.template import Sheet
from equity.mandates.views.writing import accepted, address
from equity.mandates.wording import tasks
from equity.roles import Permission
from equity.tenancy.access import needs


def _sent(name: str, content_type: str, content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@needs(Permission.SEE_PROGRAMME)
@require_safe
def workbook(request: Any, pk: UUID) -> HttpResponse:
    """The report as it stands now, as a workbook."""
    whole = assemble(queries.report_for(pk))
    file = exports.workbook(whole, request.organisation.slug)
    return _sent(file.name, file.content_type, file.content)


@needs(Permission.SEE_PROGRAMME)
@require_safe
def sheet(request: Any, pk: UUID, sheet: str) -> HttpResponse:
    """One sheet of the report as it stands now, as CSV."""
    whole = assemble(queries.report_for(pk))
    wanted = next((one for one, _columns in whole.template.sheets if one.value == sheet), None)
    if wanted is None:
        raise NotFound("")
    file = exports.sheet_file(whole, Sheet(wanted), request.organisation.slug)
    return _sent(file.name, file.content_type, file.content)


@needs(Permission.SEE_PROGRAMME)
@require_safe
def file(request: Any, pk: UUID) -> HttpResponse:
    """A submitted file, as it was."""
    found = queries.file_for(pk)
    return _sent(found.name, found.content_type, bytes(found.content))


@needs(Permission.PUBLISH_RELEASE)
def submit(request: Any, pk: UUID) -> HttpResponse:
    """Say that the report was handed in; what was handed in is kept."""
    found = queries.report_for(pk)
    whole = assemble(found)
    form = SubmitForm(request.POST or None, initial={"as_of": whole.as_of})
    if request.method == "POST" and accepted(
        form,
        lambda: actions.submit(
            report=found,
            note=form.cleaned_data["note"],
            as_of=form.cleaned_data["as_of"],
            by=request.person,
        ),
    ):
        messages.success(request, _("Kept as it was submitted."))
        return go(request, address(request, "report", pk=found.pk))
    lacking = missing(whole)
    context = {
        "report": found,
        "whole": whole,
        "form": form,
        "lacking": len(lacking),
        "tasks": tasks(lacking, found),
        "due": queries.due_of(found, timezone.localdate()),
    }
    return page(request, "mandates/submit.html", context, status=422 if form.errors else 200)
