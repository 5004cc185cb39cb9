"""Counts that a system sends, and what became of them.

What comes is read, checked, applied and undone as a file is. Here it is only received: who may send, how much, in which form,
and whether it was sent before.
"""

from __future__ import annotations

import hashlib
from typing import Any, NoReturn, cast
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from equity.api import problems
from equity.api.problems import Refused
from equity.api.views import ApiView
from equity.audit import Actor
from equity.keys.authentication import SystemKeyAuthentication
from equity.keys.models import SystemKey
from equity.keys.queries import is_answered_for
from equity.keys.scopes import Scope
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Organisation, Person
from equity.tenancy.personas import Persona
from metrics import sent
from metrics.actions.imports import AlreadySent, Sent, send_batch
from metrics.api import documented
from metrics.known import definitions_of
from metrics.models import Batch
from metrics.preparing import from_document
from metrics.reading.counts_document import CountsDocument, DocumentRefused, read_document
from metrics.reading.errors import UnreadableFile

LONGEST_IDEMPOTENCY_KEY = 255
ASK_AGAIN_AFTER = 2
"""Seconds: checking a night's counts takes about that."""


class HoldsAKey(BasePermission):
    """Nothing is open without a key; what a key opens is asked when its institution is known."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.auth, SystemKey)


class SenderView(ApiView):
    """An address for systems of one institution. For the key of another there is nothing here, whatever stands here."""

    authentication_classes = (SystemKeyAuthentication,)
    permission_classes = (HoldsAKey,)
    renderer_classes = (JSONRenderer,)
    scope = Scope.SEND_COUNTS

    key: SystemKey
    organisation: Organisation
    person: Person

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.key = cast(SystemKey, request.auth)
        system = self.key.system
        self.enter(
            acting_as(
                Persona.SENDER,
                organisation=self.key.organisation_id,
                person=system.answers_id,
                client=system.pk,
                credential=self.key.key_hash,
            )
        )
        self.organisation = Organisation.objects.get(pk=self.key.organisation_id)
        if kwargs["organization"] not in (self.organisation.slug, str(self.organisation.pk)):
            raise Refused(problems.NOT_FOUND, _("There is nothing at this address for this key."))
        if self.scope not in self.key.scopes:
            raise Refused(problems.MISSING_SCOPE, _("This needs the scope “%s”.") % self.scope.value)
        self.person = Person.objects.get(pk=system.answers_id)
        if not is_answered_for(system, [self.scope]):
            words = _("%(who)s answered for “%(system)s”, and may not import counts here any more.")
            told = words % {"who": self.person.name, "system": system.name}
            raise Refused(problems.NOBODY_ANSWERS, told)
        self._refuse_parameters(request)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        return response

    @property
    def actor(self) -> Actor:
        """The system itself, as the audit trail names it: with its key and the person who answers for it."""
        words = _("%(system)s (key %(key)s, of %(who)s)")
        told = {"system": self.key.system.name, "key": self.key.prefix, "who": self.person.name}
        return Actor(self.key.system_id, (words % told)[:200])

    def address(self, batch: Batch) -> str:
        """Where the state of a batch is."""
        return reverse("sending:batch", args=[self.organisation.slug, batch.pk])

    def links(self, request: Request, batch: Batch) -> dict[str, str]:
        """Where a program goes from here, and where people look at the same."""
        page = reverse("metrics:import_batch", args=[self.organisation.slug, batch.pk])
        return {
            "self": request.build_absolute_uri(self.address(batch)),
            "page": request.build_absolute_uri(page),
        }

    parameters: tuple[str, ...] = ()

    def _refuse_parameters(self, request: Request) -> None:
        unknown = sorted(set(request.query_params) - set(self.parameters))
        if unknown:
            detail = _("There is no parameter “%s” here.") % unknown[0]
            raise Refused(problems.UNKNOWN_PARAMETER, detail, allowed=list(self.parameters))


@extend_schema_view(
    post=extend_schema(
        operation_id="send_counts",
        summary="Send counts",
        description=documented.SEND,
        parameters=documented.SEND_PARAMETERS,
        request=documented.REQUEST,
        examples=documented.SEND_EXAMPLES,
        responses=documented.SEND_ANSWERS,
    )
)
class Batches(SenderView):
    """Takes counts in."""

    http_method_names = ["post"]

    def post(self, request: Request, organization: str) -> Response:
        """Keep what was sent and have it checked; or answer again what was answered when it came first."""
        body = _body(request)
        name = _idempotency_key(request)
        earlier = sent.batch_with(self.key.system, name)
        if earlier is None:
            try:
                return self._answer(request, self._taken(body, name))
            except AlreadySent:
                earlier = sent.batch_with(self.key.system, name)
        if earlier is None or earlier.sha256 != hashlib.sha256(body).hexdigest():
            raise Refused(
                problems.IDEMPOTENCY_KEY_REUSED,
                _("“%s” was used for another document. Send this one with a key of its own.") % name,
            )
        response = self._answer(request, earlier)
        response.headers["Idempotency-Replayed"] = "true"
        return response

    def _taken(self, body: bytes, name: str) -> Batch:
        document = _document(body)
        prepared = from_document(body, document, definitions_of(self.organisation))
        return send_batch(
            organisation=self.organisation,
            prepared=prepared,
            name=document.name or self.key.system.name,
            sent=Sent(self.key.system, self.key.prefix, name, document.apply),
            by=self.actor,
        )

    def _answer(self, request: Request, batch: Batch) -> Response:
        """The first answer to what was sent. It depends on nothing that happened since."""
        links = self.links(request, batch)
        headers = {"Location": self.address(batch)}
        if batch.state == Batch.State.REFUSED and batch.report["error_total"]:
            self.keeps = True
            return self._refusal(batch, links, headers)
        body = {"id": str(batch.pk), "state": sent.State.RECEIVED.value, "links": links}
        headers["Retry-After"] = str(ASK_AGAIN_AFTER)
        return Response(body, status=202, headers=headers)

    def _refusal(self, batch: Batch, links: dict[str, str], headers: dict[str, str]) -> Response:
        errors, total = sent.errors_of(batch), batch.report["error_total"]
        words = ngettext(
            "There is %(total)s error. Nothing was changed.",
            "There are %(total)s errors. Nothing was changed.",
            total,
        )
        detail = words % {"total": total}
        document = problems.REFUSED_COUNTS.document(
            detail, errors=errors[: sent.ON_A_PAGE], error_total=total, links=links
        )
        return Response(document, status=422, headers=headers, content_type=problems.MEDIA_TYPE)


@extend_schema_view(
    get=extend_schema(
        operation_id="batch",
        summary="What became of counts that were sent",
        description=documented.STATE,
        parameters=documented.STATE_PARAMETERS,
        responses=documented.STATE_ANSWERS,
    )
)
class OneBatch(SenderView):
    """Tells what became of a batch that the same system sent."""

    http_method_names = ["get", "head"]
    parameters = ("page",)

    def get(self, request: Request, organization: str, pk: UUID) -> Response:
        """Where the batch stands, and a page of its errors."""
        batch = sent.batch_for(pk)
        if batch is None:
            raise Refused(problems.NOT_FOUND, _("There is nothing at this address for this key."))
        number = _page_number(request)
        errors = sent.errors_of(batch)
        following = number * sent.ON_A_PAGE < len(errors)
        links = self.links(request, batch)
        body = sent.told(batch) | {
            "errors": errors[(number - 1) * sent.ON_A_PAGE : number * sent.ON_A_PAGE],
            "next": f"{links['self']}?page={number + 1}" if following else None,
            "links": links,
        }
        headers = {} if body["finished"] else {"Retry-After": str(ASK_AGAIN_AFTER)}
        return Response(body, headers=headers)


def _body(request: Request) -> bytes:
    """The bytes of the document. They are held in memory, so there is a limit; nothing is written to a disk."""
    if request.content_type.partition(";")[0].strip().lower() != "application/json":
        raise Refused(problems.UNSUPPORTED, _("Send JSON, with “Content-Type: application/json”."))
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refused(problems.UNSUPPORTED, _("Send it uncompressed."))
    length = request.headers.get("Content-Length", "")
    if not length.isdigit():
        raise Refused(problems.LENGTH_REQUIRED, _("Say how long the document is, with “Content-Length”."))
    if int(length) > settings.API_LARGEST_DOCUMENT:
        words = _("The document has %(length)s bytes. At most %(limit)s can be sent at once.")
        told = words % {"length": length, "limit": settings.API_LARGEST_DOCUMENT}
        raise Refused(problems.TOO_LARGE, told, limit=settings.API_LARGEST_DOCUMENT)
    return bytes(request._request.read(int(length)))


def _idempotency_key(request: Request) -> str:
    name = request.headers.get("Idempotency-Key", "").strip()
    if not name:
        raise Refused(
            problems.IDEMPOTENCY_KEY_MISSING, _("Name what you send, with the header “Idempotency-Key”.")
        )
    if len(name) > LONGEST_IDEMPOTENCY_KEY or not (name.isascii() and name.isprintable()):
        raise Refused(
            problems.IDEMPOTENCY_KEY_MISSING,
            _("An “Idempotency-Key” has at most %s letters, digits and signs.") % LONGEST_IDEMPOTENCY_KEY,
        )
    return name


def _document(body: bytes) -> CountsDocument:
    try:
        return read_document(body)
    except UnreadableFile as error:
        place = error.fault.parts.get("place", error.fault.reason)
        raise Refused(problems.NOT_JSON, _("This is not JSON: %s.") % place) from None
    except DocumentRefused as refused:
        _refuse(refused)


def _refuse(refused: DocumentRefused) -> NoReturn:
    errors = [
        {"pointer": fault.key, "value": fault.parts.get("value", "")}
        | dict(zip(("reason", "mend"), fault.translated(_), strict=True))
        for fault in refused.faults
    ]
    detail = _("The document has another shape than is asked for. Nothing of it was kept.")
    raise Refused(problems.WRONG_DOCUMENT, detail, errors=errors, error_total=len(errors))


def _page_number(request: Request) -> int:
    given = request.query_params.get("page", "1")
    if not (given.isascii() and given.isdigit() and int(given[:9]) > 0 and len(given) < 10):
        told = _("Look at: %s.") % "page"
        raise Refused(problems.INVALID_PARAMETER, told, errors={"page": [_("Enter a number from 1 on.")]})
    return int(given)
