"""Preparing and publishing figures. The work itself is done by jobs; what may be shown is decided there."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from equity import audit
from equity.errors import RuleBroken
from equity.publication.actions import draft_release
from equity.publication.models import Release
from equity.tenancy import jobs
from equity.tenancy.acting import current
from equity.tenancy.models import Job, Organisation, Person
from metrics import releasing
from metrics.consent import missing_consent
from metrics.reading.periods import Period


class Drafted(NamedTuple):
    """A release, and the job that checks it."""

    release: Release
    job: Job


def draft_figures(
    *,
    organisation: Organisation,
    metrics: Collection[str],
    periods: Collection[Period],
    by: Person | None,
    title: str = "",
) -> Drafted:
    """Begin a release of these metrics (codes) in these periods, and have it checked.

    A period that is not in whole for a metric is passed over for that metric.
    """
    return have_checked(
        releasing.CERTIFY, organisation=organisation, metrics=metrics, periods=periods, title=title, by=by
    )


def have_checked(
    check: str,
    *,
    organisation: Organisation,
    metrics: Collection[str],
    periods: Collection[Period],
    title: str,
    by: Person | None,
) -> Drafted:
    """Begin a release of figures, and have it checked by this kind of job."""
    if not metrics or not periods:
        raise RuleBroken(_("Choose at least one measure and one period."))
    with transaction.atomic(using=current().alias):
        release = draft_release(
            organisation=organisation, kind=Release.Kind.FIGURES, title=title or _("Figures"), by=by
        )
        job = jobs.enqueue(
            check,
            organisation=organisation,
            by=by,
            release=str(release.pk),
            metrics=sorted(metrics),
            periods=sorted(period.code for period in periods),
        )
    return Drafted(release, job)


def publish_figures(*, release: Release, by: Person | None) -> Job:
    """Have a checked release published. Once it is, nobody can take it back."""
    if release.state != Release.State.CERTIFIED:
        raise RuleBroken(_("Only a release that is ready can be published."))
    if releasing.is_stale(release):
        raise RuleBroken(
            _(
                "Other figures were published since this release was checked. Prepare a new release, so that both are checked together."
            )
        )
    if held := missing_consent(release):
        raise RuleBroken(
            _("The community holds these measures and has not agreed to publish them: %(names)s.")
            % {"names": "; ".join(metric.name for metric in held)}
        )
    with transaction.atomic(using=current().alias):
        audit.record("release.publish", by=by, target=release)
        return jobs.enqueue(
            releasing.PUBLISH, organisation=release.organisation, by=by, release=str(release.pk)
        )
