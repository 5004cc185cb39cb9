"""Walls as constraints: who may read or write a table is declared on its model, beside its other truths.

Every model declares exactly one of
- `tenant_table(...)`: the rows belong to institutions; row security is enabled and FORCED, each persona's policy says
  which rows, its grant says which verbs, and references stay inside one institution by composite foreign keys;
- `guarded_table(...)`: no single institution owns the rows, but they still have row security (people, accounts' keys);
- `open_table(...)`: the same for everybody who has the grant (the catalogue).

They are Django constraints, so `makemigrations` writes them, `makemigrations --check` finds drift, and `grants.py`
reads from the models the role × table × verb table that the tests compare with PostgreSQL's own catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import models
from django.db.backends.ddl_references import Statement, Table
from django.utils.deconstruct import deconstructible

from equity.roles import MAY, Permission
from equity.tenancy.personas import Persona

ORGANISATION = "(SELECT NULLIF(current_setting('app.organisation', true), '')::bigint)"
PERSON = "(SELECT NULLIF(current_setting('app.person', true), '')::uuid)"
CLIENT = "(SELECT NULLIF(current_setting('app.client', true), '')::uuid)"
CREDENTIAL = "(SELECT NULLIF(current_setting('app.credential', true), ''))"
"""Sub-selects without a correlation: PostgreSQL evaluates each once a statement (InitPlan) and can use indexes."""

IN_ORGANISATION = f"organisation_id = {ORGANISATION}"

SENDER = "(SELECT NULLIF(current_setting('app.client', true), ''))"
"""The institution's own system that acts, as a text: what it leaves in jobs and the audit trail carries it."""

INSIDER = "(SELECT public.tenancy_is_insider())"
"""The person is a named insider of the institution (equity.roles.INSIDERS); asked once a statement, like the others."""


def holds(permission: Permission) -> str:
    """SQL: a role of the person allows `permission` in the institution; asked once a statement, like the others.

    The roles are written from `equity.roles`: another role with the permission is another policy, so a migration.
    """
    roles = sorted(role.value for role, may in MAY.items() if permission in may)
    return f"(SELECT public.tenancy_holds('{{{','.join(roles)}}}'))"


VERBS = {"S": "SELECT", "I": "INSERT", "U": "UPDATE", "D": "DELETE"}


def verbs(letters: str) -> list[str]:
    """'SIU' → ['SELECT', 'INSERT', 'UPDATE']; a letter that is none of SIUD is an error."""
    return [VERBS[letter] for letter in letters]


@deconstructible(path="equity.tenancy.walls.Policy")
class Policy:
    """For `persona`, `letters` (of SIUD) reach only rows where `rows` holds, and may only leave such rows behind."""

    def __init__(self, persona: str, letters: str, rows: str, leaves: str = "") -> None:
        self.persona, self.letters, self.rows, self.leaves = str(persona), letters, rows, leaves

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Policy) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((self.persona, self.letters, self.rows, self.leaves))

    def statements(self, table: str, name: str) -> list[str]:
        """One CREATE POLICY a verb, named after persona and verb."""
        made = []
        for verb in verbs(self.letters):
            using = "" if verb == "INSERT" else f" USING ({self.rows})"
            check = f" WITH CHECK ({self.leaves or self.rows})" if verb in ("INSERT", "UPDATE") else ""
            made.append(
                f"CREATE POLICY {name}_{self.persona}_{verb.lower()} ON {table} FOR {verb} TO {self.persona}{using}{check}"
            )
        return made


def _deferred(model: Any, schema_editor: Any, statements: Iterable[str]) -> Statement:
    return Statement(
        ";\n".join(statements).replace("%", "%%") + "%(nothing)s",
        nothing="",
        table=Table(model._meta.db_table, schema_editor.quote_name),
    )


class _TableTruth(models.BaseConstraint):
    """A truth about a whole table, made true when all tables of the migration stand."""

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        self.create_sql(model, schema_editor)

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        schema_editor.deferred_sql.append(_deferred(model, schema_editor, self.create_statements(model)))

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        return _deferred(model, schema_editor, self.remove_statements(model))

    def create_statements(self, model: Any) -> list[str]:
        return []

    def remove_statements(self, model: Any) -> list[str]:
        return []

    def validate(self, model: Any, instance: Any, exclude: Any = None, using: Any = None) -> None:
        """PostgreSQL checks; a form has nothing to add."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _TableTruth) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash(self.name)


class Walls(_TableTruth):
    """Row security and grants of one table."""

    def __init__(
        self, *, name: str, grants: Mapping[Any, str], policies: Iterable[Policy] = (), secured: bool = True
    ) -> None:
        super().__init__(name=name)
        self.grants = {str(role): letters for role, letters in grants.items()}
        self.policies = list(policies)
        self.secured = secured

    def create_statements(self, model: Any) -> list[str]:
        table, made = model._meta.db_table, []
        if self.secured:
            made += [f"ALTER TABLE {table} {how} ROW LEVEL SECURITY" for how in ("ENABLE", "FORCE")]
        for number, policy in enumerate(self.policies):
            made += policy.statements(table, f"wall{number}")
        for role, letters in self.grants.items():
            made.append(f"GRANT {', '.join(verbs(letters))} ON {table} TO {role}")
        return made

    def remove_statements(self, model: Any) -> list[str]:
        """Takes all rights away and leaves row security on: a table between two walls is closed, not open."""
        table = model._meta.db_table
        made = [
            f"DROP POLICY IF EXISTS wall{number}_{policy.persona}_{verb.lower()} ON {table}"
            for number, policy in enumerate(self.policies)
            for verb in verbs(policy.letters)
        ]
        return [*made, *(f"REVOKE ALL ON {table} FROM {role}" for role in self.grants)]

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        kwargs |= {"grants": self.grants, "policies": self.policies, "secured": self.secured}
        return path, args, kwargs


class ReferredKey(models.UniqueConstraint):
    """The key (organisation_id, id) that `SameTenant` of other tables refers to.

    Those are made when all tables of a migration stand, so this one goes when a migration has taken them away: at its
    end, whatever the order of its operations. PostgreSQL would refuse earlier, and CASCADE would take what is still meant.
    """

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        schema_editor.deferred_sql.append(super().remove_sql(model, schema_editor))


class SameTenant(_TableTruth):
    """`field` refers to a row of the same institution: (organisation_id, field_id) → (organisation_id, id).

    Row security does not bind PostgreSQL's own foreign-key checks, so a plain key would accept a foreign parent.
    Immediate, so that the error arises in the action that caused it; never CASCADE, which deletes without a grant.
    `along` are columns in which the two rows must agree besides; the parent has a `ReferredKey` of (organisation_id, id)
    and these.
    """

    def __init__(self, *, name: str, field: str, along: Iterable[str] = ()) -> None:
        super().__init__(name=name)
        self.field, self.along = field, list(along)

    def create_statements(self, model: Any) -> list[str]:
        field = model._meta.get_field(self.field)
        parent = field.remote_field.model._meta.db_table
        own = ", ".join(["organisation_id", field.column, *self.along])
        theirs = ", ".join(["organisation_id", "id", *self.along])
        key = f"FOREIGN KEY ({own}) REFERENCES {parent} ({theirs})"
        return [f"ALTER TABLE {model._meta.db_table} ADD CONSTRAINT {self.name} {key}"]

    def remove_statements(self, model: Any) -> list[str]:
        return [f"ALTER TABLE {model._meta.db_table} DROP CONSTRAINT {self.name}"]

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, kwargs | {"field": self.field} | ({"along": self.along} if self.along else {})


class Derived(_TableTruth):
    """`field` needs no key of its own: one set-based statement writes the row, from rows of the same institution.

    For high-volume facts only: PostgreSQL checks a foreign key row by row, which doubled the time of a roll-up. Row
    security still binds the row to its institution, and only the worker persona may write the table.
    """

    def __init__(self, *, name: str, field: str) -> None:
        super().__init__(name=name)
        self.field = field

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        """Nothing to make: the statement that writes the table keeps the promise."""

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        """Nothing to take away."""

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, kwargs | {"field": self.field}


def _given(
    policies: Iterable[Policy], grants: Mapping[Any, str] | None, operator: str = "SIUD"
) -> dict[str, str]:
    """Who is granted which verbs: those of a persona's policies, unless `grants` says otherwise; and the operator's."""
    needed: dict[str, set[str]] = {}
    for policy in policies:
        needed.setdefault(policy.persona, set()).update(policy.letters)
    derived = {persona: "".join(sorted(letters, key="SIUD".index)) for persona, letters in needed.items()}
    given = derived | {str(role): letters for role, letters in (grants or {}).items()}
    given.setdefault(Persona.OPERATOR.value, operator)
    return given


def tenant_table(
    table: str,
    *,
    member: str = "",
    worker: str = "",
    keys: Iterable[str] = (),
    derived: Iterable[str] = (),
    policies: Iterable[Policy] = (),
    grants: Mapping[Any, str] | None = None,
    keyed: bool = True,
    operator: str = "SIUD",
) -> list[models.BaseConstraint]:
    """Constraints of a table whose rows belong to institutions.

    `member` and `worker` are the verbs (of SIUD) that these personas have on rows of their institution.
    `policies` add others, or a narrower rule when `member` or `worker` is left empty. A persona's grant is the verbs of
    its policies, unless `grants` says otherwise.
    `keys` are foreign keys to other tenant tables; `derived` ones are kept by the statement that writes the table.
    `keyed=False`: a fact table that nothing refers to, with its own key.
    Append-only tables give `operator` no U and no D either.
    """
    own = [
        Policy(persona, letters, IN_ORGANISATION)
        for persona, letters in ((Persona.MEMBER, member), (Persona.WORKER, worker))
        if letters
    ]
    every = [*own, *policies]
    walls = Walls(name=f"{table}_walls", grants=_given(every, grants, operator), policies=every)
    tenant_key = ReferredKey(fields=["organisation", "id"], name=f"{table}_tenant_key")
    parents: list[models.BaseConstraint] = [
        SameTenant(name=f"{table}_{key}_same_tenant", field=key) for key in keys
    ]
    parents += [Derived(name=f"{table}_{key}_derived", field=key) for key in derived]
    return [*([tenant_key] if keyed else []), *parents, walls]


def guarded_table(
    table: str, *, policies: Sequence[Policy], grants: Mapping[Any, str] | None = None
) -> list[models.BaseConstraint]:
    """Constraints of a table with row security whose rows belong to no single institution. Grants as in `tenant_table`."""
    return [Walls(name=f"{table}_walls", grants=_given(policies, grants), policies=policies)]


def open_table(table: str, *, grants: Mapping[Any, str]) -> list[models.BaseConstraint]:
    """Constraints of a table that looks the same to everybody who may read it."""
    return [Walls(name=f"{table}_walls", grants=_given([], grants), secured=False)]


def walls_of(model: type[models.Model]) -> Walls | None:
    """The declared walls of a model, if it has any."""
    return next((c for c in model._meta.constraints if isinstance(c, Walls)), None)
