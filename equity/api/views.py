"""How a request to the API begins and ends: over https, counted, as one persona, without a session or a cookie."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from equity.api import throttling
from equity.api.problems import HTTPS_ONLY, TOO_MANY_REQUESTS, Refused
from equity.tenancy.acting import Acting


class ApiView(APIView):
    """One address of the API. A view settles who asks in `initial`, with `enter`; what follows runs as that persona.

    What came as a credential (`request.auth`) has a `prefix`, by which it is counted.
    """

    permission_classes: Sequence[type[BasePermission]] = (
        AllowAny,
    )  # what a persona may do, PostgreSQL decides
    metadata_class = None
    acting: Acting | None = None
    limit: throttling.Limit | None = None
    keeps = False
    """Whether an answer of 400 or more leaves behind what was written."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """As the framework does, within the persona's transaction; an error leaves nothing written behind."""
        with ExitStack() as self.personas:
            response = super().dispatch(request, *args, **kwargs)
            if self.acting and response.status_code >= 400 and not self.keeps:
                transaction.set_rollback(True, using=self.acting.alias)
        return response

    def enter(self, persona: AbstractContextManager[Acting]) -> None:
        """From now on the request runs as this persona."""
        self.acting = self.personas.enter_context(persona)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if settings.SECURE_SSL_REDIRECT and not request.is_secure():
            raise Refused(HTTPS_ONLY, _("This request came over http."))
        super().initial(request, *args, **kwargs)

    def perform_authentication(self, request: Request) -> None:
        """Find the key and count the request against it; a key that is refused counts against the caller's address."""
        try:
            super().perform_authentication(request)
        except AuthenticationFailed:
            self._count(request, "")
            raise
        self._count(request, getattr(request.auth, "prefix", ""))

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(response, ["Authorization"])
        for name, value in (self.limit.headers if self.limit else {}).items():
            response.headers[name] = value
        return response

    def _count(self, request: Request, prefix: str) -> None:
        self.limit = throttling.count(request._request, prefix)
        if self.limit.exceeded:
            words = _("%(quota)s requests a minute are open to you. Wait %(reset)s seconds.")
            told = words % {"quota": self.limit.quota, "reset": self.limit.reset}
            raise Refused(TOO_MANY_REQUESTS, told, wait=self.limit.reset)
