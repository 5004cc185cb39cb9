"""What people fill in. A form checks shape; the actions check the rules."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accountability import queries
from accountability.models import Answer, Body, Round, RoundItem
from accountability.models.scores import DRAFT_VALUES, LONGEST_REASON
from accountability.queries import Question

SCORING_WEEKS = datetime.timedelta(weeks=3)
REPLY_DAYS = 30
SAY_WHY = _("Say why, in a few words.")


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def own_words(label: Any, help_text: Any, *, rows: int, required: Any = SAY_WHY) -> forms.CharField:
    """A text that somebody has to write; `required` is what they read when they have not."""
    return forms.CharField(
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": rows}),
        label=label,
        help_text=help_text,
        error_messages={"required": required},
    )


class RoundForm(forms.Form):
    """A round to prepare: every question is chosen unless somebody takes it out."""

    body = forms.ModelChoiceField(queryset=Body.objects.none(), label=_("Who reviews?"), empty_label=None)
    title = forms.CharField(
        max_length=200,
        label=_("What do we call this round?"),
        help_text=_("For example: Spring review 2026."),
    )
    reveal_from = forms.DateField(
        widget=DayInput,
        label=_("From which day can it be revealed?"),
        help_text=_("Before that day it can be revealed only when everyone has finished."),
    )
    reply_days = forms.IntegerField(
        min_value=1,
        max_value=365,
        label=_("How many days does the institution have to reply?"),
        help_text=_("Counted from the reveal."),
    )
    questions = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, label=_("What do we ask?"))

    def __init__(self, *args: Any, questions: Sequence[Question], **options: Any) -> None:
        super().__init__(*args, **options)
        self._questions = questions
        self.fields["body"].queryset = queries.bodies()  # type: ignore[attr-defined]  # a ModelChoiceField has one
        self.fields["questions"].choices = [(one.code, one.title) for one in questions]  # type: ignore[attr-defined]

    @classmethod
    def suggestion(cls, questions: Sequence[Question]) -> dict[str, Any]:
        """What a new round begins with."""
        return {
            "reveal_from": timezone.localdate() + SCORING_WEEKS,
            "reply_days": REPLY_DAYS,
            "questions": [one.code for one in questions],
        }

    @classmethod
    def of(cls, round: Round, items: Sequence[RoundItem]) -> dict[str, Any]:
        """What a round that is being prepared has now."""
        return {
            "body": round.body_id,
            "title": round.title,
            "reveal_from": round.reveal_from,
            "reply_days": round.reply_days,
            "questions": [item.code for item in items],
        }

    def plan(self) -> dict[str, Any]:
        """The cleaned plan, as the actions take it; the body apart."""
        chosen = set(self.cleaned_data["questions"])
        return {
            "title": self.cleaned_data["title"],
            "reveal_from": self.cleaned_data["reveal_from"],
            "reply_days": self.cleaned_data["reply_days"],
            "questions": [one for one in self._questions if one.code in chosen],
        }


class DraftForm(forms.Form):
    """What somebody has written so far: half an answer is kept too."""

    value = forms.ChoiceField(choices=[("", ""), *DRAFT_VALUES], required=False)
    reason = forms.CharField(max_length=LONGEST_REASON, required=False, strip=False)


class AnswerForm(forms.Form):
    """A whole answer: one of five cards, and why."""

    value = forms.ChoiceField(
        choices=[choice for choice in DRAFT_VALUES if choice[0] != Answer.RECUSED.value],
        widget=forms.RadioSelect,
        label=_("How far has it come?"),
        error_messages={"required": _("Choose one of the five.")},
    )
    reason = own_words(
        _("Why? Say what you have seen."),
        _(
            "A few words are enough. Please do not name patients, or yourself: your words are shown to everyone after the reveal."
        ),
        rows=4,
    )


class StepBackForm(forms.Form):
    """Why somebody does not answer a question."""

    reason = own_words(
        _("Why do you step back?"),
        _("For example: a close relative leads this work. Your reason is kept and is not shown to others."),
        rows=3,
    )


class ReplyForm(forms.Form):
    """The institution's answer to one finding."""

    text = own_words(
        _("The institution’s reply"),
        _("Say what will be done, by when, and who is responsible. It is published as you write it."),
        rows=6,
        required=_("Write your reply first."),
    )
