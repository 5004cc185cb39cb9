"""A health department and three hospitals that take part in its sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from equity.roles import Role
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Job, Organisation, Person, Unit
from equity.tenancy.personas import Persona
from metrics.actions.joinings import draft_totals, take_part
from metrics.actions.releases import Drafted
from metrics.reading.periods import parse_period
from tests.cast import House, join
from tests.metrics.facts import Facts, by, released, run

METRIC = "seen-in-time"
YEAR = "2024"

Counts = Mapping[str, tuple[int, int]]
"""Group → how many, of how many."""

HOSPITALS: Mapping[str, Counts] = {
    "north": {"race=a": (40, 90), "race=b": (31, 60)},
    "south": {"race=a": (50, 100), "race=b": (4, 50)},
    "west": {"race=a": (60, 110), "race=b": (28, 70)},
}


@dataclass
class Region:
    """The department, the hospitals by short name, and who leads each."""

    department: Facts
    hospitals: dict[str, Facts]
    leads: dict[str, Person]

    @property
    def dana(self) -> Person:
        """Prepares what the department publishes."""
        return self.leads["region"]


def build(house: House, hospitals: Mapping[str, Counts] = HOSPITALS) -> Region:
    """Everybody has the same measure and the same groups; the hospitals have released the year."""
    department = settle(house, "region", "health_department")
    found = {slug: settle(house, slug, "hospital") for slug in hospitals}
    for one in (department, *found.values()):
        one.dimension("race", ["a", "b"])
        one.metric(METRIC, frequency=12)
    leads = {slug: house.person(f"lead-{slug}") for slug in ("region", *hospitals)}
    for slug, counts in hospitals.items():
        everybody = tuple(sum(one) for one in zip(*counts.values(), strict=True))
        found[slug].add(METRIC, "all", YEAR, {"": (everybody[0], everybody[1]), **counts})
        found[slug].roll_up()
        released(found[slug], leads[slug], [YEAR])
    return Region(department, found, leads)


def settle(house: House, slug: str, kind: str) -> Facts:
    """An institution with one unit, and who leads it."""
    with acting_as(Persona.OPERATOR):
        organisation = Organisation.objects.create(
            slug=slug, name=f"{slug.capitalize()} Place", kind=kind, state="OH"
        )
        join(house, f"lead-{slug}", organisation, Role.EQUITY_LEAD)
        unit = Unit.objects.create(
            organisation=organisation, code="all", name=organisation.name, kind="institution"
        )
    return Facts(organisation, {"all": unit})


def take_part_in(region: Region, slug: str) -> Job:
    """A hospital joins the department's sums and gives what it has published."""
    facts = region.hospitals[slug]
    with by(region.leads[slug], facts.organisation) as lead:
        take_part(
            organisation=facts.organisation,
            department=region.department.organisation,
            metrics=[METRIC],
            by=lead,
        )
        job = Job.objects.get(kind="metrics.give_counts")
    return run(job)


def add_up(region: Region, period: str = YEAR) -> Drafted:
    """The department prepares a release of the sum, and it is checked."""
    department = region.department.organisation
    with by(region.dana, department) as dana:
        drafted = draft_totals(
            department=department, metrics=[METRIC], periods=[parse_period(period)], title="Sums", by=dana
        )
    run(drafted.job)
    return drafted
