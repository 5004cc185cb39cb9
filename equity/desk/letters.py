"""The weekly e-mail about counts that are due: what it says to one person, and how it is stopped.

It is made under the person's own rights, as their own page is: it can name nothing that they could not read there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from equity.errors import NotFound
from equity.roles import Permission, Role, permissions_of
from equity.tenancy.acting import acting_as, current, within
from equity.tenancy.models import Account, Letter, Membership, Organisation, Person
from equity.tenancy.personas import Persona
from metrics.due import Due, concerning, everything_due, measures_late

KIND = "due_data"
SIGNER = signing.Signer(salt="desk.letters", sep=".")
MOST_LINES = 25
"""Of one institution; the page has the rest."""


@dataclass(frozen=True)
class Place:
    """What is due for one person in one institution, what is late first."""

    organisation: Organisation
    due: list[Due]
    may_enter: bool

    @property
    def shown(self) -> list[Due]:
        return self.due[:MOST_LINES]

    @property
    def more(self) -> int:
        """How many lines the e-mail leaves to the page."""
        return len(self.due) - len(self.shown)


@dataclass(frozen=True)
class Written:
    """What the e-mail says."""

    subject: str
    body: str


def monday_of(day: date) -> date:
    """The first day of a week."""
    return day - timedelta(days=day.weekday())


def letter_for(person_id: UUID, today: date) -> Written | None:
    """What there is to tell a person in all their institutions, in their language; None when nothing is due."""
    with acting_as(Persona.MEMBER, person=person_id):
        person = Person.objects.get(pk=person_id)
        with translation.override(person.language):
            places = [place for place in _places(person, today) if place.due]
            return _written(person, places) if places else None


def _places(person: Person, today: date) -> Iterator[Place]:
    roles: dict[Organisation, set[Role]] = {}
    held = Membership.objects.filter(person=person, ended_on=None).select_related("organisation")
    for one in held:
        roles.setdefault(one.organisation, set()).add(Role(one.role))
    for organisation, own in sorted(roles.items(), key=lambda entry: entry[0].name.casefold()):
        permissions = permissions_of(frozenset(own))
        if Permission.SEE_FULL_COUNTS in permissions:
            with within(organisation):
                found = concerning(everything_due(organisation, today), person, permissions)
            yield Place(organisation, found, Permission.IMPORT_COUNTS in permissions)


def _written(person: Person, places: list[Place]) -> Written:
    late = sum(measures_late(place.due) for place in places)
    context = {
        "person": person,
        "places": places,
        "late": late,
        "base": settings.BASE_URL,
        "stop": stop_address(person.pk),
    }
    subject = (
        ngettext("Counts of %(late)s measure are late", "Counts of %(late)s measures are late", late)
        % {"late": late}
        if late
        else _("Counts are due soon")
    )
    return Written(subject, render_to_string("desk/letters/due.txt", context).strip() + "\n")


# ---------------------------------------------------------------- one for each person and week


def begin(person_id: UUID, week: date) -> bool:
    """Write down that the person gets this week's e-mail. False: they have, or somebody else is sending it right now.

    The row is there for good before anything is handed to the mail server.
    """
    with acting_as(Persona.MEMBER, person=person_id):
        try:
            with transaction.atomic(using=current().alias):
                Letter.objects.create(person_id=person_id, kind=KIND, week=week)
        except IntegrityError:
            return False
    return True


def had(person_id: UUID, week: date) -> bool:
    """Whether this week's e-mail was begun for the person."""
    with acting_as(Persona.MEMBER, person=person_id):
        return Letter.objects.filter(person=person_id, kind=KIND, week=week).exists()


def sent(person_id: UUID, week: date) -> None:
    """The mail server has taken it."""
    with acting_as(Persona.MEMBER, person=person_id):
        Letter.objects.filter(person=person_id, kind=KIND, week=week).update(sent_at=Now())


def address_of(person_id: UUID) -> str | None:
    """Where the person gets e-mail; None when their account is closed, or they want no such e-mail."""
    with acting_as(Persona.SIGNIN):
        open_ones = Account.objects.filter(person=person_id, is_active=True, letters_stopped_at=None)
        address: str | None = open_ones.values_list("email", flat=True).first()
    return address


def message(address: str, written: Written, person_id: UUID) -> EmailMessage:
    """The e-mail, with the headers by which a mail program stops it with one press (RFC 2369, RFC 8058)."""
    return EmailMessage(
        subject=written.subject,
        body=written.body,
        to=[address],
        headers={
            "List-Unsubscribe": f"<{stop_address(person_id)}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )


# ---------------------------------------------------------------- stopping it


def stop_path(person_id: UUID) -> str:
    """The page on which a person stops the e-mail, without signing in: its address is signed, and does not end."""
    token = SIGNER.sign(person_id.hex)
    return reverse("desk:letters", args=[token])


def stop_address(person_id: UUID) -> str:
    """The same with the name of the site."""
    return f"{settings.BASE_URL}{stop_path(person_id)}"


def account_of(token: str) -> Account:
    """Whose e-mail a signed address is about. Works as the sign-in persona, which alone reads accounts."""
    try:
        person_id = UUID(SIGNER.unsign(token))
    except (signing.BadSignature, ValueError) as error:
        raise NotFound("") from error
    account: Account | None = Account.objects.filter(person=person_id, is_active=True).first()
    if account is None:
        raise NotFound("")
    return account


def stop(account: Account) -> None:
    """No more of these e-mails. Asked twice, it is the first time that counts."""
    Account.objects.filter(pk=account.pk, letters_stopped_at=None).update(letters_stopped_at=Now())


def start(account: Account) -> None:
    """These e-mails again, from the next week's on."""
    Account.objects.filter(pk=account.pk).update(letters_stopped_at=None)
