"""No process serves people with a login that could climb a wall."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from equity.tenancy.personas import LOGIN_OF, Login, Persona

SERVING = (Login.INSIDE, Login.OUTSIDE, Login.WORK)

QUESTION = """
SELECT current_user, rolsuper, rolbypassrls,
       (SELECT array_agg(p) FROM unnest(%s::text[]) AS p WHERE pg_has_role(current_user, p, 'SET')),
       (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'public' AND c.relkind = 'r' AND pg_has_role(current_user, c.relowner, 'USAGE'))
  FROM pg_roles WHERE rolname = current_user
"""


def faults_of(login: Login) -> list[str]:
    """What is wrong with a serving login: superuser, BYPASSRLS, owner of a table, or able to assume a foreign persona."""
    own = {persona for persona, its in LOGIN_OF.items() if its is login}
    connection = connections[login.value]
    with connection.cursor() as cursor:
        cursor.execute(QUESTION, [[persona.value for persona in Persona]])
        name, is_super, bypasses, assumable, owned = cursor.fetchone()
    connection.close()
    faults = []
    if is_super:
        faults.append(f"{name} is a superuser")
    if bypasses:
        faults.append(f"{name} has BYPASSRLS")
    if owned and not is_super:
        faults.append(f"{name} owns {owned} tables")
    foreign = sorted(set(assumable or ()) - {persona.value for persona in own})
    if foreign and not is_super:
        faults.append(f"{name} can become {', '.join(foreign)}")
    return faults


def refuse_dangerous_logins() -> None:
    """Raise, so that the process does not start, when any serving login is more than it should be."""
    faults = [fault for login in SERVING for fault in faults_of(login)]
    if faults:
        raise ImproperlyConfigured(
            "Refusing to start, because row security would not hold: "
            + "; ".join(faults)
            + ". Give each process the login"
            " that docs/operations.md names for it."
        )
