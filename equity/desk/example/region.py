"""The example's health department, and three hospitals whose counts it adds up. All of it is invented."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files

from equity.desk.example import choosing, figures
from equity.desk.example.cast import Player, password
from equity.publication.models import Release
from equity.roles import Role
from equity.tenancy.acting import acting_as
from equity.tenancy.actions import add_person, create_organisation, grant_role
from equity.tenancy.models import Membership, Organisation, Person
from equity.tenancy.personas import Persona
from metrics import joinings
from metrics.actions.choosing import adopt_from_set
from metrics.actions.joinings import draft_totals, take_part
from metrics.actions.releases import publish_figures
from metrics.definition_sets import load_set
from metrics.definitions import define_dimensions
from metrics.models import Batch, Metric, SetMetric
from metrics.reading.periods import parse_period

METRIC, YEAR = "blood-pressure-core", "2025"
FOLDER = files("equity.desk.example")


@dataclass(frozen=True)
class Place:
    """An institution of the region, and who leads it."""

    slug: str
    name: str
    kind: str
    lead: Player

    @property
    def note(self) -> str:
        return f"Not real. {self.name}, its people and its numbers are made up."


def _lead(name: str, shown: str = "") -> Player:
    return Player("lead", name, Role.EQUITY_LEAD, shown=shown)


DEPARTMENT = Place(
    "invented-health-department",
    "Invented Department of Health",
    Organisation.Kind.HEALTH_DEPARTMENT,
    _lead("Dana Whitehorse", "department's epidemiologist: adds up the counts of three hospitals"),
)
HOSPITALS = (
    Place("cedar-bend", "Cedar Bend Hospital", Organisation.Kind.HOSPITAL, _lead("Carla Mendes")),
    Place("harbor-hill", "Harbor Hill Hospital", Organisation.Kind.HOSPITAL, _lead("Hugh Brandt")),
    Place("stone-creek", "Stone Creek Hospital", Organisation.Kind.HOSPITAL, _lead("Simone Adeyemi")),
)


def play(*, say: Callable[[str], None]) -> None:
    """Every hospital publishes and takes part; the department adds up. Each stage is whole or not there."""
    with acting_as(Persona.OPERATOR):
        load_set(choosing.SET.read_text(encoding="utf-8"))
    department, dana = _open(DEPARTMENT)
    if _has_published(department, dana):
        return
    say(f"{department.name}: adding up three hospitals.")
    for place in HOSPITALS:
        hospital, lead = _open(place)
        _count(hospital, lead)
        with acting_as(Persona.MEMBER, organisation=hospital, person=lead):
            if not joinings.taking_part(hospital):
                take_part(organisation=hospital, department=department, metrics=(), by=lead)
        figures.run_queued(hospital)
    _add_up(department, dana)
    say(f"{department.name} is there.")


def _open(place: Place) -> tuple[Organisation, Person]:
    with acting_as(Persona.OPERATOR):
        organisation = Organisation.objects.filter(slug=place.slug).first()
        if organisation is None:
            facts = {"slug": place.slug, "name": place.name, "kind": place.kind, "state": "OH"}
            organisation = create_organisation(facts=facts | {"sample_note": place.note}, units=[])
            define_dimensions(
                organisation=organisation, text=(figures.DATA / "dimensions.toml").read_text(), by=None
            )
            person = add_person(name=place.lead.name, email=place.lead.email(place.slug), password=password())
            grant_role(organisation=organisation, person=person, role=place.lead.role, by=None)
        held = Membership.objects.filter(organisation=organisation).select_related("person")
        lead = held.get(person__name=place.lead.name).person
    with acting_as(Persona.MEMBER, organisation=organisation, person=lead):
        if not Metric.objects.filter(code=METRIC).exists():
            entry = SetMetric.objects.get(code=METRIC, definition_set__code="example-core")
            adopt_from_set(organisation=organisation, entry=entry, by=lead)
    return organisation, lead


def _count(hospital: Organisation, lead: Person) -> None:
    with acting_as(Persona.MEMBER, organisation=hospital, person=lead):
        has_counts = Batch.objects.filter(state=Batch.State.APPLIED).exists()
    if not has_counts:
        figures.load(organisation=hospital, file=f"{hospital.slug}.csv", analyst=lead, folder=FOLDER)
    if not _has_published(hospital, lead):
        people = dict.fromkeys(("analyst", "lead", "facilitator"), lead)
        figures.publish(organisation=hospital, title=f"Blood pressure in {YEAR}", people=people)


def _add_up(department: Organisation, dana: Person) -> None:
    with acting_as(Persona.MEMBER, organisation=department, person=dana):
        drafted = draft_totals(
            department=department,
            metrics=[METRIC],
            periods=[parse_period(YEAR)],
            title=f"Three hospitals in {YEAR}",
            by=dana,
        )
    figures.run_queued(department)
    with acting_as(Persona.MEMBER, organisation=department, person=dana):
        publish_figures(release=Release.objects.get(pk=drafted.release.pk), by=dana)
    figures.run_queued(department)


def _has_published(organisation: Organisation, lead: Person) -> bool:
    with acting_as(Persona.MEMBER, organisation=organisation, person=lead):
        return Release.objects.filter(kind=Release.Kind.FIGURES, seq__isnull=False).exists()
