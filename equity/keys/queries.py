"""Systems and keys as people and requests look at them. The only door to either."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connections
from django.db.models import F, Prefetch, QuerySet

from equity.errors import NotFound
from equity.keys.models import System, SystemKey
from equity.keys.scopes import MOST_LIVE, NEEDS, Scope
from equity.roles import Role, permissions_of
from equity.tenancy.acting import current
from equity.tenancy.models import Membership

NOTED_USE = """
INSERT INTO keys_keyuse (id, organisation_id, key_id) VALUES (%(id)s, %(organisation)s, %(id)s)
ON CONFLICT (key_id) DO UPDATE SET at = now() WHERE keys_keyuse.at < now() - interval '1 minute'
"""


@dataclass(frozen=True)
class Shown:
    """A system as its page shows it. `is_orphan`: nobody who may do what it does answers for it, so its keys do not work."""

    system: System
    keys: list[SystemKey]
    is_orphan: bool

    @property
    def live(self) -> list[SystemKey]:
        """The keys that open something now, the latest first."""
        return [key for key in self.keys if key.state == SystemKey.State.LIVE]

    @property
    def takes_another(self) -> bool:
        """Whether one more key may be made."""
        return len(self.live) < MOST_LIVE

    @property
    def last_used_at(self) -> datetime | None:
        """When any of its keys was last used."""
        return max((key.used_at for key in self.keys if key.used_at), default=None)  # type: ignore[attr-defined]  # annotated


def systems() -> list[Shown]:
    """Every system of the institution with its keys, by name."""
    return _shown(System.objects.all())


def system_for(pk: UUID) -> Shown:
    """One system of the institution."""
    found = _shown(System.objects.filter(pk=pk))
    if not found:
        raise NotFound("")
    return found[0]


def key_for(pk: UUID) -> SystemKey:
    """One key of the institution."""
    key = SystemKey.objects.select_related("system").filter(pk=pk).first()
    if key is None:
        raise NotFound("")
    return key


def _shown(found: QuerySet[System]) -> list[Shown]:
    keys = SystemKey.objects.annotate(used_at=F("uses__at")).select_related("made_by")
    listed = list(found.select_related("answers").prefetch_related(Prefetch("keys", keys)))
    able = _able({system.answers_id for system in listed}, NEEDS)
    return [Shown(system, list(system.keys.all()), system.answers_id not in able) for system in listed]


def _able(people: Iterable[UUID], scopes: Iterable[Scope]) -> set[UUID]:
    """Those of the people who may do all that the scopes open."""
    roles: dict[UUID, set[Role]] = defaultdict(set)
    held = Membership.objects.filter(person__in=set(people), ended_on=None)
    for person, role in held.values_list("person_id", "role"):
        roles[person].add(Role(role))
    needed = {NEEDS[scope] for scope in scopes}
    return {person for person, those in roles.items() if needed <= permissions_of(frozenset(those))}


# ---------------------------------------------------------------- a request


def key_of(key_hash: str) -> SystemKey | None:
    """The key with this hash and its system, if there is one. The sender sees only the key whose hash it has told."""
    return SystemKey.objects.select_related("system").filter(key_hash=key_hash).first()


def is_answered_for(system: System, scopes: Iterable[Scope]) -> bool:
    """Whether the person who answers for the system may do all that these scopes open. Asked as the sender."""
    return system.answers_id in _able([system.answers_id], scopes)


def note_use(key: SystemKey) -> None:
    """Write down that the key was used, at most once a minute. Asked as the sender."""
    with connections[current().alias].cursor() as cursor:
        cursor.execute(NOTED_USE, {"id": key.pk, "organisation": key.organisation_id})
