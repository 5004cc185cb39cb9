"""The guides as a versioned catalogue. An edition is never edited once an institution uses it.

The words stand apart from the items, so that a translation adds rows and changes none.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from equity.tenancy.personas import Persona
from equity.tenancy.walls import open_table

READERS = {Persona.PUBLIC: "S", Persona.MEMBER: "S", Persona.WORKER: "S"}


class ItemKind(models.TextChoices):
    """What an item of a guide is."""

    VALUE = "value", _("Guiding value")
    STEP = "step", _("Step")
    LEVEL = "level", _("Level")
    GOAL = "goal", _("Strategic goal")
    PRACTICE = "practice", _("Sample practice")
    COMPONENT = "component", _("Component of accountability")
    CRITERION = "criterion", _("Criterion of accountability")
    MARKER = "marker", _("Example of accountability")
    DASHBOARD = "dashboard", _("Level dashboard")
    RECOMMENDATION = "recommendation", _("Recommendation for clinics")
    STRATEGY = "strategy", _("Strategy for clinics")
    EXAMPLE = "example", _("Example for clinics")


class Level(models.TextChoices):
    """The four levels at which an institution acts."""

    PATIENT = "patient", _("Patient")
    ORGANIZATION = "organization", _("Organization")
    COMMUNITY = "community", _("Community")
    SOCIETAL = "societal", _("Society")


class Guide(models.Model):
    """One edition of one guide."""

    code = models.SlugField()
    edition = models.CharField(max_length=20)
    language = models.CharField(
        max_length=8, help_text="The language it was written in here; every item has these words"
    )
    title = models.CharField(max_length=200)
    summary = models.TextField()
    source = models.TextField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of what was loaded")
    loaded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            *open_table("practices_guide", grants=READERS),
            models.UniqueConstraint(fields=["code", "edition"], name="practices_guide_edition"),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.edition}"


class GuideItem(models.Model):
    """One item of a guide, known by the guide's own code."""

    guide = models.ForeignKey(Guide, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(max_length=20, choices=ItemKind.choices)
    code = models.CharField(max_length=20)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    level = models.CharField(max_length=20, choices=Level.choices, blank=True)
    position = models.PositiveSmallIntegerField(
        help_text="Place among the items of its kind with the same parent"
    )

    class Meta:
        constraints = [
            *open_table("practices_guideitem", grants=READERS),
            models.UniqueConstraint(fields=["guide", "code"], name="practices_guideitem_code"),
            models.CheckConstraint(
                condition=models.Q(kind__in=ItemKind.values), name="practices_guideitem_kind"
            ),
            models.CheckConstraint(
                condition=models.Q(level__in=["", *Level.values]), name="practices_guideitem_level"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.words.title}"

    @property
    def words(self) -> GuideText:
        """The item's words: in the reader's language when somebody reviewed them, else in the guide's own."""
        texts = {text.language: text for text in self.texts.all() if text.reviewed}
        return texts.get(spoken_language()) or texts[self.guide.language]


class GuideText(models.Model):
    """The words of one item in one language."""

    item = models.ForeignKey(GuideItem, on_delete=models.PROTECT, related_name="texts")
    language = models.CharField(max_length=8)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    note = models.TextField(blank=True)
    question = models.TextField(blank=True)
    anchors = ArrayField(
        models.TextField(), default=list, blank=True, help_text="What levels 0 to 3 look like"
    )
    reviewed = models.BooleanField(
        default=False, help_text="A person who speaks the language has read it; else not shown"
    )

    class Meta:
        constraints = [
            *open_table("practices_guidetext", grants=READERS),
            models.UniqueConstraint(fields=["item", "language"], name="practices_guidetext_language"),
            models.CheckConstraint(
                condition=models.Q(anchors__len__in=[0, 4]), name="practices_guidetext_anchors"
            ),
        ]

    def __str__(self) -> str:
        return self.title


def spoken_language() -> str:
    """The reader's language without its region: 'en' of 'en-us'."""
    return (get_language() or "en").split("-")[0]
