"""The institution's right of reply: one answer to each finding, its own to change until it is ratified."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accountability import policies, queries
from accountability.models import Reply, RoundItem
from equity import audit
from equity.errors import RuleBroken
from equity.tenancy.acting import current
from equity.tenancy.models import Person


def write_reply(*, item: RoundItem, text: str, by: Person) -> Reply:
    """Answer one finding, or change the answer. The day is that of the last change.

    The audit trail names the question and keeps no word of the reply: it could not forget one that was taken back.
    """
    if not text.strip():
        raise RuleBroken(_("Write your reply first."))
    with transaction.atomic(using=current().alias):
        round = queries.hold(item.round_id, alone=True)
        today = timezone.localdate()
        policies.check_may_reply(round, policies.permissions_in(round.organisation_id, by), today)
        reply, is_new = Reply.objects.update_or_create(
            organisation_id=round.organisation_id,
            round=round,
            item=item,
            defaults={"text": text.strip(), "by": by, "on": today},
        )
        audit.record("reply.write" if is_new else "reply.change", by=by, target=item, question=item.code)
    return reply
