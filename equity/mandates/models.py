"""What an institution adds to a mandated report: who reports, which metric answers what, answers, plans, what was submitted."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from equity.tenancy.models import Person, TenantKey, TenantModel, Unit
from equity.tenancy.walls import tenant_table
from metrics.models import Category, Metric
from practices.models import AdoptedPractice


class MandatedReport(TenantModel):
    """The report of one mandate that is due in one year. Its numbers are read from the ledger whenever it is opened."""

    mandate = models.SlugField(max_length=60, help_text="Code of the template")
    year = models.PositiveSmallIntegerField(help_text="The year in which it is due")
    extended_on = models.DateField(
        null=True, help_text="The day the department's extension was noted here; none: no extension"
    )
    opened_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-year", "mandate"]
        constraints = [
            *tenant_table("mandates_mandatedreport", member="SIU", worker="S"),
            models.UniqueConstraint(
                fields=["organisation", "mandate", "year"], name="mandates_mandatedreport_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mandate} {self.year}"


class Reporter(TenantModel):
    """A unit that a report is about. `kind`: a code of the template, "" when nobody has said yet; "none": it does not report."""

    report = TenantKey(MandatedReport, related_name="reporters")
    unit = TenantKey(Unit, related_name="+")
    kind = models.SlugField(max_length=40, blank=True)
    identifier = models.CharField(max_length=40, blank=True)
    head = models.CharField(max_length=120, blank=True, help_text="Chief executive or equivalent")
    description = models.TextField(blank=True)

    class Meta:
        constraints = [
            *tenant_table("mandates_reporter", member="SIU", worker="S", keys=["report", "unit"]),
            models.UniqueConstraint(fields=["organisation", "report", "unit"], name="mandates_reporter_once"),
        ]

    def __str__(self) -> str:
        return self.unit.name


class MeasureLink(TenantModel):
    """The metric that answers a measure of a mandate; kept from year to year. No metric: the institution says that none does."""

    mandate = models.SlugField(max_length=60)
    measure = models.SlugField(max_length=60, help_text="Code in the template")
    metric = TenantKey(Metric, null=True, related_name="+")

    class Meta:
        constraints = [
            *tenant_table("mandates_measurelink", member="SIU", worker="S", keys=["metric"]),
            models.UniqueConstraint(
                fields=["organisation", "mandate", "measure"], name="mandates_measurelink_once"
            ),
        ]

    def __str__(self) -> str:
        return self.measure


class GroupLink(TenantModel):
    """A group of the institution that is part of a group of the report, where the template's proposal does not fit."""

    mandate = models.SlugField(max_length=60)
    stratification = models.SlugField(max_length=60)
    group = models.SlugField(max_length=60)
    category = TenantKey(Category, related_name="+")

    class Meta:
        constraints = [
            *tenant_table("mandates_grouplink", member="SID", worker="S", keys=["category"]),
            models.UniqueConstraint(
                fields=["organisation", "mandate", "stratification", "category"],
                name="mandates_grouplink_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stratification} {self.group}"


class StructuralAnswer(TenantModel):
    """Yes or no to a structural measure, with what shows it."""

    reporter = TenantKey(Reporter, related_name="answers")
    measure = models.SlugField(max_length=60)
    yes = models.BooleanField(null=True)
    text = models.TextField(blank=True)

    class Meta:
        constraints = [
            *tenant_table("mandates_structuralanswer", member="SIU", worker="S", keys=["reporter"]),
            models.UniqueConstraint(
                fields=["organisation", "reporter", "measure"], name="mandates_structuralanswer_once"
            ),
        ]

    def __str__(self) -> str:
        return self.measure


class ReportStatement(TenantModel):
    """What the institution writes for one priority area, or on how it counted."""

    reporter = TenantKey(Reporter, related_name="statements")
    statement = models.SlugField(max_length=60)
    text = models.TextField()

    class Meta:
        constraints = [
            *tenant_table("mandates_reportstatement", member="SIU", worker="S", keys=["reporter"]),
            models.UniqueConstraint(
                fields=["organisation", "reporter", "statement"], name="mandates_reportstatement_once"
            ),
        ]

    def __str__(self) -> str:
        return self.statement


class DisparityPlan(TenantModel):
    """What will be done about one of the widest disparities. It stays when newer numbers move the disparity down the list."""

    reporter = TenantKey(Reporter, related_name="plans")
    key = models.SlugField(max_length=240, help_text="Kind, measure, way to compare and group")
    population = models.TextField(blank=True, help_text="For whom, and how many")
    objective = models.TextField(blank=True, help_text="What can be measured")
    by = models.DateField(null=True)
    area = models.SlugField(max_length=60, blank=True, help_text="Priority area: a code of the template")
    actions = models.TextField(blank=True)

    class Meta:
        constraints = [
            *tenant_table("mandates_disparityplan", member="SIU", worker="S", keys=["reporter"]),
            models.UniqueConstraint(
                fields=["organisation", "reporter", "key"], name="mandates_disparityplan_once"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class PlanPractice(TenantModel):
    """An adopted practice through which a plan is carried out."""

    plan = TenantKey(DisparityPlan, related_name="practices")
    practice = TenantKey(AdoptedPractice, related_name="+")

    class Meta:
        constraints = [
            *tenant_table("mandates_planpractice", member="SID", worker="S", keys=["plan", "practice"]),
            models.UniqueConstraint(
                fields=["organisation", "plan", "practice"], name="mandates_planpractice_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.practice_id}"


class Submission(TenantModel):
    """A report as it was submitted. Append-only: what is put right later is a new version."""

    report = TenantKey(MandatedReport, related_name="submissions")
    version = models.PositiveSmallIntegerField()
    edition = models.PositiveSmallIntegerField(help_text="Of the template")
    as_of = models.BigIntegerField(help_text="The last release that its numbers are from")
    lacking = models.PositiveSmallIntegerField(help_text="How many things were still missing")
    note = models.TextField(blank=True, help_text="Of an amended one: what was changed, and why")
    submitted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-version"]
        constraints = [
            *tenant_table("mandates_submission", member="SI", worker="S", operator="SI", keys=["report"]),
            models.UniqueConstraint(
                fields=["organisation", "report", "version"], name="mandates_submission_version"
            ),
            models.CheckConstraint(
                condition=models.Q(version=1) | ~models.Q(note=""), name="mandates_submission_amended_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report} ({self.version})"


class SubmittedFile(TenantModel):
    """A file of a submission, byte for byte."""

    submission = TenantKey(Submission, related_name="files")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()

    class Meta:
        ordering = ["name"]
        constraints = [
            *tenant_table(
                "mandates_submittedfile", member="SI", worker="S", operator="SI", keys=["submission"]
            ),
            models.UniqueConstraint(
                fields=["organisation", "submission", "name"], name="mandates_submittedfile_name"
            ),
            models.CheckConstraint(
                condition=models.Q(sha256__regex="^[0-9a-f]{64}$"), name="mandates_submittedfile_hashed"
            ),
        ]

    def __str__(self) -> str:
        return self.name
