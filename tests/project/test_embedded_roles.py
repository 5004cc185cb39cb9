"""Who may become whom on a cluster that roles.sql and database.sql have prepared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import psycopg
import pytest
from psycopg import sql

from equity.project.embedded.postgres import PORT, Postgres
from equity.project.embedded.processes import StopRequest
from equity.project.embedded.roles import DATABASE_SQL, LOGINS, apply_roles
from equity.project.embedded.services import supervised

PERSONAS = {
    "equity_signin",
    "equity_public",
    "equity_client",
    "equity_intake",
    "equity_sender",
    "equity_member",
    "equity_worker",
    "equity_scheduler",
    "equity_operator",
    "equity_tally",
}
MAY_BECOME = {
    "equity_inside": {"equity_signin", "equity_member"},
    "equity_outside": {"equity_public", "equity_client", "equity_intake", "equity_sender"},
    "equity_work": {"equity_worker", "equity_scheduler"},
    "equity_owner": {"equity_operator", "equity_tally"},
}
STATE_OF_THE_CLUSTER = """
    SELECT rolname, rolcanlogin, rolinherit, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication,
           (SELECT array_agg(roleid::regrole::text ORDER BY 1) FROM pg_auth_members WHERE member = pg_roles.oid)
    FROM pg_roles WHERE rolname LIKE 'equity%' ORDER BY rolname
"""
STATE_OF_THE_DATABASE = """
    SELECT datname::text, datacl::text[] FROM pg_database WHERE datname = current_database()
    UNION ALL SELECT nspname, nspacl::text[] FROM pg_namespace WHERE nspname = 'public'
    UNION ALL SELECT 'functions', defaclacl::text[] FROM pg_default_acl ORDER BY 1
"""

Connect = Callable[..., psycopg.Connection]


@pytest.fixture(scope="module")
def cluster() -> Iterator[tuple[Postgres, Mapping[str, str]]]:
    with pytest.MonkeyPatch.context() as patch:
        for name in (
            "DATABASE_URL",
            "DATABASE_URL_INSIDE",
            "DATABASE_URL_OUTSIDE",
            "DATABASE_URL_WORK",
        ):
            patch.delenv(name, raising=False)
        with supervised(None, stop=(stop := StopRequest())) as session:
            postgres = Postgres.in_home(session.home)
            postgres.prepare(session.supervisor, stop, throwaway=True)
            session.supervisor.start(postgres.service(throwaway=True))
            apply_roles(postgres.sockets, PORT, session.home.secrets)
            yield postgres, session.home.secrets


@pytest.fixture
def connect(cluster: tuple[Postgres, Mapping[str, str]]) -> Iterator[Connect]:
    postgres, passwords = cluster
    opened: list[psycopg.Connection] = []

    def open_connection(
        login: str, database: str = "equity", password: str | None = None
    ) -> psycopg.Connection:
        connection = psycopg.connect(
            host=str(postgres.sockets),
            port=PORT,
            user=login,
            password=password or passwords[login],
            dbname=database,
            autocommit=True,
        )
        opened.append(connection)
        return connection

    yield open_connection
    for connection in opened:
        connection.close()


@pytest.mark.parametrize("login", LOGINS)
def test_login_becomes_its_own_personas_and_no_other_role(connect: Connect, login: str) -> None:
    connection = connect(login)
    became = set()
    for role in (PERSONAS | set(LOGINS) | {"postgres"}) - {login}:
        try:
            connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
            became.add(role)
            connection.execute("RESET ROLE")
        except psycopg.errors.InsufficientPrivilege:
            continue
    assert became == MAY_BECOME[login]


@pytest.mark.parametrize("login", LOGINS)
def test_login_has_no_power_over_the_cluster(connect: Connect, login: str) -> None:
    powers = connect(login).execute(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolreplication FROM pg_roles WHERE rolname = current_user"
    )
    assert powers.fetchall() == [(False, False, False, False)]


@pytest.mark.parametrize("login", sorted(set(LOGINS) - {"equity_owner"}))
def test_login_without_persona_reads_nothing_and_makes_nothing(connect: Connect, login: str) -> None:
    owner = connect("equity_owner")
    owner.execute("CREATE TABLE IF NOT EXISTS of_the_owner (id int)")
    connection = connect(login)
    for statement in (
        "SELECT * FROM of_the_owner",
        "CREATE TABLE mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_login_with_wrong_password_is_refused(connect: Connect) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect("equity_inside", password="wrong")


def test_worker_may_stage_rows_in_a_temporary_table(connect: Connect) -> None:
    connection = connect("equity_work")
    connection.execute("SET ROLE equity_worker")
    connection.execute("CREATE TEMPORARY TABLE staging (id int)")
    connection.execute("SET ROLE equity_scheduler")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("CREATE TEMPORARY TABLE more (id int)")


def test_owner_sees_past_row_security_only_as_operator(connect: Connect) -> None:
    owner = connect("equity_owner")
    owner.execute("CREATE TABLE guarded (id int)")
    owner.execute("GRANT SELECT, INSERT ON guarded TO equity_operator")
    owner.execute("ALTER TABLE guarded ENABLE ROW LEVEL SECURITY")
    owner.execute("ALTER TABLE guarded FORCE ROW LEVEL SECURITY")
    owner.execute("SET ROLE equity_operator")
    owner.execute("INSERT INTO guarded VALUES (1)")
    assert owner.execute("SELECT id FROM guarded").fetchall() == [(1,)]
    owner.execute("RESET ROLE")
    assert owner.execute("SELECT id FROM guarded").fetchall() == []


def test_function_handed_to_the_tally_is_callable_only_when_granted(
    connect: Connect,
) -> None:
    owner, member = connect("equity_owner"), connect("equity_inside")
    member.execute("SET ROLE equity_member")
    owner.execute(
        "CREATE FUNCTION tallied() RETURNS text LANGUAGE sql SECURITY DEFINER RETURN current_user::text"
    )
    owner.execute("ALTER FUNCTION tallied() OWNER TO equity_tally")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        member.execute("SELECT tallied()")
    owner.execute("SET ROLE equity_tally")
    owner.execute("GRANT EXECUTE ON FUNCTION tallied() TO equity_member")
    assert member.execute("SELECT tallied()").fetchone() == ("equity_tally",)


def test_applying_the_roles_again_changes_nothing(
    connect: Connect, cluster: tuple[Postgres, Mapping[str, str]]
) -> None:
    postgres, passwords = cluster
    before = [
        connect("equity_owner").execute(query).fetchall()
        for query in (STATE_OF_THE_CLUSTER, STATE_OF_THE_DATABASE)
    ]
    apply_roles(postgres.sockets, PORT, passwords)
    after = [
        connect("equity_owner").execute(query).fetchall()
        for query in (STATE_OF_THE_CLUSTER, STATE_OF_THE_DATABASE)
    ]
    assert after == before


def test_owner_can_prepare_a_test_database_alone(connect: Connect) -> None:
    owner = connect("equity_owner", database="postgres")
    owner.execute("CREATE DATABASE test_equity")
    prepared = connect("equity_owner", database="test_equity")
    prepared.execute(DATABASE_SQL.read_text())
    grants: dict[str, list[str]] = dict(prepared.execute(STATE_OF_THE_DATABASE).fetchall())
    ours: dict[str, list[str]] = dict(connect("equity_owner").execute(STATE_OF_THE_DATABASE).fetchall())
    assert grants["public"] == ours["public"]
    assert grants["functions"] == ours["functions"]
    assert grants["test_equity"] == ours["equity"]
