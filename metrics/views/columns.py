"""What the columns of a table are: look at it, answer, and it is remembered for the next table of that source."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core import signing
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from equity.errors import RuleBroken
from equity.http import go, page
from equity.roles import Permission
from equity.tenancy.access import needs
from metrics import importing, mappings
from metrics.actions.mappings import change_mapping, delete_mapping, save_mapping
from metrics.forms.columns import COUNTS, ColumnsForm, LookForm, SavedMappingForm, packed, unpacked
from metrics.known import Definitions, definitions_of
from metrics.reading.errors import MappingError, UnreadableFile
from metrics.reading.linelist_looking import may_be_people
from metrics.reading.looking import Looked, look
from metrics.reading.mapping_keys import format_of
from metrics.uploads import HoldingUploadHandler
from metrics.views import people
from metrics.views.imports import address
from metrics.views.uploads import SAFE_OR_POST, taken


@csrf_exempt
@needs(Permission.IMPORT_COUNTS)
@require_http_methods(SAFE_OR_POST)
def look_at_file(request: Any) -> HttpResponse:
    """Send a file. One whose columns are known is read at once; of another one is asked what they are."""
    request.upload_handlers = [HoldingUploadHandler(request)]
    return _look(request)


@csrf_protect
def _look(request: Any) -> HttpResponse:
    wanted = {"rows": request.GET.get("rows", COUNTS), "anew": "anew" in request.GET}
    form = LookForm(request.POST or None, request.FILES or None, initial=wanted)
    doubtful = False
    if request.method == "POST" and form.is_valid():
        try:
            return people.look(request, form) if form.is_about_people else _look_at_table(request, form)
        except UnreadableFile as unreadable:
            form.add_error("file", " ".join(unreadable.fault.translated(_)))
        except MayBePeople:
            doubtful = True
    context = {"form": form, "saved": mappings.saved_mappings(), "doubtful": doubtful}
    status = 422 if request.method == "POST" else 200
    return page(request, "metrics/imports/look.html", context, status=status)


def _look_at_table(request: Any, form: LookForm) -> HttpResponse:
    """Nothing of what may be a line list is shown, unless the person says that it is none."""
    file, known = form.cleaned_data["file"], definitions_of(request.organisation)
    looked = look(file.blocks(), **form.how)
    choice = mappings.remembered(looked.header, request.organisation, known)
    if choice is not None and choice.kind in mappings.COUNTS and not form.cleaned_data["anew"]:
        return taken(request, choice.prepared(file.blocks(), known), file.name)
    if may_be_people(column.name for column in looked.columns) and not form.cleaned_data["sure"]:
        raise MayBePeople
    words = importing.words_of(request.organisation)
    return _ask(request, looked, ColumnsForm(looked, known, words, initial={"name": file.name}))


class MayBePeople(Exception):
    """The names of the columns are those of a line list."""


def _ask(request: Any, looked: Looked, form: ColumnsForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "looked": looked, "packed": packed(looked)}
    return page(request, "metrics/imports/columns.html", context, status=status)


@needs(Permission.IMPORT_COUNTS)
@require_http_methods(SAFE_OR_POST)
def columns(request: Any) -> HttpResponse:
    """What the columns of a table are. When all is said the mapping is remembered, and the table can be sent."""
    if request.method != "POST":
        return go(request, address(request, "import_look"))
    known: Definitions = definitions_of(request.organisation)
    try:
        looked = unpacked(request.POST.get("looked", ""))
    except signing.BadSignature:
        raise RuleBroken(_("This page is too old. Send the table once more.")) from None
    form = ColumnsForm(looked, known, importing.words_of(request.organisation), request.POST)
    if not form.is_valid():
        return _ask(request, looked, form, status=422)
    saved = save_mapping(
        organisation=request.organisation,
        name=form.cleaned_data["name"],
        header=looked.header,
        text=form.text,
        by=request.person,
    )
    return go(request, f"{address(request, 'import_table')}?mapping={saved.pk}")


@needs(Permission.IMPORT_COUNTS)
@require_safe
def saved_mappings(request: Any) -> HttpResponse:
    """Every mapping that is remembered."""
    return page(request, "metrics/imports/saved.html", {"saved": mappings.saved_mappings()})


@needs(Permission.IMPORT_COUNTS)
@require_http_methods(SAFE_OR_POST)
def saved_mapping(request: Any, pk: UUID) -> HttpResponse:
    """Change a mapping, or delete it."""
    found = mappings.saved_mapping_for(pk)
    if request.method == "POST" and "delete" in request.POST:
        delete_mapping(saved=found, by=request.person)
        return go(request, address(request, "import_mappings"))
    known = definitions_of(request.organisation)
    form = SavedMappingForm(
        known,
        request.POST or None,
        initial={"name": found.name, "text": found.text},
    )
    if request.method == "POST" and form.is_valid():
        change_mapping(
            saved=found, name=form.cleaned_data["name"], text=form.cleaned_data["text"], by=request.person
        )
        return go(request, address(request, "import_mappings"))
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "saved": found, "sent_to": _where_files_go(request, found.text)}
    return page(request, "metrics/imports/saved_mapping.html", context, status=status)


def _where_files_go(request: Any, text: str) -> str:
    """The page that takes files of this mapping."""
    try:
        kind = format_of(text)
    except MappingError:
        kind = ""
    return address(request, "import_table" if kind else "import_line_list")
