"""What an institution took from the guide, or added to it, in a cycle: goals, practices, news and proof."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from equity.cycle.models import Cycle
from equity.tenancy.models import Person, TenantKey, TenantModel
from equity.tenancy.personas import Persona
from equity.tenancy.walls import IN_ORGANISATION, ORGANISATION, PERSON, Policy, tenant_table
from practices import urgency
from practices.evidence_rules import INSIDE_ROLES, Visibility, extension_for
from practices.models.catalogue import GuideItem
from practices.workflow import OPEN, PracticeStatus

STATUS_NAMES = {
    PracticeStatus.NOT_STARTED: _("Not started"),
    PracticeStatus.UNDER_WAY: _("Under way"),
    PracticeStatus.STUCK: _("Stuck"),
    PracticeStatus.DONE: _("Done"),
    PracticeStatus.STOPPED: _("Stopped"),
}
STATUSES = [(status.value, name) for status, name in STATUS_NAMES.items()]
PROPOSERS = [
    ("community", _("People of the community")),
    ("staff", _("Staff")),
    ("patients", _("Patients")),
    ("council", _("The equity council")),
]
EVIDENCE_VISIBILITIES = [
    (Visibility.INSTITUTION.value, _("The institution’s own people")),
    (Visibility.COMMUNITY.value, _("The institution and its community board")),
    (Visibility.PUBLIC.value, _("Everybody")),
]
_KNOWN_STATUS = models.Q(status__in=[status.value for status in PracticeStatus])
_HOLDS_AN_INSIDE_ROLE = (
    "(SELECT EXISTS (SELECT 1 FROM tenancy_membership m"
    f" WHERE m.organisation_id = {ORGANISATION} AND m.person_id = {PERSON} AND m.ended_on IS NULL"
    f" AND m.role IN ({', '.join(repr(role.value) for role in INSIDE_ROLES)})))"
)


class AdoptedGoal(TenantModel):
    """A strategic goal of the guide that the institution chose for a cycle, and why."""

    cycle = TenantKey(Cycle, related_name="goals")
    item = models.ForeignKey(GuideItem, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    adopted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    adopted_on = models.DateField(default=timezone.localdate)

    class Meta:
        constraints = [
            *tenant_table("practices_adoptedgoal", member="SI", worker="S", keys=["cycle"]),
            models.UniqueConstraint(
                fields=["organisation", "cycle", "item"], name="practices_adoptedgoal_once"
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="practices_adoptedgoal_has_reason"),
        ]

    def __str__(self) -> str:
        return str(self.item)


class AdoptedPractice(TenantModel):
    """What is done toward an adopted goal: a practice from the guide, or a local one."""

    goal = TenantKey(AdoptedGoal, related_name="practices")
    item = models.ForeignKey(GuideItem, null=True, on_delete=models.PROTECT, related_name="+")
    local_title = models.CharField(max_length=200, blank=True)
    local_body = models.TextField(blank=True)
    proposed_by = models.CharField(
        max_length=12, choices=PROPOSERS, blank=True, help_text="Who thought of a local one"
    )
    owner = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    due = models.DateField(null=True)
    status = models.CharField(max_length=12, choices=STATUSES, default=PracticeStatus.NOT_STARTED.value)
    status_since = models.DateField(default=timezone.localdate)
    last_news_on = models.DateField(
        default=timezone.localdate, help_text="Of the last update; before any, of the adoption"
    )
    version = models.PositiveIntegerField(
        default=1, help_text="Grows with each change: a form drawn from an older one is told"
    )
    adopted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    adopted_on = models.DateField(default=timezone.localdate)

    class Meta:
        constraints = [
            *tenant_table("practices_adoptedpractice", member="SIU", worker="S", keys=["goal"]),
            models.UniqueConstraint(
                fields=["organisation", "goal", "item"], name="practices_adoptedpractice_once"
            ),
            models.CheckConstraint(condition=_KNOWN_STATUS, name="practices_adoptedpractice_status"),
            models.CheckConstraint(
                condition=models.Q(item__isnull=False, local_title="", local_body="", proposed_by="")
                | (
                    models.Q(item__isnull=True, proposed_by__in=[code for code, _name in PROPOSERS])
                    & ~models.Q(local_title="")
                ),
                name="practices_adoptedpractice_guide_or_local",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}".strip()

    @property
    def title(self) -> str:
        return self.item.words.title if self.item else self.local_title

    @property
    def body(self) -> str:
        return self.item.words.body if self.item else self.local_body

    @property
    def code(self) -> str:
        """The guide's code; a local practice has none."""
        return self.item.code if self.item else ""

    @property
    def is_open(self) -> bool:
        """Still owed: neither done nor stopped."""
        return self.status in OPEN

    @property
    def days_late(self) -> int:
        """Days since it was due; 0 when it is not late."""
        return urgency.days_late(PracticeStatus(self.status), self.due, timezone.localdate())


class Update(TenantModel):
    """News of a practice: its status and two sentences. Append-only."""

    practice = TenantKey(AdoptedPractice, related_name="updates")
    status = models.CharField(max_length=12, choices=STATUSES)
    words = models.TextField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            *tenant_table("practices_update", member="SI", worker="S", operator="SI", keys=["practice"]),
            models.CheckConstraint(
                condition=_KNOWN_STATUS & ~models.Q(words=""), name="practices_update_whole"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_status_display()}: {self.words[:80]}"


def stored_name(evidence: Evidence, filename: str) -> str:
    """A random name: nothing of what the sender called the file reaches the disk."""
    return f"evidence/{evidence.organisation_id}/{uuid.uuid4().hex}"


class Evidence(TenantModel):
    """A file or link that shows a practice is real. Nothing of it can be changed but who may see it."""

    class Kind(models.TextChoices):
        FILE = "file", _("File")
        LINK = "link", _("Link")

    practice = TenantKey(AdoptedPractice, related_name="evidence")
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=4, choices=Kind.choices)
    url = models.URLField(max_length=500, blank=True)
    file = models.FileField(upload_to=stored_name, max_length=120, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveIntegerField(null=True)
    content_type = models.CharField(max_length=100, blank=True)
    fact_date = models.DateField(help_text="The day the fact is from, not the day it was added")
    visibility = models.CharField(
        max_length=12, choices=EVIDENCE_VISIBILITIES, default=Visibility.INSTITUTION.value
    )
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "evidence"
        ordering = ["-fact_date", "-added_at"]
        constraints = [
            # Member has no table-wide U: a later migration grants UPDATE on the visibility column alone.
            *tenant_table(
                "practices_evidence",
                worker="S",
                operator="SI",
                keys=["practice"],
                policies=[
                    Policy(
                        Persona.MEMBER,
                        "S",
                        f"{IN_ORGANISATION} AND (visibility <> 'institution' OR {_HOLDS_AN_INSIDE_ROLE})",
                    ),
                    Policy(Persona.MEMBER, "IU", IN_ORGANISATION),
                ],
                grants={Persona.MEMBER: "SI"},
            ),
            models.CheckConstraint(
                condition=models.Q(kind="link", file="", sha256="", size=None, content_type="")
                & ~models.Q(url="")
                | models.Q(kind="file", url="", sha256__regex="^[0-9a-f]{64}$", size__gt=0)
                & ~models.Q(file="")
                & ~models.Q(content_type=""),
                name="practices_evidence_file_or_link",
            ),
            models.CheckConstraint(
                condition=models.Q(visibility__in=[visibility.value for visibility in Visibility])
                & ~models.Q(title=""),
                name="practices_evidence_known",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def extension(self) -> str:
        """Of a file, with its dot; a link has none."""
        return extension_for(self.content_type)

    @property
    def file_name(self) -> str:
        """What the file is called when it is downloaded."""
        return f"{self.title[:80].strip()}{self.extension}"
