"""Who sends: the key of an institution's own system in the Authorization header. Never a session, never a cookie."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from equity.keys import secret
from equity.keys.models import SystemKey
from equity.keys.queries import key_of, note_use
from equity.keys.scopes import BRAND
from equity.keys.secret import Fault
from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona


class SystemKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer lhi_live_…`. The key is found as the sender persona, which sees only the key it names."""

    def authenticate(self, request: Request) -> tuple[None, SystemKey]:
        """The live key of the request; everything else is refused, and so is no key at all."""
        scheme, _space, given = get_authorization_header(request).decode("latin-1").partition(" ")
        if not scheme:
            raise AuthenticationFailed(_("This needs a key. Send it as “Authorization: Bearer lhi_live_…”."))
        fault = secret.fault_of(given.strip(), BRAND)
        if scheme.lower() != "bearer" or fault is Fault.SHAPE:
            raise AuthenticationFailed(
                _(
                    "This is not the key of an institution’s system: such a key is sent as “Bearer lhi_live_…”."
                )
            )
        if fault is Fault.CHECK:
            raise AuthenticationFailed(_("This key is mistyped: its check digits do not fit. Copy it anew."))
        return None, _live_key(given.strip())

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def _live_key(text: str) -> SystemKey:
    key_hash = secret.hash_of(text)
    with acting_as(Persona.SENDER, credential=key_hash):
        key = key_of(key_hash)
        if key is not None and key.state == SystemKey.State.LIVE:
            note_use(key)
            return key
    if key is None:
        raise AuthenticationFailed(_("There is no such key."))
    if key.state == SystemKey.State.REVOKED:
        raise AuthenticationFailed(_("This key was revoked."))
    raise AuthenticationFailed(_("This key has ended. Ask the equity lead of the institution for a new one."))


class SystemKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the library has no types here
    """How OpenAPI names it."""

    target_class = SystemKeyAuthentication
    name = "systemKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "lhi_live_…",
            "description": (
                "The key of a system of the institution. Its equity lead makes it on the page of systems and keys."
            ),
        }
