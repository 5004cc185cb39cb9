"""Forms of sums over institutions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from equity.tenancy.models import Organisation
from metrics.forms.dashboards import set_choices
from metrics.joinings import Sum
from metrics.models import Metric
from metrics.reading.periods import Period
from metrics.wording import period_label


class TakePartForm(forms.Form):
    """Which department, and which measures."""

    department = forms.ChoiceField(label=_("Whose sums?"), widget=forms.RadioSelect)
    metrics = forms.MultipleChoiceField(
        label=_("Which measures?"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_(
            "Tick none to take part with all that you count as the department defines it. A measure is added up only"
            " where it means the same everywhere, word for word."
        ),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        departments: Sequence[Organisation],
        metrics: Sequence[Metric],
        locked: Mapping[str, str],
    ) -> None:
        """`locked`: metric code → short name of the department that defines it so."""
        super().__init__(data)
        names = {one.slug: one.name for one in departments}
        set_choices(self, "department", list(names.items()))
        labels = [(one.code, _label(one, names.get(locked.get(one.code, ""), ""))) for one in metrics]
        set_choices(self, "metrics", labels)


def _label(metric: Metric, department: str) -> str:
    if not department:
        return metric.name
    return gettext("%(measure)s (as %(department)s defines it)") % {
        "measure": metric.name,
        "department": department,
    }


class SumsForm(forms.Form):
    """What to add up: measures and periods that at least three institutions have given."""

    title = forms.CharField(
        label=_("What should it be called?"),
        max_length=200,
        help_text=_("For example: All hospitals of the county, 2024."),
    )
    metrics = forms.MultipleChoiceField(label=_("Which measures?"), widget=forms.CheckboxSelectMultiple)
    periods = forms.MultipleChoiceField(label=_("Which periods?"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: Any = None, *, sums: Sequence[Sum]) -> None:
        ready = [one for one in sums if one.enough]
        self.by_code = {one.period.code: one.period for one in ready}
        names = {one.metric.code: one.metric.name for one in ready}
        super().__init__(data, initial={"metrics": list(names), "periods": list(self.by_code)})
        set_choices(self, "metrics", list(names.items()))
        set_choices(self, "periods", [(code, period_label(one)) for code, one in self.by_code.items()])

    def chosen_periods(self) -> list[Period]:
        """The periods that were ticked."""
        return [self.by_code[code] for code in self.cleaned_data["periods"]]
