"""One transaction and one persona for each request, as the route declares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.middleware import AccountMiddleware
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse

from equity.errors import DomainError, NotAllowed
from equity.http import domain_error
from equity.roles import Role, permissions_of
from equity.tenancy.access import Access, access_of
from equity.tenancy.acting import Acting, acting_as, within
from equity.tenancy.models import Account, Membership, Person
from equity.tenancy.personas import Persona
from equity.tenancy.signin import to_sign_in

GetResponse = Callable[[HttpRequest], HttpResponse]


class PersonaMiddleware:
    """Runs every view inside `acting_as`; a response of 400 or more leaves nothing written behind."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.exception_to_response = AccountMiddleware(get_response).process_exception

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: Any, view: Any, args: Any, kwargs: dict[str, Any]) -> HttpResponse | None:
        declared = access_of(view)
        if declared is None:
            raise ImproperlyConfigured(f"{view.__module__}.{view.__name__} does not declare who may open it.")
        if declared.by_itself:
            return None
        try:
            if declared.persona is Persona.MEMBER:
                return self._as_member(request, declared, view, args, kwargs)
            with acting_as(declared.persona) as acting:
                return _finished(view(request, *args, **kwargs), acting)
        except DomainError as error:
            return domain_error(request, error)
        except Exception as error:
            response = self.exception_to_response(request, error)
            if response is None:
                raise
            return response

    def _as_member(self, request: Any, declared: Access, view: Any, args: Any, kwargs: Any) -> HttpResponse:
        account: Account = request.user
        if not account.is_authenticated:
            return to_sign_in(request)
        slug = kwargs.pop("institution", None)
        with acting_as(Persona.MEMBER, person=account.person_id) as acting:
            if slug is None:
                request.person = Person.objects.get(pk=account.person_id)
                return _private(_finished(view(request, *args, **kwargs), acting))
            _enter(request, slug, account.person_id)
            with within(request.organisation) as inside:
                if declared.needs is not None and declared.needs not in request.permissions:
                    raise NotAllowed("")
                return _private(_finished(view(request, *args, **kwargs), inside))


def _enter(request: Any, slug: str, person_id: Any) -> None:
    """Find the institution among those of the person; a foreign one does not exist for them."""
    held = list(
        Membership.objects.filter(organisation__slug=slug, person=person_id, ended_on=None).select_related(
            "organisation", "person"
        )
    )
    if not held:
        request.person = Person.objects.get(pk=person_id)
        raise Http404
    request.person = held[0].person
    request.organisation = held[0].organisation
    request.roles = frozenset(Role(membership.role) for membership in held)
    request.permissions = permissions_of(request.roles)


def _finished(response: Any, acting: Acting) -> HttpResponse:
    """Render while the persona lasts; undo what an error response had begun to write."""
    if response.streaming and not isinstance(response, FileResponse):
        raise ImproperlyConfigured("A streaming response would run after the persona's transaction.")
    if hasattr(response, "render") and not response.is_rendered:
        response = response.render()
    if response.status_code >= 400:
        transaction.set_rollback(True, using=acting.alias)
    return response


def _private(response: HttpResponse) -> HttpResponse:
    """A signed-in page is nobody else's: no cache keeps it."""
    response.headers.setdefault("Cache-Control", "no-store, private")
    return response
