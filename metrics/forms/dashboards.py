"""What a dashboard may be asked for."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from metrics.queries import Dashboard
from metrics.wording import GRAIN_NAMES, period_label


class FilterForm(forms.Form):
    """Compare by, period, unit: a GET form whose choices are what has been measured."""

    by = forms.ChoiceField(label=_("Compare by"), required=False)
    period = forms.ChoiceField(label=_("Period"), required=False)
    unit = forms.ChoiceField(label=_("Where"), required=False)

    def __init__(self, dashboard: Dashboard, **more: Any) -> None:
        asked, shown = dashboard.asked, _way_of_the_only_one(dashboard)
        super().__init__(
            initial={"by": shown or asked.by, "period": asked.period, "unit": dashboard.unit.code},
            auto_id="filter-%s",
            **more,
        )
        ways = [(way.code, way.name) for way in dashboard.ways]
        set_choices(self, "by", ways if shown else [("", _("Each measure’s own way")), *ways])
        set_choices(self, "period", [("", _("The latest")), *_periods(dashboard)])
        set_choices(self, "unit", [(unit.code, unit.name) for unit in dashboard.units])


def _way_of_the_only_one(dashboard: Dashboard) -> str:
    """Where there is one measure, the way it is shown by is the one chosen."""
    figures = [one.figure for one in dashboard.measured]
    return figures[0].way.code if len(figures) == 1 and figures[0] and figures[0].way else ""


def set_choices(form: forms.Form, name: str, choices: list[Any]) -> None:
    """Give a field of choices what there is to choose from."""
    cast(forms.ChoiceField, form.fields[name]).choices = choices


def _periods(dashboard: Dashboard) -> list[tuple[Any, list[tuple[str, str]]]]:
    return [
        (name, found)
        for grain, name in GRAIN_NAMES.items()
        if (found := [(one.code, period_label(one)) for one in dashboard.periods if one.grain is grain])
    ]
