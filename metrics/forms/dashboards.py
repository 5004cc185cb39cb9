"""What a dashboard may be asked for."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from metrics.models import Level, Metric
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


class DetailForm(FilterForm):
    """One measure may be compared by two things at once."""

    also = forms.ChoiceField(label=_("and by"), required=False)
    field_order = ("by", "also", "period", "unit")

    def __init__(self, dashboard: Dashboard, **more: Any) -> None:
        super().__init__(dashboard, **more)
        single = [way for way in dashboard.ways if len(way.dimensions) == 1]
        figure = dashboard.measured[0].figure
        shown = [one.code for one in figure.way.dimensions] if figure and figure.way else []
        set_choices(self, "by", [(way.code, way.name) for way in single])
        set_choices(self, "also", [("", _("nothing else")), *((way.code, way.name) for way in single)])
        if len(shown) == 2:
            self.initial["by"], self.initial["also"] = _as_asked(shown, dashboard.asked.by)


def _as_asked(shown: list[str], first: str) -> list[str]:
    """The two dimensions with the one that was asked for first."""
    return sorted(shown, key=lambda code: code != first)


class OverviewForm(forms.Form):
    """What the table of all measures is narrowed to: a level, a purpose, a unit."""

    level = forms.ChoiceField(label=_("Level"), required=False)
    purpose = forms.ChoiceField(label=_("Purpose"), required=False)
    unit = forms.ChoiceField(label=_("Where"), required=False)

    def __init__(self, dashboard: Dashboard, *, level: str, purpose: str) -> None:
        given = {"level": level, "purpose": purpose, "unit": dashboard.unit.code}
        super().__init__(initial=given, auto_id="filter-%s")
        set_choices(self, "level", [("", _("All four")), *Level.choices])
        set_choices(self, "purpose", [("", _("All three")), *Metric.Purpose.choices])
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
