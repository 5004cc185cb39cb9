"""What OpenAPI says of errors, the same for every address: the document, its status, and an example of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import serializers

from equity.api import problems
from equity.api.problems import Problem

ProblemDocument = inline_serializer(
    "ProblemDocument",
    {
        "type": serializers.CharField(
            help_text="Where this kind of error is explained, relative to the site"
        ),
        "title": serializers.CharField(),
        "status": serializers.IntegerField(),
        "detail": serializers.CharField(),
        "allowed": serializers.ListField(child=serializers.CharField(), required=False),
        "errors": serializers.DictField(
            child=serializers.ListField(child=serializers.CharField()),
            required=False,
            help_text="Parameter → what is wrong",
        ),
        "limit": serializers.IntegerField(required=False, help_text="The most that is taken"),
    },
)
"""RFC 9457."""

COMMON: dict[Problem, dict[str, Any]] = {
    problems.HTTPS_ONLY: problems.HTTPS_ONLY.document("This request came over http."),
    problems.NOT_ACCEPTABLE: problems.NOT_ACCEPTABLE.document("Could not satisfy the request Accept header."),
    problems.TOO_MANY_REQUESTS: problems.TOO_MANY_REQUESTS.document(
        "60 requests a minute are open to you. Wait 12 seconds."
    ),
    problems.FAILED: problems.FAILED.document("Nothing was changed. Try again later."),
}
"""Errors that any address can answer with."""


def header(name: str, words: str, *statuses: int, kind: OpenApiTypes = OpenApiTypes.STR) -> OpenApiParameter:
    """A header of the answers with these statuses."""
    return OpenApiParameter(name, kind, OpenApiParameter.HEADER, description=words, response=list(statuses))


RATE_LIMITS = (
    ("RateLimit-Policy", "Requests a minute that are open to you."),
    ("RateLimit", "How many are left, and in how many seconds they begin anew."),
)
CHALLENGE = header("WWW-Authenticate", "`Bearer`", 401)


def refusals(
    examples: Mapping[Problem, dict[str, Any]], document: serializers.Serializer[Any] = ProblemDocument
) -> dict[Any, Any]:
    """The answers with these kinds of errors: one for each status, with an example of each kind."""
    by_status: dict[int, list[Problem]] = {}
    for problem in examples:
        by_status.setdefault(problem.status, []).append(problem)
    return {
        (status, problems.MEDIA_TYPE): OpenApiResponse(
            document,
            " / ".join(str(problem.title) for problem in kinds),
            examples=[
                OpenApiExample(problem.code, value=examples[problem], media_type=problems.MEDIA_TYPE)
                for problem in kinds
            ],
        )
        for status, kinds in by_status.items()
    }
