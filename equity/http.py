"""From the domain to the browser: errors become pages, htmx gets the block it asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import get_template
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from equity.errors import DomainError

TITLES = {
    400: lambda: _("We could not read that request"),
    403: lambda: _("Your roles here do not include this"),
    404: lambda: _("We cannot find that page"),
    409: lambda: _("That is not possible now"),
    500: lambda: _("Something went wrong on our side"),
}
ADVICE = {
    400: lambda: _("Go back and try again. If it happens again, tell whoever runs this site."),
    403: lambda: _(
        "Ask the equity lead of the institution, or your board's facilitator, if you should be able to do this."
    ),
    404: lambda: _("It may have moved, or you may need to sign in with another account."),
    409: lambda: _("Nothing was changed."),
    500: lambda: _("Nothing was changed. The people who run this site have been told."),
}


def domain_error(request: HttpRequest, error: DomainError) -> HttpResponse:
    """A rule said no: the page says which, and what to do."""
    return error_page(request, error.status, error.message)


def error_page(request: HttpRequest, status: int, message: str = "") -> HttpResponse:
    """One page for every refusal; needs no database."""
    context = {"title": TITLES[status](), "message": message, "advice": ADVICE[status](), "status": status}
    return render(request, "error.html", context, status=status)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 400)


def server_error(request: HttpRequest) -> HttpResponse:
    return error_page(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error_page(
        request,
        403,
        _(
            "This form was open for too long, or in a window that is no longer signed in. Load the page again."
        ),
    )


def page(
    request: Any, template: str, context: Mapping[str, Any], *, block: str = "", status: int = 200
) -> HttpResponse:
    """The whole page; or, when htmx asks, only its `block` (a `{% partialdef %}`-like file beside it).

    The block of `metrics/level.html` called "figures" is the template `metrics/level/figures.html`, which the page
    includes: both are drawn from the same context and have the same address.
    """
    name = f"{template.removesuffix('.html')}/{block}.html" if block and request.htmx else template
    response = HttpResponse(get_template(name).render(dict(context), request), status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def go(request: Any, address: str) -> HttpResponse:
    """After a write: go there, whether a browser or htmx asked."""
    return HttpResponseClientRedirect(address) if request.htmx else HttpResponseRedirect(address)


def page_context(request: Any) -> dict[str, Any]:
    """What the frame of every page needs. Reads no database: the middleware has put it on the request."""
    organisation = getattr(request, "organisation", None)
    return {
        "institution": organisation,
        "person": getattr(request, "person", None),
        "may": {permission.value for permission in getattr(request, "permissions", ())},
        "sample_note": organisation.sample_note if organisation else "",
        "language": settings.LANGUAGE_CODE,
    }
