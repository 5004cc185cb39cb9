"""What is measured, by which groups: metrics, dimensions, strata, and the series that facts hang on."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from equity.roles import Permission
from equity.tenancy.models import Person, TenantKey, TenantModel, Unit
from equity.tenancy.personas import Persona
from equity.tenancy.walls import IN_ORGANISATION, Policy, holds, tenant_table
from metrics.amounts import MOST_DECIMALS
from metrics.models.definition_set import SetMetric

READ_BY_SENDERS = Policy(Persona.SENDER, "S", IN_ORGANISATION)
"""What the institution's own systems send names measures and groups: whether they exist is checked when it comes."""

ADDED_BY_INSTITUTION = Policy(
    Persona.MEMBER, "I", f"{IN_ORGANISATION} AND {holds(Permission.CHOOSE_METRICS)}"
)
CHANGED_BY_COMMUNITY = Policy(
    Persona.MEMBER, "U", f"{IN_ORGANISATION} AND {holds(Permission.APPROVE_GROUPS)}"
)
"""A list of groups is taken up by the institution; how its groups are called and ordered, only the community changes."""


class Level(models.TextChoices):
    """Where a metric looks, and where step 4 of the guide acts."""

    PATIENT = "patient", _("Patient")
    ORGANIZATION = "organization", _("Organization")
    COMMUNITY = "community", _("Community")
    SOCIETAL = "societal", _("Societal")


class Side(models.TextChoices):
    """Who chose a metric, and who decides whether its figures go to the public."""

    INSTITUTION = "institution", _("The institution")
    COMMUNITY = "community", _("The community")


class Metric(TenantModel):
    """A definition. `counts_people`: only then are small counts hidden. `per`: a rate of 11 `per` 100 reads “11 in 100”.

    What is counted belongs to a version (`MetricVersion`); the row says what holds now. A retired metric keeps its
    counts and its pages; nobody is asked for new ones.
    """

    class Purpose(models.TextChoices):
        IMPLEMENTATION = "implementation", _("Are we doing it?")
        PARTNERSHIP = "partnership", _("Are we doing it together?")
        IMPACT = "impact", _("Does it change lives?")

    class Kind(models.TextChoices):
        PROPORTION = "proportion", _("Share")
        RATE = "rate", _("Rate")
        MEAN = "mean", _("Average")
        COUNT = "count", _("Count")
        INDEX = "index", _("Index")

    class Better(models.TextChoices):
        HIGHER = "higher", _("More is better")
        LOWER = "lower", _("Less is better")
        NEITHER = "neither", _("Neither is better")

    class Origin(models.TextChoices):
        OWN = "own", _("Written here")
        LIBRARY = "library", _("From the library, as it is")
        ADAPTED = "adapted", _("Adapted")
        SET = "set", _("From a health department’s set, unedited")

    code = models.SlugField(max_length=60)
    name = models.CharField(max_length=200)
    level = models.CharField(max_length=12, choices=Level.choices)
    purpose = models.CharField(max_length=14, choices=Purpose.choices)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    counts_people = models.BooleanField()
    better = models.CharField(max_length=8, choices=Better.choices)
    per = models.PositiveIntegerField(default=100)
    decimals = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        help_text="Of its amounts, which are stored as whole numbers: 2 for dollars and cents",
    )
    numerator = models.TextField()
    denominator = models.TextField(blank=True)
    exclusions = models.TextField(blank=True)
    why = models.TextField(blank=True)
    caution = models.TextField(blank=True, help_text="How the number can mislead or be gamed")
    frequency = models.PositiveSmallIntegerField(help_text="Grain of the observations: see Grain")
    once_over_periods = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Who comes in several months is counted once in the year: longer periods are not added up, but given",
    )
    once_over_units = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Who comes to several units is counted once in the whole: units are not added up, but given",
    )
    composition = models.JSONField(
        default=dict,
        blank=True,
        help_text="Of an index: its measures with weights and goalposts, and how they become one number",
    )
    source = models.CharField(max_length=300)
    owner = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    due_days = models.PositiveSmallIntegerField(
        default=30, db_default=30, help_text="Days after the end of a period within which its counts are due"
    )
    asked_from = models.DateField(
        default=timezone.localdate,
        help_text="Where nobody has given a count yet, periods that ended before this day are not asked for",
    )
    chosen_by = models.CharField(max_length=12, choices=Side.choices, default=Side.INSTITUTION)
    held_by = models.CharField(
        max_length=12,
        choices=Side.choices,
        default=Side.INSTITUTION,
        help_text="Who decides on publication; what the community holds, only the community gives back",
    )
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.OWN)
    library_code = models.CharField(max_length=60, blank=True)
    library_version = models.PositiveSmallIntegerField(null=True, blank=True)
    set_metric = models.ForeignKey(
        SetMetric, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveSmallIntegerField(default=1)
    retired_on = models.DateField(null=True, blank=True)
    retired_because = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            *tenant_table(
                "metrics_metric",
                worker="S",
                policies=[
                    Policy(Persona.MEMBER, "S", IN_ORGANISATION),
                    READ_BY_SENDERS,
                    Policy(Persona.MEMBER, "IU", f"{IN_ORGANISATION} AND {holds(Permission.CHOOSE_METRICS)}"),
                    Policy(
                        Persona.MEMBER, "U", f"{IN_ORGANISATION} AND {holds(Permission.AGREE_TO_FIGURES)}"
                    ),
                ],
            ),
            models.UniqueConstraint(fields=["organisation", "code"], name="metrics_metric_code"),
            models.CheckConstraint(
                condition=models.Q(level__in=[level.value for level in Level]), name="metrics_metric_level"
            ),
            models.CheckConstraint(
                condition=models.Q(decimals=0)
                | (
                    models.Q(decimals__lte=MOST_DECIMALS)
                    & ~models.Q(counts_people=True, kind__in=["proportion", "count"])
                ),
                name="metrics_metric_whole_people",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=["proportion", "rate", "mean"]) | ~models.Q(denominator=""),
                name="metrics_metric_has_denominator",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    kind="index", counts_people=False, once_over_periods=False, once_over_units=False
                )
                & ~models.Q(composition={})
                | ~models.Q(kind="index") & models.Q(composition={}),
                name="metrics_metric_index_has_parts",
            ),
            models.CheckConstraint(
                condition=~models.Q(origin="library") | (~models.Q(library_code="") & models.Q(version=1)),
                name="metrics_metric_of_the_library_is_as_it_is",
            ),
            models.CheckConstraint(
                condition=~models.Q(origin="set") | models.Q(set_metric__isnull=False, version=1),
                name="metrics_metric_of_a_set_is_as_it_is",
            ),
            models.CheckConstraint(
                condition=models.Q(retired_on=None) | ~models.Q(retired_because=""),
                name="metrics_metric_retired_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Dimension(TenantModel):
    """A way to compare: race and ethnicity, language, payer. `partition`: each person is in exactly one category.

    Where people can give several answers, `counting` says how they count: under each answer (groups overlap, no
    partition) or once. `reference`: the code of the category that others are compared with, "" for none.
    """

    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=100)
    partition = models.BooleanField(default=True)
    counting = models.SlugField(max_length=40, blank=True)
    library_code = models.CharField(max_length=60, blank=True)
    library_version = models.PositiveSmallIntegerField(null=True, blank=True)
    standard_name = models.CharField(max_length=200, blank=True)
    reference = models.SlugField(max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "code"]
        constraints = [
            *tenant_table(
                "metrics_dimension",
                worker="S",
                policies=[
                    Policy(Persona.MEMBER, "S", IN_ORGANISATION),
                    READ_BY_SENDERS,
                    ADDED_BY_INSTITUTION,
                    CHANGED_BY_COMMUNITY,
                ],
            ),
            models.UniqueConstraint(fields=["organisation", "code"], name="metrics_dimension_code"),
        ]

    def __str__(self) -> str:
        return self.name


class Category(TenantModel):
    """A group, in its own words, in the order that the community set. `missing`: a gap in records, not a group."""

    class MissingKind(models.TextChoices):
        NONE = "", _("An answer")
        UNKNOWN = "unknown", _("Unknown")
        NOT_ASKED = "not_asked", _("Not asked")
        DECLINED = "declined", _("Chose not to answer")

    dimension = TenantKey(Dimension, related_name="categories")
    code = models.SlugField(max_length=40)
    label = models.CharField(max_length=120)
    short_label = models.CharField(max_length=60, blank=True)
    missing = models.BooleanField(default=False)
    missing_kind = models.CharField(
        max_length=10, choices=MissingKind.choices, blank=True, help_text="Why there is no answer"
    )
    standard_system = models.CharField(max_length=120, blank=True)
    standard_code = models.CharField(max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "label"]
        constraints = [
            *tenant_table(
                "metrics_category",
                worker="S",
                keys=["dimension"],
                policies=[
                    Policy(Persona.MEMBER, "S", IN_ORGANISATION),
                    READ_BY_SENDERS,
                    ADDED_BY_INSTITUTION,
                    CHANGED_BY_COMMUNITY,
                ],
            ),
            models.UniqueConstraint(
                fields=["organisation", "dimension", "code"], name="metrics_category_code"
            ),
            models.CheckConstraint(
                condition=models.Q(missing_kind="") | models.Q(missing=True),
                name="metrics_category_kind_of_a_gap",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Stratum(TenantModel):
    """Everybody (no part), one category, or an intersection. `key` is “dimension=category” joined by “&”, sorted."""

    key = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=200, blank=True, help_text="Its dimensions, sorted, joined by “*”")

    class Meta:
        ordering = ["key"]
        constraints = [
            *tenant_table("metrics_stratum", member="S", worker="SI"),
            models.UniqueConstraint(fields=["organisation", "key"], name="metrics_stratum_of_key"),
        ]

    def __str__(self) -> str:
        return self.key or "everybody"


class StratumPart(TenantModel):
    """One category of a stratum."""

    stratum = TenantKey(Stratum, related_name="parts")
    category = TenantKey(Category, related_name="+")

    class Meta:
        constraints = [
            *tenant_table("metrics_stratumpart", member="S", worker="SI", keys=["stratum", "category"]),
            models.UniqueConstraint(
                fields=["organisation", "stratum", "category"], name="metrics_stratumpart_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stratum_id} {self.category_id}"


class Series(models.Model):
    """Metric × unit × stratum. Carries the keys to them, so that its facts need none.

    Nobody may change or delete one: an observation is checked against it only when it is written.
    """

    id = models.BigAutoField(primary_key=True)
    organisation = models.ForeignKey(
        "tenancy.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    metric = TenantKey(Metric, related_name="series", db_index=False)
    unit = TenantKey(Unit, related_name="+", db_index=False)
    stratum = TenantKey(Stratum, related_name="+", db_index=False)

    class Meta:
        constraints = [
            *tenant_table(
                "metrics_series", member="S", worker="SI", keys=["metric", "unit", "stratum"], operator="SI"
            ),
            models.UniqueConstraint(
                fields=["organisation", "metric", "unit", "stratum"], name="metrics_series_of_what"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric_id} {self.unit_id} {self.stratum_id}"
