"""Preparing what is to cross the wall, and keys for those who pull it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from equity import audit
from equity.publication import keys
from equity.publication.models import ApiKey, Client, PullLog, Release
from equity.tenancy.acting import current
from equity.tenancy.models import Organisation, Person

LONGEST_LIFE = datetime.timedelta(days=365)


def draft_release(*, organisation: Organisation, kind: str, title: str, by: Person | None) -> Release:
    """Begin a release. Its header carries the institution's public facts as they are today."""
    with transaction.atomic(using=current().alias):
        release = Release.objects.create(
            organisation=organisation,
            kind=kind,
            title=title,
            institution_slug=organisation.slug,
            institution_name=organisation.name,
            sample_note=organisation.sample_note,
            ccn=organisation.ccn,
            state_code=organisation.state,
            county_fips=organisation.county_fips,
        )
        audit.record("release.draft", by=by, target=release, kind=kind)
    return release


def client_named(*, name: str, contact: str = "") -> Client:
    """The client with this name, opened if it is new."""
    with transaction.atomic(using=current().alias):
        return Client.objects.filter(name=name).first() or Client.objects.create(name=name, contact=contact)


def issue_key(*, client: Client, scopes: Sequence[str], lifetime: datetime.timedelta = LONGEST_LIFE) -> str:
    """Make a key and return it, once: only its hash is kept. It ends within twelve months.

    Raises ValueError for a lifetime that is too long or a scope that does not exist.
    """
    if not datetime.timedelta(0) < lifetime <= LONGEST_LIFE:
        raise ValueError("A key lives for at most 365 days.")
    unknown = set(scopes) - keys.SCOPES
    if unknown or not scopes:
        raise ValueError(f"Scopes are {', '.join(sorted(keys.SCOPES))}.")
    made = keys.generate()
    ApiKey.objects.create(
        client=client,
        prefix=made.prefix,
        key_hash=made.key_hash,
        scopes=list(scopes),
        expires_at=timezone.now() + lifetime,
    )
    return made.secret


def revoke_key(*, prefix: str) -> bool:
    """End a key at once. Returns whether there was a live key with this prefix."""
    live = ApiKey.objects.filter(prefix=prefix, revoked_at=None)
    return bool(live.update(revoked_at=timezone.now()))


def record_pull(*, key: ApiKey, filters: Mapping[str, str], seqs: Sequence[int]) -> PullLog:
    """Write down what a client asked for and what left: the ledger's number of each row."""
    return PullLog.objects.create(
        client_id=key.client_id,
        key_prefix=key.prefix,
        filters=dict(filters),
        rows=len(seqs),
        first_seq=min(seqs, default=None),
        last_seq=max(seqs, default=None),
    )
