"""What OpenAPI says of every address beside its parameters: formats, headers, and each error with an example."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework.serializers import Serializer

from equity.api import problems
from equity.api.documented import CHALLENGE, COMMON, RATE_LIMITS, header, refusals
from equity.api.problems import Problem
from equity.public.rows import COLUMNS
from equity.public.serializers import (
    FindingQuestion,
    InequalityQuestion,
    JurisdictionQuestion,
    ObservationQuestion,
)

EXAMPLES: dict[Problem, dict[str, Any]] = COMMON | {
    problems.UNKNOWN_PARAMETER: problems.UNKNOWN_PARAMETER.document(
        "There is no parameter “hospital” here.", allowed=["cursor", "format", "institution", "limit"]
    ),
    problems.INVALID_PARAMETER: problems.INVALID_PARAMETER.document(
        "Look at: limit.", errors={"limit": ["Ensure this value is less than or equal to 1000."]}
    ),
    problems.INVALID_CURSOR: problems.INVALID_CURSOR.document(
        "The cursor was made for other filters. Keep them, or begin a new walk."
    ),
    problems.INVALID_KEY: problems.INVALID_KEY.document("There is no such API key."),
    problems.MISSING_SCOPE: problems.MISSING_SCOPE.document("This needs the scope “observations:read”."),
    problems.NOT_FOUND: problems.NOT_FOUND.document("The API has no address “/api/v1/observation”."),
    problems.METHOD_NOT_ALLOWED: problems.METHOD_NOT_ALLOWED.document('Method "POST" not allowed.'),
}

QUESTIONS = {
    "observations": ObservationQuestion,
    "findings": FindingQuestion,
    "institutions": JurisdictionQuestion,
    "inequality": InequalityQuestion,
}
"""Each address and what may be asked there, for the API's own page."""

HEADERS = [
    header(name, words, 200)
    for name, words in (
        ("ETag", "Send it as `If-None-Match` next time: 304 says that nothing came since."),
        ("As-Of-Seq", "The same as the member `as_of_seq`; CSV has it only here."),
        ("Link", 'The next page (`rel="next"`), as in the member `next`; CSV has it only here.'),
        *RATE_LIMITS,
    )
]
RETRY_AFTER = header("Retry-After", "Seconds to wait", 429, kind=OpenApiTypes.INT)


def addresses() -> list[dict[str, Any]]:
    """Each address with its parameters in words, for people who read the API's own page."""
    return [
        {
            "name": name,
            "path": reverse(f"api:{name}"),
            "parameters": [
                {"name": field, "words": str(asked.help_text).replace("`", "")}
                for field, asked in question().fields.items()
            ],
        }
        for name, question in QUESTIONS.items()
    ]


def parameters(question: type[Serializer[Any]]) -> list[Any]:
    """The parameters of an address and the headers of its answers."""
    return [question, *HEADERS, RETRY_AFTER, CHALLENGE]


def answers(page: Serializer[Any], *, csv: bool = False) -> dict[Any, Any]:
    """Every answer of an address: the page, "not changed", and each kind of error with its example."""
    found: dict[Any, Any] = {(200, "application/json"): page}
    if csv:
        header = OpenApiExample("Columns", value=",".join(COLUMNS), media_type="text/csv")
        found[200, "text/csv"] = OpenApiResponse(
            OpenApiTypes.STR, "RFC 4180, with a header line", examples=[header]
        )
    found[304] = OpenApiResponse(description="Nothing came since; `If-None-Match` named the current `ETag`.")
    return found | refusals(EXAMPLES)
