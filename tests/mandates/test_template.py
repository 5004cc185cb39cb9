"""Templates: what comes with the code, what a second one needs, and what the reader refuses."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from equity.mandates.reading import TemplateError, read_template, shipped
from equity.mandates.template import Form, Scope, Sheet

SMALL = Path(__file__).with_name("neighborhood.toml").read_text()


@pytest.fixture(scope="module")
def california():
    (template,) = (one for one in shipped() if one.code == "california-hospital-equity")
    return template


# ---------------------------------------------------------------- California
def test_california_is_due_on_the_last_of_september_with_one_extension(california):
    deadline = california.deadline
    assert deadline.due(2026) == datetime.date(2026, 9, 30)
    assert deadline.due(2026, extended=True) == datetime.date(2026, 11, 29)
    assert deadline.extensions == 1
    assert deadline.period(2026) == (datetime.date(2025, 1, 1), datetime.date(2025, 12, 31))


@pytest.mark.parametrize(
    ("today", "year"),
    [
        (datetime.date(2026, 9, 30), 2026),
        (datetime.date(2026, 10, 1), 2027),
        (datetime.date(2026, 1, 1), 2026),
    ],
)
def test_next_report_is_that_of_the_next_last_of_september(california, today, year):
    assert california.deadline.next_year(today) == year


def test_california_compares_by_the_eight_ways_of_the_law(california):
    assert [one.code for one in california.stratifications] == [
        "race-ethnicity",
        "age",
        "sex",
        "language",
        "disability",
        "sexual-orientation",
        "gender-identity",
        "payer",
    ]


def test_california_has_six_priority_areas_and_ten_disparities(california):
    assert len(california.areas) == 6
    assert california.most == 10


def test_california_lists_the_nine_core_measures_of_acute_hospitals(california):
    assert len(california.core_of("acute")) == 9
    assert california.core_of("special") == california.core_of("acute")
    assert len(california.core_of("children")) == 2


def test_unknown_measures_of_psychiatric_hospitals_are_told(california):
    assert [kind.code for kind in california.short_lists()] == ["psychiatric"]


def test_systems_leave_out_the_federal_structural_measure(california):
    assert california.whole is not None
    assert california.whole.scope is Scope.WHOLE
    of_system = {one.code for one in california.structural_of("system")}
    of_acute = {one.code for one in california.structural_of("acute")}
    assert of_acute - of_system == {f"hche-{number}" for number in range(1, 6)}


def test_no_measure_and_no_group_claims_to_be_checked_against_a_guide_that_nobody_read(california):
    unread = {source.code for source in california.sources if not source.read}
    assert {"hcai-guide", "hcai-format", "ccr-95303"} <= unread
    claims = [
        one.checked
        for one in (
            *california.measures,
            *california.stratifications,
            *california.statements,
            *california.kinds,
        )
        if one.checked.checked
    ]
    assert [claim for claim in claims if claim.source in unread] == []
    assert not any(one.checked.checked for one in (*california.measures, *california.stratifications))
    assert not california.columns_checked.checked


def test_every_group_of_the_library_stands_in_one_group_at_most(california):
    for stratification in california.stratifications:
        for group in stratification.groups:
            for one in group.takes:
                assert len(set(one)) == len(one)
        firsts = [code for group in stratification.groups for code in (group.takes[0] if group.takes else ())]
        assert len(set(firsts)) == len(firsts), stratification.code


# ---------------------------------------------------------------- another mandate
def test_another_mandate_is_data_alone():
    template = read_template(SMALL)
    assert template.deadline.due(2026, extended=True) == datetime.date(2026, 3, 11)
    assert [one.form for one in template.measures] == [Form.COUNTS, Form.YES_NO]
    assert template.stratifications[0].reference == "private"
    assert template.sheets[0][0] is Sheet.CORE
    assert [name for name, _ in template.unchecked()] == ["The door is open"]


# ---------------------------------------------------------------- what is refused
@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ('name = "Seen in time"\n', "", "measure.seen.name"),
        ('better = "higher"', 'better = "upward"', "measure.seen.better"),
        ('better = "higher"', 'better = "higher"\ncolor = "red"', "measure.seen.color"),
        ('note = "The council has not said what night is."\n', "", "measure.open-door.note"),
        ('question = "Is the door open at night?"\n', "", "measure.open-door.question"),
        ('checked_against = "ordinance"\n\n[deadline]', "\n[deadline]", "mandate.checked_against"),
        ('numerator = "People who were seen in time"\n', "", "measure.seen.numerator"),
        ('kinds = ["place"]\nquestion', 'kinds = ["palace"]\nquestion', "measure.open-door.kinds"),
        ('reference = "private"', 'reference = "rich"', "stratification.payer.reference"),
        ('value = "rate"', 'value = "secret"', "file.sheet.1.column.3.value"),
        ("month = 3\nday = 1", "month = 2\nday = 30", "deadline.day"),
        ('code = "open-door"', 'code = "seen"', "measure"),
        (
            'checked_against = "ordinance"\n\n[[file',
            'checked_against = "rumor"\n\n[[file',
            "file.checked_against",
        ),
        ('code = "private", name', 'code = "medicaid", name', "stratification.payer.group"),
        ("[mandate]", "[mandate", ""),
    ],
)
def test_template_that_is_wrong_is_refused_with_the_place(before, after, key):
    assert before in SMALL
    with pytest.raises(TemplateError) as refused:
        read_template(SMALL.replace(before, after, 1))
    assert key in [fault.key for fault in refused.value.faults]
    assert all(fault.reason and fault.how_to_mend for fault in refused.value.faults)
