"""What the columns of a line list are, and what their values mean: two pages of questions, then it is remembered.

Only the names of columns and values that many rows share are on these pages (`reading.linelist_looking`). The file itself
is kept nowhere: it is looked at in memory, and counted when it is sent again.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from equity.errors import RuleBroken
from equity.http import go, page
from equity.roles import Permission
from equity.tenancy.access import needs
from metrics import importing, mappings
from metrics.actions.mappings import save_mapping
from metrics.counting_words import what_is_counted
from metrics.forms.columns import LookForm
from metrics.forms.people_columns import PeopleColumnsForm, packed, unpacked
from metrics.forms.people_values import PeopleValuesForm
from metrics.known import definitions_of
from metrics.models import Batch
from metrics.reading.linelist_looking import LookedPeople, look_at_people
from metrics.views.imports import address
from metrics.views.uploads import SAFE_OR_POST, taken


def look(request: Any, form: LookForm) -> HttpResponse:
    """Count a line list whose columns are known; ask about those of another one. Raises `UnreadableFile`."""
    file, known = form.cleaned_data["file"], definitions_of(request.organisation)
    looked = look_at_people(file.blocks, at_least=settings.DISCLOSURE_THRESHOLD, **form.how_people)
    choice = mappings.remembered(looked.header, request.organisation, known)
    if choice is not None and choice.kind == Batch.Kind.LINE_LIST and not form.cleaned_data["anew"]:
        return taken(request, choice.counted(file.blocks(), known), file.name)
    words = importing.words_of(request.organisation)
    return _ask_columns(request, looked, PeopleColumnsForm(looked, known, words, initial={"name": file.name}))


@needs(Permission.IMPORT_COUNTS)
@require_http_methods(SAFE_OR_POST)
def columns(request: Any) -> HttpResponse:
    """The answers: first what each column is, then what its values mean. When all is said the mapping is remembered."""
    if request.method != "POST":
        return go(request, f"{address(request, 'import_look')}?rows=people")
    try:
        looked = unpacked(request.POST.get("looked", ""))
    except signing.BadSignature:
        raise RuleBroken(_("This page is too old. Send the file once more.")) from None
    known, words = definitions_of(request.organisation), importing.words_of(request.organisation)
    asked = PeopleColumnsForm(looked, known, words, request.POST)
    if not asked.is_valid() or "back" in request.POST:
        return _ask_columns(request, looked, asked, status=200 if asked.is_valid() else 422)
    has_answers = "values" in request.POST
    form = PeopleValuesForm(looked, asked, known, words, request.POST if has_answers else None)
    if not has_answers or not form.is_valid() or "save" not in request.POST:
        return _ask_values(request, looked, asked, form, words)
    saved = save_mapping(
        organisation=request.organisation,
        name=asked.cleaned_data["name"],
        header=looked.header,
        text=form.text,
        by=request.person,
    )
    return go(request, f"{address(request, 'import_line_list')}?mapping={saved.pk}")


def _ask_columns(
    request: Any, looked: LookedPeople, form: PeopleColumnsForm, status: int = 200
) -> HttpResponse:
    context = {"form": form, "packed": packed(looked), "at_least": settings.DISCLOSURE_THRESHOLD}
    return page(request, "metrics/imports/people_columns.html", context, status=status)


def _ask_values(
    request: Any,
    looked: LookedPeople,
    asked: PeopleColumnsForm,
    form: PeopleValuesForm,
    words: importing.Words,
) -> HttpResponse:
    """The questions; and, when all are answered, what will be counted, as a sentence."""
    month = next((column.month for column in looked.columns if column.month), "")
    is_whole = form.is_bound and form.is_valid() and form.mapping is not None
    context = {
        "form": form,
        "columns": asked,
        "packed": packed(looked),
        "at_least": settings.DISCLOSURE_THRESHOLD,
        "counted": what_is_counted(form.mapping, words, month) if is_whole and form.mapping else None,
        "measure": importing.measure_in_words(request.organisation, asked.cleaned_data["metric"]),
    }
    status = 422 if form.is_bound and not is_whole and not request.htmx else 200
    return page(request, "metrics/imports/people_values.html", context, block="counted", status=status)
