"""Review rounds: their questions and reviewers as they stood when the round opened, and the institution's replies."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accountability.models.bodies import THRESHOLD_RANGE, Body, Group, Seat
from accountability.models.rules import (
    ANSWERED_BY_ME,
    OF_A_ROUND_I_SEE,
    RUN_BY_ME,
    counted_table,
    in_stage,
)
from accountability.visibility import REPLIES_ARE_OUT
from accountability.workflow import Stage
from equity.publication.models import Release
from equity.tenancy.models import Person, TenantKey, TenantModel
from equity.tenancy.personas import TALLY, Persona
from equity.tenancy.walls import IN_ORGANISATION, Policy, tenant_table
from practices.models import GuideItem

STAGE_LABELS = {
    Stage.DRAFT: _("Being prepared"),
    Stage.OPEN: _("Scoring, sealed"),
    Stage.REVEALED: _("Revealed, waiting for replies"),
    Stage.REPLIED: _("Replied"),
    Stage.RATIFIED: _("Ratified"),
    Stage.PUBLISHED: _("Published"),
    Stage.SUPERSEDED: _("Published, followed by a later round"),
}


def _stamps(*stages: Stage, **present: bool) -> models.Q:
    return models.Q(
        stage__in=[stage.value for stage in stages],
        **{f"{stamp}_at__isnull": not there for stamp, there in present.items()},
    )


class Round(TenantModel):
    """One review of an institution by one body. Its terms are fixed when it opens; PostgreSQL refuses to change them."""

    body = TenantKey(Body, related_name="rounds")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    stage = models.CharField(
        max_length=10,
        choices=[(stage.value, STAGE_LABELS[stage]) for stage in Stage],
        default=Stage.DRAFT.value,
    )
    threshold = models.PositiveSmallIntegerField(help_text="As the body had voted when the round opened")
    reveal_from = models.DateField(
        help_text="From this day it can be revealed even if somebody has not finished"
    )
    reply_days = models.PositiveSmallIntegerField(default=30)
    reply_due_on = models.DateField(
        null=True, help_text="Set at the reveal, so that a late reveal takes no day from it"
    )
    opened_at = models.DateTimeField(null=True)
    revealed_at = models.DateTimeField(null=True)
    replied_at = models.DateTimeField(null=True)
    ratified_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    release = TenantKey(Release, null=True, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [
            *tenant_table(
                "accountability_round",
                worker="SU",
                keys=["body", "release"],
                operator="SIU",
                policies=[
                    Policy(Persona.MEMBER, "S", f"{IN_ORGANISATION} AND stage <> 'draft'"),
                    Policy(Persona.MEMBER, "I", f"{RUN_BY_ME} AND stage = 'draft'"),
                    Policy(Persona.MEMBER, "SU", RUN_BY_ME),
                    Policy(
                        Persona.MEMBER,
                        "U",
                        f"{ANSWERED_BY_ME} AND stage = 'revealed'",
                        leaves=f"{ANSWERED_BY_ME} AND stage = 'replied'",
                    ),
                    Policy(TALLY, "S", IN_ORGANISATION),
                ],
            ),
            models.UniqueConstraint(fields=["organisation", "number"], name="accountability_round_number"),
            models.CheckConstraint(
                condition=models.Q(threshold__range=THRESHOLD_RANGE), name="accountability_round_threshold"
            ),
            models.CheckConstraint(
                condition=models.Q(reply_days__range=(1, 365)), name="accountability_round_reply_days"
            ),
            models.CheckConstraint(
                condition=models.Q(revealed_at=None, reply_due_on=None)
                | models.Q(revealed_at__isnull=False, reply_due_on__isnull=False),
                name="accountability_round_clock",
            ),
            models.CheckConstraint(
                condition=_stamps(
                    Stage.DRAFT, opened=False, revealed=False, replied=False, ratified=False, published=False
                )
                | _stamps(
                    Stage.OPEN, opened=True, revealed=False, replied=False, ratified=False, published=False
                )
                | _stamps(
                    Stage.REVEALED, opened=True, revealed=True, replied=False, ratified=False, published=False
                )
                | _stamps(
                    Stage.REPLIED, opened=True, revealed=True, replied=True, ratified=False, published=False
                )
                | _stamps(Stage.RATIFIED, opened=True, revealed=True, ratified=True, published=False)
                | _stamps(
                    Stage.PUBLISHED,
                    Stage.SUPERSEDED,
                    opened=True,
                    revealed=True,
                    ratified=True,
                    published=True,
                ),
                name="accountability_round_stamps",
            ),
        ]

    def __str__(self) -> str:
        return f"{_('Round')} {self.number}: {self.title}"

    @property
    def at(self) -> Stage:
        return Stage(self.stage)


class RoundItem(TenantModel):
    """One question of a round, in the words it had then: a round stays readable for ever as it was."""

    class Kind(models.TextChoices):
        CRITERION = "criterion", _("Criterion")
        DASHBOARD = "dashboard", _("Level dashboard")

    round = TenantKey(Round, related_name="items")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    code = models.CharField(max_length=20)
    guide_item = models.ForeignKey(GuideItem, null=True, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=20, blank=True, help_text="Of a dashboard: which of the four")
    theme = models.CharField(max_length=200, blank=True, help_text="What it is part of")
    title = models.CharField(max_length=200)
    question = models.TextField()
    anchors = ArrayField(models.TextField(), size=4, help_text="What levels 0 to 3 look like")

    class Meta:
        ordering = ["position"]
        constraints = [
            *tenant_table(
                "accountability_rounditem",
                worker="S",
                keys=["round"],
                operator="SI",
                policies=[
                    Policy(Persona.MEMBER, "S", OF_A_ROUND_I_SEE),
                    Policy(Persona.MEMBER, "ID", f"{RUN_BY_ME} AND {in_stage(Stage.DRAFT)}"),
                    Policy(TALLY, "S", IN_ORGANISATION),
                ],
            ),
            models.UniqueConstraint(
                fields=["organisation", "round", "position"], name="accountability_rounditem_position"
            ),
            models.UniqueConstraint(
                fields=["organisation", "round", "code"], name="accountability_rounditem_code"
            ),
            models.CheckConstraint(
                condition=models.Q(anchors__len=4, kind__in=["criterion", "dashboard"]),
                name="accountability_rounditem_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Reviewer(TenantModel):
    """A seat as it stood when the round opened. Whoever takes a seat later reviews the next round."""

    round = TenantKey(Round, related_name="reviewers")
    seat = TenantKey(Seat, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    group = models.CharField(max_length=20, choices=Group.choices, db_column="group_code")

    class Meta:
        constraints = [
            *counted_table(
                "accountability_reviewer",
                keys=["round", "seat"],
                written=f"{RUN_BY_ME} AND {in_stage(Stage.DRAFT)}",
            ),
            models.UniqueConstraint(
                fields=["organisation", "round", "person"], name="accountability_reviewer_once"
            ),
            models.CheckConstraint(
                condition=models.Q(group__in=Group.values), name="accountability_reviewer_group"
            ),
        ]

    def __str__(self) -> str:
        return self.get_group_display()


class Reply(TenantModel):
    """The institution's answer to one question's findings; its own to edit until the body ratifies."""

    round = TenantKey(Round, related_name="replies")
    item = TenantKey(RoundItem, related_name="replies")
    text = models.TextField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    on = models.DateField(db_column="replied_on")

    class Meta:
        verbose_name_plural = "replies"
        constraints = [
            *tenant_table(
                "accountability_reply",
                worker="S",
                keys=["round", "item"],
                policies=[
                    Policy(Persona.MEMBER, "S", f"{IN_ORGANISATION} AND {in_stage(*REPLIES_ARE_OUT)}"),
                    Policy(Persona.MEMBER, "S", ANSWERED_BY_ME),
                    Policy(
                        Persona.MEMBER,
                        "IU",
                        f"{ANSWERED_BY_ME} AND {in_stage(Stage.REVEALED, Stage.REPLIED)}",
                    ),
                ],
            ),
            models.UniqueConstraint(fields=["organisation", "item"], name="accountability_reply_once"),
            models.CheckConstraint(
                condition=models.Q(text__regex=r"\S"), name="accountability_reply_has_words"
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]
