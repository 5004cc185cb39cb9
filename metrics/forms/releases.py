"""Forms of releases."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from metrics.forms.dashboards import set_choices
from metrics.reading.periods import Period
from metrics.releasing import Candidate
from metrics.wording import GRAIN_NAMES, period_label


class ReleaseForm(forms.Form):
    """What to publish: measures that have something new, and the whole periods that are not published yet."""

    title = forms.CharField(
        label=_("What should it be called?"), max_length=200, help_text=_("For example: Figures for 2024.")
    )
    metrics = forms.MultipleChoiceField(label=_("Which measures?"), widget=forms.CheckboxSelectMultiple)
    periods = forms.MultipleChoiceField(
        label=_("Which periods?"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only whole quarters, years and stated spans can be published."),
    )

    def __init__(self, data: Any = None, *, candidates: list[Candidate]) -> None:
        self.by_code = {period.code: period for one in candidates for period in one.periods}
        metrics = [(one.metric.code, one.metric.name) for one in candidates if one.periods]
        kinds = list(GRAIN_NAMES)
        ordered = sorted(
            self.by_code.values(), key=lambda one: (kinds.index(one.grain), -one.start.toordinal())
        )
        super().__init__(
            data,
            initial={"metrics": [code for code, _name in metrics], "periods": list(self.by_code)},
        )
        set_choices(self, "metrics", metrics)
        set_choices(self, "periods", [(one.code, period_label(one)) for one in ordered])

    def chosen_periods(self) -> list[Period]:
        """The periods that were ticked."""
        return [self.by_code[code] for code in self.cleaned_data["periods"]]
