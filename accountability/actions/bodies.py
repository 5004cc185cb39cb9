"""Bodies and seats. Only those who run the body's rounds change them, never the institution."""

from __future__ import annotations

import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accountability import policies
from accountability.models import Body, Group, Seat
from accountability.tally import DEFAULT_THRESHOLD, LOWEST_THRESHOLD
from equity import audit
from equity.errors import RuleBroken
from equity.roles import Permission
from equity.tenancy.acting import current
from equity.tenancy.models import Organisation, Person


def found_body(
    *,
    organisation: Organisation,
    name: str,
    by: Person,
    kind: Body.Kind = Body.Kind.COMMUNITY_BOARD,
    threshold: int = DEFAULT_THRESHOLD,
) -> Body:
    """Begin a body. `threshold`: how many of a group must reply before its figures are shown; 5, or voted down to 3."""
    if not LOWEST_THRESHOLD <= threshold <= DEFAULT_THRESHOLD:
        raise RuleBroken(
            _("A body can choose a threshold from %(lowest)s to %(usual)s.")
            % {"lowest": LOWEST_THRESHOLD, "usual": DEFAULT_THRESHOLD}
        )
    with transaction.atomic(using=current().alias):
        policies.check_may(Permission.RUN_ROUND, policies.permissions_in(organisation.pk, by))
        body = Body.objects.create(organisation=organisation, name=name, kind=kind, threshold=threshold)
        audit.record("body.found", by=by, target=body, threshold=threshold)
    return body


def fill_seat(*, body: Body, person: Person, group: Group, since: datetime.date, by: Person) -> Seat:
    """Give a person a seat for a stakeholder group. They review the rounds that open from then on."""
    with transaction.atomic(using=current().alias):
        policies.check_may(Permission.RUN_ROUND, policies.permissions_in(body.organisation_id, by))
        if Seat.objects.filter(body=body, person=person, until=None).exists():
            raise RuleBroken(_("%(name)s already has a seat in this body.") % {"name": person.name})
        seat = Seat.objects.create(
            organisation_id=body.organisation_id, body=body, person=person, group=group, since=since
        )
        audit.record("seat.fill", by=by, target=seat, person=str(person.pk), group=str(group.value))
    return seat


def end_seat(*, seat: Seat, until: datetime.date, by: Person) -> Seat:
    """Say which day is the last of a seat. Rounds that are open keep their reviewer."""
    with transaction.atomic(using=current().alias):
        policies.check_may(Permission.RUN_ROUND, policies.permissions_in(seat.organisation_id, by))
        locked = Seat.objects.select_for_update().get(pk=seat.pk)
        if until < locked.since:
            raise RuleBroken(_("A seat cannot end before it began."))
        locked.until = until
        locked.save(update_fields=["until"])
        audit.record("seat.end", by=by, target=locked, person=str(locked.person_id), until=until.isoformat())
    return locked
