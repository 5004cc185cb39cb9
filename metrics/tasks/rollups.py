"""The jobs that rewrite an institution's roll-ups, and that look every night whether they are right."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from celery import shared_task
from django.core.mail import mail_admins
from django.db import transaction
from django.utils.translation import gettext as _

from equity import audit
from equity.tenancy import jobs
from equity.tenancy.acting import acting_as, current
from equity.tenancy.models import Job, Organisation
from equity.tenancy.personas import Persona
from metrics.consistency import Consistency, check
from metrics.rollups import roll_up_again

logger = logging.getLogger(__name__)

ROLL_UP = "metrics.roll_up"
CHECK = "metrics.check_rollups"


@jobs.work(ROLL_UP)
def rolled_up(job: Job) -> dict[str, Any]:
    """Everything anew. Old figures or new ones, never half: it is one transaction with the mark that it is done."""

    def tell(done: int, total: int) -> None:
        jobs.report(job, done=done, total=total, words=_("Adding up the counts"))

    result = roll_up_again(job.organisation_id, tell)
    return {"written": result.written, "removed": result.removed}


@jobs.work(CHECK)
def checked(job: Job) -> dict[str, Any]:
    """Compare a sample of the sums with the observations. A difference is told: in the log, the audit trail, by e-mail."""
    jobs.report(job, done=0, total=None, words=_("Comparing the sums with the counts"))
    found = check(job.organisation_id)
    if found.differences:
        organisation = Organisation.objects.get(pk=job.organisation_id)
        audit.record("rollup.differ", by=None, target=job, sums=found.cells, different=len(found.differences))
        transaction.on_commit(partial(alarm, organisation.slug, found), using=current().alias)
    return {"sums": found.cells, "different": len(found.differences)}


def alarm(slug: str, found: Consistency) -> None:
    """Tell the operators, without a number of the institution. A mail server that is silent changes nothing."""
    metrics = ", ".join(sorted({one.metric for one in found.differences}))
    words = (
        f"{slug}: {len(found.differences)} of {found.cells} stored sums are not what the observations say ({metrics})."
        f" Put them right with: manage.py check_rollups {slug} --repair"
    )
    logger.error(words)
    try:
        mail_admins("Sums that differ", words)
    except OSError:
        logger.exception("The alarm could not be sent by e-mail.")


@shared_task(name="metrics.tasks.rollups.check_all")
def check_all() -> None:
    """Ask for the nightly check of every institution."""
    with acting_as(Persona.SCHEDULER):
        organisations = list(Organisation.objects.all())
    for organisation in organisations:
        with acting_as(Persona.WORKER, organisation=organisation):
            jobs.enqueue(CHECK, organisation=organisation, by=None)
