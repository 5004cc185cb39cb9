"""Signing in, by allauth. Accounts are opened by invitation only."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

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


def to_sign_in(request: Any) -> HttpResponse:
    """To the sign-in page, and from there back to the page that the person was on.

    What htmx asks for is a part of that page, or a form that was sent from it: neither is a page to come back to.
    """
    if not request.htmx:
        return redirect_to_login(request.get_full_path())
    return HttpResponseClientRedirect(redirect_to_login(_page_of(request))["Location"])


def _page_of(request: Any) -> str:
    """The page of this site that htmx says it runs on, without its host; one's own page when it says anything else."""
    told = request.htmx.current_url or ""
    page = urlunsplit(urlsplit(told)._replace(scheme="", netloc="", fragment=""))
    is_ours = url_has_allowed_host_and_scheme(told, request.get_host()) and page.startswith("/")
    return page if is_ours and url_has_allowed_host_and_scheme(page, None) else settings.LOGIN_REDIRECT_URL
