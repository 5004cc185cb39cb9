"""Errors of the API as RFC 9457 problem documents, each explained on the API's page under its own anchor."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions

from equity.errors import DomainError
from equity.tenancy.access import access
from equity.tenancy.personas import Persona

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
EXPLAINED_AT = "/api/v1/"


@dataclass(frozen=True)
class Problem:
    """A kind of error: its anchor on the API's page, its status, its title, and what to do about it."""

    code: str
    status: int
    title: Any
    advice: Any

    @property
    def type(self) -> str:
        """A URI reference, relative to the site: where the kind is explained."""
        return f"{EXPLAINED_AT}#{self.code}"

    def document(self, detail: str, **members: Any) -> dict[str, Any]:
        """The document of one error of this kind."""
        return {
            "type": self.type,
            "title": str(self.title),
            "status": self.status,
            "detail": detail,
            **members,
        }


UNKNOWN_PARAMETER = Problem(
    "unknown-parameter",
    400,
    _("There is no such parameter"),
    _(
        "The member “allowed” lists the parameters of this address. A misspelled filter would silently return too much."
    ),
)
INVALID_PARAMETER = Problem(
    "invalid-parameter",
    400,
    _("A parameter has a value that cannot be used"),
    _("The member “errors” says which parameter and why."),
)
INVALID_CURSOR = Problem(
    "invalid-cursor",
    400,
    _("The cursor does not belong to this request"),
    _(
        "Use the address in “next” as it is. A cursor belongs to the filters it was made for, and cannot be edited."
    ),
)
INVALID_KEY = Problem(
    "invalid-key",
    401,
    _("The API key is not valid"),
    _(
        "It may be mistyped, ended or revoked. Send it as “Authorization: Bearer lh_live_…”, ask for a new one, or send "
        "none: public rows need no key. To send counts, a system of an institution needs a key that begins with lhi_live_."
    ),
)
MISSING_SCOPE = Problem(
    "missing-scope",
    403,
    _("The API key does not reach this"),
    _("Ask whoever runs this site for a key with the scope that the detail names."),
)
NOBODY_ANSWERS = Problem(
    "nobody-answers",
    403,
    _("Nobody answers for this system any more"),
    _(
        "A person answers for each system of an institution, and may do what it does. Have the equity lead open the page of "
        "systems and keys and answer for it: the same key works again."
    ),
)
HTTPS_ONLY = Problem(
    "https-only",
    403,
    _("The API answers over https only"),
    _(
        "It never redirects: whatever was sent has crossed the network unprotected. Revoke a key that was sent so."
    ),
)
NOT_FOUND = Problem(
    "not-found", 404, _("There is nothing at this address"), _("This page lists every address.")
)
METHOD_NOT_ALLOWED = Problem(
    "method-not-allowed",
    405,
    _("This address does not take that method"),
    _("The header “Allow” lists what is allowed."),
)
NOT_ACCEPTABLE = Problem(
    "not-acceptable",
    406,
    _("This format is not offered here"),
    _("Ask for JSON. Figures are offered as CSV too: “format=csv”, or “Accept: text/csv”."),
)
TOO_MANY_REQUESTS = Problem(
    "too-many-requests",
    429,
    _("Too many requests in this minute"),
    _("Wait as many seconds as the header “Retry-After” says. With a key the limit is higher."),
)
IDEMPOTENCY_KEY_MISSING = Problem(
    "idempotency-key",
    400,
    _("What is sent has no name of its own"),
    _(
        "Name each document with the header “Idempotency-Key”, and send the same name again when you do not know whether it "
        "arrived: it is taken once."
    ),
)
IDEMPOTENCY_KEY_REUSED = Problem(
    "idempotency-key-reused",
    422,
    _("The same name came with another document"),
    _("A name belongs to the bytes with which it came first. Another document needs another name."),
)
NOT_JSON = Problem(
    "not-json", 400, _("The document is not JSON"), _("The member “detail” says where it stops being JSON.")
)
LENGTH_REQUIRED = Problem(
    "length-required", 411, _("The document does not say how long it is"), _("Send “Content-Length”.")
)
TOO_LARGE = Problem(
    "too-large",
    413,
    _("The document is too large"),
    _("The member “limit” is the most that is taken at once, in bytes. Send it in parts: each is a batch."),
)
UNSUPPORTED = Problem(
    "unsupported",
    415,
    _("The document is of another kind than is taken here"),
    _("Send JSON as UTF-8, uncompressed, with “Content-Type: application/json”."),
)
WRONG_DOCUMENT = Problem(
    "wrong-document",
    422,
    _("The document has another shape"),
    _(
        "Each of the “errors” has a JSON pointer to its place, what is wrong, and how to mend it. Nothing was kept."
    ),
)
REFUSED_COUNTS = Problem(
    "refused-counts",
    422,
    _("Some of the counts cannot be taken, so none was"),
    _(
        "Each of the “errors” has a JSON pointer to its place, the value, what is wrong, and how to mend it. The address in "
        "“links” has all of them, page by page, for people too. Mend them and send the document under another name."
    ),
)
FAILED = Problem(
    "failed",
    500,
    _("Something went wrong on our side"),
    _("Nothing was changed. The people who run this site have been told. Try again later."),
)
OTHER = Problem("other", 400, _("We could not read that request"), _("The member “detail” says why."))

PROBLEMS = (
    UNKNOWN_PARAMETER,
    INVALID_PARAMETER,
    INVALID_CURSOR,
    INVALID_KEY,
    MISSING_SCOPE,
    NOBODY_ANSWERS,
    HTTPS_ONLY,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    NOT_ACCEPTABLE,
    IDEMPOTENCY_KEY_MISSING,
    IDEMPOTENCY_KEY_REUSED,
    NOT_JSON,
    LENGTH_REQUIRED,
    TOO_LARGE,
    UNSUPPORTED,
    WRONG_DOCUMENT,
    REFUSED_COUNTS,
    TOO_MANY_REQUESTS,
    FAILED,
    OTHER,
)
BY_STATUS = {
    problem.status: problem
    for problem in (
        NOT_FOUND,
        METHOD_NOT_ALLOWED,
        NOT_ACCEPTABLE,
        TOO_MANY_REQUESTS,
        INVALID_KEY,
        MISSING_SCOPE,
        FAILED,
    )
}


class Refused(exceptions.APIException):
    """A request that cannot be answered, of a known kind. `members` are added to the problem document.

    `wait`: after how many seconds it may be tried again.
    """

    def __init__(self, problem: Problem, detail: str, *, wait: int | None = None, **members: Any) -> None:
        super().__init__(detail)
        self.problem, self.status_code, self.wait, self.members = problem, problem.status, wait, members


def respond(
    problem: Problem,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The problem document. No cache keeps it."""
    document = problem.document(detail, **(members or {}))
    response = JsonResponse(document, status=problem.status, headers=dict(headers or {}))
    response.headers["Content-Type"] = MEDIA_TYPE
    response.headers["Cache-Control"] = "no-store"
    return response


def as_problem(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """Whatever went wrong in a view of the API, as a problem document (REST framework's exception handler)."""
    if isinstance(error, Refused):
        return respond(error.problem, str(error.detail), headers=_headers(error), members=error.members)
    if isinstance(error, exceptions.APIException):
        return respond(_of_status(error.status_code), str(error.detail), headers=_headers(error))
    if isinstance(error, Http404):
        return respond(NOT_FOUND, str(_("Nothing is published under this address.")))
    if isinstance(error, PermissionDenied):
        return respond(MISSING_SCOPE, str(_("This is not open to you.")))
    if isinstance(error, DomainError):
        return respond(_of_status(error.status), error.message)
    logger.error("The API failed.", exc_info=error)
    return respond(FAILED, str(FAILED.advice))


def _of_status(status: int) -> Problem:
    return BY_STATUS.get(status) or replace(OTHER, status=status)


@access(Persona.PUBLIC, by_itself=True)
@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    """The answer for an address that the API does not have."""
    return respond(NOT_FOUND, str(_("The API has no address “%s”.")) % request.path)


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if (challenge := getattr(error, "auth_header", "")) and error.status_code == 401:
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(wait)
    return headers
