"""The form of a withdrawal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from equity.publication.models import WhyWithdrawn
from metrics.forms.dashboards import set_choices
from metrics.reading.periods import Period
from metrics.wording import period_label


class WithdrawForm(forms.Form):
    """Which periods of a measure, and why."""

    periods = forms.MultipleChoiceField(
        label=_("Which periods?"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "All units and all groups of a period go together: one that vanished alone would be pointed at."
        ),
    )
    reason = forms.ChoiceField(
        label=_("Why?"),
        widget=forms.RadioSelect,
        choices=WhyWithdrawn.choices,
        help_text=_("Everybody reads this where the figures stood."),
    )
    words = forms.CharField(
        label=_("What happened?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For the history, which the community reads too. Write no count here."),
    )

    def __init__(self, data: Any = None, *, periods: Sequence[Period]) -> None:
        self.by_code = {period.code: period for period in periods}
        super().__init__(data)
        set_choices(self, "periods", [(code, period_label(one)) for code, one in self.by_code.items()])

    def chosen_periods(self) -> list[Period]:
        """The periods that were ticked."""
        return [self.by_code[code] for code in self.cleaned_data["periods"]]
