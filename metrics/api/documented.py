"""What OpenAPI says of sending counts: the document, the answers, and each error with an example."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import serializers

from equity.api import problems
from equity.api.documented import CHALLENGE, COMMON, RATE_LIMITS, ProblemDocument, header, refusals
from equity.api.problems import Problem
from metrics.reading.cells import BlankKind
from metrics.reading.counts_document import LONGEST_NAME, Apply
from metrics.sent import ON_A_PAGE, State

SEND = (
    "Counts of one institution, all or nothing, by the same rules as a file. With `apply: when_clean` they are applied "
    "when nothing is wrong with them; with `apply: never` nothing is changed, and the state of the batch says what would "
    "be. What was applied can be undone by people for 30 days. Send a document again under the same `Idempotency-Key` "
    "whenever you do not know whether it arrived: it is taken once, and the answer is the same. A name is kept as long as "
    "its batch."
)
STATE = (
    "Ask until `finished` is true, as often as `Retry-After` says. A system sees the batches that it sent, and of them no "
    "count. The first 2,000 errors are kept; `counts.errors` is the number of all."
)

_NUMBER: dict[str, Any] = {
    "max_digits": 21,
    "decimal_places": 4,
    "coerce_to_string": False,
    "required": False,
}
_EXAMPLE = {
    "name": "Night export",
    "apply": "when_clean",
    "counts": [
        {
            "metric": "readmission",
            "unit": "main",
            "period": "2024-06",
            "stratum": {"race": "black"},
            "numerator": 12,
            "denominator": 140,
        },
        {"metric": "readmission", "unit": "main", "period": "2024-07", "blank": "not_collected"},
    ],
}
Count = inline_serializer(
    "SentCount",
    {
        "metric": serializers.CharField(help_text="Code of the measure"),
        "unit": serializers.CharField(help_text="Code of the unit"),
        "period": serializers.CharField(
            help_text="`2024-01`, `2024-Q1`, `2024`, or `1999-01-01/2008-12-31`, as long as the measure is counted for"
        ),
        "stratum": serializers.DictField(
            child=serializers.CharField(),
            required=False,
            help_text="Dimension → category; left out or empty: everybody",
        ),
        "numerator": serializers.DecimalField(
            **_NUMBER, help_text="How many; of a mean the sum, of an index the value"
        ),
        "denominator": serializers.DecimalField(
            **_NUMBER,
            help_text="Of how many; of a mean the number of values. A count of things has none",
        ),
        "sum_of_squares": serializers.DecimalField(**_NUMBER, help_text="Of a mean only"),
        "blank": serializers.ChoiceField(
            choices=[kind.value for kind in BlankKind],
            required=False,
            help_text="Why there is no number. Then there are no numbers",
        ),
    },
    many=True,
)
Document = inline_serializer(
    "SentDocument",
    {
        "name": serializers.CharField(
            max_length=LONGEST_NAME,
            required=False,
            help_text="What people see; the system’s name if left out",
        ),
        "apply": serializers.ChoiceField(
            choices=[one.value for one in Apply], default=Apply.WHEN_CLEAN.value
        ),
        "counts": Count,
    },
)
REQUEST = {"application/json": Document}
Links = inline_serializer(
    "BatchLinks",
    {
        "self": serializers.URLField(help_text="The state of the batch"),
        "page": serializers.URLField(help_text="The same for people who are signed in"),
    },
)
CountError = inline_serializer(
    "CountError",
    {
        "pointer": serializers.CharField(help_text="JSON pointer (RFC 6901) into the document"),
        "value": serializers.CharField(allow_blank=True),
        "reason": serializers.CharField(help_text="What is wrong"),
        "mend": serializers.CharField(allow_blank=True, help_text="How to mend it"),
    },
    many=True,
)
Received = inline_serializer(
    "ReceivedBatch",
    {
        "id": serializers.UUIDField(),
        "state": serializers.ChoiceField(choices=[State.RECEIVED.value]),
        "links": Links,
    },
)
Numbers = inline_serializer(
    "BatchCounts",
    {
        "read": serializers.IntegerField(),
        "new": serializers.IntegerField(allow_null=True),
        "changed": serializers.IntegerField(allow_null=True),
        "unchanged": serializers.IntegerField(allow_null=True),
        "errors": serializers.IntegerField(),
        "left_out": serializers.IntegerField(
            help_text="Counts of measures that are retired. They stop nothing"
        ),
        "not_adding_up": serializers.IntegerField(
            help_text="Places where groups do not make the total. They stop nothing"
        ),
    },
)
BatchState = inline_serializer(
    "BatchState",
    {
        "id": serializers.UUIDField(),
        "name": serializers.CharField(),
        "state": serializers.ChoiceField(choices=[state.value for state in State]),
        "finished": serializers.BooleanField(
            help_text="False: ask again. An applied batch can still be undone"
        ),
        "apply": serializers.ChoiceField(choices=[one.value for one in Apply]),
        "received_at": serializers.DateTimeField(),
        "applied_at": serializers.DateTimeField(allow_null=True),
        "detail": serializers.CharField(allow_blank=True, help_text="Of a failed batch: why"),
        "counts": Numbers,
        "left_out": CountError,
        "errors": CountError,
        "next": serializers.URLField(allow_null=True, help_text="More errors"),
        "links": Links,
    },
)
RefusedDocument = inline_serializer(
    "RefusedDocument",
    {
        "type": serializers.CharField(),
        "title": serializers.CharField(),
        "status": serializers.IntegerField(),
        "detail": serializers.CharField(),
        "errors": serializers.ListField(child=serializers.DictField(), required=False),
        "error_total": serializers.IntegerField(required=False),
        "links": serializers.DictField(required=False),
    },
)
"""RFC 9457, with the place of each error."""

_ERROR = {
    "pointer": "/counts/0/numerator",
    "value": "150",
    "reason": "The numerator 150 is greater than the denominator 140.",
    "mend": "The numerator is a part of the denominator. Check that the two were not swapped.",
}
_OF_A_KEY: dict[Problem, dict[str, Any]] = COMMON | {
    problems.UNKNOWN_PARAMETER: problems.UNKNOWN_PARAMETER.document(
        "There is no parameter “dry_run” here.", allowed=[]
    ),
    problems.INVALID_KEY: problems.INVALID_KEY.document("This key was revoked."),
    problems.MISSING_SCOPE: problems.MISSING_SCOPE.document("This needs the scope “batches:write”."),
    problems.NOBODY_ANSWERS: problems.NOBODY_ANSWERS.document(
        "Ana Ruiz answered for “Night export”, and may not import counts here any more."
    ),
    problems.NOT_FOUND: problems.NOT_FOUND.document("There is nothing at this address for this key."),
    problems.METHOD_NOT_ALLOWED: problems.METHOD_NOT_ALLOWED.document('Method "PUT" not allowed.'),
}
_OF_SENDING: dict[Problem, dict[str, Any]] = _OF_A_KEY | {
    problems.IDEMPOTENCY_KEY_MISSING: problems.IDEMPOTENCY_KEY_MISSING.document(
        "Name what you send, with the header “Idempotency-Key”."
    ),
    problems.NOT_JSON: problems.NOT_JSON.document(
        "This is not JSON: Expecting value: line 1 column 1 (char 0)."
    ),
    problems.LENGTH_REQUIRED: problems.LENGTH_REQUIRED.document(
        "Say how long the document is, with “Content-Length”."
    ),
    problems.TOO_LARGE: problems.TOO_LARGE.document(
        "The document has 20000000 bytes. At most 10000000 can be sent at once.", limit=10_000_000
    ),
    problems.UNSUPPORTED: problems.UNSUPPORTED.document("Send JSON, with “Content-Type: application/json”."),
}
_OF_CONTENT: dict[Problem, dict[str, Any]] = {
    problems.IDEMPOTENCY_KEY_REUSED: problems.IDEMPOTENCY_KEY_REUSED.document(
        "“2024-06-night-export” was used for another document. Send this one with a key of its own."
    ),
    problems.WRONG_DOCUMENT: problems.WRONG_DOCUMENT.document(
        "The document has another shape than is asked for. Nothing of it was kept.",
        errors=[
            {
                "pointer": "/dry_run",
                "value": "dry_run",
                "reason": 'There is no field "dry_run" here.',
                "mend": "Leave it out, or write one of: name, apply, counts.",
            }
        ],
        error_total=1,
    ),
    problems.REFUSED_COUNTS: problems.REFUSED_COUNTS.document(
        "There is 1 error. Nothing was changed.",
        errors=[_ERROR],
        error_total=1,
        links={
            "self": "https://equity.example/api/v1/organizations/riverside/batches/0198c2f0-0000-7000-8000-000000000000",
            "page": "https://equity.example/o/riverside/measures/imports/0198c2f0-0000-7000-8000-000000000000/",
        },
    ),
}
_OF_A_STATE: dict[Problem, dict[str, Any]] = _OF_A_KEY | {
    problems.INVALID_PARAMETER: problems.INVALID_PARAMETER.document(
        "Look at: page.", errors={"page": ["Enter a number from 1 on."]}
    )
}

_ORGANIZATION = OpenApiParameter(
    "organization", OpenApiTypes.STR, OpenApiParameter.PATH, description="Slug or number of the institution"
)
SEND_PARAMETERS = [
    _ORGANIZATION,
    OpenApiParameter(
        "Idempotency-Key",
        OpenApiTypes.STR,
        OpenApiParameter.HEADER,
        required=True,
        description="Your name for what you send, at most 255 characters. The same name with other bytes is refused",
    ),
    *(header(name, words, 202) for name, words in RATE_LIMITS),
    header("Location", "Where the state of the batch is", 202, 422),
    header("Idempotency-Replayed", "`true`: it was taken before, and this is the answer of then", 202, 422),
    header("Retry-After", "Seconds to wait", 202, 429, kind=OpenApiTypes.INT),
    CHALLENGE,
]
SEND_ANSWERS = {
    (202, "application/json"): OpenApiResponse(Received, "It was received, and is being checked"),
    **refusals(_OF_SENDING, ProblemDocument),
    **refusals(_OF_CONTENT, RefusedDocument),
}
SEND_EXAMPLES = [OpenApiExample("A month", value=_EXAMPLE, request_only=True)]
STATE_PARAMETERS = [
    _ORGANIZATION,
    OpenApiParameter(
        "page", OpenApiTypes.INT, description=f"Page of the errors, {ON_A_PAGE} on each; 1 unless given"
    ),
    *(header(name, words, 200) for name, words in RATE_LIMITS),
    header("Retry-After", "Seconds to wait; not there when it is finished", 200, 429, kind=OpenApiTypes.INT),
    CHALLENGE,
]
STATE_ANSWERS = {
    (200, "application/json"): OpenApiResponse(BatchState, "Where it stands"),
    **refusals(_OF_A_STATE, ProblemDocument),
}
