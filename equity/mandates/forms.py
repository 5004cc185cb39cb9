"""What people fill in for a mandated report. Fields follow the template: another mandate needs no other form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from equity.mandates import queries
from equity.mandates.assembling import DOES_NOT_REPORT
from equity.mandates.crosswalk import Crosswalk
from equity.mandates.models import DisparityPlan, MeasureLink, Reporter
from equity.mandates.report import Filled
from equity.mandates.template import Form, Kind, Scope, Stratification, Template
from metrics.models import Category, Metric
from practices.models import AdoptedPractice

LONGEST = 4000
YES_NO = [("", _("Not answered")), ("yes", _("Yes")), ("no", _("No"))]
NONE = "none"


def _area(rows: int = 4) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class OpenForm(forms.Form):
    mandate = forms.SlugField(max_length=60, widget=forms.HiddenInput)
    year = forms.IntegerField(min_value=2000, max_value=2100, widget=forms.HiddenInput)


class MeasuresForm(forms.Form):
    """Which metric answers each measure. Only metrics that count the same way round are offered."""

    def __init__(
        self,
        *args: Any,
        template: Template,
        metrics: Sequence[Metric],
        links: Mapping[str, MeasureLink],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.template = template
        self._metrics = {one.code: one for one in metrics}
        for measure in template.counted:
            fitting = queries.fitting_metrics(measure, metrics)
            link = links.get(measure.code)
            proposed = queries.proposed_metric(measure, metrics)
            initial = (link.metric.code if link.metric else NONE) if link else ""
            name = _("%(name)s (same code)")
            offered = [
                (one.code, name % {"name": one.name} if one == proposed else one.name) for one in fitting
            ]
            self.fields[f"measure-{measure.code}"] = forms.ChoiceField(
                label=measure.name,
                help_text=_("%(part)s, of: %(whole)s")
                % {"part": measure.numerator, "whole": measure.denominator},
                required=False,
                initial=initial,
                choices=[("", _("Not decided")), (NONE, _("We have none")), *offered],
            )

    def chosen(self) -> dict[str, Metric | None]:
        """Measure → metric; None: the institution has none. What is not decided is not in it."""
        found: dict[str, Metric | None] = {}
        for measure in self.template.counted:
            code = self.cleaned_data.get(f"measure-{measure.code}", "")
            if code:
                found[measure.code] = None if code == NONE else self._metrics[code]
        return found


class GroupsForm(forms.Form):
    """Which of the institution's groups make up each group of one way to compare."""

    def __init__(
        self, *args: Any, stratification: Stratification, crosswalk: Crosswalk, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.stratification = stratification
        categories = Category.objects.filter(dimension__code=crosswalk.dimension)
        self._categories = {one.code: one for one in categories}
        choices = [(one.code, one.label) for one in self._categories.values()]
        for group in stratification.groups:
            self.fields[f"group-{group.code}"] = forms.MultipleChoiceField(
                label=group.name,
                required=False,
                choices=choices,
                initial=list(crosswalk.takes.get(group.code, ())),
                widget=forms.CheckboxSelectMultiple,
            )

    def chosen(self) -> dict[str, list[Category]]:
        return {
            group.code: [self._categories[code] for code in self.cleaned_data[f"group-{group.code}"]]
            for group in self.stratification.groups
        }


class FactsForm(forms.Form):
    kind = forms.ChoiceField(label=_("Which kind of hospital is it?"))
    identifier = forms.CharField(label=_("Its number"), max_length=40, required=False)
    head = forms.CharField(label=_("Chief executive, or whoever leads it"), max_length=120, required=False)
    description = forms.CharField(
        label=_("What it is, in a few sentences"), max_length=LONGEST, required=False, widget=_area()
    )

    def __init__(self, *args: Any, reporter: Reporter, template: Template, **kwargs: Any) -> None:
        names = ("kind", "identifier", "head", "description")
        kwargs["initial"] = {name: getattr(reporter, name) for name in names}
        super().__init__(*args, **kwargs)
        kinds = _kinds_of(reporter, template)
        choices: list[tuple[str, Any]] = [("", _("Choose")), *((one.code, one.name) for one in kinds)]
        choices.append((DOES_NOT_REPORT, _("It does not report")))
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField, known by its name only
        if kinds:
            self.fields["identifier"].label = kinds[0].identifier


def _kinds_of(reporter: Reporter, template: Template) -> tuple[Kind, ...]:
    """A hospital can be any kind of unit; the whole is the whole."""
    kind = template.kind(reporter.kind)
    if kind is not None and kind.scope is Scope.WHOLE:
        return (kind,)
    return (template.whole,) if reporter.unit.parent_id is None and template.whole else template.unit_kinds


class AnswersForm(forms.Form):
    """Yes or no to each structural measure, with what shows it."""

    def __init__(self, *args: Any, filled: Filled, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.measures = [one for one in filled.structural if one.measure.form is Form.YES_NO]
        for found in self.measures:
            said = found.answer
            code = found.measure.code
            self.fields[f"yes-{code}"] = forms.ChoiceField(
                label=found.measure.question,
                help_text=found.measure.name,
                required=False,
                choices=YES_NO,
                initial={True: "yes", False: "no"}.get(said.yes, "") if said and said.yes is not None else "",
            )
            self.fields[f"text-{code}"] = forms.CharField(
                label=_("What shows it, or what is missing"),
                required=False,
                max_length=LONGEST,
                initial=said.text if said else "",
                widget=_area(2),
            )

    def answers(self) -> dict[str, tuple[bool | None, str]]:
        return {
            found.measure.code: (
                {"yes": True, "no": False}.get(self.cleaned_data[f"yes-{found.measure.code}"]),
                self.cleaned_data[f"text-{found.measure.code}"],
            )
            for found in self.measures
        }


class StatementsForm(forms.Form):
    """One text for each priority area, and the others that the mandate asks for."""

    def __init__(self, *args: Any, template: Template, filled: Filled, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for statement in template.statements:
            self.fields[f"text-{statement.code}"] = forms.CharField(
                label=statement.name,
                help_text=statement.question,
                required=False,
                max_length=LONGEST,
                initial=filled.statements.get(statement.code, ""),
                widget=_area(),
            )

    def texts(self) -> dict[str, str]:
        return {name.removeprefix("text-"): text for name, text in self.cleaned_data.items()}


class PlanForm(forms.Form):
    population = forms.CharField(
        label=_("For whom is it, and how many people are they?"),
        max_length=LONGEST,
        required=False,
        widget=_area(2),
    )
    objective = forms.CharField(
        label=_("What will be different, in a number that can be measured?"),
        max_length=LONGEST,
        required=False,
        widget=_area(2),
    )
    by = forms.DateField(
        label=_("By which day?"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    area = forms.ChoiceField(label=_("Which priority area is it in?"), required=False)
    actions = forms.CharField(
        label=_("What will be done?"), max_length=LONGEST, required=False, widget=_area()
    )
    practices = forms.MultipleChoiceField(
        label=_("Through which practices that we adopted?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self,
        *args: Any,
        template: Template,
        plan: DisparityPlan | None,
        linked: Sequence[AdoptedPractice],
        possible: Sequence[AdoptedPractice],
        **kwargs: Any,
    ) -> None:
        names = ("population", "objective", "by", "area", "actions")
        if plan is not None:
            kwargs["initial"] = {name: getattr(plan, name) for name in names} | {
                "practices": [str(one.pk) for one in linked]
            }
        super().__init__(*args, **kwargs)
        self._offered = {str(one.pk): one for one in (*possible, *linked)}
        areas = [("", _("Choose")), *((one.code, one.name) for one in template.areas)]
        self.fields["area"].choices = areas  # type: ignore[attr-defined]  # a ChoiceField, known by its name only
        offered = [(pk, str(one)) for pk, one in self._offered.items()]
        self.fields["practices"].choices = offered  # type: ignore[attr-defined]  # the same

    def practices_chosen(self) -> list[AdoptedPractice]:
        return [self._offered[pk] for pk in self.cleaned_data["practices"]]


class SubmitForm(forms.Form):
    as_of = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("What was changed since the version before, and why?"),
        max_length=LONGEST,
        required=False,
        widget=_area(),
    )
