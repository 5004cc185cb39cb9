"""Getting data in: choose how to count, send the file, look at what it would do, apply it.

A view that takes a file sets its upload handler before anything looks at the form. The check against forged requests
looks at the form, so it comes after: outside the view is exempt, inside it is protected.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from equity.errors import RuleBroken
from equity.http import go, page
from equity.roles import Permission
from equity.tenancy import progress
from equity.tenancy.access import needs
from metrics import importing, mappings
from metrics.actions.imports import apply_batch, create_batch
from metrics.forms.imports import CountsForm, LineListForm, MappingChoiceForm, NewMappingForm
from metrics.known import Definitions, definitions_of
from metrics.mappings import Choice
from metrics.models import Batch
from metrics.uploads import CountsUploadHandler, LineListUploadHandler, TextUploadHandler

ON_A_PAGE = 50
SAFE_OR_POST = ["GET", "HEAD", "POST"]


def _address(request: Any, name: str, **kwargs: Any) -> str:
    return reverse(f"metrics:{name}", kwargs={"institution": request.organisation.slug, **kwargs})


@needs(Permission.IMPORT_COUNTS)
@require_safe
def imports(request: Any) -> HttpResponse:
    """Every file that came in."""
    found = Paginator(importing.batches(), ON_A_PAGE).get_page(request.GET.get("page"))
    return page(request, "metrics/imports/list.html", {"batches": found})


# ---------------------------------------------------------------- a line list


@csrf_exempt
@needs(Permission.IMPORT_COUNTS)
@require_http_methods(SAFE_OR_POST)
def line_list(request: Any) -> HttpResponse:
    """Choose a mapping; then, with `?mapping=`, send the file that is counted while it arrives."""
    known = definitions_of(request.organisation)
    if "mapping" not in request.GET:
        request.upload_handlers = [TextUploadHandler(request)]
        return _choose_mapping(request, known)
    choice = mappings.chosen(request.GET["mapping"], request.organisation, known, request.session)
    upload = _upload_name(request.GET.get("upload", ""))
    request.upload_handlers = [
        LineListUploadHandler(
            request,
            choice.mapping,
            known,
            on_progress=_teller(request, upload),
            more={"mapping": {"name": choice.title, "text": choice.text}},
        )
    ]
    return _take_line_list(request, choice, upload)


@csrf_protect
def _choose_mapping(request: Any, known: Definitions) -> HttpResponse:
    new = NewMappingForm(known, request.POST or None, request.FILES or None)
    if request.method == "POST" and new.is_valid():
        request.session[mappings.SESSION_KEY] = new.cleaned_data["text"]
        return go(request, f"{_address(request, 'import_line_list')}?mapping={mappings.PASTED}")
    found = mappings.choices(request.organisation, known)
    context = {
        "choices": MappingChoiceForm([(choice.name, choice.title) for choice in found]) if found else None,
        "new": new,
        "sample": mappings.shipped_text(mappings.SHIPPED[0]),
        "known": known,
    }
    status = 422 if request.method == "POST" else 200
    return page(request, "metrics/imports/mapping.html", context, status=status)


@csrf_protect
def _take_line_list(request: Any, choice: Choice, upload: UUID) -> HttpResponse:
    form = LineListForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        return _taken(request, form)
    context = {"form": form, "choice": choice, "upload": upload}
    status = 422 if request.method == "POST" else 200
    return page(request, "metrics/imports/line_list.html", context, block="form", status=status)


def _upload_name(text: str) -> UUID:
    """The name of an upload, under which it tells how far it is; a new one when the address has none."""
    try:
        return UUID(text)
    except ValueError:
        return uuid4()


def _progress_key(request: Any, upload: UUID) -> str:
    return f"{request.person.pk}:{upload}"


def _teller(request: Any, upload: UUID) -> Callable[[int], None]:
    key = _progress_key(request, upload)

    def tell(rows: int) -> None:
        progress.report(key, done=rows, total=None)

    return tell


@needs(Permission.IMPORT_COUNTS)
@require_safe
def upload_progress(request: Any, upload: UUID) -> HttpResponse:
    """How many rows of a line list were counted so far; asked again and again while the file is sent."""
    rows = progress.of(_progress_key(request, upload))["done"]
    return page(request, "metrics/imports/line_list/rows.html", {"upload": upload, "rows": rows})


# ---------------------------------------------------------------- counts


@csrf_exempt
@needs(Permission.IMPORT_COUNTS)
@require_http_methods(SAFE_OR_POST)
def counts(request: Any) -> HttpResponse:
    """Send a file of counts."""
    request.upload_handlers = [CountsUploadHandler(request, definitions_of(request.organisation))]
    return _take_counts(request)


@csrf_protect
def _take_counts(request: Any) -> HttpResponse:
    form = CountsForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        return _taken(request, form)
    status = 422 if request.method == "POST" else 200
    return page(request, "metrics/imports/counts.html", {"form": form}, block="form", status=status)


@needs(Permission.IMPORT_COUNTS)
@require_safe
def template(request: Any) -> HttpResponse:
    """A counts file to fill in, with the codes of this institution."""
    text = importing.template_csv(request.organisation, timezone.localdate())
    return _download(text, f"{request.organisation.slug}-counts.csv")


# ---------------------------------------------------------------- what came in


def _taken(request: Any, form: LineListForm | CountsForm) -> HttpResponse:
    batch = create_batch(
        organisation=request.organisation,
        prepared=form.prepared,
        name=form.cleaned_data["file"].name,
        by=request.person,
    )
    return go(request, _address(request, "import_batch", pk=batch.pk))


@needs(Permission.IMPORT_COUNTS)
@require_http_methods(SAFE_OR_POST)
def batch(request: Any, pk: UUID) -> HttpResponse:
    """What a file would do, or did, or what is wrong with it. Posting applies it."""
    found = importing.batch_for(pk)
    refusal = ""
    if request.method == "POST":
        try:
            apply_batch(batch=found, by=request.person)
            return go(request, _address(request, "import_batch", pk=pk))
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
        "check": found.report.get("check"),
        "applied": found.report.get("applied"),
        "errors": importing.errors_of(found),
        "error_total": found.report.get("error_total", 0),
        "obstacles": importing.obstacles_of(found),
        "changes": importing.changes_of(found, words),
        "disagreements": importing.disagreements_of(found, words),
        "same_file": importing.same_file_before(found),
    }


def _stage(found: Batch, *, is_working: bool) -> str:
    """Where in the stepper a file stands: upload (it has errors), check, apply, or done."""
    if found.state == Batch.State.REFUSED:
        return "upload"
    if found.state == Batch.State.APPLIED:
        return "done"
    return "apply" if is_working and "check" in found.report else "check"


@needs(Permission.IMPORT_COUNTS)
@require_safe
def errors(request: Any, pk: UUID) -> HttpResponse:
    """The errors of a file, to take away and work through."""
    found = importing.batch_for(pk)
    return _download(importing.errors_csv(found), _("errors.csv"))


def _download(text: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
