"""What data is due: which counts are waited for, from whom, until when."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from equity.http import page
from equity.roles import Permission
from equity.tenancy.access import needs
from metrics.due import Asked, everything_due, measures_late, narrowed
from metrics.forms.due import DueForm


@needs(Permission.SEE_FULL_COUNTS)
@require_safe
def due(request: Any) -> HttpResponse:
    """What is late and what is not late yet, with the ways to enter it. htmx asks for one line, for the home page."""
    asked = Asked.read(request.GET)
    found = everything_due(request.organisation)
    shown = narrowed(found, asked, request.person)
    context = {
        "found": found,
        "overdue": [one for one in shown if one.is_overdue],
        "soon": [one for one in shown if not one.is_overdue],
        "late": measures_late(found),
        "form": DueForm(asked),
    }
    return page(request, "metrics/due.html", context, block="line")
