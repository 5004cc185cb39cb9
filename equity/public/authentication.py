"""Who pulls: an API key in the Authorization header, or nobody in particular. Never a session, never a cookie."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from equity.publication import keys
from equity.publication.models import ApiKey
from equity.publication.queries import key_of
from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer lh_live_…`. The key is found as the client persona, which sees only the key it names."""

    def authenticate(self, request: Request) -> tuple[None, ApiKey] | None:
        """The live key of the request; None when it carries none. Anything else in the header is refused."""
        scheme, _space, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if not scheme:
            return None
        if scheme.lower() != "bearer" or not keys.is_well_formed(secret.strip()):
            raise AuthenticationFailed(
                _("This is not an API key: it is mistyped, or not sent as “Bearer lh_live_…”.")
            )
        return None, _live_key(secret.strip())

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def _live_key(secret: str) -> ApiKey:
    key_hash = keys.hash_of(secret)
    with acting_as(Persona.CLIENT, credential=key_hash):
        key = key_of(key_hash)
    if key is None:
        raise AuthenticationFailed(_("There is no such API key."))
    if key.revoked_at is not None:
        raise AuthenticationFailed(_("This API key was revoked."))
    if key.expires_at <= timezone.now():
        raise AuthenticationFailed(_("This API key has ended. Ask for a new one."))
    return key


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the library has no types here
    """How OpenAPI names it."""

    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "lh_live_…",
            "description": "Public rows need no key. A key raises the limit, and opens rows that an agreement covers.",
        }
