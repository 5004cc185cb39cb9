"""The three logins as they serve: each assumes its own personas and no other, whatever a page's code tries."""

from __future__ import annotations

import itertools

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import ProgrammingError, connections, transaction

from equity.tenancy import logins
from equity.tenancy.personas import LOGIN_OF, Login, Persona

pytestmark = pytest.mark.real_logins

OWN = [(login, persona) for persona, login in LOGIN_OF.items() if login is not Login.OWNER]
FOREIGN = [pair for pair in itertools.product(logins.SERVING, Persona) if pair not in OWN]


def become(login: Login, persona: Persona) -> str:
    with transaction.atomic(using=login.value), connections[login.value].cursor() as cursor:
        cursor.execute("SELECT set_config('role', %s, true)", [persona.value])
        cursor.execute("SELECT current_user::text")
        return cursor.fetchone()[0]


@pytest.mark.parametrize(("login", "persona"), OWN)
def test_login_becomes_its_own_persona(login, persona):
    assert become(login, persona) == persona.value


@pytest.mark.parametrize(("login", "persona"), FOREIGN)
def test_login_cannot_become_a_foreign_persona(login, persona):
    with pytest.raises(ProgrammingError, match="permission denied to set role"):
        become(login, persona)


def test_outside_login_cannot_read_members_rows_even_with_an_institution_set():
    with transaction.atomic(using="outside"), connections["outside"].cursor() as cursor:
        cursor.execute(
            "SELECT set_config('role', 'equity_public', true), set_config('app.organisation', '1', true)"
        )
        with pytest.raises(ProgrammingError, match="permission denied for table"):
            cursor.execute("SELECT count(*) FROM tenancy_unit")


@pytest.mark.parametrize("login", logins.SERVING)
def test_login_itself_reads_no_table(login):
    with transaction.atomic(using=login.value), connections[login.value].cursor() as cursor:
        with pytest.raises(ProgrammingError, match="permission denied for table"):
            cursor.execute("SELECT count(*) FROM tenancy_account")


def test_serving_logins_have_no_fault():
    assert [fault for login in logins.SERVING for fault in logins.faults_of(login)] == []


def test_a_login_that_owns_tables_is_refused(monkeypatch):
    monkeypatch.setattr(logins, "SERVING", (*logins.SERVING, Login.OWNER))
    with pytest.raises(ImproperlyConfigured, match="equity_owner owns"):
        logins.refuse_dangerous_logins()
