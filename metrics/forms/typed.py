"""Which grid is to be filled in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy

from equity.tenancy.models import Organisation, Unit
from metrics.models import Dimension, Grain, Metric
from metrics.reading.cells import MetricKind


class GridForm(forms.Form):
    """One measure, one unit, one year, and perhaps the groups of one dimension."""

    metric: forms.ModelChoiceField = forms.ModelChoiceField(
        queryset=None, to_field_name="code", label=gettext_lazy("Measure"), empty_label=None
    )
    unit: forms.ModelChoiceField = forms.ModelChoiceField(
        queryset=None, to_field_name="code", label=gettext_lazy("Unit"), empty_label=None
    )
    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=1990, max_value=2100)
    dimension: forms.ModelChoiceField = forms.ModelChoiceField(
        queryset=None,
        to_field_name="code",
        label=gettext_lazy("By groups of"),
        required=False,
        empty_label=gettext_lazy("Everybody only"),
    )

    def __init__(self, organisation: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = {"organisation": organisation}
        in_use = Metric.objects.filter(**own, retired_on=None)
        metrics = in_use.exclude(frequency=Grain.SPAN).exclude(kind__in=[MetricKind.MEAN, MetricKind.INDEX])
        self._offer("metric", metrics)
        self._offer("unit", Unit.objects.filter(**own).order_by("position", "name"))
        self._offer("dimension", Dimension.objects.filter(**own))
        self.fields["year"].initial = timezone.localdate().year

    def _offer(self, name: str, found: Any) -> None:
        self.fields[name].queryset = found  # type: ignore[attr-defined]  # a ModelChoiceField
