"""PostgreSQL's own catalogue says what the code declares: grants, forced row security, keys, functions."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.db import connections

from equity.roles import INSIDERS
from equity.tenancy.acting import acting_as
from equity.tenancy.checks import every_table_has_walls
from equity.tenancy.grants import OTHERS, OUR_APPS, declared_grants, statements_for_others
from equity.tenancy.personas import TALLY, Persona
from equity.tenancy.walls import walls_of

pytestmark = pytest.mark.django_db

APPEND_ONLY = {
    "tenancy_auditevent",
    "publication_ledgerentry",
    "publication_withdrawnentry",
    "publication_pulllog",
    "accountability_score",
    "practices_update",
    "metrics_certifiedcell",
    "metrics_certificate",
    "metrics_checkreport",
    "mandates_submission",
    "mandates_submittedfile",
    "metrics_publicationconsent",
    "metrics_metricversion",
    "metrics_target",
    "metrics_missinggoal",
}


def rows(sql, *given):
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql, given)
        return cursor.fetchall()


def our_models():
    return [model for label in OUR_APPS for model in apps.get_app_config(label).get_models()]


def test_role_table_verb_table_equals_the_catalogue():
    actual: dict[tuple[str, str], set[str]] = {}
    for table, role, verb in rows(
        "SELECT table_name, grantee, privilege_type FROM information_schema.role_table_grants"
        " WHERE table_schema = 'public' AND grantee LIKE 'equity\\_%%' AND grantee <> 'equity_owner'"
    ):
        actual.setdefault((table, role), set()).add(verb)
    declared = {key: set(verbs) for key, verbs in declared_grants().items()}
    assert actual == declared


def test_tally_reads_and_never_writes():
    assert {
        verb
        for _, verb in rows(
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = %s",
            TALLY,
        )
    } <= {"SELECT"}


def test_nobody_is_granted_to_public():
    assert (
        rows(
            "SELECT table_name FROM information_schema.role_table_grants WHERE table_schema = 'public' AND grantee = 'PUBLIC'"
        )
        == []
    )


def test_library_grants_of_the_migration_are_the_declared_ones():
    assert len(statements_for_others()) == sum(len(roles) for roles in OTHERS.values())


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.db_table)
def test_walls_stand(model):
    walls = walls_of(model)
    enabled, forced = rows(
        "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass",
        model._meta.db_table,
    )[0]
    assert (enabled, forced) == (walls.secured, walls.secured)


def test_policies_are_for_named_personas_only():
    assert rows("SELECT tablename, policyname FROM pg_policies WHERE 'public' = ANY (roles)") == []


def test_every_table_is_declared():
    assert every_table_has_walls(None) == []


def test_append_only_tables_give_nobody_update_or_delete():
    found = rows(
        "SELECT table_name, grantee FROM information_schema.role_table_grants WHERE table_name = ANY (%s)"
        " AND privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE') AND grantee <> 'equity_owner'",
        sorted(APPEND_ONLY),
    )
    assert found == []


def test_append_only_tables_exist():
    assert {
        table for (table,) in rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    } >= APPEND_ONLY


def test_keys_never_cascade():
    assert rows("SELECT conname FROM pg_constraint WHERE contype = 'f' AND confdeltype <> 'a'") == []


def test_keys_between_tenant_tables_carry_the_institution_and_are_immediate():
    tenant = {
        model._meta.db_table
        for model in our_models()
        if any(f.name == "organisation" for f in model._meta.fields)
    }
    keys = rows(
        "SELECT c.conname, c.conrelid::regclass::text, c.confrelid::regclass::text, c.condeferrable,"
        " (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a"
        "   WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey))"
        " FROM pg_constraint c WHERE c.contype = 'f'"
    )
    within = [key for key in keys if key[1] in tenant and key[2] in tenant]
    assert within
    assert [
        name for name, _, _, deferrable, columns in within if deferrable or "organisation_id" not in columns
    ] == []


def test_functions_that_climb_a_wall_belong_to_the_tally_and_fix_their_search_path():
    for name, owner, settings, public in rows(
        "SELECT p.proname, r.rolname, coalesce(p.proconfig, '{}'), has_function_privilege('public', p.oid, 'EXECUTE')"
        " FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname = 'public' AND p.prosecdef"
    ):
        assert owner == TALLY, name
        assert any(setting.startswith("search_path=") for setting in settings), name
        assert not public, name


def test_insiders_are_the_same_to_postgresql():
    """Only named insiders see a small count: the function behind the policies lists exactly the roles that may."""
    ((source,),) = rows("SELECT prosrc FROM pg_proc WHERE proname = 'tenancy_is_insider'")
    (listed,) = re.findall(r"role IN \(([^)]*)\)", source)
    assert set(re.findall(r"'(\w+)'", listed)) == {role.value for role in INSIDERS}


READABLE = [
    (model._meta.db_table, Persona(role))
    for model in our_models()
    if walls_of(model) and walls_of(model).secured
    for role, letters in walls_of(model).grants.items()
    if "S" in letters and role in set(Persona) - {Persona.OPERATOR}
]


@pytest.mark.parametrize(("table", "persona"), READABLE)
def test_policies_are_evaluated_once_a_statement(table, persona):
    """A policy that calls a function for each row costs 166% and blocks indexes; in a sub-select it is an InitPlan."""
    with acting_as(persona):
        with connections["owner"].cursor() as cursor:
            cursor.execute(f"EXPLAIN (COSTS OFF) SELECT * FROM {table}")
            plan = [line for (line,) in cursor.fetchall()]
    per_row = [
        line
        for line in plan
        if re.search(r"(Filter|Cond): .*(current_setting|tenancy_is_insider|tenancy_holds)\(", line)
    ]
    assert per_row == []
