"""A line list is mapped on two pages that show names of columns and values that many rows share, and nobody's value."""

from __future__ import annotations

import csv
import html
import io
import re
from collections import Counter
from itertools import product
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from metrics.forms.people_columns import unpacked
from metrics.known import definitions_of
from metrics.library.read import shelf
from metrics.models import Batch, Category, Dimension, SavedMapping
from tests.cast import House
from tests.metrics.importing import address, again, apply, content, define, observations, run_jobs
from tests.metrics.test_import_columns import remembered
from tests.metrics.test_import_line_list import SECRET
from tests.metrics.workbooks import written

HEADER = ["patient_id", "name", "arrived", "hospital", "pain", "treated", "race", "language"]
SITES = {"East": "east", "West": "west", "Training": "out"}
DAYS = ["01/30/2024", "02/03/2024", "02/27/2024"]
RARE = "Samoan"


def people(number: int = 12, **last: str) -> list[list[str]]:
    """Each combination `number` times, with a name and a number of its own; then one row with what is rare."""
    combinations = product(SITES, DAYS, ["strong", "none"], ["Y", "N"], ["Black", "White", "Black; White"])
    rows = [
        [f"900{place}{again}", f"{SECRET}-{place}-{again}", day, site, pain, treated, race, "Spanish"]
        for place, (site, day, pain, treated, race) in enumerate(combinations)
        for again in range(number)
    ]
    odd = dict(zip(HEADER, ["9009", SECRET, DAYS[0], "East", "strong", "Y", RARE, "Spanish"], strict=True))
    return [HEADER, *rows, list((odd | last).values())]


def file_of(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


@pytest.fixture
def bea(client: Client, house: House) -> Client:
    define(house)
    with acting_as(Persona.OPERATOR):
        Dimension.objects.filter(organisation=house.riverside, code="race_ethnicity").update(partition=False)
    client.force_login(house.accounts["bea"])
    return client


def look(client: Client, data: bytes, name: str = "visits.csv", **more: Any) -> Any:
    fields = {"rows": "people", "header_row": 1, "encoding": "utf-8", "delimiter": "", "sheet": "", **more}
    return client.post(address("import_look"), {**fields, "file": SimpleUploadedFile(name, data)})


COLUMNS = {
    "name": "Emergency department",
    "metric": "pain-30-minutes",
    "role_2": "period",
    "role_3": "unit",
    "role_4": "denominator",
    "role_5": "outcome",
    "role_6": "dimension:race_ethnicity",
    "mark_6": ";",
}
MEANINGS = {
    "hospital": {"East": "east", "West": "west", "Training": "out"},
    "pain": {"strong": "in", "none": "out"},
    "treated": {"Y": "yes", "N": "no"},
    "race": {"Black": "black", "White": "white"},
}
MORE = {"days": "%m/%d/%Y", "other_4": f"{RARE} = pacific_islander"}


def packed(response: Any) -> str:
    (found,) = re.findall(r'name="looked" value="([^"]*)"', response.content.decode())
    return str(found)


def to_values(client: Client, first: Any, **changed: str) -> Any:
    return client.post(address("import_people"), {**COLUMNS, **changed, "looked": packed(first)})


def labels(response: Any) -> dict[str, str]:
    """Name of each question about a value → the value, as the page shows it."""
    found = re.findall(r'<label for="id_(value_\d+_\d+)">([^<]*)</label>', response.content.decode())
    return {name: html.unescape(label).strip() for name, label in found}


def answers(response: Any, **changed: str) -> dict[str, str]:
    said = {word: meaning for words in MEANINGS.values() for word, meaning in words.items()}
    values = {name: said.get(label, "") for name, label in labels(response).items()}
    return {**COLUMNS, **values, **MORE, "values": "1", "looked": packed(response), "save": "1", **changed}


def save(client: Client, data: bytes) -> Any:
    response = client.post(address("import_people"), answers(to_values(client, look(client, data))))
    assert response.status_code == 302, response.content.decode()
    return response["Location"]


def batch_at(house: House, response: Any) -> Batch:
    assert response.status_code == 302, response.content.decode()
    run_jobs(house)
    return again(house, response["Location"].rstrip("/").rsplit("/", 1)[1])


def plainly_counted(rows: list[list[str]]) -> set[tuple[str, str, str, int, int, str]]:
    """The same counts, made in the plainest way."""
    codes = {"Black": "black", "White": "white", RARE: "pacific_islander"}
    below: Counter[tuple[str, str, str]] = Counter()
    above: Counter[tuple[str, str, str]] = Counter()
    for _number, _name, arrived, site, pain, treated, race, _language in rows[1:]:
        if site == "Training" or pain == "none":
            continue
        month = f"2024-{arrived[:2]}-01"
        for key in ["", *(f"race_ethnicity={codes[one]}" for one in race.split("; "))]:
            below[SITES[site], month, key] += 1
            above[SITES[site], month, key] += treated == "Y"
    return {(*key, above[key], number, "") for key, number in below.items()}


@pytest.mark.parametrize("as_workbook", [False, True])
def test_line_list_is_mapped_counted_and_remembered(bea: Client, house: House, as_workbook: bool) -> None:
    rows = people()
    data, name = (written(rows), "visits.xlsx") if as_workbook else (file_of(rows), "visits.csv")
    place = save(bea, data)
    sent = bea.post(place, {"file": SimpleUploadedFile(name, data)})
    batch = batch_at(house, sent)
    assert batch.report.get("errors") == []
    apply(house, batch)
    assert observations(house) == plainly_counted(rows)
    following = batch_at(house, look(bea, data, name))
    assert (following.kind, following.report["check"]["unchanged"]) == (
        "line_list",
        len(plainly_counted(rows)),
    )
    assert following.report["mapping"]["name"] == "Emergency department"
    assert look(bea, data, name, anew="on").status_code == 200


def test_no_page_shows_a_value_that_few_rows_share(bea: Client, house: House) -> None:
    rows = people(name=RARE, language="Tlingit")
    rows += [[*rows[1][:6], "Chamorro", "Spanish"]] * 10
    first = look(bea, file_of(rows))
    second = to_values(bea, first, role_0="", role_1="dimension:language", role_7="denominator")
    third = bea.post(address("import_people"), answers(second, role_1="dimension:language"))
    for response in (first, second, third):
        page = response.content.decode()
        assert SECRET not in page
        assert RARE not in re.sub(r"Samoan = pacific_islander", "", page)
        assert not any(word in page for word in ("Chamorro", "Tlingit", "9009", *DAYS))
    shown = set(labels(second).values())
    assert {"Black", "White", "Spanish", "Y", "N"} <= shown
    told = str(unpacked(packed(second)))
    assert not any(word in told for word in (SECRET, "Chamorro", "Tlingit", "9009", *DAYS, "Samoan"))


def test_value_that_ten_rows_share_is_held_back_and_eleven_is_told(bea: Client) -> None:
    for times, told in ((10, False), (11, True)):
        rows = people() + [[*people()[1][:6], "Chamorro", "Spanish"]] * times
        page = to_values(bea, look(bea, file_of(rows)), mark_6="")
        assert ("Chamorro" in labels(page).values()) is told


def test_nothing_is_kept_before_the_answers_are_whole(bea: Client) -> None:
    second = to_values(bea, look(bea, file_of(people())))
    incomplete = bea.post(address("import_people"), answers(second, value_2_0=""))
    assert incomplete.status_code == 422
    unsaved = {name: value for name, value in answers(second).items() if name != "save"}
    assert bea.post(address("import_people"), unsaved).status_code == 200
    with acting_as(Persona.OPERATOR):
        assert not Batch.objects.exists()
    assert remembered() == []


def test_what_will_be_counted_is_said_before_it_is_saved(bea: Client) -> None:
    second = to_values(bea, look(bea, file_of(people())))
    sent = {name: value for name, value in answers(second).items() if name != "save"}
    page = html.unescape(bea.post(address("import_people"), sent).content.decode())
    for part in (
        "whose “arrived” is in February 2024",
        "in East Hospital (“hospital” is “East”)",
        "whose “hospital” is not “Training”",
        "whose “pain” is “strong”",
        "Of them, those whose “treated” is “Y”.",
        "Race and ethnicity",
    ):
        assert part in page
    fragment = bea.post(address("import_people"), sent, headers={"HX-Request": "true"}).content.decode()
    assert "“treated”" in fragment
    assert "<html" not in fragment
    sent["value_1_0"] = ""
    unsaid = bea.post(address("import_people"), sent, headers={"HX-Request": "true"})
    assert (unsaid.status_code, "Answer every question" in unsaid.content.decode()) == (200, True)


def test_what_is_rare_is_an_error_by_row_and_column_without_its_value(bea: Client, house: House) -> None:
    second = to_values(bea, look(bea, file_of(people())))
    place = bea.post(address("import_people"), answers(second, other_4=""))["Location"]
    batch = batch_at(house, bea.post(place, {"file": SimpleUploadedFile("v.csv", file_of(people()))}))
    (error,) = batch.report["errors"]
    assert (error["row"], error["column"]) == (len(people()), "race")
    assert RARE not in str(batch.report)
    page = bea.get(address("import_batch", pk=batch.pk)).content.decode()
    (anew,) = re.findall(r'href="([^"]*)">Say anew what the values mean', page)
    offered = bea.get(html.unescape(anew)).content.decode()
    assert re.search(r'name="anew"[^>]* checked', offered)
    assert re.search(r'value="people"[^>]* checked', offered)


def test_rare_value_that_is_spelled_as_a_group_counts_there(bea: Client, house: House) -> None:
    rows = people(race="Native Hawaiian or Pacific Islander")
    second = to_values(bea, look(bea, file_of(rows)))
    place = bea.post(address("import_people"), answers(second, other_4=""))["Location"]
    batch = batch_at(house, bea.post(place, {"file": SimpleUploadedFile("v.csv", file_of(rows))}))
    assert "pacific_islander,1,1" in content(batch)


@pytest.mark.parametrize(
    ("several", "added"), [("", {"black": 1, "white": 1}), ("other", {"other": 1}), ("white", {"white": 1})]
)
def test_row_with_several_answers_counts_where_the_person_says(
    bea: Client, house: House, several: str, added: dict[str, int]
) -> None:
    second = to_values(bea, look(bea, file_of(people())))
    place = bea.post(address("import_people"), answers(second, several_4=several, rest_4="other"))["Location"]
    one = [HEADER, [*people()[1][:6], "White;Black", "Spanish"]]
    batch = batch_at(house, bea.post(place, {"file": SimpleUploadedFile("v.csv", file_of(one))}))
    cells = {line.split(",")[3]: int(line.split(",")[5]) for line in content(batch).splitlines()[2:]}
    assert cells == added


def test_where_everybody_is_in_one_group_several_answers_need_a_place(bea: Client, house: House) -> None:
    with acting_as(Persona.OPERATOR):
        Dimension.objects.filter(organisation=house.riverside, code="race_ethnicity").update(partition=True)
    second = to_values(bea, look(bea, file_of(people())))
    assert bea.post(address("import_people"), answers(second, several_4="")).status_code == 422
    assert bea.post(address("import_people"), answers(second, several_4="other")).status_code == 302


def test_two_columns_can_answer_one_question(bea: Client, house: House) -> None:
    header = ["day", "site", "treated", "race 1", "race 2"]
    rows = [["2024-01-05", "East", "Y", "Black", "White"], ["2024-01-05", "East", "N", "White", ""]]
    data = file_of([header, *rows * 12])
    first = look(bea, data)
    columns = {
        "role_0": "period",
        "role_1": "unit",
        "role_2": "outcome",
        "role_4": "dimension:race_ethnicity",
        "role_3": "dimension:race_ethnicity",
        "name": "Two",
        "metric": "pain-30-minutes",
    }
    second = bea.post(address("import_people"), {**columns, "looked": packed(first)})
    said = {
        "East": "east",
        "Y": "yes",
        "N": "no",
        "Black": "black",
        "White": "white",
        "(empty)": "not_recorded",
    }
    values = {name: said[label] for name, label in labels(second).items()}
    sent = {**columns, **values, "days": "%Y-%m-%d", "values": "1", "looked": packed(second), "save": "1"}
    place = bea.post(address("import_people"), sent)["Location"]
    batch = batch_at(house, bea.post(place, {"file": SimpleUploadedFile("v.csv", data)}))
    assert [line.split(",", 3)[3] for line in content(batch).splitlines()[1:]] == [
        ",12,24",
        "black,12,12",
        "white,12,24",
    ]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"metric": ""}, "required"),
        ({"metric": "interpreter-wait"}, "Select a valid choice"),
        ({"role_3": ""}, "Choose one here, or say which column says it."),
        ({"role_5": ""}, "Say which column tells whether it happened."),
        ({"role_2": ""}, "Write the first day, or say which column is the period."),
        ({"role_4": "outcome"}, "Another column is this already."),
        ({"role_5": "", "role_1": "outcome"}, "no value that enough rows share"),
        ({"metric": "readmission-30-day"}, "counted for a stretch of days"),
    ],
)
def test_column_that_cannot_be_that_is_told(bea: Client, changed: dict[str, str], words: str) -> None:
    response = to_values(bea, look(bea, file_of(people())), **changed)
    assert response.status_code == 422
    assert words in html.unescape(response.content.decode())
    assert SECRET not in response.content.decode()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"value_2_1": "no"}, "Say which value means that it happened."),
        ({"value_2_0": "yes"}, "Say which value means that it did not happen."),
        ({"value_3_0": "out", "value_3_1": "out"}, "No row would count"),
        ({"other_4": "Samoan"}, "does not say what it means"),
        ({"other_4": "Samoan = martian"}, "does not say what it means"),
        ({"days": ""}, "required"),
    ],
)
def test_value_that_cannot_mean_that_is_told(bea: Client, changed: dict[str, str], words: str) -> None:
    second = to_values(bea, look(bea, file_of(people())))
    swapped = {"value_3_0": "in", "value_3_1": "in"} | changed
    response = bea.post(address("import_people"), answers(second, **swapped))
    assert response.status_code == 422
    assert words in html.unescape(response.content.decode())


@pytest.mark.parametrize(
    "rows",
    [
        people()[1:],
        [[SECRET, "East", "strong"]] + [[SECRET, "East", "strong"]] * 30,
        [[SECRET, "2024-01-01"], [SECRET, "2024-01-02"]],
        [[f"{SECRET}@example.org", "sex"], ["b", "c"]],
    ],
)
def test_file_without_names_of_columns_shows_nothing(bea: Client, rows: list[list[str]]) -> None:
    response = look(bea, file_of(rows))
    assert response.status_code == 422
    assert "does not look like the names" in response.content.decode()
    assert SECRET not in response.content.decode()


def test_line_list_that_is_sent_as_counts_shows_nothing(bea: Client) -> None:
    data = file_of(people())
    doubted = look(bea, data, rows="counts")
    assert doubted.status_code == 422
    page = doubted.content.decode()
    assert "those of a line list" in page
    assert SECRET not in page
    assert look(bea, data, rows="counts", sure="on").status_code == 200


def test_remembered_line_list_is_counted_with_its_mapping_only_as_one(bea: Client) -> None:
    data = file_of(people())
    save(bea, data)
    assert look(bea, data, rows="counts").status_code == 422
    (saved,) = remembered()
    page = bea.get(address("import_mapping", pk=saved.pk)).content.decode()
    assert f"{address('import_line_list')}?mapping={saved.pk}" in page


def test_answers_that_were_changed_on_their_way_are_refused(bea: Client) -> None:
    first = look(bea, file_of(people()))
    assert (
        bea.post(address("import_people"), {**COLUMNS, "looked": packed(first)[:-3] + "abc"}).status_code
        == 409
    )


@pytest.mark.parametrize(("name", "status"), [("bea", 302), ("carmen", 403), ("oscar", 403), ("walter", 404)])
def test_who_may_map_a_line_list(bea: Client, house: House, name: str, status: int) -> None:
    bea.force_login(house.accounts[name])
    assert bea.get(address("import_people")).status_code == status


def test_way_to_count_several_answers_is_the_one_that_the_institution_chose(house: House) -> None:
    define(house)
    entry = shelf().dimension("race_ethnicity")
    once = next(way for way in entry.groupings if way.several)
    with acting_as(Persona.OPERATOR):
        found = Dimension.objects.filter(organisation=house.riverside, code="race_ethnicity")
        found.update(library_code=entry.code, library_version=entry.version, counting=once.code)
        known = definitions_of(house.riverside)
        missing = set(
            Category.objects.filter(dimension__in=found, missing=True).values_list("code", flat=True)
        )
    assert known.several == {"race_ethnicity": once.several}
    assert known.missing["race_ethnicity"] == missing == {"not_recorded"}


def test_mapping_of_a_line_list_is_a_text_that_can_be_changed(bea: Client) -> None:
    save(bea, file_of(people()))
    (saved,) = remembered()
    assert isinstance(saved, SavedMapping)
    assert '[dimensions.race_ethnicity]\ncolumn = "race"' in saved.text
    changed = bea.post(
        address("import_mapping", pk=saved.pk), {"name": "ED", "text": saved.text.replace('"Y"', '"Yes"')}
    )
    assert changed.status_code == 302
