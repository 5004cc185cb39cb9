"""Every page that signing in can lead to has our look; strangers cannot open an account."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account import urls
from django.urls import reverse

from tests.cast import PASSWORD
from tests.desk.conftest import Desk

ARGUMENTS: dict[str, dict[str, Any]] = {
    "account_confirm_email": {"key": "not-a-key"},
    "account_reset_password_from_key": {"uidb36": "1", "key": "not-a-key"},
}
NAMES = [pattern.name for pattern in urls.urlpatterns]
OURS = '<link rel="stylesheet" href="/static/css/base.css">'


def address(name: str) -> str:
    return reverse(name, kwargs=ARGUMENTS.get(name))


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_account_page_has_our_look(desk: Desk, name: str, signed_in: bool) -> None:
    if signed_in:
        desk.client.force_login(desk.house.accounts["alice"])
    response = desk.client.get(address(name), follow=True)
    assert response.status_code == 200
    assert OURS in response.content.decode()
    assert "<h1" in response.content.decode()


def test_signing_in_with_the_right_password_leads_to_my_page(desk: Desk) -> None:
    response = desk.client.post(
        address("account_login"), {"login": "alice@example.org", "password": PASSWORD}
    )
    assert response.status_code == 302
    assert response["Location"] == "/me/"


def test_signing_in_with_a_wrong_password_says_so_once_and_keeps_the_address(desk: Desk) -> None:
    response = desk.client.post(address("account_login"), {"login": "alice@example.org", "password": "wrong"})
    page = response.content.decode()
    assert "One thing is not right" in page
    assert 'value="alice@example.org"' in page
    assert "wrong" not in page.replace("field--wrong", "")


def test_signing_up_opens_no_account(desk: Desk) -> None:
    form = {"email": "stranger@example.org", "password1": PASSWORD, "password2": PASSWORD}
    response = desk.client.post(address("account_signup"), form)
    assert "Accounts are opened by invitation." in response.content.decode()
    assert (
        desk.client.post(address("account_login"), {"login": form["email"], "password": PASSWORD}).status_code
        == 200
    )


def test_password_link_comes_by_mail_in_our_words(desk: Desk, mailoutbox: Any) -> None:
    desk.client.post(address("account_reset_password"), {"email": "alice@example.org"})
    [mail] = mailoutbox
    assert mail.subject.endswith("Set your password")
    assert "It works once." in mail.body


def test_password_link_for_a_stranger_tells_them_without_telling_others(desk: Desk, mailoutbox: Any) -> None:
    response = desk.client.post(
        address("account_reset_password"), {"email": "stranger@example.org"}, follow=True
    )
    assert "If there is an account with this address" in response.content.decode()
    assert "There is no account with this address." in mailoutbox[0].body
