"""What the columns of a table are is asked once on a page, remembered, and used for the next table of that source."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from equity.tenancy.acting import acting_as
from equity.tenancy.models import AuditEvent
from equity.tenancy.personas import Persona
from metrics.models import Batch, SavedMapping
from metrics.reading.looking import MOST_VALUES, look
from metrics.reading.table_mapping_file import parse_table_mapping
from metrics.reading.table_mapping_writer import CodeAnswer, PeriodAnswer, TableAnswers, write_table_mapping
from tests.cast import House
from tests.metrics.importing import address, again, apply, define, observations, run_jobs
from tests.metrics.test_import_table import EXPECTED, HEADER, ROWS, text_of
from tests.metrics.workbooks import written

ROLES = {
    "role_0": "unit",
    "role_1": "period",
    "role_2": "dimension:race_ethnicity",
    "role_3": "numerator",
    "role_4": "denominator",
    "role_5": "percent",
}
WHOLE = {
    "name": "Emergency department",
    "metric": "pain-30-minutes",
    "unit": "",
    "grain": "month",
    "format": "%Y-%m-%d",
    "start": "",
    "end": "",
    "thousands": ",",
    "decimal": "",
}
MEANINGS = {
    "East Hospital": "east",
    "West Hospital": "west",
    "County": "leave out",
    "All": "everybody",
    "Black": "black",
    "White": "white",
    "Suppressed": "withheld",
}


@pytest.fixture
def bea(client: Client, house: House) -> Client:
    define(house)
    client.force_login(house.accounts["bea"])
    return client


def remembered() -> list[SavedMapping]:
    with acting_as(Persona.OPERATOR):
        return list(SavedMapping.objects.all())


def send(client: Client, content: bytes, name: str = "pain.csv", **more: Any) -> Any:
    fields = {"header_row": 1, "encoding": "utf-8", "delimiter": "", "sheet": "", **more}
    return client.post(address("import_look"), {**fields, "file": SimpleUploadedFile(name, content)})


def answers_to(page: str, meanings: dict[str, str] = MEANINGS) -> dict[str, str]:
    """Every question of the page about a word, answered."""
    asked = re.findall(r'<label for="id_(value_\d+_\d+)">([^<]*)</label>', page)
    assert asked
    (packed,) = re.findall(r'name="looked" value="([^"]*)"', page)
    return {
        **WHOLE,
        **ROLES,
        "looked": packed,
        **{name: meanings.get(word.strip(), "") for name, word in asked},
    }


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (text_of(ROWS).encode(), "pain.csv"),
        (text_of(ROWS, ";").encode("utf-16"), "pain.csv"),
        (written([HEADER, *ROWS]), "pain.xlsx"),
    ],
)
def test_columns_are_asked_once_and_remembered(content: bytes, name: str, bea: Client, house: House) -> None:
    response = send(bea, content, name)
    assert response.status_code == 200
    page = response.content.decode()
    assert all(f"<td>{cell}</td>" in page for cell in ("East Hospital", "1,530"))
    saved = bea.post(address("import_columns"), answers_to(page))
    assert saved.status_code == 302, saved.content.decode()
    first = bea.post(saved["Location"], {"file": SimpleUploadedFile(name, content)})
    run_jobs(house)
    batch = again(house, first["Location"].rstrip("/").rsplit("/", 1)[1])
    apply(house, batch)
    assert observations(house) == EXPECTED
    following = send(bea, content, name)
    assert following.status_code == 302
    run_jobs(house)
    batch = again(house, following["Location"].rstrip("/").rsplit("/", 1)[1])
    assert batch.report["mapping"]["name"] == "Emergency department"
    assert batch.report["check"]["unchanged"] == len(EXPECTED)
    assert send(bea, content, name, anew="on").status_code == 200


def test_nothing_of_the_table_is_kept_before_it_is_mapped(bea: Client, house: House) -> None:
    send(bea, text_of([["Zebulon", *ROWS[0][1:]]]).encode())
    with acting_as(Persona.OPERATOR):
        assert not Batch.objects.exists()
    assert remembered() == []
    assert "Zebulon" not in str(dict(bea.session))


@pytest.mark.parametrize(
    ("changed", "field", "told"),
    [
        ({"role_0": ""}, "unit", "Choose one here, or say which column says it."),
        ({"role_1": ""}, "start", "Write the first day, or say which column is the period."),
        ({"role_2": "unit"}, "role_2", "Another column is this already."),
        ({"role_4": "", "role_5": ""}, "", "no column is named for its denominator"),
    ],
)
def test_question_that_is_not_answered_is_told(
    changed: dict[str, str], field: str, told: str, bea: Client
) -> None:
    answers = answers_to(send(bea, text_of(ROWS).encode()).content.decode())
    response = bea.post(address("import_columns"), {**answers, **changed})
    assert response.status_code == 422
    page = response.content.decode()
    assert told in page
    assert f'id="id_{field}"' in page or not field


@pytest.mark.parametrize("word", ["Suppressed", "Black"])
def test_word_without_a_meaning_is_told(word: str, bea: Client) -> None:
    answers = answers_to(send(bea, text_of(ROWS).encode()).content.decode(), {**MEANINGS, word: ""})
    response = bea.post(address("import_columns"), answers)
    assert response.status_code == 422
    assert remembered() == []


def test_page_that_was_changed_on_its_way_is_refused(bea: Client) -> None:
    answers = answers_to(send(bea, text_of(ROWS).encode()).content.decode())
    assert (
        bea.post(address("import_columns"), {**answers, "looked": "x" + answers["looked"]}).status_code == 409
    )


def test_broken_table_is_told(bea: Client) -> None:
    response = send(bea, b"\x50\x4b\x03\x04 no workbook", "pain.xlsx")
    assert response.status_code == 422
    assert "This workbook is damaged" in response.content.decode()


def test_mapping_can_be_changed_and_deleted_and_the_trail_says_so(bea: Client, house: House) -> None:
    bea.post(address("import_columns"), answers_to(send(bea, text_of(ROWS).encode()).content.decode()))
    (saved,) = remembered()
    place = address("import_mapping", pk=saved.pk)
    assert "Emergency department" in bea.get(address("import_mappings")).content.decode()
    wrong = bea.post(place, {"name": "Pain", "text": saved.text.replace('"black"', '"martian"')})
    assert (wrong.status_code, "martian" in wrong.content.decode()) == (422, True)
    assert bea.post(place, {"name": "Pain", "text": saved.text}).status_code == 302
    assert [one.name for one in remembered()] == ["Pain"]
    assert bea.post(place, {"delete": "1"}).status_code == 302
    assert remembered() == []
    with acting_as(Persona.OPERATOR):
        told = list(AuditEvent.objects.filter(event__startswith="mapping.").values_list("event", flat=True))
    assert sorted(told) == ["mapping.change", "mapping.delete", "mapping.save"]


def test_separator_is_the_one_that_makes_the_most_columns() -> None:
    looked = look([b"a;b;c\n1,5;x;y\n"])
    assert (looked.delimiter, [column.name for column in looked.columns]) == (";", ["a", "b", "c"])
    assert [column.is_number for column in looked.columns] == [True, False, False]


def test_few_words_among_many_numbers_are_found() -> None:
    lines = [f"{number},x{number}" for number in range(5 * MOST_VALUES)]
    looked = look(["\n".join(["n,word", *lines, "Suppressed,x0"]).encode()])
    numbers, prose = looked.columns
    assert (numbers.words, numbers.is_number, prose.is_prose) == (["Suppressed"], True, True)


TEXT = st.text(min_size=1, max_size=12).filter(lambda text: text.strip() == text and "\r" not in text)
CODES = st.sampled_from(["a", "b-c", "d_1"])


@given(
    TEXT,
    st.dictionaries(TEXT, CODES, min_size=1, max_size=4),
    st.dictionaries(TEXT, st.just("withheld"), max_size=3),
)
def test_mapping_that_is_written_is_read_back(
    name: str, values: dict[str, str], words: dict[str, str]
) -> None:
    answers = TableAnswers(
        name=name,
        metric=CodeAnswer(constant="m"),
        unit=CodeAnswer(column=name, values=values),
        period=PeriodAnswer("month", column="Month", format="%Y-%m-%d"),
        numbers={"numerator": name, "denominator": "n"},
        dimensions={"race": CodeAnswer(column=name, values=values)},
        words=words,
        left_out={name: list(values)},
    )
    text = write_table_mapping(answers)
    mapping = parse_table_mapping(text)
    assert tomllib.loads(text)["source"]["name"] == mapping.source.name == name
    assert mapping.unit.values == values
    assert set(mapping.blanks.words) == set(words)
    assert mapping.left_out[0].values == set(values)
