"""The programme of the institution one is in: steps, goals, what needs somebody, what is stated."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from equity.cycle.models import STEP_NAMES, Cycle, CycleStep
from equity.cycle.queries import current_cycle, steps_of
from equity.cycle.steps import StepNumber
from equity.errors import NotFound
from practices import urgency
from practices.models import AdoptedGoal, AdoptedPractice, Guide, GuideItem, ItemKind
from practices.queries.catalogue import LIGHT_AND_HEAT, Branch, guide_for, roots
from practices.queries.practices import practices_of
from practices.urgency import Reason
from practices.workflow import OPEN, PracticeStatus, goal_status


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
    goal = (
        AdoptedGoal.objects.filter(cycle=cycle)
        .select_related("item__guide")
        .order_by("adopted_on", "id")
        .first()
    )
    return goal.item.guide if goal else guide_for(LIGHT_AND_HEAT)


def steps_with_goals(cycle: Cycle, *, samples: bool = False) -> list[Step]:
    """The five steps of a cycle with every goal of the guide, adopted or not, and every practice that was adopted.

    `samples`: with the practices that the guide offers for each goal, too.
    """
    adopted = {
        goal.item_id: goal for goal in AdoptedGoal.objects.filter(cycle=cycle).select_related("adopted_by")
    }
    practices: dict[UUID, list[AdoptedPractice]] = defaultdict(list)
    for practice in practices_of(cycle):
        practices[practice.goal_id].append(practice)
    kinds = (ItemKind.STEP, ItemKind.GOAL, *([ItemKind.PRACTICE] if samples else []))
    branches = {
        branch.item.code: branch for branch in roots(edition_of(cycle), ItemKind.STEP, with_kinds=kinds)
    }

    def of_cycle(branch: Branch) -> Goal:
        goal = adopted.get(branch.item.pk)
        return Goal(branch, goal, practices[goal.pk] if goal else [])

    return [
        Step(record, branch, [of_cycle(goal) for goal in branch.by_kind.get("goal", [])])
        for record in steps_of(cycle)
        if (branch := branches.get(str(record.number)))
    ]


def step_with_goals(number: int) -> Step:
    """One step of the current cycle."""
    found = next((step for step in _steps_under_way() if step.record.number == number), None)
    if found is None:
        raise NotFound("")
    return found


def goal_for(code: str) -> Goal:
    """A goal of the guide, by its code, in the current cycle; adopted or not."""
    goals = (goal for step in _steps_under_way(samples=True) for goal in step.goals)
    found = next((goal for goal in goals if goal.item.code == code), None)
    if found is None:
        raise NotFound("")
    return found


def _steps_under_way(*, samples: bool = False) -> list[Step]:
    cycle = current_cycle()
    return steps_with_goals(cycle, samples=samples) if cycle else []


def attention(today: datetime.date) -> list[Attention]:
    """Practices of the current cycle that are overdue, stuck, due within 14 days, or silent for 45 days.

    The most pressing first; of equal reason the one that is due first, then the one that was silent longest.
    """
    cycle = current_cycle()
    if cycle is None:
        return []
    open_ones = practices_of(cycle).filter(status__in=OPEN).select_related("goal__item")
    found = [entry for practice in open_ones if (entry := _attention(practice, today))]
    order = list(Reason)
    return sorted(
        found,
        key=lambda entry: (order.index(entry.reasons[0]), entry.due or datetime.date.max, entry.last_news_on),
    )


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

    {"cycle": n, "steps": [{"number", "name", "state"}], "goals": [{"code", "title", "status"}]}
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
    }
