"""Getting data in: choose how to read, send the file, and go to what it would do.

A view that takes a file sets its upload handler before anything looks at the form. The check against forged requests
looks at the form, so it comes after: outside the view is exempt, inside it is protected.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from equity.http import go, page
from equity.roles import Permission
from equity.tenancy import progress
from equity.tenancy.access import needs
from metrics import importing, mappings
from metrics.actions.imports import create_batch
from metrics.counting_words import what_is_counted
from metrics.forms.imports import CountsForm, LineListForm, MappingChoiceForm, NewMappingForm, TableForm
from metrics.known import Definitions, definitions_of
from metrics.mappings import Choice
from metrics.models import Batch
from metrics.preparing import Prepared, from_counts
from metrics.uploads import HoldingUploadHandler, LineListUploadHandler, TextUploadHandler
from metrics.views.imports import address, download

SAFE_OR_POST = ["GET", "HEAD", "POST"]


def _sent_to(kind: str) -> str:
    """The page that takes files read with a mapping of this kind."""
    return "import_line_list" if kind == Batch.Kind.LINE_LIST else "import_table"


@csrf_protect
def _choose_mapping(request: Any, known: Definitions, kinds: Collection[str]) -> HttpResponse:
    new = NewMappingForm(known, request.POST or None, request.FILES or None)
    if request.method == "POST" and new.is_valid():
        request.session[mappings.SESSION_KEY] = new.cleaned_data["text"]
        return go(request, f"{address(request, _sent_to(new.kind))}?mapping={mappings.PASTED}")
    found = mappings.choices(request.organisation, known, kinds)
    context = {
        "choices": MappingChoiceForm([(choice.name, choice.title) for choice in found]) if found else None,
        "new": new,
        "is_line_list": kinds == mappings.LINE_LISTS,
        "sample": mappings.shipped_text(mappings.sample_of(kinds)),
        "known": known,
    }
    status = 422 if request.method == "POST" else 200
    return page(request, "metrics/imports/mapping.html", context, status=status)


# ---------------------------------------------------------------- a line list


@csrf_exempt
@needs(Permission.IMPORT_COUNTS)
@require_http_methods(SAFE_OR_POST)
def line_list(request: Any) -> HttpResponse:
    """Choose a mapping; then, with `?mapping=`, send the file that is counted while it arrives."""
    known = definitions_of(request.organisation)
    if "mapping" not in request.GET:
        request.upload_handlers = [TextUploadHandler(request)]
        return _choose_mapping(request, known, mappings.LINE_LISTS)
    choice = mappings.chosen(request.GET["mapping"], request.organisation, known, request.session)
    upload = _upload_name(request.GET.get("upload", ""))
    request.upload_handlers = [
        LineListUploadHandler(
            request,
            choice.line_list,
            known,
            on_progress=_teller(request, upload),
            more=choice.kept,
        )
    ]
    return _take_line_list(request, choice, upload)


@csrf_protect
def _take_line_list(request: Any, choice: Choice, upload: UUID) -> HttpResponse:
    form = LineListForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        return taken(request, form.prepared, form.cleaned_data["file"].name)
    context = {
        "form": form,
        "choice": choice,
        "upload": upload,
        "counted": what_is_counted(choice.line_list, importing.words_of(request.organisation)),
        "measure": importing.measure_in_words(request.organisation, choice.line_list.metric),
    }
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
    """Send a file of counts in our own layout."""
    request.upload_handlers = [HoldingUploadHandler(request)]
    return _take_counts(request)


@csrf_protect
def _take_counts(request: Any) -> HttpResponse:
    form = CountsForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        prepared = from_counts(form.cleaned_data["file"].blocks(), definitions_of(request.organisation))
        return taken(request, prepared, form.cleaned_data["file"].name)
    status = 422 if request.method == "POST" else 200
    context = {
        "form": form,
        "meant": importing.meant(request.organisation, request.GET),
        "place": request.GET.urlencode(),
    }
    return page(request, "metrics/imports/counts.html", context, block="form", status=status)


@csrf_exempt
@needs(Permission.IMPORT_COUNTS)
@require_http_methods(SAFE_OR_POST)
def table(request: Any) -> HttpResponse:
    """Choose a mapping; then, with `?mapping=`, send a table that somebody else laid out, or measure reports."""
    known = definitions_of(request.organisation)
    if "mapping" not in request.GET:
        request.upload_handlers = [TextUploadHandler(request)]
        return _choose_mapping(request, known, mappings.COUNTS)
    choice = mappings.chosen(request.GET["mapping"], request.organisation, known, request.session)
    request.upload_handlers = [HoldingUploadHandler(request)]
    return _take_table(request, choice, known)


@csrf_protect
def _take_table(request: Any, choice: Choice, known: Definitions) -> HttpResponse:
    form = TableForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        prepared = choice.prepared(form.cleaned_data["file"].blocks(), known)
        return taken(request, prepared, form.cleaned_data["file"].name)
    context = {"form": form, "choice": choice, "is_reports": choice.kind == Batch.Kind.REPORTS}
    status = 422 if request.method == "POST" else 200
    return page(request, "metrics/imports/table.html", context, block="form", status=status)


@needs(Permission.IMPORT_COUNTS)
@require_safe
def template(request: Any) -> HttpResponse:
    """A counts file to fill in, with the codes of this institution; of one measure, if the address says which."""
    asked = importing.meant(request.organisation, request.GET)
    text = importing.template_csv(request.organisation, timezone.localdate(), asked)
    return download(text, f"{request.organisation.slug}-counts.csv")


def taken(request: Any, prepared: Prepared, name: str) -> HttpResponse:
    """Keep what was read, and go to what it would do."""
    batch = create_batch(organisation=request.organisation, prepared=prepared, name=name, by=request.person)
    return go(request, address(request, "import_batch", pk=batch.pk))
