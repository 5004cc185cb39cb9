"""What people fill in. Forms check shapes; the rules of the programme are kept by the actions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from equity.cycle.models import STATE_NAMES, STEP_NAMES, CycleStep
from equity.cycle.steps import TRANSITIONS, StepState
from equity.tenancy.models import Person
from practices import queries
from practices.evidence_rules import ACCEPTED_EXTENSIONS, Visibility
from practices.models import EVIDENCE_VISIBILITIES, PROPOSERS, STATUS_NAMES, AdoptedPractice, ItemKind
from practices.queries import Filters
from practices.workflow import PracticeStatus, reachable

LONGEST_WORDS = 600


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _offer(form: forms.Form, name: str, **choices: Any) -> None:
    """What a field offers, when that is known only now: `choices` or `queryset`."""
    for kind, offered in choices.items():
        setattr(form.fields[name], kind, offered)


class SearchForm(forms.Form):
    q = forms.CharField(
        label=_("Words or a code"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    kind = forms.ChoiceField(
        label=_("Look in"), required=False, choices=[("", _("Everything")), *ItemKind.choices]
    )


class FilterForm(forms.Form):
    """Which practices to list. What the address says wrongly is told, and narrows nothing."""

    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("Any")), *((status.value, name) for status, name in STATUS_NAMES.items())],
    )
    owner: forms.ModelChoiceField[Person] = forms.ModelChoiceField(
        label=_("Owner"), required=False, empty_label=_("Anybody"), queryset=None
    )
    step = forms.TypedChoiceField(
        label=_("Step"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("Any")), *((number.value, name) for number, name in STEP_NAMES.items())],
    )
    overdue = forms.BooleanField(
        label=_("Only what is late"), required=False, widget=forms.CheckboxInput({"value": "1"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "owner", queryset=queries.possible_owners())

    def filters(self) -> Filters:
        self.is_valid()
        wanted = self.cleaned_data
        owner = wanted.get("owner")
        return Filters(
            status=wanted.get("status", ""),
            owner=owner.pk if owner else None,
            step=wanted.get("step"),
            overdue=wanted.get("overdue", False),
        )


class CycleForm(forms.Form):
    started_on = forms.DateField(label=_("First day of the cycle"), initial=timezone.localdate, widget=_day())


class MoveStepForm(forms.Form):
    to = forms.ChoiceField(label=_("This step is"))

    def __init__(self, *args: Any, step: CycleStep, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reached = TRANSITIONS[StepState(step.state)]
        _offer(
            self, "to", choices=[(state.value, STATE_NAMES[state]) for state in StepState if state in reached]
        )


class AdoptGoalForm(forms.Form):
    reason = forms.CharField(
        label=_("Why this goal, here and now?"),
        help_text=_("One or two sentences. They stay with the goal."),
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AdoptPracticeForm(forms.Form):
    code = forms.CharField(max_length=20, widget=forms.HiddenInput)


class LocalPracticeForm(forms.Form):
    title = forms.CharField(label=_("What will be done"), max_length=120)
    body = forms.CharField(
        label=_("How"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    proposed_by = forms.ChoiceField(label=_("Who thought of it"), choices=[("", _("Choose")), *PROPOSERS])


class VersionedForm(forms.Form):
    """A form about a practice as it was when the form was drawn."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def redrawn_for(self, practice: AdoptedPractice) -> None:
        """Keep what was typed, and let the next attempt be about the practice as it is now."""
        self.data = {name: self.data[name] for name in self.data} | {"version": str(practice.version)}


class AssignForm(VersionedForm):
    owner: forms.ModelChoiceField[Person] = forms.ModelChoiceField(
        label=_("Owner"), required=False, empty_label=_("Nobody yet"), queryset=None
    )
    due = forms.DateField(label=_("To be done by"), required=False, widget=_day())

    def __init__(self, *args: Any, practice: AdoptedPractice, **kwargs: Any) -> None:
        kwargs["initial"] = {"owner": practice.owner_id, "due": practice.due, "version": practice.version}
        super().__init__(*args, **kwargs)
        _offer(self, "owner", queryset=queries.possible_owners())


class UpdateForm(VersionedForm):
    """News. It offers what may follow now, and accepts any status: the action tells why one cannot follow."""

    status = forms.ChoiceField(
        label=_("How does it stand?"), choices=[(status.value, name) for status, name in STATUS_NAMES.items()]
    )
    words = forms.CharField(
        label=_("What happened, in a sentence or two?"),
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, practice: AdoptedPractice, **kwargs: Any) -> None:
        kwargs["initial"] = {"status": practice.status, "version": practice.version}
        super().__init__(*args, **kwargs)
        self._offer_what_may_follow(practice)

    def _offer_what_may_follow(self, practice: AdoptedPractice) -> None:
        offered = reachable(PracticeStatus(practice.status))
        self.fields["status"].widget.choices = [(status.value, STATUS_NAMES[status]) for status in offered]

    def redrawn_for(self, practice: AdoptedPractice) -> None:
        super().redrawn_for(practice)
        self._offer_what_may_follow(practice)


class EvidenceForm(forms.Form):
    title = forms.CharField(label=_("What does it show?"), max_length=120)
    fact_date = forms.DateField(
        label=_("Day of the fact"),
        help_text=_("When it happened or was signed, not today’s date."),
        widget=_day(),
    )
    visibility = forms.ChoiceField(
        label=_("Who may see it?"), choices=EVIDENCE_VISIBILITIES, initial=Visibility.INSTITUTION.value
    )


class EvidenceFileForm(EvidenceForm):
    upload = forms.FileField(
        label=_("File"),
        help_text=_("A document, table or picture, without names of patients."),
        max_length=200,
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(ACCEPTED_EXTENSIONS)}),
    )
    field_order = ["upload"]


class EvidenceLinkForm(EvidenceForm):
    url = forms.CharField(
        label=_("Address of the page"),
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )
    field_order = ["url"]


class VisibilityForm(forms.Form):
    evidence = forms.UUIDField(widget=forms.HiddenInput)
    visibility = forms.ChoiceField(label=_("Who may see it?"), choices=EVIDENCE_VISIBILITIES)
