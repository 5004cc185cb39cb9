"""What the rules of a review round say to a person. `check_…` raises with words for them; `can_…` answers."""

from __future__ import annotations

import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accountability.models import Reviewer, Round
from accountability.workflow import Facts, Move, Stage, Transition, When, find, is_time, open_to
from equity.errors import NotAllowed, RuleBroken
from equity.roles import Permission, Role, permissions_of
from equity.tenancy.models import Membership, Person

NOT_YET = {
    When.READY: gettext_lazy("Choose at least one question first, and fill at least one seat."),
    When.HEARD: gettext_lazy("Not everyone has finished, and the day set for the reveal has not come."),
    When.ANSWERED_IN_TIME: gettext_lazy(
        "Write at least one reply first. After the last day nothing can be sent."
    ),
    When.CLOCK_RAN_OUT: gettext_lazy("The institution still has time to reply."),
}
NO_SEAT = gettext_lazy(
    "You hold no seat in this round. Whoever takes a seat after a round opened joins the next one."
)


def permissions_in(organisation_id: int, person: Person) -> frozenset[Permission]:
    """What a person may do in an institution today."""
    held = Membership.objects.filter(organisation_id=organisation_id, person=person, ended_on=None)
    return permissions_of(frozenset(Role(role) for role in held.values_list("role", flat=True)))


def check_may(permission: Permission, permissions: frozenset[Permission]) -> None:
    """The person's roles here allow it."""
    if permission not in permissions:
        raise NotAllowed("")


def check_move(round: Round, move: Move, permissions: frozenset[Permission], facts: Facts) -> Transition:
    """The transition, if this person may make it now: first whether they ever may, then whether it is time."""
    transition = find(move, round.at)
    if transition is None:
        raise RuleBroken(
            _("This round is at another stage by now: “%(stage)s”.") % {"stage": round.get_stage_display()}
        )
    if transition.permission is None or transition.permission not in permissions:
        raise NotAllowed("")
    if not is_time(transition, facts):
        raise RuleBroken(str(NOT_YET[transition.when]))
    return transition


def can_move(round: Round, permissions: frozenset[Permission], facts: Facts) -> list[Transition]:
    """The moves that this person can make now."""
    return [one for one in open_to(round.at, permissions) if is_time(one, facts)]


def check_may_score(round: Round, reviewer: Reviewer | None, permissions: frozenset[Permission]) -> Reviewer:
    """A reviewer holds a seat in the body since before the round opened, and the permission to score."""
    check_may(Permission.SCORE, permissions)
    if reviewer is None:
        raise NotAllowed(str(NO_SEAT))
    if round.at is not Stage.OPEN:
        raise RuleBroken(
            _("This round does not take scores: it is at the stage “%(stage)s”.")
            % {"stage": round.get_stage_display()}
        )
    return reviewer


def check_may_reply(round: Round, permissions: frozenset[Permission], today: datetime.date) -> None:
    """The institution replies after the reveal, until its clock runs out or the body ratifies."""
    check_may(Permission.REPLY_TO_ROUND, permissions)
    if round.at not in (Stage.REVEALED, Stage.REPLIED):
        raise RuleBroken(_("Replies can be written after the reveal and before the board ratifies."))
    if round.reply_due_on is not None and today > round.reply_due_on:
        raise RuleBroken(_("The last day to reply was %(day)s.") % {"day": round.reply_due_on.isoformat()})


def can_reply(round: Round, permissions: frozenset[Permission], today: datetime.date) -> bool:
    """Whether this person can write or change a reply now."""
    try:
        check_may_reply(round, permissions, today)
    except (NotAllowed, RuleBroken):
        return False
    return True
