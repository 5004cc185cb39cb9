"""Choosing goals and practices, saying who answers for them, and telling how they fare."""

from __future__ import annotations

import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from equity import audit
from equity.cycle.models import Cycle
from equity.errors import RuleBroken
from equity.tenancy.acting import current
from equity.tenancy.models import Person
from practices import queries
from practices.models import (
    STATUS_NAMES,
    AdoptedGoal,
    AdoptedPractice,
    Evidence,
    GuideItem,
    ItemKind,
    Update,
)
from practices.workflow import PracticeStatus, Refusal, refusal


class ChangedMeanwhile(RuleBroken):
    """Somebody else changed the practice after the form was drawn. `practice` is as it stands now."""

    def __init__(self, practice: AdoptedPractice) -> None:
        super().__init__(
            _("Somebody else changed this practice while you were writing. Nothing of yours was lost.")
        )
        self.practice = practice


def adopt_goal(*, cycle: Cycle, item: GuideItem, reason: str, by: Person) -> AdoptedGoal:
    """Choose a strategic goal of the guide for a cycle, and say why."""
    _still_open(cycle)
    if item.kind != ItemKind.GOAL or item.guide_id != queries.edition_of(cycle).pk:
        raise RuleBroken(_("This cycle follows another edition of the guide, which has no such goal."))
    if not reason.strip():
        raise RuleBroken(_("Say in a sentence why you choose this goal."))
    with transaction.atomic(using=current().alias):
        goal, is_new = AdoptedGoal.objects.get_or_create(
            organisation_id=cycle.organisation_id,
            cycle=cycle,
            item=item,
            defaults={"reason": reason.strip(), "adopted_by": by},
        )
        if not is_new:
            raise RuleBroken(_("This goal was already adopted in this cycle."))
        audit.record("goal.adopt", by=by, target=goal, cycle=cycle.number, code=item.code)
    return goal


def adopt_practice(
    *, goal: AdoptedGoal, item: GuideItem, by: Person, agreed_on: datetime.date | None = None
) -> AdoptedPractice:
    """Take up a sample practice that the guide gives for an adopted goal. `agreed_on`: earlier than today, where it was
    agreed before it was written down here; the audit trail has the day of writing."""
    _still_open(goal.cycle)
    today = timezone.localdate()
    if agreed_on is not None and not goal.cycle.started_on <= agreed_on <= today:
        raise RuleBroken(_("A practice is agreed after its cycle began, and not in the future."))
    if item.kind != ItemKind.PRACTICE or item.parent_id != goal.item_id:
        raise RuleBroken(_("The guide does not give this practice for this goal."))
    with transaction.atomic(using=current().alias):
        practice, is_new = AdoptedPractice.objects.get_or_create(
            organisation_id=goal.organisation_id,
            goal=goal,
            item=item,
            defaults={"adopted_by": by, "adopted_on": agreed_on or today},
        )
        if not is_new:
            raise RuleBroken(_("This practice was already adopted for this goal."))
        audit.record(
            "practice.adopt", by=by, target=practice, code=item.code, agreed_on=_iso(practice.adopted_on)
        )
    return practice


def add_local_practice(
    *, goal: AdoptedGoal, title: str, body: str, proposed_by: str, by: Person
) -> AdoptedPractice:
    """Add a practice of one's own to an adopted goal. `proposed_by`, a code of PROPOSERS, thought of it."""
    _still_open(goal.cycle)
    if not title.strip():
        raise RuleBroken(_("Give the practice a name."))
    with transaction.atomic(using=current().alias):
        practice = AdoptedPractice.objects.create(
            organisation_id=goal.organisation_id,
            goal=goal,
            local_title=title.strip(),
            local_body=body.strip(),
            proposed_by=proposed_by,
            adopted_by=by,
        )
        audit.record(
            "practice.add_local", by=by, target=practice, goal=goal.item.code, proposed_by=proposed_by
        )
    return practice


def assign(
    *, practice: AdoptedPractice, owner: Person | None, due: datetime.date | None, version: int, by: Person
) -> AdoptedPractice:
    """Say who answers for a practice and by when. `version` is of the practice that `by` was looking at.

    Raises ChangedMeanwhile when the practice is no longer that version.
    """
    if owner is not None and not queries.possible_owners().filter(pk=owner.pk).exists():
        raise RuleBroken(_("An owner has to be somebody of the institution who can post updates."))
    with transaction.atomic(using=current().alias):
        locked = _locked(practice, version)
        before = {"owner": locked.owner.name if locked.owner else None, "due": _iso(locked.due)}
        locked.owner, locked.due, locked.version = owner, due, locked.version + 1
        locked.save(update_fields=["owner", "due", "version"])
        after = {"owner": owner.name if owner else None, "due": _iso(due)}
        audit.record("practice.assign", by=by, target=locked, before=before, after=after)
    return locked


def post_update(
    *, practice: AdoptedPractice, status: PracticeStatus, words: str, version: int, by: Person
) -> Update:
    """Tell news of a practice: its status and two sentences.

    `version` is of the practice that `by` was looking at. Raises ChangedMeanwhile when it is no longer that
    version, RuleBroken when the status cannot follow or when nothing shows that it is done.
    """
    if not words.strip():
        raise RuleBroken(_("Say in a sentence or two what happened."))
    with transaction.atomic(using=current().alias):
        locked = _locked(practice, version)
        before = PracticeStatus(locked.status)
        _may_follow(locked, before, status)
        update = Update.objects.create(
            organisation_id=locked.organisation_id,
            practice=locked,
            status=status.value,
            words=words.strip(),
            by=by,
        )
        today = timezone.localdate()
        if status is not before:
            locked.status, locked.status_since = status.value, today
        locked.last_news_on, locked.version = today, locked.version + 1
        locked.save(update_fields=["status", "status_since", "last_news_on", "version"])
        audit.record("practice.update", by=by, target=locked, before=before.value, after=status.value)
    return update


def _may_follow(practice: AdoptedPractice, before: PracticeStatus, after: PracticeStatus) -> None:
    has_evidence = Evidence.objects.filter(practice=practice).exists()
    match refusal(before, after, has_evidence=has_evidence):
        case Refusal.NO_SUCH_MOVE:
            raise RuleBroken(
                _("A practice that is “%(before)s” cannot become “%(after)s” in one move.")
                % {"before": STATUS_NAMES[before], "after": STATUS_NAMES[after]}
            )
        case Refusal.NO_EVIDENCE:
            raise RuleBroken(
                _("Nothing is done without evidence. Add a file or a link below, then say that it is done.")
            )


def _locked(practice: AdoptedPractice, version: int) -> AdoptedPractice:
    """The practice under a lock, if it is still the version that was seen and its cycle is open."""
    locked = (
        AdoptedPractice.objects.select_for_update(of=("self",))
        .select_related("goal__cycle", "goal__item", "owner", "item__guide")
        .get(pk=practice.pk)
    )
    _still_open(locked.goal.cycle)
    if locked.version != version:
        raise ChangedMeanwhile(locked)
    return locked


def _still_open(cycle: Cycle) -> None:
    if cycle.ended_on is not None:
        raise RuleBroken(_("This cycle has ended and stays as it was."))


def _iso(day: datetime.date | None) -> str | None:
    return day.isoformat() if day else None
