"""The REST API over the ledger: figures, findings, and who publishes.

Every request runs as one persona that PostgreSQL holds to its rows: without a key as the public, with a key as its client.
Nothing is read before that is settled. Answers never touch a session or a cookie.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

from django.http import Http404, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from equity.api.problems import (
    INVALID_PARAMETER,
    MISSING_SCOPE,
    UNKNOWN_PARAMETER,
    Refused,
)
from equity.api.views import ApiView
from equity.public import csv, feed, rows, schema, serializers
from equity.public.authentication import ApiKeyAuthentication
from equity.public.caching import PUBLIC_FOR_A_MINUTE, edition
from equity.publication.actions import record_pull
from equity.publication.models import ApiKey, LedgerEntry
from equity.publication.queries import institutions, last_seq, live_agreements
from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona


class CSVRenderer(BaseRenderer):
    """Figures as a table."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        return csv.table(rows.COLUMNS, map(rows.flat, data["data"])).encode()


class Negotiation(DefaultContentNegotiation):
    """A format that is not offered is not acceptable; the address itself exists."""

    def filter_renderers(self, renderers: Any, name: str) -> Any:
        try:
            return super().filter_renderers(renderers, name)
        except Http404:
            raise NotAcceptable(_("The format “%s” is not offered here.") % name) from None


@dataclass(frozen=True, slots=True)
class Pulled:
    """What leaves: the answer, and the ledger's number of each row in it."""

    body: dict[str, Any]
    seqs: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


def _key(request: Request) -> ApiKey | None:
    """The live key that came with the request."""
    return cast("ApiKey | None", request.auth)


class LedgerView(ApiView):
    """One address of the API: settles who asks, counts the request, reads what is asked, and answers as that persona.

    Each address has `pull`: what it answers, read as the persona.
    """

    authentication_classes = (ApiKeyAuthentication,)
    content_negotiation_class = Negotiation
    renderer_classes: Sequence[type[BaseRenderer]] = (JSONRenderer,)
    http_method_names = ["get", "head"]
    scope = "observations:read"
    question: ClassVar[type[serializers.Question]] = serializers.Question

    pull: Callable[[Request], Pulled]
    asked: dict[str, Any]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        key = _key(request)
        persona = acting_as(Persona.CLIENT, client=key.client_id) if key else acting_as(Persona.PUBLIC)
        self.enter(persona)
        self.asked = self._asked(request)

    def check_permissions(self, request: Request) -> None:
        key = _key(request)
        if key and self.scope not in key.scopes:
            raise Refused(MISSING_SCOPE, _("This needs the scope “%s”.") % self.scope)

    def get(self, request: Request) -> HttpResponseBase:
        """What was asked for, unless the caller has it already. A pull with a key is written down either way."""
        key = _key(request)
        tag = self._tag(request, key)
        known = {one.removeprefix("W/") for one in parse_etags(request.headers.get("If-None-Match", ""))}
        pulled = Pulled({}) if tag in known else self.pull(request)
        if key:
            filters = {"address": request.path} | feed.filters_of(self.asked)
            record_pull(key=key, filters=filters, seqs=pulled.seqs)
        response = (
            HttpResponseNotModified() if tag in known else Response(pulled.body, headers=pulled.headers)
        )
        response.headers["ETag"] = tag
        response.headers["Cache-Control"] = "private, no-cache" if key else PUBLIC_FOR_A_MINUTE
        return response

    def _asked(self, request: Request) -> dict[str, Any]:
        """The parameters, checked. An unknown one is refused: a misspelled filter would silently return too much."""
        question = self.question(data=request.query_params.dict())
        allowed = sorted(question.fields)
        unknown = sorted(set(request.query_params) - set(allowed))
        if unknown:
            detail = _("There is no parameter “%s” here.") % unknown[0]
            raise Refused(UNKNOWN_PARAMETER, detail, allowed=allowed)
        errors = {
            name: [_("It is given twice.")] for name, given in request.query_params.lists() if len(given) > 1
        }
        if not question.is_valid():
            errors |= {name: [str(error) for error in found] for name, found in question.errors.items()}
        if errors:
            raise Refused(INVALID_PARAMETER, _("Look at: %s.") % ", ".join(sorted(errors)), errors=errors)
        return dict(question.validated_data)

    def _tag(self, request: Request, key: ApiKey | None) -> str:
        """Changes with the ledger, the request, the caller and the caller's agreements, and with the software."""
        opened = [str(agreement.pk) for agreement in live_agreements()] if key else []
        asked = [request.get_full_path(), request.accepted_renderer.format]
        parts = [last_seq(), *asked, key and key.client_id, opened, edition()]
        return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


class FeedView(LedgerView):
    """One kind of entry, page by page."""

    kind: ClassVar[str]
    row: Callable[[LedgerEntry], rows.Row]

    def pull(self, request: Request) -> Pulled:
        page = feed.read_page(self.kind, self.asked)
        following = self._next(request, page.cursor) if page.cursor else None
        data = [self.row(entry) for entry in page.entries]
        headers = {"As-Of-Seq": str(page.as_of_seq)}
        if following:
            headers["Link"] = f'<{following}>; rel="next"'
        body = {"data": data, "next": following, "as_of_seq": page.as_of_seq}
        return Pulled(body, [entry.seq for entry in page.entries], headers)

    def _next(self, request: Request, cursor: str) -> str:
        query = request.query_params.copy()
        query["cursor"] = cursor
        return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


@extend_schema_view(
    get=extend_schema(
        operation_id="observations",
        summary="Figures: counts and rates by group",
        description=(
            "Figures in the order in which they were published. Follow `next` until it is null; then keep `as_of_seq` "
            "and send it as `after_seq` next time. Keep the latest row of each `key`; a row with `op: delete` removes it. "
            "A row that was withdrawn is not given out any more: its tombstone stands in its place. When an agreement "
            "begins, walk once from the beginning: earlier rows open to you."
        ),
        parameters=schema.parameters(serializers.ObservationQuestion),
        responses=schema.answers(serializers.ObservationPage, csv=True),
    )
)
class Observations(FeedView):
    renderer_classes = (JSONRenderer, CSVRenderer)
    question = serializers.ObservationQuestion
    kind = LedgerEntry.Kind.OBSERVATION

    def row(self, entry: LedgerEntry) -> rows.Row:
        return rows.observation(entry)


@extend_schema_view(
    get=extend_schema(
        operation_id="findings",
        summary="Findings: scores, reasons and replies of review rounds",
        description=(
            "What the community scored and said, item by item, walked like the figures. Groups are never added together."
        ),
        parameters=schema.parameters(serializers.FindingQuestion),
        responses=schema.answers(serializers.FindingPage),
    )
)
class Findings(FeedView):
    question = serializers.FindingQuestion
    kind = LedgerEntry.Kind.FINDING

    def row(self, entry: LedgerEntry) -> rows.Row:
        return rows.finding(entry)


@extend_schema_view(
    get=extend_schema(
        operation_id="institutions",
        summary="Institutions that publish here",
        description="Everybody who publishes here, by name, on one page.",
        parameters=schema.parameters(serializers.JurisdictionQuestion),
        responses=schema.answers(serializers.InstitutionPage),
    )
)
class Institutions(LedgerView):
    question = serializers.JurisdictionQuestion

    def pull(self, request: Request) -> Pulled:
        asked = str(self.asked.get("jurisdiction", "")).upper()
        found = [header for header in institutions() if asked in ("", header.state_code, header.county_fips)]
        data = [
            rows.publishing(
                header,
                request.build_absolute_uri(reverse("public:institution", args=[header.institution_slug])),
            )
            for header in found
        ]
        return Pulled(
            {"data": data, "next": None, "as_of_seq": last_seq()}, [row["last_seq"] for row in data]
        )
