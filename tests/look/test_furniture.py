"""The furniture of every page: what a screen reader is told, what stays in the address."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import engines
from django.test import RequestFactory

from equity import ring


def draw(source: str, path: str = "/", **context: Any) -> str:
    """A template as a page draws it, in one line."""
    request = RequestFactory().get(path)
    text = engines["django"].from_string(source).render(context, request)
    return " ".join(text.split())


class Form(forms.Form):
    email = forms.EmailField(label="Email address", help_text="We write to you there.")
    note = forms.CharField(required=False, widget=forms.Textarea)
    level = forms.ChoiceField(choices=[("0", "Absent"), ("1", "Promised")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="I agree")

    def clean(self) -> None:
        raise forms.ValidationError("Something does not fit.")


# ---------------------------------------------------------------- status and pill
@pytest.mark.parametrize(
    ("state", "drawn"),
    [
        ("under_way", '<span class="status status--under">Under way</span>'),
        ("stuck", '<span class="status status--stuck">Stuck</span>'),
        ("done", '<span class="status status--done">Done</span>'),
        ("not_heard_of", '<span class="status status--none">Not heard of</span>'),
    ],
)
def test_status_is_a_word_with_a_class(state: str, drawn: str) -> None:
    assert draw("{% status state %}", state=state) == drawn


def test_status_takes_other_words_and_escapes_them() -> None:
    assert draw('{% status "late" words %}', words="<12> days late") == (
        '<span class="status status--late">&lt;12&gt; days late</span>'
    )


def test_hidden_number_is_always_the_same_pill() -> None:
    assert draw("{% hidden_pill %}") == '<span class="pill">Hidden to protect privacy</span>'


# ---------------------------------------------------------------- fields
def test_field_names_its_hint_and_what_is_wrong() -> None:
    page = draw("{% field form.email %}", form=Form({"email": "x"}))
    assert '<label for="id_email">Email address</label>' in page
    assert '<p class="hint" id="id_email_helptext">We write to you there.</p>' in page
    assert 'id="id_email_error"' in page
    assert 'aria-describedby="id_email_helptext id_email_error"' in page
    assert 'aria-invalid="true"' in page


def test_field_without_an_error_claims_none() -> None:
    page = draw("{% field form.email %}", form=Form())
    assert "aria-invalid" not in page
    assert 'aria-describedby="id_email_helptext"' in page


def test_field_says_optional_unless_told_not_to() -> None:
    assert "(optional)" in draw("{% field form.note %}", form=Form())
    assert "(optional)" not in draw("{% field form.note optional=False %}", form=Form())
    assert "(optional)" not in draw("{% field form.email %}", form=Form())


def test_field_without_a_hint_describes_nothing() -> None:
    assert "describedby" not in draw('{% field form.email hint="" %}', form=Form())


def test_field_of_choices_is_a_group_with_a_legend() -> None:
    page = draw("{% field form.level %}", form=Form({}))
    assert page.startswith(
        '<fieldset class="field field--wrong" id="id_level" aria-describedby="id_level_error">'
    )
    assert "<legend>Level</legend>" in page
    assert page.count('type="radio"') == 2


def test_field_to_tick_has_its_label_beside_it() -> None:
    page = draw("{% field form.agreed %}", form=Form())
    assert re.search(
        r'<label class="tick" for="id_agreed"><input type="checkbox"[^>]*><span>I agree</span></label>', page
    )


def test_field_passes_attributes_on_to_the_control() -> None:
    page = draw('{% field form.note hx_post="/draft/" autocomplete="off" %}', form=Form())
    assert 'hx-post="/draft/"' in page
    assert 'autocomplete="off"' in page


def test_error_summary_leads_to_every_field_and_takes_the_focus() -> None:
    page = draw("{% error_summary form %}", form=Form({"email": "x", "level": "0", "agreed": "on"}))
    assert "2 things are not right" in page
    assert 'tabindex="-1" data-focus' in page
    assert '<li><a href="#id_email">' in page
    assert "<li>Something does not fit.</li>" in page


def test_error_summary_of_a_form_that_was_not_sent_is_nothing() -> None:
    assert draw("{% error_summary form %}", form=Form()) == ""


# ---------------------------------------------------------------- pages of a list
def test_pagination_keeps_the_filters_of_the_address() -> None:
    pages = Paginator(range(30), 10).page(2)
    page = draw("{% pagination pages %}", path="/?status=stuck&page=2", pages=pages)
    assert 'href="?status=stuck&amp;page=1"' in page
    assert 'href="?status=stuck&amp;page=3"' in page
    assert "Page 2 of 3" in page


def test_pagination_of_one_page_is_nothing() -> None:
    assert draw("{% pagination pages %}", pages=Paginator(range(3), 10).page(1)) == ""


# ---------------------------------------------------------------- the ring
def test_ring_fills_each_arc_by_its_share() -> None:
    none, half, whole = ring.arcs([0, 0.5, 1])
    assert none.kept == ""
    assert whole.kept == whole.base
    assert half.kept.split("A")[0] == half.base.split("A")[0]
    assert half.kept != half.base


def test_ring_begins_at_the_top_and_runs_clockwise() -> None:
    arcs = ring.arcs([1, 1, 1, 1, 1])
    first_x, first_y = (float(number) for number in arcs[0].base[1:].split("A")[0].split())
    assert first_x > ring.CENTRE
    assert first_y < ring.CENTRE - 100
    assert [arc.number for arc in arcs] == [1, 2, 3, 4, 5]
    assert float(arcs[0].x) > ring.CENTRE > float(arcs[4].x)


def test_ring_reads_shares_states_and_numbers() -> None:
    steps = [{"state": "done"}, {"state": "under_way"}, {"state": "not_started"}, {"share": 0.25}, 1]
    page = draw('{% ring steps centre="2 of 5" caption="done" %}', steps=steps)
    assert page.count('class="kept"') == 4
    assert 'aria-hidden="true"' in page
    assert "2 of 5" in page


def test_ring_never_fills_more_than_its_arc() -> None:
    [arc] = ring.arcs([1.7])
    assert arc.kept == arc.base
