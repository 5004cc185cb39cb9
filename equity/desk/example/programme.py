"""The example's first cycle: what the institution took up, who answers for it, what is done, late and stuck."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from equity.cycle.actions import move_step, open_cycle
from equity.cycle.models import Cycle
from equity.cycle.queries import steps_of
from equity.cycle.steps import StepState
from equity.tenancy.models import Organisation, Person
from practices import queries
from practices.actions.evidence import attach_evidence_link
from practices.actions.programme import add_local_practice, adopt_goal, adopt_practice, assign, post_update
from practices.evidence_rules import Visibility
from practices.models import AdoptedPractice
from practices.workflow import PracticeStatus

COUNCIL_PAGE = "https://example.org/equity-council"


@dataclass(frozen=True)
class Work:
    """One practice: the guide's code, or a local title; days until it is due; news; whether a link proves it."""

    code: str
    due_in: int
    news: tuple[tuple[PracticeStatus, str], ...] = ()
    proof: str = ""
    local: str = ""
    after: int | None = None
    """Taken up so many days after the cycle began; otherwise today."""


@dataclass(frozen=True)
class Chosen:
    """One goal and why it was chosen."""

    code: str
    reason: str
    works: list[Work] = field(default_factory=list)


UNDER_WAY, STUCK, DONE = PracticeStatus.UNDER_WAY, PracticeStatus.STUCK, PracticeStatus.DONE

PROGRAMME = (
    Chosen(
        "1.1",
        "Staff asked the board to say in writing what it will do, and by when.",
        [
            Work(
                "1.1.2",
                -20,
                (
                    (
                        UNDER_WAY,
                        "A first timeline went to the council in spring. It names who answers for each step.",
                    ),
                    (DONE, "The board voted for the timeline. It is on the council's page."),
                ),
                proof="Timeline voted by the board",
            ),
            Work(
                "1.1.4", 60, ((UNDER_WAY, "Two of six executives now have a gap among their yearly goals."),)
            ),
        ],
    ),
    Chosen(
        "2.1",
        "The work had no home. A council with a mandate and paid time comes first.",
        [
            Work(
                "2.1.1",
                -40,
                ((UNDER_WAY, "The council meets monthly. Two seats for patients are still empty."),),
                proof="Minutes of the first three meetings",
            )
        ],
    ),
    Chosen(
        "3.1",
        "We count returns within 30 days by race, payer and age. We have not yet asked why they differ.",
        [
            Work(
                "3.1.1",
                10,
                ((UNDER_WAY, "Returns are counted by race, gender, age and payer. Language is missing."),),
            )
        ],
    ),
    Chosen(
        "4.1",
        "Patients told the board that no one calls them after they go home.",
        [
            Work(
                "4.1.3",
                30,
                ((STUCK, "Two navigators are hired. Their desks and phones wait for a budget line."),),
                proof="Contract of the two navigators",
                after=55,
            ),
            Work("4.1.5", 90),
        ],
    ),
    Chosen(
        "4.2",
        "The guide lists no practices here, so the board proposed one.",
        [
            Work(
                "",
                45,
                ((UNDER_WAY, "Three evening classes were held with the tenants' union. Forty people came."),),
                local="Evening classes on reading a hospital bill, led by the tenants' union",
            )
        ],
    ),
    Chosen("4.7", "Readmission follows housing. We will speak for the rent rules that the board supports."),
)

STEPS = {1: StepState.DONE, 2: StepState.UNDER_WAY, 3: StepState.UNDER_WAY, 4: StepState.UNDER_WAY}


def run_programme(
    *, organisation: Organisation, lead: Person, owner: Person, began: datetime.date, today: datetime.date
) -> Cycle:
    """Play the first cycle up to today, as the equity lead. Acts as a member of the institution."""
    cycle = open_cycle(organisation=organisation, started_on=began, by=lead)
    for step in steps_of(cycle):
        wanted = STEPS.get(step.number)
        if wanted:
            step = move_step(step=step, to=StepState.UNDER_WAY, by=lead)
        if wanted is StepState.DONE:
            move_step(step=step, to=StepState.DONE, by=lead)
    for chosen in PROGRAMME:
        _take_up(cycle, chosen, lead, owner, today)
    return cycle


def _take_up(cycle: Cycle, chosen: Chosen, lead: Person, owner: Person, today: datetime.date) -> None:
    guide = queries.edition_of(cycle)
    goal = adopt_goal(
        cycle=cycle, item=queries.item_for(guide, chosen.code, "goal"), reason=chosen.reason, by=lead
    )
    for work in chosen.works:
        if work.local:
            practice = add_local_practice(
                goal=goal, title=work.local, body="", proposed_by="community", by=lead
            )
        else:
            practice = adopt_practice(
                goal=goal,
                item=queries.item_for(guide, work.code, "practice"),
                by=lead,
                agreed_on=None
                if work.after is None
                else cycle.started_on + datetime.timedelta(days=work.after),
            )
        _carry_out(practice, work, owner, today)


def _carry_out(practice: AdoptedPractice, work: Work, owner: Person, today: datetime.date) -> None:
    due = today + datetime.timedelta(days=work.due_in)
    practice = assign(practice=practice, owner=owner, due=due, version=practice.version, by=owner)
    if work.proof:
        attach_evidence_link(
            practice=practice,
            title=work.proof,
            url=COUNCIL_PAGE,
            fact_date=today,
            by=owner,
            visibility=Visibility.PUBLIC,
        )
    for status, words in work.news:
        practice.refresh_from_db()
        post_update(practice=practice, status=status, words=words, version=practice.version, by=owner)
