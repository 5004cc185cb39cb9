"""A fixed cast. Alice leads equity at Riverside, Bea analyses there, Carmen reviews and Farid facilitates for its community
board; Oscar owns a practice. Walter leads equity at Elsewhere and is a stranger to Riverside.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from equity.roles import Role
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Account, Membership, Organisation, Person, Unit
from equity.tenancy.personas import Persona

PASSWORD = "a lamp and an ember"

ROLES = {
    "alice": Role.EQUITY_LEAD,
    "mona": Role.COUNCIL_MEMBER,
    "bea": Role.ANALYST,
    "oscar": Role.PRACTICE_OWNER,
    "carmen": Role.REVIEWER,
    "farid": Role.FACILITATOR,
}


@dataclass
class House:
    """Who and what stands there."""

    riverside: Organisation
    elsewhere: Organisation
    people: dict[str, Person] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)

    def person(self, name: str) -> Person:
        return self.people[name]


def join(house: House, name: str, organisation: Organisation, role: Role) -> None:
    """Give somebody a role in an institution, and an account when they are new. For the operator."""
    if name not in house.people:
        house.people[name] = Person.objects.create(name=name.capitalize())
        house.accounts[name] = Account.objects.create_user(
            f"{name}@example.org", PASSWORD, person=house.people[name]
        )
    Membership.objects.create(organisation=organisation, person=house.people[name], role=role)


def build() -> House:
    """Two institutions with their people and units, written as the operator."""
    with acting_as(Persona.OPERATOR):
        house = House(
            Organisation.objects.create(
                slug="riverside", name="Riverside Health", kind="health_system", state="OH"
            ),
            Organisation.objects.create(slug="elsewhere", name="Elsewhere Clinic", kind="clinic", state="TX"),
        )
        for name, role in ROLES.items():
            join(house, name, house.riverside, role)
        join(house, "walter", house.elsewhere, Role.EQUITY_LEAD)
        for organisation in (house.riverside, house.elsewhere):
            root = Unit.objects.create(
                organisation=organisation, code="all", name=organisation.name, kind="institution"
            )
            house.units[f"{organisation.slug}/all"] = root
        for position, code in enumerate(("east", "west")):
            house.units[f"riverside/{code}"] = Unit.objects.create(
                organisation=house.riverside,
                parent=house.units["riverside/all"],
                code=code,
                name=f"{code.capitalize()} Hospital",
                kind="hospital",
                position=position,
            )
    return house
