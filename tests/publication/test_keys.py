"""API keys: their shape, and the commands that issue and revoke them."""

from __future__ import annotations

import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from equity.publication import keys
from equity.publication.actions import client_named, issue_key
from equity.publication.models import ApiKey, Client
from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona

in_database = pytest.mark.django_db(databases=["owner"])


def issue(*arguments: str) -> str:
    out = StringIO()
    call_command("issue_api_key", "Ohio Department of Health", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def kept() -> list[ApiKey]:
    with acting_as(Persona.OPERATOR):
        return list(ApiKey.objects.order_by("created_at").select_related("client"))


def test_generated_keys_are_well_formed_and_differ() -> None:
    made = {keys.generate().secret for _ in range(50)}
    assert len(made) == 50
    assert all(keys.is_well_formed(secret) for secret in made)


def test_any_changed_character_breaks_the_check_digits() -> None:
    secret = keys.generate().secret
    for place in range(len("lh_live_"), len(secret)):
        other = "b" if secret[place] != "b" else "c"
        assert not keys.is_well_formed(secret[:place] + other + secret[place + 1 :]), place


@pytest.mark.parametrize("text", ["", "lh_live_", "lh_live_abcdefgh_x_00000000", "sk_live_abcdefgh"])
def test_other_text_is_not_well_formed(text: str) -> None:
    assert not keys.is_well_formed(text)


@in_database
def test_command_prints_the_secret_once_and_keeps_its_hash() -> None:
    secret = issue("--scope", "observations:read", "--days", "30")
    (key,) = kept()
    assert keys.is_well_formed(secret)
    assert (key.key_hash, key.scopes, key.client.name) == (
        keys.hash_of(secret),
        ["observations:read"],
        "Ohio Department of Health",
    )
    assert (
        timezone.now() + datetime.timedelta(days=29)
        < key.expires_at
        <= timezone.now() + datetime.timedelta(days=30)
    )


@in_database
def test_second_key_is_for_the_same_client() -> None:
    issue()
    issue()
    assert len(kept()) == 2
    with acting_as(Persona.OPERATOR):
        assert Client.objects.count() == 1


@in_database
@pytest.mark.parametrize("days", ["0", "366", "-1"])
def test_key_lives_for_at_most_a_year(days: str) -> None:
    with pytest.raises(CommandError, match="365 days"):
        issue("--days", days)
    assert kept() == []


@in_database
def test_unknown_scope_is_refused() -> None:
    with pytest.raises(CommandError):
        issue("--scope", "everything")
    with acting_as(Persona.OPERATOR), pytest.raises(ValueError, match="Scopes are"):
        issue_key(client=client_named(name="Ohio"), scopes=["everything"])


@in_database
def test_command_revokes_by_prefix_once() -> None:
    prefix = issue().rsplit("_", 2)[0]
    call_command("revoke_api_key", prefix, stdout=StringIO())
    assert [key.revoked_at is not None for key in kept()] == [True]
    with pytest.raises(CommandError, match="No live key"):
        call_command("revoke_api_key", prefix)
