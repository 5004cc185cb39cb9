"""The door to what the desk shows: it joins what the apps below it answer."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from accountability import queries as community
from accountability import workflow
from accountability.models import Round
from accountability.workflow import Stage
from equity.cycle.models import Cycle
from equity.cycle.queries import current_cycle
from equity.errors import NotFound
from equity.publication.models import Release
from equity.publication.queries import releases_of_organisation
from equity.roles import COMMUNITY, Permission, Role, permissions_of
from equity.tenancy.acting import within
from equity.tenancy.models import Job, Membership, Organisation, Person
from practices import queries as programme
from practices.models import AdoptedPractice
from practices.urgency import Reason

PRESSING = frozenset({Reason.OVERDUE, Reason.STUCK, Reason.NO_NEWS})
CLOSED = frozenset({Stage.PUBLISHED, Stage.SUPERSEDED})
RELEASES_SHOWN = 3


@dataclass(frozen=True)
class Member:
    """Somebody with their roles in one institution, the oldest first."""

    person: Person
    memberships: list[Membership]

    @property
    def in_community(self) -> bool:
        """Belongs to a governance body: nobody does, and works for the institution too."""
        return any(Role(membership.role) in COMMUNITY for membership in self.memberships)

    @property
    def since(self) -> datetime.date:
        oldest: datetime.date = self.memberships[0].since
        return oldest


@dataclass(frozen=True)
class Need:
    """A practice that needs somebody today; `reason` is the most pressing one."""

    practice: programme.Attention
    days_late: int

    @property
    def reason(self) -> Reason:
        return self.practice.reasons[0]


@dataclass(frozen=True)
class Waiting:
    """What waits for one person in one institution."""

    to_score: list[Round]
    to_reply: list[Round]
    to_move: list[tuple[Round, workflow.Move]]
    practices: list[Need]

    def __len__(self) -> int:
        return len(self.to_score) + len(self.to_reply) + len(self.to_move) + len(self.practices)


@dataclass(frozen=True)
class Place:
    """An institution that one belongs to: in which roles, and what waits there."""

    organisation: Organisation
    roles: list[str]
    waiting: Waiting


@dataclass(frozen=True)
class StepLine:
    """One of the five steps as the home shows it; `share` is the part of its practices that is done."""

    number: int
    name: str
    state: str
    goals: int
    done: int
    total: int
    stuck: int

    @property
    def share(self) -> float:
        return self.done / self.total if self.total else 0.0


@dataclass(frozen=True)
class Home:
    """What an institution's people see first."""

    cycle: Cycle | None
    steps: list[StepLine]
    pressing: list[Need]
    due_soon: list[Need]
    to_score: list[Round]
    rounds: list[Round]
    releases: list[Release]
    today: datetime.date

    @property
    def total(self) -> int:
        return sum(step.total for step in self.steps)

    @property
    def done(self) -> int:
        return sum(step.done for step in self.steps)

    @property
    def stuck(self) -> int:
        return sum(Reason.STUCK in need.practice.reasons for need in self.pressing)

    @property
    def late(self) -> int:
        return sum(Reason.OVERDUE in need.practice.reasons for need in self.pressing)

    @property
    def late_replies(self) -> list[Round]:
        """Rounds to which the institution owes an answer, past the day it was due."""
        return [round for round in self.rounds if reply_is_late(round, self.today)]


def places_of(person: Person, today: datetime.date) -> list[Place]:
    """Every institution of a person, by name. Works outside any of them; enters each to ask what waits."""
    held: dict[Organisation, list[Membership]] = defaultdict(list)
    found = Membership.objects.filter(person=person, ended_on=None).select_related("organisation")
    for membership in found.order_by("since", "role"):
        held[membership.organisation].append(membership)
    by_name = sorted(held.items(), key=lambda entry: entry[0].name.casefold())
    return [_place(organisation, memberships, person, today) for organisation, memberships in by_name]


def _place(
    organisation: Organisation, memberships: list[Membership], person: Person, today: datetime.date
) -> Place:
    permissions = permissions_of(frozenset(Role(membership.role) for membership in memberships))
    with within(organisation):
        waiting = waiting_for(person, permissions, today)
    return Place(organisation, [membership.label() for membership in memberships], waiting)


def waiting_for(person: Person, permissions: frozenset[Permission], today: datetime.date) -> Waiting:
    """What waits for a person in the institution one is in: rounds to score, answer or move on; practices."""
    rounds, to_score = community.rounds_and_waiting(person, permissions)
    return Waiting(
        to_score=to_score,
        to_reply=[round for round in rounds if _owes_reply(round, permissions)],
        to_move=[(round, move) for round in rounds for move in _moves(round, permissions)],
        practices=_needs_of(person, today),
    )


def _owes_reply(round: Round, permissions: frozenset[Permission]) -> bool:
    return round.at is Stage.REVEALED and Permission.REPLY_TO_ROUND in permissions


def _moves(round: Round, permissions: frozenset[Permission]) -> list[workflow.Move]:
    """Steps of a round that this person can take and that it is time for; replying is asked for elsewhere."""
    open_ones = [
        one for one in workflow.open_to(round.at, permissions) if one.move is not workflow.Move.REPLY
    ]
    if not open_ones:
        return []
    facts = community.facts_of(round)
    return [one.move for one in open_ones if workflow.is_time(one, facts)]


def _needs_of(person: Person, today: datetime.date) -> list[Need]:
    cycle = current_cycle()
    if cycle is None:
        return []
    return needs(today, programme.practices_matching(cycle, programme.Filters(owner=person.pk), today))


def home(person: Person, permissions: frozenset[Permission], today: datetime.date) -> Home:
    """The institution one is in, today."""
    steps = programme.steps_now()
    rounds, to_score = community.rounds_and_waiting(person, permissions)
    found = needs(today, programme.practices_in(steps))
    return Home(
        cycle=steps[0].record.cycle if steps else None,
        steps=[_line(step) for step in steps],
        pressing=[need for need in found if need.reason in PRESSING],
        due_soon=[need for need in found if need.reason not in PRESSING],
        to_score=to_score,
        rounds=[round for round in rounds if round.at not in CLOSED],
        releases=list(releases_of_organisation()[:RELEASES_SHOWN]),
        today=today,
    )


def reply_is_late(round: Round, today: datetime.date) -> bool:
    """Revealed, not answered, and the last day of the clock is over."""
    return round.at is Stage.REVEALED and round.reply_due_on is not None and round.reply_due_on < today


def needs(today: datetime.date, practices: Iterable[AdoptedPractice]) -> list[Need]:
    """Those of these practices that need somebody today, the most pressing first."""
    return [
        Need(practice, days_late=(today - practice.due).days if practice.due else 0)
        for practice in programme.attention(today, practices)
    ]


def _line(step: programme.Step) -> StepLine:
    return StepLine(
        number=step.record.number,
        name=str(step.record),
        state=step.record.state,
        goals=len(step.adopted),
        done=step.done,
        total=step.total,
        stuck=step.counts["stuck"],
    )


def members() -> list[Member]:
    """Everybody with a role in the institution one is in, by name."""
    held: dict[Person, list[Membership]] = defaultdict(list)
    for membership in (
        Membership.objects.filter(ended_on=None).select_related("person").order_by("since", "role")
    ):
        held[membership.person].append(membership)
    found = (Member(person, memberships) for person, memberships in held.items())
    return sorted(found, key=lambda member: member.person.name.casefold())


def job_for(pk: UUID) -> Job:
    """A piece of long work of the institution one is in."""
    job = Job.objects.filter(pk=pk).first()
    if job is None:
        raise NotFound("")
    return job
