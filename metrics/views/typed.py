"""Typing counts in: choose a measure, a unit and a year, fill in the grid, and see what would change."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from equity.http import page
from equity.roles import Permission
from equity.tenancy.access import needs
from metrics.forms.typed import GridForm
from metrics.known import definitions_of
from metrics.preparing import from_typed
from metrics.reading.cells import BlankKind
from metrics.typed import grid_of
from metrics.views.uploads import SAFE_OR_POST, taken


@needs(Permission.IMPORT_COUNTS)
@require_http_methods(SAFE_OR_POST)
def typed(request: Any) -> HttpResponse:
    """The grid that the address names. Posting checks what was typed, as a file is checked."""
    form = GridForm(request.organisation, request.GET if "metric" in request.GET else None)
    context: dict[str, Any] = {"form": form, "blanks": [kind.words for kind in BlankKind]}
    if not form.is_valid():
        return page(request, "metrics/imports/typed.html", context, status=422 if form.is_bound else 200)
    grid = grid_of(**form.cleaned_data)
    context |= {"grid": grid, "lines": list(grid.lines()), "place": request.GET.urlencode()}
    if request.method != "POST":
        return page(request, "metrics/imports/typed.html", context)
    sent = {name: str(value) for name, value in request.POST.items()}
    prepared = from_typed(grid.text(sent), definitions_of(request.organisation))
    if prepared.is_valid:
        name = _("%(metric)s, %(unit)s, %(year)s") % {
            "metric": grid.metric.name,
            "unit": grid.unit.name,
            "year": grid.year,
        }
        return taken(request, prepared, name)
    context |= {"lines": list(grid.lines(sent)), "errors": prepared.errors, "wrong": _wrong(prepared.errors)}
    return page(request, "metrics/imports/typed.html", context, status=422)


def _wrong(errors: list[dict[str, Any]]) -> list[str]:
    """Each error once, in words: what was typed, what is wrong with it, how to mend it."""
    told = [f"{_(error['reason']) % error['parts']} {_(error['mend']) % error['parts']}" for error in errors]
    return list(dict.fromkeys(told))
