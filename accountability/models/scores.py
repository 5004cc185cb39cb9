"""Scores and their drafts. Each person sees only their own rows, in every stage; what others may know is counted by
functions that PostgreSQL runs as the role `equity_tally`, after the reveal (see migration 0002).

Nothing here has a counted id, and nothing but a draft has a time: neither tells when somebody wrote, or that they did.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accountability.models.bodies import Group
from accountability.models.rounds import Reviewer, Round, RoundItem
from accountability.models.rules import MINE, counted_table
from equity.tenancy.models import Person, TenantKey, TenantModel
from equity.tenancy.personas import Persona
from equity.tenancy.walls import IN_ORGANISATION, PERSON, Policy, tenant_table

MY_SEATS = f"FROM accountability_reviewer WHERE person_id = {PERSON}"
ITS_ITEMS = "(round_id, item_id) IN (SELECT round_id, id FROM accountability_rounditem)"
OF_A_REVEALED_ROUND = (
    f"{IN_ORGANISATION} AND round_id IN (SELECT id FROM accountability_round WHERE revealed_at IS NOT NULL)"
)
LONGEST_REASON = 4000


class Answer(models.TextChoices):
    """What somebody answered. Only LEVEL carries a number; the others are states and are never counted as one."""

    LEVEL = "level", _("Scored")
    NOT_ENOUGH = "not_enough", _("I do not have enough to say")
    RECUSED = "recused", _("Stepped back from this question")


ANSWER_LABELS = dict(Answer.choices)
LEVEL_LABELS = {
    0: _("Absent"),
    1: _("Promised"),
    2: _("Practiced"),
    3: _("Practiced with shared power"),
}
DRAFT_VALUES = [
    *((str(level), label) for level, label in LEVEL_LABELS.items()),
    (Answer.NOT_ENOUGH.value, Answer.NOT_ENOUGH.label),
    (Answer.RECUSED.value, Answer.RECUSED.label),
]


class Draft(TenantModel):
    """What a reviewer has written so far on one question. Theirs alone; gone when they submit."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = TenantKey(Round, related_name="+")
    item = TenantKey(RoundItem, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    value = models.CharField(max_length=10, choices=DRAFT_VALUES, blank=True)
    reason = models.TextField(blank=True)
    updated = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            *tenant_table(
                "accountability_draft",
                keys=["round", "item"],
                operator="SI",
                policies=[Policy(Persona.MEMBER, "SIUD", MINE, leaves=f"{MINE} AND {ITS_ITEMS}")],
            ),
            models.UniqueConstraint(
                fields=["organisation", "item", "person"], name="accountability_draft_once"
            ),
            models.CheckConstraint(
                condition=models.Q(value__in=["", *dict(DRAFT_VALUES)]), name="accountability_draft_value"
            ),
        ]

    def __str__(self) -> str:
        return self.value

    @property
    def is_whole(self) -> bool:
        """Whether it can be submitted: an answer with a reason."""
        return bool(self.value and self.reason.strip())


class Submission(TenantModel):
    """A reviewer has finished a round. Own row only; whether all have finished is one yes or no to the facilitator."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = TenantKey(Round, related_name="+")
    reviewer = TenantKey(Reviewer, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            *counted_table(
                "accountability_submission",
                keys=["round", "reviewer"],
                written=f"{MINE} AND (round_id, reviewer_id) IN (SELECT round_id, id {MY_SEATS})",
            ),
            models.UniqueConstraint(
                fields=["organisation", "round", "person"], name="accountability_submission_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Score(TenantModel):
    """One reviewer's answer to one question, with a reason. Append-only: nobody can change or remove it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = TenantKey(Round, related_name="+")
    item = TenantKey(RoundItem, related_name="+")
    reviewer = TenantKey(Reviewer, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    group = models.CharField(max_length=20, choices=Group.choices, db_column="group_code")
    answer = models.CharField(max_length=10, choices=Answer.choices)
    level = models.PositiveSmallIntegerField(null=True)
    reason = models.TextField()
    language = models.CharField(max_length=8)

    class Meta:
        constraints = [
            *counted_table(
                "accountability_score",
                keys=["round", "item", "reviewer"],
                written=f"{MINE} AND {ITS_ITEMS}"
                f" AND (round_id, reviewer_id, group_code) IN (SELECT round_id, id, group_code {MY_SEATS})",
                counted=OF_A_REVEALED_ROUND,
            ),
            models.UniqueConstraint(
                fields=["organisation", "item", "person"], name="accountability_score_once"
            ),
            models.CheckConstraint(
                condition=models.Q(answer="level", level__isnull=False, level__range=(0, 3))
                | models.Q(answer__in=["not_enough", "recused"], level=None),
                name="accountability_score_level_or_state",
            ),
            models.CheckConstraint(
                condition=models.Q(reason__regex=r"\S"), name="accountability_score_has_reason"
            ),
        ]
        indexes = [models.Index(fields=["organisation", "round"], name="accountability_score_round")]

    def __str__(self) -> str:
        return str(self.pk)
