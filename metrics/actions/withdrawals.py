"""Taking published figures back."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from equity import audit
from equity.errors import RuleBroken
from equity.publication.actions import draft_release
from equity.publication.models import Release, WhyWithdrawn
from equity.tenancy import jobs
from equity.tenancy.acting import current
from equity.tenancy.models import Job, Person
from metrics import withdrawing
from metrics.models import Metric
from metrics.reading.periods import Period
from metrics.withdrawal import Move, State, find


def withdraw_figures(
    *, metric: Metric, periods: Collection[Period], reason: str, words: str, by: Person
) -> Job:
    """Have the tables of a measure in these periods withdrawn.

    `reason`, one of `WhyWithdrawn`, is told in public; `words` stand in the history. Who may: `metrics.withdrawal`.
    """
    standing = withdrawing.states(metric.organisation_id, metric.code)
    chosen = [one for one in periods if find(Move.WITHDRAW, standing.get(one, State.UNPUBLISHED))]
    if not chosen or len(chosen) < len(periods):
        raise RuleBroken(_("Choose at least one period that is published."))
    if reason not in WhyWithdrawn.values or not words.strip():
        raise RuleBroken(_("Say why it is withdrawn: people will ask."))
    with transaction.atomic(using=current().alias):
        title = "; ".join(withdrawing.names_falling_with(metric, chosen))[:200]
        release = draft_release(
            organisation=metric.organisation, kind=Release.Kind.WITHDRAWAL, title=title, by=by
        )
        codes = sorted(period.code for period in chosen)
        told = {"metric": metric.code, "periods": codes, "reason": reason}
        audit.record("release.withdraw", by=by, target=release, **told, words=words.strip())
        return jobs.enqueue(
            withdrawing.WITHDRAW, organisation=metric.organisation, by=by, release=str(release.pk), **told
        )
