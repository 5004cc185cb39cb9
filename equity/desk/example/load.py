"""Loading the example: once, in the order in which it would have happened."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from accountability.actions.replies import write_reply
from accountability.actions.rounds import publish as publish_round
from accountability.actions.rounds import ratify, reveal, send_replies
from accountability.models import Round
from accountability.queries import items_of
from accountability.workflow import Stage
from equity.cycle.queries import current_cycle
from equity.desk.example import choosing, community, figures, mandate, programme, region
from equity.desk.example.cast import (
    CAST,
    INVENTED,
    NOT_YET_SCORED,
    REAL_COUNTS,
    SAMPLE_NOTES,
    Player,
    password,
)
from equity.publication.models import Release
from equity.tenancy.acting import acting_as
from equity.tenancy.actions import UnitFacts, add_person, create_organisation, grant_role
from equity.tenancy.models import Membership, Organisation, Person
from equity.tenancy.personas import Persona
from metrics.models import Batch

PLACES = {
    REAL_COUNTS: {"kind": "health_system", "state": "", "county_fips": "", "ccn": ""},
    INVENTED: {"kind": "health_system", "state": "OH", "county_fips": "39049", "ccn": ""},
}
FILES = {REAL_COUNTS: "readmission-counts.csv", INVENTED: "willow-ferry-counts.csv"}
BEGAN = {INVENTED: datetime.date(2025, 1, 13)}
"""Within the two years that the invented institution has counted, so that its charts show what it did."""

Say = Callable[[str], None]
People = dict[str, Person]


def load_example(*, say: Say) -> None:
    """Open both institutions and play their story, then the health department's. Each stage is whole or not there: a second call goes on where one
    that was stopped left off, and does nothing when all is there."""
    described = tomllib.loads((figures.DATA / "institutions.toml").read_text())["institution"]
    for facts in described:
        organisation, people = _institution(facts)
        _play_programme(organisation, people)
        if organisation.slug == INVENTED:
            choosing.choose(organisation=organisation, people=people, today=timezone.localdate())
        _play_figures(organisation, people, say)
        _play_mandate(organisation, people, say)
        _play_community(organisation, people)
        say(f"{organisation.name} is there.")
    region.play(say=say)


def _institution(described: dict[str, Any]) -> tuple[Organisation, People]:
    slug = described["code"]
    with acting_as(Persona.OPERATOR):
        organisation = Organisation.objects.filter(slug=slug).first()
        if organisation is None:
            facts = {"slug": slug, "name": described["name"], "sample_note": SAMPLE_NOTES[slug]} | PLACES[
                slug
            ]
            units = [UnitFacts(unit["code"], unit["name"], unit["kind"]) for unit in described["unit"]]
            organisation = create_organisation(facts=facts, units=units)
            figures.define(organisation=organisation)
            _invite(organisation)
        held = Membership.objects.filter(organisation=organisation).select_related("person")
        by_name = {membership.person.name: membership.person for membership in held}
    return organisation, {player.key: by_name[player.name] for player in CAST}


def _invite(organisation: Organisation) -> None:
    for player in CAST:
        person = add_person(name=player.name, email=player.email(organisation.slug), password=password())
        grant_role(organisation=organisation, person=person, role=player.role, by=None)


def _play_programme(organisation: Organisation, people: People) -> None:
    today = timezone.localdate()
    with acting_as(Persona.MEMBER, organisation=organisation, person=people["lead"]):
        if current_cycle() is None:
            programme.run_programme(
                organisation=organisation,
                lead=people["lead"],
                owner=people["owner"],
                began=BEGAN.get(organisation.slug, today - datetime.timedelta(days=200)),
                today=today,
            )


def _play_figures(organisation: Organisation, people: People, say: Say) -> None:
    with acting_as(Persona.MEMBER, organisation=organisation, person=people["analyst"]):
        states = set(Release.objects.filter(kind=Release.Kind.FIGURES).values_list("state", flat=True))
        has_counts = Batch.objects.filter(state=Batch.State.APPLIED).exists()
    if Release.State.PUBLISHED in states:
        return
    if not has_counts:
        say(f"{organisation.name}: loading the counts.")
        figures.load(organisation=organisation, file=FILES[organisation.slug], analyst=people["analyst"])
    say(f"{organisation.name}: checking that no small count can be worked out.")
    figures.publish(organisation=organisation, title="All figures so far", people=people)


def _play_mandate(organisation: Organisation, people: People, say: Say) -> None:
    if organisation.slug == INVENTED:
        mandate.play(organisation=organisation, people=people, say=say)


def _play_community(organisation: Organisation, people: People) -> None:
    is_finished = organisation.slug == INVENTED
    seated = [(player, people[player.key]) for player in CAST]
    with acting_as(Persona.MEMBER, organisation=organisation, person=people["facilitator"]):
        round = Round.objects.first() or _first_round(organisation, seated, people["facilitator"])
    if round.at is Stage.OPEN:
        for player, person in seated:
            if player.seat and (is_finished or player.key not in NOT_YET_SCORED):
                community.score(round=round, organisation=organisation, player=player, person=person)
    if is_finished and round.at is Stage.OPEN:
        _finish_round(organisation, round, people)


def _first_round(
    organisation: Organisation, seated: list[tuple[Player, Person]], facilitator: Person
) -> Round:
    today = timezone.localdate()
    board = community.seat_board(
        organisation=organisation,
        name=f"Community board of {organisation.name}",
        facilitator=facilitator,
        players=seated,
        today=today,
    )
    return community.open_first_round(body=board, title="First round", facilitator=facilitator, today=today)


def _finish_round(organisation: Organisation, round: Round, people: People) -> None:
    facilitator, lead = people["facilitator"], people["lead"]
    with acting_as(Persona.MEMBER, organisation=organisation, person=facilitator):
        round = reveal(round=round, by=facilitator)
    with acting_as(Persona.MEMBER, organisation=organisation, person=lead):
        for item in items_of(round)[:4]:
            write_reply(
                item=item,
                text="Thank you. You are right that this is not done yet. We will show you a plan by the spring meeting.",
                by=lead,
            )
        round = send_replies(round=round, by=lead)
    with acting_as(Persona.MEMBER, organisation=organisation, person=facilitator):
        publish_round(round=ratify(round=round, by=facilitator), by=facilitator)
    figures.run_queued(organisation)


def sign_ins() -> list[tuple[str, str, list[tuple[Player, str]]]]:
    """(institution, its slug, [(player, e-mail)]) for the accounts worth trying."""
    with acting_as(Persona.OPERATOR):
        loaded = list(
            Organisation.objects.filter(
                slug__in=[*FILES, region.DEPARTMENT.slug], pk__in=Membership.objects.values("organisation_id")
            ).order_by("slug")
        )
    players = {region.DEPARTMENT.slug: (region.DEPARTMENT.lead,)}
    return [
        (
            one.name,
            one.slug,
            [(player, player.email(one.slug)) for player in players.get(one.slug, CAST) if player.shown],
        )
        for one in loaded
    ]
