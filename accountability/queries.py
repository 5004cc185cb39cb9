"""The only door to bodies, rounds, one's own answers and, after the reveal, what may be known of everybody's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accountability import visibility
from accountability.findings import Finding, Reason, level_of
from accountability.models import (
    GROUP_LABELS,
    Body,
    Draft,
    Reply,
    Reviewer,
    Round,
    RoundItem,
    Score,
    Seat,
    Submission,
)
from accountability.tally import Answer, ItemTally, tally
from accountability.workflow import Facts, Stage
from equity.errors import NotFound, RuleBroken
from equity.roles import Permission
from equity.tenancy.acting import current
from equity.tenancy.models import Person
from practices.models import Evidence, GuideItem
from practices.queries import criteria, dashboard_items

Permissions = frozenset[Permission]


@dataclass(frozen=True)
class Question:
    """What a round can ask, in today's words: frozen into a RoundItem when it is chosen."""

    kind: str
    code: str
    title: str
    question: str
    anchors: tuple[str, ...]
    theme: str = ""
    level: str = ""
    guide_item_id: int | None = None


@dataclass(frozen=True)
class Result:
    """One question of a revealed round: its words, what was found, and the institution's reply if it may be read."""

    item: RoundItem
    finding: Finding
    reply: Reply | None

    @property
    def tally(self) -> ItemTally:
        return self.finding.tally


# ---------------------------------------------------------------- bodies and what can be asked
def bodies() -> QuerySet[Body]:
    """The governance bodies that review the institution one is in."""
    return Body.objects.order_by("name")


def body_for(pk: UUID) -> Body:
    """One body."""
    return _found(Body.objects.filter(pk=pk).first())


def seats_today(body: Body) -> QuerySet[Seat]:
    """Seats that are held today, with their people."""
    today = timezone.localdate()
    held = Seat.objects.filter(Q(until=None) | Q(until__gte=today), body=body, since__lte=today)
    return held.select_related("person").order_by("group", "since", "id")


def questions() -> list[Question]:
    """The nine criteria and the four level dashboards of the newest guide."""
    return [
        *(_question(item, RoundItem.Kind.CRITERION) for item in criteria()),
        *(_question(item, RoundItem.Kind.DASHBOARD) for item in dashboard_items()),
    ]


def _question(item: GuideItem, kind: RoundItem.Kind) -> Question:
    words = item.words
    level = (item.level or item.parent.code) if kind is RoundItem.Kind.DASHBOARD and item.parent else ""
    return Question(
        kind=kind.value,
        code=item.code,
        title=words.title,
        question=words.question,
        anchors=tuple(words.anchors),
        theme=item.parent.words.title if item.parent else "",
        level=level,
        guide_item_id=item.pk,
    )


# ---------------------------------------------------------------- rounds
def rounds(permissions: Permissions = frozenset({Permission.SEE_ROUNDS})) -> list[Round]:
    """The rounds that a person with these permissions sees, newest first."""
    found = Round.objects.select_related("body").order_by("-number")
    return [round for round in found if visibility.sees_round(round.at, permissions)]


def round_for(pk: UUID, permissions: Permissions) -> Round:
    """One round, if a person with these permissions sees it."""
    round = _found(Round.objects.select_related("body", "organisation").filter(pk=pk).first())
    if not visibility.sees_round(round.at, permissions):
        raise NotFound("")
    return round


def hold(pk: UUID, *, alone: bool) -> Round:
    """The round as it is now, and stays until this transaction ends.

    Reviewers hold it together; whoever moves it on holds it alone, so that no score can arrive during a reveal.
    An advisory lock, because reviewers have no right to update the round and so could not lock its row.
    """
    with connections[current().alias].cursor() as cursor:
        cursor.execute("SELECT accountability_hold(%s, %s)", [pk, alone])
    return _found(Round.objects.select_related("body", "organisation").filter(pk=pk).first())


def items_of(round: Round) -> QuerySet[RoundItem]:
    """The questions of a round in their order."""
    return RoundItem.objects.filter(round=round).order_by("position")


def item_for(round: Round, number: int) -> RoundItem:
    """One question of a round, by its number."""
    return _found(RoundItem.objects.filter(round=round, position=number).first())


def facts_of(round: Round) -> Facts:
    """What the next move may depend on."""
    return Facts(
        today=timezone.localdate(),
        questions=RoundItem.objects.filter(round=round).count() if round.at is Stage.DRAFT else 0,
        seats=seats_today(round.body).count() if round.at is Stage.DRAFT else 0,
        reveal_from=round.reveal_from,
        everyone_finished=round.at is Stage.OPEN and _answer_of("accountability_all_submitted", round),
        replies=Reply.objects.filter(round=round).count() if round.at is Stage.REVEALED else 0,
        reply_due_on=round.reply_due_on,
        later_published=round.at is Stage.PUBLISHED
        and Round.objects.filter(
            body=round.body, number__gt=round.number, published_at__isnull=False
        ).exists(),
    )


# ---------------------------------------------------------------- one's own answers
def reviewer_for(round: Round, person: Person) -> Reviewer | None:
    """The seat with which a person reviews this round, if they do."""
    return Reviewer.objects.filter(round=round, person=person).first()


def my_drafts(round: Round, person: Person) -> dict[UUID, Draft]:
    """What a person has written so far, by question."""
    return {draft.item_id: draft for draft in Draft.objects.filter(round=round, person=person)}


def my_scores(round: Round, person: Person) -> dict[UUID, Score]:
    """What a person has submitted, by question."""
    return {score.item_id: score for score in Score.objects.filter(round=round, person=person)}


def has_finished(round: Round, person: Person) -> bool:
    """Whether a person has submitted. PostgreSQL tells them of themselves only."""
    return Submission.objects.filter(round=round, person=person).exists()


def waiting_for(person: Person) -> list[Round]:
    """Open rounds, of the institution one is in, that wait for this person's answers; the soonest reveal first."""
    return _in_time_order(_with_waiting(person).filter(waits=True))


def rounds_and_waiting(person: Person, permissions: Permissions) -> tuple[list[Round], list[Round]]:
    """What `rounds` and `waiting_for` say, in one query: those that the person sees, and those that wait for them."""
    found = list(_with_waiting(person).order_by("-number"))
    seen = [round for round in found if visibility.sees_round(round.at, permissions)]
    return seen, _in_time_order(round for round in found if round.waits)


def _with_waiting(person: Person) -> Any:
    """Rounds with `waits`: open, and this person is asked and has not submitted."""
    asked = Reviewer.objects.filter(round=OuterRef("pk"), person=person)
    finished = Submission.objects.filter(round=OuterRef("pk"), person=person)
    is_open = Q(stage=Stage.OPEN.value)
    return Round.objects.select_related("body").annotate(
        waits=ExpressionWrapper(is_open & Exists(asked) & ~Exists(finished), BooleanField())
    )


def _in_time_order(rounds: Iterable[Round]) -> list[Round]:
    return sorted(rounds, key=lambda one: (one.reveal_from, one.number))


def shown_evidence() -> QuerySet[Evidence]:
    """What the institution has shown to the community or to everybody, newest first."""
    shown = Evidence.objects.exclude(visibility="institution").select_related("practice")
    return shown.order_by("-fact_date", "-added_at")


# ---------------------------------------------------------------- after the reveal
def results_for(round: Round, permissions: Permissions) -> list[Result]:
    """What was found, the most split question first. Counted by PostgreSQL; no row of anybody's leaves it."""
    if not visibility.sees_results(round.at, permissions):
        raise RuleBroken(_("Scores are sealed until the round is revealed."))
    return results_of(round, with_replies=visibility.sees_replies(round.at, permissions))


def results_of(round: Round, *, with_replies: bool) -> list[Result]:
    """The same for the worker that publishes; nothing before the reveal."""
    items = {item.pk: item for item in items_of(round)}
    replies = {reply.item_id: reply for reply in Reply.objects.filter(round=round)} if with_replies else {}
    reasons = _reasons(round)
    return [
        Result(item, Finding(counted, tuple(reasons[item.pk])), replies.get(item.pk))
        for counted in _tallies(round, items)
        for item in [items[UUID(counted.item)]]
    ]


def seal_of(round: Round) -> str:
    """SHA-256 over all scores of a revealed round: whoever changes one later, with the keys to the house, is found out."""
    return str(_answer_of("accountability_seal", round))


def _tallies(round: Round, items: dict[UUID, RoundItem]) -> tuple[ItemTally, ...]:
    rows = _rows("accountability_tally", round)
    groups = {
        code: str(label)
        for code, label in GROUP_LABELS.items()
        if any(row["group_code"] == code for row in rows)
    }
    answers = [
        Answer(str(row["item_id"]), row["group_code"], value)
        for row in rows
        if (value := level_of(row["answer"], row["level"])) is not None
        for _one in range(row["replies"])
    ]
    return tally(answers, items=[str(pk) for pk in items], groups=groups, threshold=round.threshold)


def _reasons(round: Round) -> dict[UUID, list[Reason]]:
    reasons: dict[UUID, list[Reason]] = defaultdict(list)
    for row in _rows("accountability_reasons", round):
        group = str(GROUP_LABELS[row["group_code"]]) if row["group_code"] else None
        level = level_of(row["answer"], row["level"])
        reasons[row["item_id"]].append(Reason(group, level, row["reason"], row["language"]))
    return reasons


def _rows(function: str, round: Round) -> list[dict[str, Any]]:
    with connections[current().alias].cursor() as cursor:
        cursor.callproc(function, [round.pk])
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _answer_of(function: str, round: Round) -> Any:
    with connections[current().alias].cursor() as cursor:
        cursor.callproc(function, [round.pk])
        return cursor.fetchone()[0]


def _found(row: Any) -> Any:
    if row is None:
        raise NotFound("")
    return row
