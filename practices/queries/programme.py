"""The programme of the institution one is in: steps, goals, what needs somebody, what is stated."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, prefetch_related_objects

from equity.cycle.models import STEP_NAMES, Cycle, CycleStep
from equity.cycle.queries import current_cycle, steps_of, steps_under_way
from equity.cycle.steps import StepNumber
from equity.errors import NotFound
from practices import urgency
from practices.models import AdoptedGoal, AdoptedPractice, Guide, GuideItem, ItemKind, Level
from practices.queries.catalogue import LIGHT_AND_HEAT, Branch, grown_from, guide_for, texts_shown
from practices.queries.practices import dated_practices, practices_of, wordless_practices_of
from practices.urgency import Reason
from practices.workflow import PracticeStatus, goal_status


@dataclass(frozen=True)
class Goal:
    """A strategic goal of the guide, and what the cycle made of it."""

    branch: Branch
    adopted: AdoptedGoal | None
    practices: list[AdoptedPractice]

    @property
    def item(self) -> GuideItem:
        return self.branch.item

    @property
    def status(self) -> PracticeStatus:
        return goal_status([PracticeStatus(practice.status) for practice in self.practices])

    @property
    def samples_left(self) -> list[Branch]:
        """Practices that the guide offers for this goal and that the institution has not adopted."""
        taken = {practice.item_id for practice in self.practices}
        return [branch for branch in self.branch.by_kind.get("practice", []) if branch.item.pk not in taken]


@dataclass(frozen=True)
class Step:
    """One of the five steps in a cycle, with the goals that the guide gives it."""

    record: CycleStep
    branch: Branch
    goals: list[Goal]

    @property
    def adopted(self) -> list[Goal]:
        return [goal for goal in self.goals if goal.adopted]

    @property
    def counts(self) -> Counter[str]:
        """How many practices have each status."""
        return Counter(practice.status for goal in self.goals for practice in goal.practices)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        return self.counts[PracticeStatus.DONE.value]

    @property
    def share(self) -> float:
        """How much of the step is done, from 0 to 1."""
        return self.done / self.total if self.total else 0.0


@dataclass(frozen=True)
class Attention:
    """A practice that needs somebody today. `reasons` are never empty, the most pressing first."""

    practice_id: UUID
    title: str
    code: str
    goal_code: str
    owner: str
    status: str
    status_since: datetime.date
    due: datetime.date | None
    days_late: int
    last_news_on: datetime.date
    reasons: tuple[Reason, ...]


def edition_of(cycle: Cycle) -> Guide:
    """The edition that a cycle follows: the one its goals came from, or the newest while it has none."""
    return _edition(list(_goals_of(cycle)))


def _goals_of(cycle: Cycle) -> QuerySet[AdoptedGoal]:
    return (
        AdoptedGoal.objects.filter(cycle=cycle)
        .select_related("adopted_by", "item__guide")
        .order_by("adopted_on", "id")
    )


def _edition(goals: Sequence[AdoptedGoal]) -> Guide:
    return goals[0].item.guide if goals else guide_for(LIGHT_AND_HEAT)


def steps_with_goals(cycle: Cycle, *, samples: bool = False) -> list[Step]:
    """The five steps of a cycle with every goal of the guide, adopted or not, and every practice that was adopted.

    `samples`: with the practices that the guide offers for each goal, too.
    """
    return _with_goals(cycle, list(steps_of(cycle)), samples=samples)


def steps_now(*, samples: bool = False) -> list[Step]:
    """The same for the current cycle; none before the first."""
    records = steps_under_way()
    return _with_goals(records[0].cycle, records, samples=samples) if records else []


def _with_goals(cycle: Cycle, records: Sequence[CycleStep], *, samples: bool) -> list[Step]:
    goals = list(_goals_of(cycle))
    adopted = {goal.item_id: goal for goal in goals}
    practices: dict[UUID, list[AdoptedPractice]] = defaultdict(list)
    for practice in wordless_practices_of(cycle).select_related("goal__item"):
        practices[practice.goal_id].append(practice)
    kinds = (ItemKind.STEP, ItemKind.GOAL, *([ItemKind.PRACTICE] if samples else []))
    items = list(
        GuideItem.objects.filter(guide=_edition(goals), kind__in=kinds)
        .select_related("guide")
        .order_by("position")
    )
    of_practices = (one.item for several in practices.values() for one in several if one.item)
    prefetch_related_objects([*items, *of_practices], texts_shown())
    branches = {branch.item.code: branch for branch in grown_from(items, ItemKind.STEP)}

    def of_cycle(branch: Branch) -> Goal:
        goal = adopted.get(branch.item.pk)
        return Goal(branch, goal, practices[goal.pk] if goal else [])

    return [
        Step(record, branch, [of_cycle(goal) for goal in branch.by_kind.get("goal", [])])
        for record in records
        if (branch := branches.get(str(record.number)))
    ]


def step_with_goals(number: int) -> Step:
    """One step of the current cycle."""
    found = next((step for step in steps_now() if step.record.number == number), None)
    if found is None:
        raise NotFound("")
    return found


def goal_for(code: str) -> Goal:
    """A goal of the guide, by its code, in the current cycle; adopted or not."""
    goals = (goal for step in steps_now(samples=True) for goal in step.goals)
    found = next((goal for goal in goals if goal.item.code == code), None)
    if found is None:
        raise NotFound("")
    return found


def attention(today: datetime.date, practices: Iterable[AdoptedPractice] | None = None) -> list[Attention]:
    """Practices of the current cycle that are overdue, stuck, due within 14 days, or silent for 45 days.

    The most pressing first; of equal reason the one that is due first, then the one that was silent longest. `practices`:
    those of the cycle, where they have been read already (with their goals' items).
    """
    if practices is None:
        cycle = current_cycle()
        practices = practices_of(cycle).select_related("goal__item") if cycle else ()
    found = [entry for practice in practices if practice.is_open and (entry := _attention(practice, today))]
    order = list(Reason)
    return sorted(
        found,
        key=lambda entry: (order.index(entry.reasons[0]), entry.due or datetime.date.max, entry.last_news_on),
    )


def practices_in(steps: Iterable[Step]) -> list[AdoptedPractice]:
    """Every practice that was adopted in these steps, in their order."""
    return [practice for step in steps for goal in step.goals for practice in goal.practices]


def _attention(practice: AdoptedPractice, today: datetime.date) -> Attention | None:
    why = urgency.reasons(
        PracticeStatus(practice.status), due=practice.due, last_news=practice.last_news_on, today=today
    )
    if not why:
        return None
    return Attention(
        practice_id=practice.pk,
        title=practice.title,
        code=practice.code,
        goal_code=practice.goal.item.code,
        owner=practice.owner.name if practice.owner else "",
        status=practice.status,
        status_since=practice.status_since,
        due=practice.due,
        days_late=urgency.days_late(PracticeStatus(practice.status), practice.due, today),
        last_news_on=practice.last_news_on,
        reasons=why,
    )


def programme_statement() -> dict[str, Any] | None:
    """What is published about the current cycle: its steps and adopted goals; None before the first cycle.

    {"cycle": n, "steps": [{"number", "name", "state"}], "goals": [{"code", "title", "status"}],
     "practices": [{"level", "on", "what", "title"}]}

    Of practices only those of which the institution shows proof to everybody, and only of goals on one of the four levels.
    """
    cycle = current_cycle()
    if cycle is None:
        return None
    steps = steps_with_goals(cycle)
    return {
        "cycle": cycle.number,
        "steps": [
            {
                "number": step.record.number,
                "name": str(STEP_NAMES[StepNumber(step.record.number)]),
                "state": step.record.state,
            }
            for step in steps
        ],
        "goals": [
            {"code": goal.item.code, "title": goal.item.words.title, "status": goal.status.value}
            for step in steps
            for goal in step.adopted
        ],
        "practices": [
            {"level": level, "on": one.on.isoformat(), "what": one.what.value, "title": one.title}
            for level in Level.values
            for one in dated_practices(level, datetime.date.min, datetime.date.max, shown_to_all=True)
        ],
    }
