"""What a reviewer does. Nothing here leaves an audit row, a job or a notice: until the reveal, that somebody wrote is theirs."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accountability import policies, queries
from accountability.models import Answer, Draft, Reviewer, Round, RoundItem, Score, Submission
from equity.errors import RuleBroken
from equity.tenancy.acting import current
from equity.tenancy.models import Person


def save_draft(*, item: RoundItem, value: str, reason: str, by: Person) -> Draft:
    """Keep what somebody has written so far on one question; half an answer too.

    `value`: "0" to "3", "not_enough", "recused", or "" while nothing is chosen. After submitting nothing can be kept.
    """
    with transaction.atomic(using=current().alias):
        round = queries.hold(item.round_id, alone=False)
        _may_score(round, by)
        if queries.has_finished(round, by):
            raise RuleBroken(_("You have sent your answers. They stay as they are until everyone is heard."))
        words = {"value": value, "reason": reason, "updated": Now()}
        draft, _created = Draft.objects.update_or_create(
            organisation_id=round.organisation_id, round=round, item=item, person=by, defaults=words
        )
    return draft


def submit(*, round: Round, by: Person) -> bool:
    """Send every whole answer at once, sealed until the reveal. A question without one gets no score.

    Returns whether this call sent them: a second call, or one at the same time, finds it done and changes nothing.
    Raises RuleBroken when no answer is whole.
    """
    with transaction.atomic(using=current().alias):
        held = queries.hold(round.pk, alone=False)
        if queries.has_finished(held, by):
            return False
        reviewer = _may_score(held, by)
        _submission, is_first = Submission.objects.get_or_create(
            organisation_id=held.organisation_id, round=held, person=by, defaults={"reviewer": reviewer}
        )
        if not is_first:
            return False
        whole = [draft for draft in queries.my_drafts(held, by).values() if draft.is_whole]
        if not whole:
            raise RuleBroken(_("Answer at least one question, with a reason, before you send."))
        Score.objects.bulk_create(_score(draft, reviewer, by.language) for draft in whole)
        Draft.objects.filter(round=held, person=by).delete()
    return True


def _may_score(round: Round, by: Person) -> Reviewer:
    permissions = policies.permissions_in(round.organisation_id, by)
    return policies.check_may_score(round, queries.reviewer_for(round, by), permissions)


def _score(draft: Draft, reviewer: Reviewer, language: str) -> Score:
    is_level = draft.value.isdigit()
    return Score(
        organisation_id=draft.organisation_id,
        round_id=draft.round_id,
        item_id=draft.item_id,
        reviewer=reviewer,
        person_id=draft.person_id,
        group=reviewer.group,
        answer=Answer.LEVEL.value if is_level else draft.value,
        level=int(draft.value) if is_level else None,
        reason=draft.reason.strip(),
        language=language,
    )
