"""Signing in, by allauth. Accounts are opened by invitation only."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from equity.tenancy.acting import acting_as
from equity.tenancy.models import Account
from equity.tenancy.personas import Persona


class SignInBackend(AuthenticationBackend):
    """Looks accounts up as the sign-in persona, whoever else is acting at that moment."""

    def get_user(self, user_id: Any) -> Account | None:
        with acting_as(Persona.SIGNIN):
            return Account.objects.filter(pk=user_id, is_active=True).first()

    def has_perm(self, *args: Any, **kwargs: Any) -> bool:
        """Permissions are roles in an institution (equity.roles), never Django's."""
        return False


class AccountAdapter(DefaultAccountAdapter):
    """An institution or its community board invites; strangers cannot open an account."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
