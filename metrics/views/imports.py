"""Every file that came in; what one of them would do, or did, or what is wrong with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from equity.errors import RuleBroken
from equity.http import go, page
from equity.roles import Permission
from equity.tenancy import progress
from equity.tenancy.access import needs
from metrics import importing
from metrics.actions.imports import apply_batch, can_be_undone, undo_batch
from metrics.ingest import KEPT_FOR_DAYS
from metrics.models import Batch
from metrics.sent import is_trial

ON_A_PAGE = 50
SHOWN_ERRORS = 100
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def address(request: Any, name: str, **kwargs: Any) -> str:
    """The address of a page of this institution."""
    return reverse(f"metrics:{name}", kwargs={"institution": request.organisation.slug, **kwargs})


@needs(Permission.IMPORT_COUNTS)
@require_safe
def imports(request: Any) -> HttpResponse:
    """Every file that came in."""
    found = Paginator(importing.batches(), ON_A_PAGE).get_page(request.GET.get("page"))
    return page(request, "metrics/imports/list.html", {"batches": found})


@needs(Permission.IMPORT_COUNTS)
@require_http_methods(["GET", "HEAD", "POST"])
def batch(request: Any, pk: UUID) -> HttpResponse:
    """What a file would do, or did, or what is wrong with it. Posting applies it."""
    found = importing.batch_for(pk)
    refusal = ""
    if request.method == "POST":
        try:
            apply_batch(batch=found, by=request.person)
            return go(request, address(request, "import_batch", pk=pk))
        except RuleBroken as broken:
            refusal = broken.message
    context = _batch_context(request, found) | {"refusal": refusal}
    return page(request, "metrics/imports/batch.html", context, block="state", status=422 if refusal else 200)


def _batch_context(request: Any, found: Batch) -> dict[str, Any]:
    job = importing.job_of(found)
    is_working = job is not None and job.state in (job.State.QUEUED, job.State.RUNNING)
    words = importing.words_of(request.organisation)
    return {
        "batch": found,
        "stage": _stage(found, is_working=is_working),
        "job": job,
        "progress": progress.of(job.pk) if job and not job.is_interrupted else {},
        "is_working": is_working,
        "is_trial": is_trial(found),
        "may_apply": _may_apply(found),
        "check": found.report.get("check"),
        "applied": found.report.get("applied"),
        "errors": importing.errors_of(found)[:SHOWN_ERRORS],
        "send_again": _send_again(request, found),
        "error_total": found.report.get("error_total", 0),
        "flags": importing.flags_of(found),
        "retired": importing.retired_of(found),
        "obstacles": importing.obstacles_of(found),
        "changes": importing.changes_of(found, words),
        "small_ones": importing.small_ones_of(found, words),
        "can_be_undone": can_be_undone(found) and not is_working,
        "undone": found.report.get("undone"),
        "kept_for_days": KEPT_FOR_DAYS,
        "disagreements": importing.disagreements_of(found, words),
        "same_file": importing.same_file_before(found),
    }


def _may_apply(found: Batch) -> bool:
    """Whether applying would change anything, and is meant."""
    check = found.report.get("check", {})
    changes = check.get("new") or check.get("changed")
    return found.state == Batch.State.UPLOADED and bool(changes) and not is_trial(found)


def _send_again(request: Any, found: Batch) -> str:
    """Where the same kind of file is sent once more, read as this one was; nowhere for what a system sent."""
    if found.kind == Batch.Kind.SENT:
        return ""
    if found.kind in (Batch.Kind.COUNTS, Batch.Kind.TYPED):
        return address(request, "import_counts" if found.kind == Batch.Kind.COUNTS else "import_typed")
    page_of_kind = "import_line_list" if found.kind == Batch.Kind.LINE_LIST else "import_table"
    return f"{address(request, page_of_kind)}?mapping={found.pk}"


def _stage(found: Batch, *, is_working: bool) -> str:
    """Where in the stepper a file stands: upload (it has errors), check, apply, or done."""
    if found.state == Batch.State.REFUSED:
        return "upload"
    if found.state in (Batch.State.APPLIED, Batch.State.UNDONE):
        return "done"
    return "apply" if is_working and "check" in found.report else "check"


@needs(Permission.IMPORT_COUNTS)
@require_safe
def errors(request: Any, pk: UUID) -> HttpResponse:
    """The errors of a file, to take away and work through."""
    found = importing.batch_for(pk)
    return download(importing.errors_csv(found), _("errors.csv"))


@needs(Permission.IMPORT_COUNTS)
@require_safe
def errors_workbook(request: Any, pk: UUID) -> HttpResponse:
    """The errors of a file as a workbook."""
    found = importing.batch_for(pk)
    return download(importing.errors_workbook(found), _("errors.xlsx"), XLSX)


@needs(Permission.IMPORT_COUNTS)
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: Any, pk: UUID) -> HttpResponse:
    """What undoing a file means. Posting undoes it."""
    found = importing.batch_for(pk)
    if request.method == "POST":
        undo_batch(batch=found, by=request.person)
        return go(request, address(request, "import_batch", pk=pk))
    context = {"batch": found, "can_be_undone": can_be_undone(found), "kept_for_days": KEPT_FOR_DAYS}
    return page(request, "metrics/imports/undo.html", context)


def download(content: str | bytes, name: str, kind: str = "text/csv; charset=utf-8") -> HttpResponse:
    """A file to take away, CSV if nothing else is said."""
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
