"""Definitions that a health department publishes: the same for everybody, and never changed once they are there."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from equity.tenancy.personas import Persona
from equity.tenancy.walls import open_table

READ = {Persona.PUBLIC: "S", Persona.CLIENT: "S", Persona.MEMBER: "S", Persona.WORKER: "S"}


class DefinitionSet(models.Model):
    """One edition of a department's set. Another wording is another edition; institutions move to it when they choose."""

    id = models.BigAutoField(primary_key=True)
    code = models.SlugField(max_length=60)
    edition = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    department = models.CharField(max_length=200)
    jurisdiction = models.CharField(max_length=5, help_text="Two letters of a state, or five FIPS digits")
    published_on = models.DateField(help_text="When the department published it")
    source = models.CharField(max_length=300)
    sample = models.BooleanField(default=False, help_text="Invented, for the example")
    sha256 = models.CharField(max_length=64, help_text="Of the file that it was loaded from")
    loaded_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["code", "-edition"]
        constraints = [
            *open_table("metrics_definitionset", grants=READ),
            models.UniqueConstraint(fields=["code", "edition"], name="metrics_definitionset_edition"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.edition}"


class SetMetric(models.Model):
    """One locked definition of a set. The fields are those of a metric; `dimensions` are codes of the library."""

    id = models.BigAutoField(primary_key=True)
    definition_set = models.ForeignKey(DefinitionSet, on_delete=models.PROTECT, related_name="metrics")
    code = models.SlugField(max_length=60)
    name = models.CharField(max_length=200)
    level = models.CharField(max_length=12)
    purpose = models.CharField(max_length=14)
    kind = models.CharField(max_length=10)
    per = models.PositiveIntegerField()
    better = models.CharField(max_length=8)
    counts_people = models.BooleanField()
    numerator = models.TextField()
    denominator = models.TextField(blank=True)
    exclusions = models.TextField(blank=True)
    composition = models.JSONField(default=dict, blank=True)
    source = models.CharField(max_length=300)
    frequency = models.PositiveSmallIntegerField()
    once_over_periods = models.BooleanField(default=False, db_default=False)
    once_over_units = models.BooleanField(default=False, db_default=False)
    why = models.TextField(blank=True)
    caution = models.TextField(blank=True)
    dimensions = models.JSONField(default=list)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["definition_set", "position"]
        constraints = [
            *open_table("metrics_setmetric", grants=READ),
            models.UniqueConstraint(fields=["definition_set", "code"], name="metrics_setmetric_code"),
        ]

    def __str__(self) -> str:
        return self.name
