"""Two institutions that do everything there is to do, each with people who belong to both, and a third that is silent.

All of it is made by the actions and jobs that the pages use. Whatever Riverside wrote and has not published holds SECRET.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accountability import actions as community
from accountability import queries as rounds
from accountability.models import Body, Group, Round
from equity.cycle.actions import open_cycle
from equity.keys.actions import open_system
from equity.keys.models import System, SystemKey
from equity.mandates import actions as mandates
from equity.mandates.models import DisparityPlan, MandatedReport, Reporter, SubmittedFile
from equity.publication.models import Release
from equity.roles import Role
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Job, Organisation, Person, Unit
from equity.tenancy.personas import Persona
from equity.tenancy.units import add_unit, close_unit
from metrics import mappings
from metrics.actions.groups import propose_change, write_dimension
from metrics.actions.joinings import take_part
from metrics.actions.proposals import propose_metric
from metrics.definitions import define_dimensions, define_metrics
from metrics.models import Batch, GroupChange, Joining, MetricProposal, SavedMapping
from practices import actions, queries
from practices.evidence_rules import Visibility
from practices.loading import catalogue_files, load
from practices.models import AdoptedPractice, Evidence, ItemKind
from practices.workflow import PracticeStatus
from tests.cast import House, join
from tests.metrics.facts import Facts, certified, released
from tests.metrics.importing import DIMENSIONS, METRICS, uploaded
from tests.public.published import FALLS, certify, finding, observation, publish

SECRET = "Kingfisher"
AGREED = 4321
"""A count that Riverside gives to whom it has an agreement with."""

STANDS_FOR = {
    "alice": ("walter", "lena"),
    "farid": ("wim", "fritz"),
    "carmen": ("wanda", "rosa"),
}
"""Who has the same role at Elsewhere: somebody who belongs there only, and somebody who belongs to Riverside too."""
AT_HOME_ELSEWHERE = frozenset({"walter", "wim", "wanda"})

JOINING = (
    ("lena", "riverside", Role.EQUITY_LEAD),
    ("lena", "elsewhere", Role.EQUITY_LEAD),
    ("fritz", "riverside", Role.FACILITATOR),
    ("fritz", "elsewhere", Role.FACILITATOR),
    ("rosa", "riverside", Role.REVIEWER),
    ("rosa", "elsewhere", Role.REVIEWER),
    ("dora", "riverside", Role.REVIEWER),
    ("wim", "elsewhere", Role.FACILITATOR),
    ("wanda", "elsewhere", Role.REVIEWER),
)
MANDATE = "california-hospital-equity"
PLANNED = "acute--readmission--payer--medicaid"
QUARTERS = ("2024-Q1", "2024-Q2")
COUNTS = {"": (240, 480), "race=a": (150, 280), "race=b": (90, 200)}


@dataclass
class Community:
    """A body with a round in each of the stages that matter."""

    body: Body
    planned: Round
    open: Round
    heard: Round


@dataclass
class Programme:
    """A practice of a cycle with a file that shows it is real, for the board and for the institution alone."""

    practice: AdoptedPractice
    shown: Evidence
    kept: Evidence


@dataclass
class Mandated:
    """A report that the law asks for, with a reporter, a plan and a file that was submitted."""

    report: MandatedReport
    reporter: Reporter
    plan: DisparityPlan
    file: SubmittedFile


@dataclass
class Standing:
    """What stands in the two institutions."""

    house: House
    riverside: Programme
    elsewhere: Programme
    board: Community
    checked: Batch
    refused: Batch
    counted: Batch
    saved: SavedMapping
    release: Release
    held: Release
    job: Job
    joining: Joining
    mandated: Mandated
    proposed: MetricProposal
    local: str
    change: GroupChange
    sending: System
    sending_key: SystemKey


def organisation_of(house: House, name: str) -> Organisation:
    """The institution where somebody is at home."""
    return house.elsewhere if name in AT_HOME_ELSEWHERE else house.riverside


@contextmanager
def by(house: House, name: str) -> Iterator[Person]:
    """Act as somebody in the institution where they are at home."""
    person = house.person(name)
    with acting_as(Persona.MEMBER, organisation=organisation_of(house, name), person=person):
        yield person


def build(house: House) -> Standing:
    """Make all of it, from the cast of the two institutions."""
    with acting_as(Persona.OPERATOR):
        for name, where, role in JOINING:
            join(house, name, getattr(house, where), role)
        for path in catalogue_files():
            load(path)
        for organisation in (house.riverside, house.elsewhere):
            define_dimensions(organisation=organisation, text=DIMENSIONS, by=None)
            define_metrics(organisation=organisation, text=METRICS, by=None, institution="hospitals-130")
    _publish(house)
    stands = Standing(
        house=house,
        riverside=_programme(house, "alice", SECRET),
        elsewhere=_programme(house, "walter", "Heron"),
        board=_community(house, "farid", ("carmen", "rosa"), SECRET),
        mandated=_mandated(house),
        **_figures(house),
        proposed=_proposal(house),
        **_groups(house),
        **_systems(house),
    )
    _wings(house)
    _community(house, "wim", ("wanda",), "Heron")
    return stands


# ---------------------------------------------------------------- the programme
def _programme(house: House, name: str, words: str) -> Programme:
    with by(house, name) as person:
        cycle = open_cycle(
            organisation=organisation_of(house, name), started_on=timezone.localdate(), by=person
        )
        guide = queries.guide_for(queries.LIGHT_AND_HEAT)
        item = queries.item_for(guide, "2.1", ItemKind.GOAL)
        goal = actions.adopt_goal(cycle=cycle, item=item, reason=f"{words} asked for it.", by=person)
        actions.add_local_practice(
            goal=goal, title=f"A day of the {words}", body="", proposed_by="staff", by=person
        )
        practice = actions.adopt_practice(
            goal=goal, item=queries.item_for(guide, "2.1.1", ItemKind.PRACTICE), by=person
        )
        actions.post_update(
            practice=practice,
            status=PracticeStatus.STUCK,
            words=f"{words} is stuck.",
            version=practice.version,
            by=person,
        )
        shown = _evidence(practice, f"Minutes of {words}", Visibility.COMMUNITY, person)
        kept = _evidence(practice, f"Complaints about {words}", Visibility.INSTITUTION, person)
        return Programme(queries.practice_for(practice.pk), shown, kept)


def _evidence(practice: AdoptedPractice, title: str, visibility: Visibility, by: Person) -> Evidence:
    return actions.attach_evidence_file(
        practice=practice,
        title=title,
        upload=minutes(),
        fact_date=timezone.localdate(),
        visibility=visibility,
        by=by,
    )


def minutes() -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile("minutes.txt", f"{SECRET} was there.".encode(), content_type="text/plain")


# ---------------------------------------------------------------- the community
def _community(house: House, facilitator: str, reviewers: tuple[str, ...], words: str) -> Community:
    since = timezone.localdate() - datetime.timedelta(days=90)
    organisation = organisation_of(house, facilitator)
    with by(house, facilitator) as person:
        body = community.found_body(organisation=organisation, name=f"Board of {words}", by=person)
        for name in reviewers:
            community.fill_seat(
                body=body, person=house.person(name), group=Group.COMMUNITY, since=since, by=person
            )
        planned, opened, heard = (_plan(body, f"{words}, round {number}", person) for number in (1, 2, 3))
        community.open_round(round=opened, by=person)
        community.open_round(round=heard, by=person)
    for name in reviewers:
        _score(house, organisation, name, opened, f"{words}: so far.", is_whole=False)
        _score(house, organisation, name, heard, f"{words}: we saw it.", is_whole=True)
    with by(house, facilitator) as person:
        community.reveal(round=heard, by=person)
    return Community(body, planned, opened, heard)


def _plan(body: Body, title: str, by: Person) -> Round:
    return community.plan_round(
        body=body,
        title=title,
        reveal_from=timezone.localdate() + datetime.timedelta(days=14),
        reply_days=30,
        questions=rounds.questions()[:2],
        by=by,
    )


def _score(
    house: House, organisation: Organisation, name: str, round: Round, reason: str, *, is_whole: bool
) -> None:
    person = house.person(name)
    with acting_as(Persona.MEMBER, organisation=organisation, person=person):
        for item in rounds.items_of(round)[: None if is_whole else 1]:
            community.save_draft(item=item, value="2", reason=reason, by=person)
        if is_whole:
            community.submit(round=round, by=person)


# ---------------------------------------------------------------- what the law asks for
def _mandated(house: House) -> Mandated:
    """One of Riverside, not ready and submitted all the same; begun at Elsewhere too, for another year."""
    with by(house, "walter") as walter:
        mandates.open_report(organisation=house.elsewhere, mandate=MANDATE, year=2025, by=walter)
    with by(house, "alice") as alice:
        report = mandates.open_report(organisation=house.riverside, mandate=MANDATE, year=2026, by=alice)
        reporter = Reporter.objects.select_related("unit").get(report=report, unit__code="east")
        mandates.describe_reporter(
            reporter=reporter, kind="acute", identifier=f"1 {SECRET}", head="", description="", by=alice
        )
        plan = mandates.plan(
            reporter=reporter,
            key=PLANNED,
            population=f"Everybody of {SECRET}",
            objective="",
            due=None,
            area="",
            actions="",
            practices=[],
            by=alice,
        )
        submission = mandates.submit(report=report, note="", as_of=0, by=alice)
        return Mandated(report, reporter, plan, SubmittedFile.objects.filter(submission=submission)[0])


# ---------------------------------------------------------------- systems that send counts
def _systems(house: House) -> dict[str, Any]:
    """A system of Riverside has a key, and one of Elsewhere."""
    year = datetime.timedelta(days=365)
    with by(house, "walter") as walter:
        open_system(organisation=house.elsewhere, name="Records of Heron", lifetime=year, by=walter)
    with by(house, "alice") as alice:
        name = f"Records of {SECRET}"
        key = open_system(organisation=house.riverside, name=name, lifetime=year, by=alice).key
    return {"sending": key.system, "sending_key": key}


# ---------------------------------------------------------------- groups and units
def _groups(house: House) -> dict[str, Any]:
    """Riverside compares by groups of its own, and a change of them waits for the community."""
    with by(house, "alice") as person:
        local = write_dimension(
            organisation=house.riverside,
            code="way_to_work",
            name=f"Way to {SECRET}",
            categories=[("by-bus", "By bus"), ("on-foot", "On foot")],
            several=False,
            by=person,
        )
        becomes = {"reference": "by-bus"}
        change = propose_change(dimension=local, kind="reference", becomes=becomes, why=SECRET, by=person)
    return {"local": local.code, "change": change}


def _wings(house: House) -> None:
    """Two units of Riverside without counts: one open, one closed."""
    with by(house, "alice") as person:
        whole = house.units["riverside/all"]
        for name in ("New wing", "Old wing"):
            unit = add_unit(
                organisation=house.riverside, parent=whole, name=name, kind="department", by=person
            )
        close_unit(unit=unit, by=person)


# ---------------------------------------------------------------- what is measured
def _proposal(house: House) -> MetricProposal:
    """The community of Riverside asks for a metric, and waits for an answer."""
    with by(house, "carmen") as person:
        return propose_metric(
            organisation=house.riverside,
            by=person,
            name=f"What {SECRET} asked",
            level="patient",
            purpose="impact",
            words=f"{SECRET} counts.",
            why=f"{SECRET} waits.",
        )


def _figures(house: House) -> dict[str, Any]:
    """Both have published figures; at Riverside more are ready, and three files came in."""
    parts = {code: house.units[f"riverside/{code}"] for code in ("all", "east", "west")}
    facts = _facts(house.riverside, parts, "seen-in-time", "east")
    other = _facts(house.elsewhere, {"all": house.units["elsewhere/all"]}, "heard-in-time", "all")
    released(facts, house.person("alice"), QUARTERS[:1])
    released(other, house.person("walter"), QUARTERS[:1])
    release = certified(facts, house.person("alice"), QUARTERS[1:])
    with acting_as(Persona.OPERATOR):
        Release.objects.filter(pk=release.pk).update(title=f"Figures of {SECRET}")
    held = _held(facts, house.person("alice"))
    return {
        "release": release,
        "held": held,
        "job": _job_about(release),
        "checked": uploaded(house, _file("east"), f"{SECRET}.csv"),
        "refused": uploaded(house, _file("no-such-unit"), f"{SECRET}-refused.csv"),
        "counted": _line_list(house),
        "saved": _saved_mapping(house),
        "joining": _joining(house),
    }


def _joining(house: House) -> Joining:
    """Riverside takes part in the sums of a health department."""
    with acting_as(Persona.OPERATOR):
        department = Organisation.objects.create(
            slug="county", name="County Health Department", kind="health_department", state="OH"
        )
    with by(house, "alice") as alice:
        return take_part(
            organisation=house.riverside, department=department, metrics=["seen-in-time"], by=alice
        )


def _held(facts: Facts, person: Person) -> Release:
    """A release that is ready, of a metric that the community holds."""
    facts.metric("held-in-trust", held_by="community")
    for quarter in QUARTERS:
        facts.add("held-in-trust", "east", quarter, COUNTS)
    facts.roll_up()
    return certified(facts, person, QUARTERS[:1], ["held-in-trust"])


def _facts(organisation: Organisation, units: dict[str, Unit], metric: str, unit: str) -> Facts:
    facts = Facts(organisation, units)
    facts.dimension("race", ["a", "b"])
    facts.metric(metric)
    for quarter in QUARTERS:
        facts.add(metric, unit, quarter, COUNTS)
    facts.roll_up()
    return facts


def _file(unit: str) -> str:
    return f"metric,unit,period,race,numerator,denominator\nseen-in-time,{unit},2024-Q3,,241,480\n"


def _line_list(house: House) -> Batch:
    """A line list that was counted with a mapping of Riverside's own."""
    text = mappings.shipped_text(mappings.SHIPPED[0]).replace("Diabetes 130-US", f"Stays of {SECRET}")
    with acting_as(Persona.OPERATOR):
        return Batch.objects.create(
            organisation=house.riverside,
            kind=Batch.Kind.LINE_LIST,
            name="stays.csv",
            sha256="0" * 64,
            rows_read=1,
            content=b"",
            state=Batch.State.APPLIED,
            applied_at=timezone.now(),
            report={"mapping": {"name": f"Stays of {SECRET}", "text": text}},
        )


def _saved_mapping(house: House) -> SavedMapping:
    """How Riverside reads the tables of one source."""
    text = mappings.shipped_text(mappings.SHIPPED[0])
    with acting_as(Persona.OPERATOR):
        return SavedMapping.objects.create(
            organisation=house.riverside, name=f"Tables of {SECRET}", text=text, by=house.person("bea")
        )


def _job_about(release: Release) -> Job:
    with acting_as(Persona.OPERATOR):
        return Job.objects.get(kind="metrics.certify_release", arguments__release=str(release.pk))


# ---------------------------------------------------------------- what is public
def _publish(house: House) -> None:
    """A round and a figure by agreement for Riverside; a third institution has drafted and published nothing."""
    alice = house.person("alice")
    publish(house.riverside, alice, [finding("1.1")], kind="round")
    publish(house.riverside, alice, [observation(AGREED, 9000, metric=FALLS, audience="agreement")])
    with acting_as(Persona.OPERATOR):
        quiet = Organisation.objects.create(
            slug="quiet", name=f"{SECRET} Hospital", kind="hospital", state="OH"
        )
    certify(quiet, alice, title=f"Plans of {SECRET}")
