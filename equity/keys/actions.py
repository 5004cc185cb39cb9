"""Opening a system, making and revoking its keys, answering for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from equity import audit
from equity.errors import RuleBroken
from equity.keys import secret
from equity.keys.models import System, SystemKey
from equity.keys.scopes import BRAND, LONGEST_LIFE, MOST_LIVE, Scope
from equity.tenancy.acting import current
from equity.tenancy.models import Organisation, Person


@dataclass(frozen=True)
class Handed:
    """A fresh key with its secret, which is kept nowhere: it is shown once."""

    key: SystemKey
    secret: str


def open_system(*, organisation: Organisation, name: str, lifetime: timedelta, by: Person) -> Handed:
    """Let one more of the institution's systems in, with its first key. `by` answers for it."""
    try:
        with transaction.atomic(using=current().alias):
            system = System.objects.create(organisation=organisation, name=name, answers=by)
            audit.record("system.open", by=by, target=system)
            return make_key(system=system, lifetime=lifetime, by=by)
    except IntegrityError as error:
        if "keys_system_name" in str(error):
            raise RuleBroken(_("Another system has this name. Give this one its own.")) from error
        raise


def make_key(*, system: System, lifetime: timedelta, by: Person) -> Handed:
    """One more key of a system: the first, or the one that takes the place of another. Two may be live at a time."""
    if not timedelta(0) < lifetime <= LONGEST_LIFE:
        raise RuleBroken(_("A key lives for at most 365 days."))
    with transaction.atomic(using=current().alias):
        System.objects.select_for_update().get(pk=system.pk)
        live = SystemKey.objects.filter(system=system, revoked_at=None, expires_at__gt=timezone.now())
        if live.count() >= MOST_LIVE:
            raise RuleBroken(
                _("Two keys of this system are live. Revoke the one that is not used any more first.")
            )
        made = secret.generate(BRAND)
        key = SystemKey.objects.create(
            organisation_id=system.organisation_id,
            system=system,
            prefix=made.prefix,
            key_hash=made.key_hash,
            scopes=[scope.value for scope in Scope],
            made_by=by,
            expires_at=timezone.now() + lifetime,
        )
        audit.record(
            "system_key.make",
            by=by,
            target=key,
            of=system.name,
            scopes=key.scopes,
            ends_on=key.expires_at.date().isoformat(),
        )
    return Handed(key, made.secret)


def revoke_key(*, key: SystemKey, by: Person) -> None:
    """End a key for good. The next request with it is refused. Done twice, it is done once."""
    with transaction.atomic(using=current().alias):
        live = SystemKey.objects.filter(pk=key.pk, revoked_at=None)
        if live.update(revoked_at=timezone.now()):
            audit.record("system_key.revoke", by=by, target=key, of=key.system.name)


def answer_for(*, system: System, by: Person) -> None:
    """Take over a system: from now on `by` answers for it, and its live keys work again."""
    with transaction.atomic(using=current().alias):
        before = system.answers
        System.objects.filter(pk=system.pk).update(answers=by)
        audit.record("system.answer_for", by=by, target=system, before=before.name, after=by.name)
