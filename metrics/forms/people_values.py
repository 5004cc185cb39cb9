"""What the values of a line list's columns mean. Only values that many rows share are named on the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.forms.imports import sentence
from metrics.forms.people_columns import DENOMINATOR, OUTCOME, PERIOD, UNIT, PeopleColumnsForm
from metrics.forms.people_questions import (
    DAY_CHOICES,
    IN,
    NO,
    NO_ANSWER_WORDS,
    NO_WORDS,
    OUT,
    YES,
    YES_WORDS,
    Question,
    questions_of,
)
from metrics.importing import Words
from metrics.known import Definitions
from metrics.mappings import checked_line_list
from metrics.reading.errors import MappingError
from metrics.reading.linelist_looking import PERIOD_CODES, LookedPeople
from metrics.reading.linelist_writer import LineListAnswers, write_line_list_mapping
from metrics.reading.mapping import (
    DenominatorRule,
    DimensionRule,
    LineListMapping,
    NumeratorRule,
    Source,
    UnitRule,
)
from metrics.reading.table_mapping_writer import PeriodAnswer

TOGETHER = "*"
"""Between two dimensions that are counted in combination."""


class PeopleValuesForm(forms.Form):
    """The questions about the values, and in the end the mapping."""

    together = forms.MultipleChoiceField(
        label=gettext_lazy("Count these groups also in combination"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Small groups in a combination are hidden from everybody outside."),
    )

    def __init__(
        self,
        looked: LookedPeople,
        columns: PeopleColumnsForm,
        known: Definitions,
        words: Words,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._looked, self._columns, self._known, self._words = looked, columns, known, words
        self.text = ""
        self.mapping: LineListMapping | None = None
        self.questions = list(questions_of(columns))
        for question in self.questions:
            self._ask(question)
        pairs = list(combinations(columns.dimensions, 2))
        if pairs:
            choices = [
                (TOGETHER.join(pair), _(" and ").join(words.dimensions.get(code, code) for code in pair))
                for pair in pairs
            ]
            self.fields["together"].choices = choices  # type: ignore[attr-defined]  # a MultipleChoiceField
        else:
            del self.fields["together"]

    # ---- the questions

    def _ask(self, question: Question) -> None:
        if question.role == PERIOD:
            self.fields["days"] = forms.ChoiceField(
                label=_("How is “%(column)s” written?") % {"column": question.names},
                choices=[("", _("Choose one")), *DAY_CHOICES],
                initial=question.columns[0].days,
            )
            return
        choices = self._meanings(question)
        for place, value in enumerate(question.values):
            self.fields[f"value_{question.number}_{place}"] = forms.ChoiceField(
                label=value or _("(empty)"), choices=choices, initial=self._suggested(question, value)
            )
        if question.has_more:
            self._ask_about_rare_ones(question)
        if question.may_hold_several:
            self._ask_about_several(question)

    def _ask_about_rare_ones(self, question: Question) -> None:
        if question.role not in (OUTCOME, DENOMINATOR):
            self.fields[f"other_{question.number}"] = forms.CharField(
                label=_("Other values of “%(column)s” that you know of") % {"column": question.names},
                help_text=_("One in each line, with its meaning: Samoan = pacific_islander"),
                required=False,
                widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"}),
            )
        error = [("", _("An error: the check says in which row"))]
        choices = {
            UNIT: [*error, (OUT, _("Leave such rows out"))],
            OUTCOME: [
                *error,
                (NO, _("It did not happen")),
                (OUT, _("Not known: leave such rows out")),
            ],
            DENOMINATOR: [(IN, _("Such rows count")), (OUT, _("Leave such rows out"))],
        }.get(question.role) or [*error, *self._categories(question)]
        self.fields[f"rest_{question.number}"] = forms.ChoiceField(
            label=_("Every other value of “%(column)s”") % {"column": question.names},
            choices=choices,
            required=False,
        )

    def _ask_about_several(self, question: Question) -> None:
        categories = self._categories(question)
        once = question.dimension in self._known.partitions
        first = [("", _("Choose one") if once else _("Under each of its answers"))]
        self.fields[f"several_{question.number}"] = forms.ChoiceField(
            label=_("Where does a row with several answers count?"),
            choices=[*first, *categories],
            initial=self._known.several.get(question.dimension, ""),
            required=once,
        )

    def _meanings(self, question: Question) -> list[tuple[str, Any]]:
        choose: list[tuple[str, Any]] = [("", _("Choose one"))]
        match question.role:
            case "unit":
                return [
                    *choose,
                    *self._words.units.items(),
                    (_("Not ours"), [(OUT, _("Leave such rows out"))]),
                ]
            case "outcome":
                return [
                    *choose,
                    (YES, _("It happened")),
                    (NO, _("It did not happen")),
                    (OUT, _("Not known: leave such rows out")),
                ]
            case "denominator":
                return [*choose, (IN, _("Such rows count")), (OUT, _("Leave such rows out"))]
        return [*choose, *self._categories(question)]

    def _categories(self, question: Question) -> list[tuple[str, Any]]:
        codes = self._known.codes.categories[question.dimension]
        return [(code, self._words.categories.get((question.dimension, code), code)) for code in codes]

    def _suggested(self, question: Question, value: str) -> str:
        word = value.strip().casefold()
        if question.role == OUTCOME:
            return YES if word in YES_WORDS else NO if word in NO_WORDS else ""
        if question.role == DENOMINATOR:
            return ""
        own = self._own_words(question)
        missing = self._known.missing.get(question.dimension, frozenset())
        gap = next((code for code in NO_ANSWER_WORDS.get(word, ()) if code in missing), "")
        return {text.casefold(): code for text, code in own.items()}.get(word, gap)

    def _own_words(self, question: Question) -> dict[str, str]:
        """The codes and the names of what a value can be, each with its code."""
        named = self._words.units.items() if question.role == UNIT else self._categories(question)
        return {label: code for code, label in named} | {code: code for code, _label in named}

    def asked(self) -> Iterator[dict[str, Any]]:
        """Each question with its fields; for the template."""
        for question in self.questions:
            names = (
                ["days"]
                if question.role == PERIOD
                else [f"value_{question.number}_{place}" for place in range(len(question.values))]
            )
            more = [f"{kind}_{question.number}" for kind in ("other", "rest", "several")]
            yield {
                "question": question,
                "title": self._title(question),
                "fields": [self[name] for name in (*names, *more) if name in self.fields],
            }

    def _title(self, question: Question) -> str:
        titles = {
            PERIOD: _("When?"),
            UNIT: _("In which unit?"),
            OUTCOME: _("Did it happen?"),
            DENOMINATOR: _("Which rows count?"),
        }
        return titles.get(question.role) or self._words.dimensions.get(question.dimension, question.dimension)

    # ---- the answers

    def clean(self) -> dict[str, Any]:
        """The mapping as text, when everything is said; else a fault at each question that needs an answer."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        answers = self._answers(cleaned)
        if self.errors:
            return cleaned
        try:
            text = write_line_list_mapping(answers)
            self.mapping = checked_line_list(text, self._known)
            self.text = text
        except MappingError as error:
            raise forms.ValidationError([sentence(fault) for fault in error.faults]) from None
        return cleaned

    def _answers(self, cleaned: Mapping[str, Any]) -> LineListAnswers:
        stated, looked = self._columns.cleaned_data, self._looked
        unit = UnitRule(constant=stated["unit"])
        period = PeriodAnswer(self._columns.grain)
        numerator = NumeratorRule("", frozenset())
        denominator: list[DenominatorRule] = []
        dimensions: list[DimensionRule] = []
        for question in self.questions:
            match question.role:
                case "period":
                    format_ = "" if cleaned["days"] == PERIOD_CODES else cleaned["days"]
                    period = PeriodAnswer(self._columns.grain, column=question.names, format=format_)
                case "unit":
                    unit, more = self._unit(question, cleaned)
                    denominator += more
                case "outcome":
                    numerator, more = self._outcome(question, cleaned)
                    denominator += more
                case "denominator":
                    denominator += self._denominator(question, cleaned)
                case _:
                    dimensions.append(self._dimension(question, cleaned))
        if not period.column:
            period = self._columns.constant_period()
        return LineListAnswers(
            source=Source(stated["name"], looked.encoding, looked.delimiter, sheet=looked.sheet),
            metric=stated["metric"],
            unit=unit,
            period=period,
            numerator=numerator,
            denominator=denominator,
            dimensions=dimensions,
            together=[pair.split(TOGETHER) for pair in cleaned.get("together", ())],
        )

    def _said(self, question: Question, cleaned: Mapping[str, Any]) -> dict[str, str]:
        """Value → what it means."""
        return {
            value: cleaned[f"value_{question.number}_{place}"] for place, value in enumerate(question.values)
        }

    def _unit(
        self, question: Question, cleaned: Mapping[str, Any]
    ) -> tuple[UnitRule, Iterable[DenominatorRule]]:
        said = self._said(question, cleaned)
        values = self._all_values(question, cleaned, {v: code for v, code in said.items() if code != OUT})
        left_out = frozenset(value for value, code in said.items() if code == OUT)
        rest_is_out = cleaned.get(f"rest_{question.number}") == OUT
        return UnitRule(column=question.names, values=values), _kept(
            question.names, frozenset(values), left_out, rest_is_out=rest_is_out
        )

    def _outcome(
        self, question: Question, cleaned: Mapping[str, Any]
    ) -> tuple[NumeratorRule, Iterable[DenominatorRule]]:
        said = self._said(question, cleaned)
        yes, no, out = (
            frozenset(value for value, meaning in said.items() if meaning == wanted)
            for wanted in (YES, NO, OUT)
        )
        rest = cleaned.get(f"rest_{question.number}", "")
        if not yes:
            self.add_error(f"value_{question.number}_0", _("Say which value means that it happened."))
        if not no and rest != NO:
            self.add_error(f"value_{question.number}_0", _("Say which value means that it did not happen."))
        others = None if rest == NO else no
        return NumeratorRule(question.names, yes, others), _kept(
            question.names, yes | no, out, rest_is_out=rest == OUT
        )

    def _denominator(self, question: Question, cleaned: Mapping[str, Any]) -> Iterable[DenominatorRule]:
        said = self._said(question, cleaned)
        kept, out = (
            frozenset(value for value, meaning in said.items() if meaning == wanted) for wanted in (IN, OUT)
        )
        rest_is_out = not question.has_more or cleaned.get(f"rest_{question.number}") == OUT
        if rest_is_out and not kept:
            self.add_error(None, _("No row would count: see “%(column)s”.") % {"column": question.names})
            return []
        return _kept(question.names, kept, out, rest_is_out=rest_is_out)

    def _dimension(self, question: Question, cleaned: Mapping[str, Any]) -> DimensionRule:
        values = self._all_values(question, cleaned, self._said(question, cleaned))
        several = cleaned.get(f"several_{question.number}", "")
        missing = self._known.missing.get(question.dimension, frozenset())
        return DimensionRule(
            columns=tuple(column.name for column in question.columns),
            dimension=question.dimension,
            values=values,
            rest=cleaned.get(f"rest_{question.number}", ""),
            separator=question.mark,
            several=several,
            no_answer=missing if question.may_hold_several else frozenset(),
        )

    def _all_values(
        self, question: Question, cleaned: Mapping[str, Any], said: Mapping[str, str]
    ) -> dict[str, str]:
        """What was said of the values that are told; of the others, what a person knows, and their own names."""
        if not question.has_more:
            return dict(said)
        own = self._own_words(question)
        known = {text.casefold(): code for text, code in own.items()}
        typed: dict[str, str] = {}
        field = f"other_{question.number}"
        for line in filter(str.strip, cleaned.get(field, "").splitlines()):
            value, _mark, meaning = (part.strip() for part in line.rpartition("="))
            if not value or meaning.casefold() not in known:
                self.add_error(field, _("“%(line)s” does not say what it means.") % {"line": line.strip()})
            else:
                typed[value] = known[meaning.casefold()]
        return own | typed | dict(said)


def _kept(
    column: str, kept: frozenset[str], out: frozenset[str], *, rest_is_out: bool
) -> Sequence[DenominatorRule]:
    """The rule for rows that count: those with these values, or all but those with those."""
    if rest_is_out:
        return [DenominatorRule(column, kept, excludes=False)]
    return [DenominatorRule(column, out, excludes=True)] if out else []
