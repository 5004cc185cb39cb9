"""Planning a round and moving it on. Each move holds the round alone, asks the table of moves, and leaves an audit row."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accountability import policies, queries
from accountability.models import Body, Reviewer, Round, RoundItem
from accountability.queries import Question
from accountability.workflow import Move, Stage, Transition
from equity import audit
from equity.errors import RuleBroken
from equity.publication.actions import draft_release
from equity.publication.models import Release
from equity.roles import Permission
from equity.tenancy import jobs
from equity.tenancy.acting import current
from equity.tenancy.models import Job, Person

PUBLISH_JOB = "accountability.publish_round"
STAMPS = {
    Move.OPEN: "opened_at",
    Move.REVEAL: "revealed_at",
    Move.REPLY: "replied_at",
    Move.RATIFY: "ratified_at",
}


def plan_round(
    *,
    body: Body,
    title: str,
    reveal_from: datetime.date,
    reply_days: int,
    questions: Sequence[Question],
    by: Person,
) -> Round:
    """Prepare a round. Nobody but those who run it sees it before it opens."""
    with transaction.atomic(using=current().alias):
        policies.check_may(Permission.RUN_ROUND, policies.permissions_in(body.organisation_id, by))
        _check_plan(reveal_from, questions)
        last = Round.objects.filter(organisation_id=body.organisation_id).aggregate(Max("number"))[
            "number__max"
        ]
        round = Round.objects.create(
            organisation_id=body.organisation_id,
            body=body,
            number=(last or 0) + 1,
            title=title,
            threshold=body.threshold,
            reveal_from=reveal_from,
            reply_days=reply_days,
        )
        _ask(round, questions)
        audit.record("round.plan", by=by, target=round, questions=[one.code for one in questions])
    return round


def change_plan(
    *,
    round: Round,
    title: str,
    reveal_from: datetime.date,
    reply_days: int,
    questions: Sequence[Question],
    by: Person,
) -> Round:
    """Change a round that has not opened yet."""
    with transaction.atomic(using=current().alias):
        held = queries.hold(round.pk, alone=True)
        policies.check_may(Permission.RUN_ROUND, policies.permissions_in(held.organisation_id, by))
        if held.at is not Stage.DRAFT:
            raise RuleBroken(_("The questions and days of a round are fixed when it opens."))
        _check_plan(reveal_from, questions)
        held.title, held.reveal_from, held.reply_days = title, reveal_from, reply_days
        held.save(update_fields=["title", "reveal_from", "reply_days"])
        RoundItem.objects.filter(round=held).delete()
        _ask(held, questions)
        audit.record("round.change_plan", by=by, target=held, questions=[one.code for one in questions])
    return held


def _check_plan(reveal_from: datetime.date, questions: Sequence[Question]) -> None:
    if reveal_from <= timezone.localdate():
        raise RuleBroken(_("Choose a day after today: people need time to score."))
    if not questions:
        raise RuleBroken(_("Choose at least one question."))


def _ask(round: Round, questions: Sequence[Question]) -> None:
    RoundItem.objects.bulk_create(
        RoundItem(
            organisation_id=round.organisation_id,
            round=round,
            position=position,
            kind=one.kind,
            code=one.code,
            guide_item_id=one.guide_item_id,
            level=one.level,
            theme=one.theme,
            title=one.title,
            question=one.question,
            anchors=list(one.anchors),
        )
        for position, one in enumerate(questions, start=1)
    )


# ---------------------------------------------------------------- moves
def open_round(*, round: Round, by: Person) -> Round:
    """Begin the blind scoring: the threshold, the questions and the reviewers are from now on as they are today.

    The first that the institution hears of the round: the audit trail now tells everybody its terms, and no reviewer.
    """
    with transaction.atomic(using=current().alias):
        held, transition = _may_move(round, Move.OPEN, by)
        Reviewer.objects.bulk_create(
            Reviewer(
                organisation_id=held.organisation_id,
                round=held,
                seat=seat,
                person=seat.person,
                group=seat.group,
            )
            for seat in queries.seats_today(held.body)
        )
        terms = {
            "questions": list(queries.items_of(held).values_list("code", flat=True)),
            "threshold": held.body.threshold,
            "reveal_from": held.reveal_from.isoformat(),
            "reply_days": held.reply_days,
        }
        return _move(held, transition, by, told=terms, threshold=held.body.threshold)


def reveal(*, round: Round, by: Person) -> Round:
    """End the blind scoring: everyone is heard at once. The institution's clock starts now.

    Only now does the audit trail speak of scores: it keeps the seal over all of them, with no name, count or time.
    """
    with transaction.atomic(using=current().alias):
        held, transition = _may_move(round, Move.REVEAL, by)
        due = timezone.localdate() + datetime.timedelta(days=held.reply_days)
        moved = _move(held, transition, by, reply_due_on=due)
        audit.record("scores.seal", by=by, target=moved, sha256=queries.seal_of(moved))
    return moved


def send_replies(*, round: Round, by: Person) -> Round:
    """The institution says that its replies are complete. What it left unanswered will be said in words."""
    with transaction.atomic(using=current().alias):
        return _move(*_may_move(round, Move.REPLY, by), by)


def ratify(*, round: Round, by: Person) -> Round:
    """The body stands by the findings, with the replies or, when the clock has run out, without."""
    with transaction.atomic(using=current().alias):
        return _move(*_may_move(round, Move.RATIFY, by), by)


def publish(*, round: Round, by: Person) -> Job:
    """Have the worker write the findings to the ledger. Asking twice starts it once."""
    with transaction.atomic(using=current().alias):
        held, _transition = _may_move(round, Move.PUBLISH, by)
        under_way = Job.objects.filter(
            kind=PUBLISH_JOB, arguments__round=str(held.pk), state__in=[Job.State.QUEUED, Job.State.RUNNING]
        ).first()
        if under_way:
            return under_way
        if held.release is None:
            held.release = draft_release(
                organisation=held.organisation, kind=Release.Kind.ROUND.value, title=str(held), by=by
            )
            held.save(update_fields=["release"])
        return jobs.enqueue(PUBLISH_JOB, organisation=held.organisation, by=by, round=str(held.pk))


def _may_move(round: Round, move: Move, by: Person) -> tuple[Round, Transition]:
    held = queries.hold(round.pk, alone=True)
    permissions = policies.permissions_in(held.organisation_id, by)
    return held, policies.check_move(held, move, permissions, queries.facts_of(held))


def _move(
    held: Round, transition: Transition, by: Person, *, told: Mapping[str, Any] | None = None, **more: Any
) -> Round:
    """`more` changes the round beside its stage; `told` goes into the audit trail beside the stages."""
    changes = {"stage": transition.target.value, STAMPS[transition.move]: timezone.now(), **more}
    for name, value in changes.items():
        setattr(held, name, value)
    held.save(update_fields=list(changes))
    stages = {"before": transition.source.value, "after": transition.target.value}
    audit.record(transition.event, by=by, target=held, **stages, **(told or {}))
    return held
