"""Adopted practices of the institution one is in, with their news, proof and history."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from equity.cycle.models import Cycle
from equity.errors import NotFound
from equity.roles import MAY, Permission
from equity.tenancy.acting import current
from equity.tenancy.models import AuditEvent, Membership, Person
from practices.models import AdoptedPractice, Evidence, GuideText, Update
from practices.models.catalogue import spoken_language
from practices.queries.catalogue import texts_shown
from practices.workflow import OPEN, PracticeStatus


@dataclass(frozen=True)
class Filters:
    """What the list of practices is narrowed to; empty values narrow nothing."""

    status: str = ""
    owner: UUID | None = None
    step: int | None = None
    overdue: bool = False


def practices_of(cycle: Cycle) -> QuerySet[AdoptedPractice]:
    """Every practice of a cycle with its words and owner, in the guide's order; local ones come last."""
    return wordless_practices_of(cycle).prefetch_related(texts_shown("item__texts"))


def wordless_practices_of(cycle: Cycle) -> QuerySet[AdoptedPractice]:
    """The same, for who fetches the words of their items together with others."""
    return (
        AdoptedPractice.objects.filter(goal__cycle=cycle)
        .select_related("owner", "item__guide")
        .order_by("goal__item__code", F("item__code").asc(nulls_last=True), "adopted_on", "id")
    )


def practices_matching(cycle: Cycle, filters: Filters, today: datetime.date) -> QuerySet[AdoptedPractice]:
    """The practices of a cycle that the filters leave, each with its goal."""
    found = (
        practices_of(cycle)
        .select_related("goal__item__guide")
        .prefetch_related(texts_shown("goal__item__texts"))
    )
    if filters.status:
        found = found.filter(status=filters.status)
    if filters.owner:
        found = found.filter(owner_id=filters.owner)
    if filters.step:
        found = found.filter(goal__item__parent__code=str(filters.step))
    if filters.overdue:
        found = found.filter(due__lt=today, status__in=OPEN)
    return found


class Happening(StrEnum):
    AGREED = "agreed"
    BEGUN = "begun"
    DONE = "done"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Dated:
    """What happened to a practice on a day: it was agreed, begun, done or stopped."""

    on: datetime.date
    what: Happening
    title: str
    practice_id: UUID


_HAPPENED = {
    PracticeStatus.UNDER_WAY: Happening.BEGUN,
    PracticeStatus.DONE: Happening.DONE,
    PracticeStatus.STOPPED: Happening.STOPPED,
}


def dated_practices(
    level: str, start: datetime.date, end: datetime.date, *, shown_to_all: bool = False
) -> list[Dated]:
    """What happened in these days to practices of goals on one of the four levels, of any cycle. One query.

    `shown_to_all`: only practices of which the institution shows proof to everybody.
    """
    found = AdoptedPractice.objects.filter(goal__item__level=level)
    if shown_to_all:
        found = found.filter(Exists(Evidence.objects.filter(practice=OuterRef("pk"), visibility="public")))
    rows = found.annotate(guide_title=_guide_title()).values_list(
        "pk", "local_title", "guide_title", "adopted_on", "status", "status_since"
    )
    happened = [
        Dated(on, what, local or title, pk)
        for pk, local, title, adopted_on, status, since in rows
        for on, what in _happened(adopted_on, PracticeStatus(status), since)
        if start <= on <= end
    ]
    return sorted(happened, key=lambda one: (one.on, one.title))


def _happened(
    adopted_on: datetime.date, status: PracticeStatus, since: datetime.date
) -> Iterator[tuple[datetime.date, Happening]]:
    now = _HAPPENED.get(status)
    if now is None or since > adopted_on:
        yield adopted_on, Happening.AGREED
    if now is not None:
        yield since, now


def _guide_title() -> Coalesce:
    """The title of a practice's item as `GuideItem.words` chooses it: the reader's language, else the guide's own."""
    texts = GuideText.objects.filter(item=OuterRef("item"), reviewed=True)
    spoken = texts.filter(language=spoken_language())
    own = texts.filter(language=F("item__guide__language"))
    return Coalesce(Subquery(spoken.values("title")[:1]), Subquery(own.values("title")[:1]))


def practice_for(pk: UUID) -> AdoptedPractice:
    """One practice, of any cycle, with its goal and cycle."""
    practice = (
        AdoptedPractice.objects.select_related(
            "owner", "item__guide", "goal__item__guide", "goal__cycle", "organisation"
        )
        .prefetch_related(texts_shown("item__texts"), texts_shown("goal__item__texts"))
        .filter(pk=pk)
        .first()
    )
    if practice is None:
        raise NotFound("")
    return practice


def updates_of(practice: AdoptedPractice) -> QuerySet[Update]:
    """The news of a practice, newest first."""
    return Update.objects.filter(practice=practice).select_related("by")


def evidence_of(practice: AdoptedPractice) -> QuerySet[Evidence]:
    """The proof of a practice that the reader may see; PostgreSQL leaves out what was not shown to them."""
    return Evidence.objects.filter(practice=practice).select_related("added_by")


def evidence_for(pk: UUID) -> Evidence:
    """One piece of evidence, if the reader may see it."""
    evidence = Evidence.objects.select_related("practice").filter(pk=pk).first()
    if evidence is None:
        raise NotFound("")
    return evidence


def history_of(practice: AdoptedPractice) -> QuerySet[AuditEvent]:
    """What the audit trail says of a practice, newest first."""
    return AuditEvent.objects.filter(organisation_id=practice.organisation_id, target_id=str(practice.pk))


def possible_owners() -> QuerySet[Person]:
    """People of the institution who can post updates, by name."""
    roles = [role.value for role, permissions in MAY.items() if Permission.UPDATE_PRACTICE in permissions]
    members = Membership.objects.filter(organisation=current().organisation_id, ended_on=None, role__in=roles)
    return Person.objects.filter(pk__in=members.values("person_id")).order_by("name")
