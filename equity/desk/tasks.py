"""The weekly e-mail as a job: each person gets one at most, whatever dies on the way.

What is written down before an e-mail leaves is written by another login than the job's own, and stays when the job is rolled
back. A worker that dies between the two leaves one person without this week's e-mail, and nobody with two.
"""

from __future__ import annotations

import logging
import smtplib
from datetime import date
from typing import Any
from uuid import UUID

from celery import shared_task
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone
from django.utils.translation import gettext as _

from equity.desk import letters
from equity.roles import INSIDERS
from equity.tenancy import jobs
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Job, Membership, Organisation
from equity.tenancy.personas import Persona

logger = logging.getLogger(__name__)

REMIND = "desk.remind"
REFUSED = (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError)
"""The mail server said no to one e-mail; it takes the next."""


@shared_task(name="equity.desk.tasks.remind_all")
def remind_all() -> None:
    """Ask for this week's e-mails in every institution where nobody has yet, or where it did not work."""
    week = letters.monday_of(timezone.localdate()).isoformat()
    with acting_as(Persona.SCHEDULER):
        asked = Job.objects.filter(kind=REMIND, arguments__week=week).exclude(state=Job.State.FAILED)
        done = set(asked.values_list("organisation_id", flat=True))
        missing = [one for one in Organisation.objects.all() if one.pk not in done]
    for organisation in missing:
        with acting_as(Persona.WORKER, organisation=organisation):
            jobs.enqueue(REMIND, organisation=organisation, by=None, week=week)


@jobs.work(REMIND)
def remind(job: Job) -> dict[str, Any]:
    """Tell everybody in the institution who reads counts what is due. A job that comes too late for its week tells nobody."""
    today = timezone.localdate()
    week = date.fromisoformat(job.arguments["week"])
    if letters.monday_of(today) != week:
        return {"letters": 0}
    people = _readers(job)
    connection = get_connection()
    told = 0
    try:
        for number, person_id in enumerate(people):
            jobs.report(job, done=number, total=len(people), words=_("Writing e-mails"))
            told += _tell(person_id, week, today, connection)
    finally:
        connection.close()
    return {"letters": told}


def _readers(job: Job) -> list[UUID]:
    """Those whose roles let them read the counts."""
    held = Membership.objects.filter(
        organisation_id=job.organisation_id, ended_on=None, role__in=[role.value for role in INSIDERS]
    )
    return sorted(set(held.values_list("person_id", flat=True)))


def _tell(person_id: UUID, week: date, today: date, connection: BaseEmailBackend) -> bool:
    """Send one person their e-mail, unless they had it, stopped it, or nothing is due. Whether it was sent.

    Raises when the mail server cannot be reached: then nothing was begun for this person.
    """
    if letters.had(person_id, week):
        return False
    address = letters.address_of(person_id)
    written = letters.letter_for(person_id, today) if address else None
    if not address or written is None:
        return False
    connection.open()
    if not letters.begin(person_id, week):
        return False
    try:
        connection.send_messages([letters.message(address, written, person_id)])
    except REFUSED:
        logger.exception("The mail server refused the e-mail to person %s.", person_id)
        return False
    letters.sent(person_id, week)
    return True
