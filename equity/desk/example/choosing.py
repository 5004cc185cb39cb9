"""How the example's invented institution chose what to measure: with its community, a department, and a change of mind."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from importlib.resources import files

from equity.publication.models import Release
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Organisation, Person
from equity.tenancy.personas import Persona
from metrics import choice, consent, groups
from metrics.actions.choosing import adopt_from_set, adopt_metric, give_to_community
from metrics.actions.groups import decide_change, propose_change, set_missing_goal
from metrics.actions.proposals import (
    adopt_proposal,
    consent_to_publication,
    decline_proposal,
    propose_metric,
)
from metrics.actions.versions import new_version, set_target
from metrics.definition_fields import definition_of
from metrics.definition_sets import load_set
from metrics.library.read import shelf
from metrics.models import Metric, SetMetric

SET = files("metrics.example") / "department-set.toml"
FIRST_DAY = datetime.date(2025, 1, 1)

OTHER_THAN_ENGLISH = {
    "code": "interpreted",
    "name": "With or without an interpreter",
    "groups": [
        {"code": "english", "label": "English", "categories": ["english"]},
        {
            "code": "another",
            "label": "Another language",
            "categories": ["arabic", "haitian_creole", "other", "spanish", "vietnamese"],
        },
    ],
}

People = Mapping[str, Person]


def choose(*, organisation: Organisation, people: People, today: datetime.date) -> None:
    """Play all of it, once and in one transaction: the blocks inside act as their own people and share its login."""
    with acting_as(Persona.OPERATOR):
        load_set(SET.read_text(encoding="utf-8"))
    with acting_as(Persona.MEMBER, organisation=organisation, person=people["lead"]):
        if not choice.proposals():
            _ask(organisation, people)
            _answer(organisation, people, today)
            _decide(organisation, people)


def _ask(organisation: Organisation, people: People) -> None:
    with acting_as(Persona.MEMBER, organisation=organisation, person=people["rosa"]):
        propose_metric(
            organisation=organisation,
            by=people["rosa"],
            name="People who leave before they are seen",
            level="patient",
            purpose="impact",
            words="People who come to the emergency room and go home again before anybody treats them, out of all who come.",
            why="We see who gives up waiting. Nobody writes it down.",
            library_code="left-without-care",
            community_holds=True,
        )
    with acting_as(Persona.MEMBER, organisation=organisation, person=people["pastor"]):
        propose_metric(
            organisation=organisation,
            by=people["pastor"],
            name="Bills sent to a collector",
            level="community",
            purpose="impact",
            words="Unpaid bills that went to a debt collector, out of all bills.",
            why="Families in our church stopped coming because of a bill.",
            library_code="debt-actions",
        )
    with acting_as(Persona.MEMBER, organisation=organisation, person=people["youth"]):
        propose_metric(
            organisation=organisation,
            by=people["youth"],
            name="How long the bus takes",
            level="community",
            purpose="implementation",
            words="Minutes by bus from each neighborhood to the clinic.",
            why="Two of us lost a morning of school for a checkup.",
        )


def _answer(organisation: Organisation, people: People, today: datetime.date) -> None:
    lead = people["lead"]
    with acting_as(Persona.MEMBER, organisation=organisation, person=lead):
        asked = {one.name: one for one in choice.proposals()}
        adopt_proposal(
            proposal=asked["People who leave before they are seen"],
            entry=shelf().metric("left-without-care"),
            reason="Yes. We begin to count in the next quarter.",
            by=lead,
        )
        decline_proposal(
            proposal=asked["How long the bus takes"],
            reason="We have no record of it. We asked the transit agency, and will come back when it answers.",
            by=lead,
        )
        adopt_metric(organisation=organisation, entry=shelf().metric("partner-trust"), by=lead)
        adopt_from_set(
            organisation=organisation, entry=SetMetric.objects.get(code="blood-pressure-core"), by=lead
        )
        give_to_community(metric=Metric.objects.get(code="security-calls"), by=lead)
        _change_of_mind(lead)
        _aims(lead, today)
        set_missing_goal(
            dimension=groups.dimension_for("race_ethnicity"),
            owner=people["analyst"],
            at_most=Decimal("3"),
            by_date=_new_year(today),
            insiders=groups.insiders(),
            by=lead,
        )


def _change_of_mind(lead: Person) -> None:
    """The institution counts another thing from 2025 on: its line breaks there."""
    prenatal = Metric.objects.get(code="prenatal-by-week-12")
    new_version(
        metric=prenatal,
        values={
            **definition_of(prenatal),
            "numerator": "Pregnant people whose first prenatal visit, at the clinic or by video, was before the end of week 12",
        },
        first_day=FIRST_DAY,
        reason="Visits by video count too, because that is how many people begin now.",
        by=lead,
    )


def _aims(lead: Person, today: datetime.date) -> None:
    pain = Metric.objects.get(code="pain-30-minutes")
    told = (
        ("", "80", "The equity council set it with the emergency department."),
        ("race_ethnicity=black", "75", "A first step. The board asked for more."),
        ("race_ethnicity=black", "80", "The same as for everybody: the board asked for it."),
    )
    for stratum, value, reason in told:
        set_target(
            metric=pain,
            stratum=stratum,
            value=Decimal(value),
            by_date=_new_year(today),
            reason=reason,
            by=lead,
        )


def _decide(organisation: Organisation, people: People) -> None:
    """The community names the group that others are compared with; another change waits."""
    facilitator = people["facilitator"]
    with acting_as(Persona.MEMBER, organisation=organisation, person=facilitator):
        decide_change(
            change=propose_change(
                dimension=groups.dimension_for("language"),
                kind="reference",
                becomes={"reference": "english"},
                why="Those who speak the language of the staff have it easiest.",
                by=facilitator,
            ),
            approved=True,
            by=facilitator,
        )
        decide_change(
            change=propose_change(
                dimension=groups.dimension_for("language"),
                kind="grouping",
                becomes=OTHER_THAN_ENGLISH,
                why="Whoever needs an interpreter waits, whichever language it is.",
                by=facilitator,
            ),
            approved=True,
            by=facilitator,
        )
    with acting_as(Persona.MEMBER, organisation=organisation, person=people["analyst"]):
        propose_change(
            dimension=groups.dimension_for("race_ethnicity"),
            kind="label",
            becomes={"category": "other", "label": "A race or ethnicity not listed", "short": "Not listed"},
            why="“Some other” makes people feel like a leftover.",
            by=people["analyst"],
        )


def agree(*, organisation: Organisation, release: Release, facilitator: Person) -> None:
    """The community's word on what it holds of a release."""
    with acting_as(Persona.MEMBER, organisation=organisation, person=facilitator):
        for metric in consent.missing_consent(release):
            consent_to_publication(release=release, metric=metric, agreed=True, by=facilitator)


def _new_year(today: datetime.date) -> datetime.date:
    return datetime.date(today.year + 1, 12, 31)
