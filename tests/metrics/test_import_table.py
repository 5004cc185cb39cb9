"""Tables that others laid out and measure reports come in through the same pages as our own counts."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from metrics.models import Batch
from tests.cast import House
from tests.metrics.importing import address, again, apply, define, observations, run_jobs
from tests.metrics.workbooks import written

TABLE = """
[source]
format = "table"
name = "Pain, as the emergency department sends it"
[metric]
code = "pain-30-minutes"
[unit]
column = "Site"
values = { "East Hospital" = "east", "West Hospital" = "west" }
[period]
grain = "month"
column = "Month"
format = "%Y-%m-%d"
[numbers]
numerator = "In time"
denominator = "Patients"
percent = "Percent"
thousands = ","
[blanks]
words = { "Suppressed" = "withheld", "Not available" = "not_collected" }
[dimensions.race]
column = "Race"
dimension = "race_ethnicity"
values = { "All" = "", "Black" = "black", "White" = "white", "Asian" = "asian" }
[[leave_out]]
why = "Rows of the whole county"
column = "Site"
in = ["County"]
"""
HEADER = ["Site", "Month", "Race", "In time", "Patients", "Percent"]
ROWS: list[list[Any]] = [
    ["East Hospital", "2024-01-01", "All", "1,530", "2,060", "74.3%"],
    ["East Hospital", "2024-01-01", "Black", "530", "1,060", "50%"],
    ["East Hospital", "2024-01-01", "White", "1,000", "1,000", "90%"],
    ["East Hospital", "2024-02-01", "All", "Suppressed", "Suppressed", "Suppressed"],
    ["West Hospital", "2024-01-01", "All", "90", "100", "90%"],
    ["West Hospital", "2024-01-01", "Black", "30", "40", "75%"],
    ["County", "2024-01-01", "All", "9999", "9999", "100%"],
]
EXPECTED = {
    ("east", "2024-01-01", "", 1530, 2060, ""),
    ("east", "2024-01-01", "race_ethnicity=black", 530, 1060, ""),
    ("east", "2024-01-01", "race_ethnicity=white", 1000, 1000, ""),
    ("east", "2024-02-01", "", None, None, "withheld"),
    ("west", "2024-01-01", "", 90, 100, ""),
    ("west", "2024-01-01", "race_ethnicity=black", 30, 40, ""),
}
REPORTS = """
[source]
format = "measure_report"
name = "Reports of the record system"
[[measure]]
canonical = "http://example.org/Measure/pain"
code = "pain-30-minutes"
[unit]
values = { "Organization/east" = "east", "Organization/west" = "west" }
[period]
grain = "month"
"""


@pytest.fixture
def bea(client: Client, house: House) -> Client:
    define(house)
    client.force_login(house.accounts["bea"])
    return client


def text_of(rows: list[list[Any]], separator: str = ",") -> str:
    return "".join(separator.join(f'"{cell}"' for cell in row) + "\r\n" for row in [HEADER, *rows])


def send(client: Client, mapping: str, content: bytes, name: str) -> Any:
    response = client.post(address("import_table"), {"text": mapping})
    assert response.status_code == 302, response.content.decode()
    return client.post(response["Location"], {"file": SimpleUploadedFile(name, content)})


def taken(house: House, response: Any) -> Batch:
    assert response.status_code == 302, response.content.decode()
    run_jobs(house)
    return again(house, response["Location"].rstrip("/").rsplit("/", 1)[1])


AS_TSV = TABLE.replace('name = "Pain', 'delimiter = "\\t"\nname = "Pain')


@pytest.mark.parametrize(
    ("mapping", "content", "name"),
    [
        (TABLE, text_of(ROWS).encode(), "pain.csv"),
        (AS_TSV, text_of(ROWS, "\t").encode("utf-16"), "pain.tsv"),
        (TABLE, written([HEADER, *ROWS]), "pain.xlsx"),
    ],
)
def test_table_is_read_by_its_mapping_and_applied(
    mapping: str, content: bytes, name: str, bea: Client, house: House
) -> None:
    batch = taken(house, send(bea, mapping, content, name))
    assert (batch.kind, batch.state, batch.rows_read) == ("table", "uploaded", 7)
    assert batch.report["left_out"] == {"Rows of the whole county": 1}
    page = bea.get(address("import_batch", pk=batch.pk)).content.decode()
    assert "Rows of the whole county" in page
    assert "Read with the mapping “Pain, as the emergency department sends it”." in page
    apply(house, batch)
    assert observations(house) == EXPECTED


def test_groups_that_are_not_their_total_and_shares_that_are_not_theirs_are_flagged(
    bea: Client, house: House
) -> None:
    batch = taken(house, send(bea, TABLE, text_of(ROWS).encode(), "pain.csv"))
    assert (batch.report["reconciled"]["agreed"], batch.report["reconciled"]["disagreed"]) == (1, 1)
    page = bea.get(address("import_batch", pk=batch.pk)).content.decode()
    assert "Where do groups not add up?" in page
    assert "30 of 40" in page
    assert "The file states “90%”" in page or "The file states &quot;90%&quot;" in page


def test_word_that_the_mapping_does_not_explain_is_an_error_with_its_value(bea: Client, house: House) -> None:
    rows = [[*ROWS[0][:3], "n/a", "n/a", ""]]
    batch = taken(house, send(bea, TABLE, text_of(rows).encode(), "pain.csv"))
    assert batch.state == "refused"
    page = bea.get(address("import_batch", pk=batch.pk)).content.decode()
    assert "is neither a whole number nor a word that the mapping explains" in page
    assert f"?mapping={batch.pk}" in page


def test_period_of_another_length_is_refused(bea: Client, house: House) -> None:
    batch = taken(
        house, send(bea, TABLE.replace('"month"', '"quarter"'), text_of(ROWS[:1]).encode(), "pain.csv")
    )
    assert batch.state == "refused"
    assert "is not of the length" in bea.get(address("import_batch", pk=batch.pk)).content.decode()


def report_of(unit: str, numerator: int, denominator: int) -> dict[str, Any]:
    counts = {"numerator": numerator, "denominator": denominator}
    return {
        "resourceType": "MeasureReport",
        "status": "complete",
        "type": "summary",
        "measure": "http://example.org/Measure/pain",
        "period": {"start": "2024-01-01", "end": "2024-01-31"},
        "reporter": {"reference": f"Organization/{unit}"},
        "group": [
            {
                "population": [
                    {"code": {"coding": [{"code": code}]}, "count": count} for code, count in counts.items()
                ]
            }
        ],
    }


EAST, WEST = report_of("east", 30, 60), report_of("west", 40, 80)
BUNDLE = {"resourceType": "Bundle", "entry": [{"resource": EAST}, {"resource": WEST}]}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(BUNDLE),
        json.dumps(BUNDLE, indent=2),
        json.dumps(EAST) + "\n" + json.dumps(WEST) + "\n",
        json.dumps(EAST) + "\r\n\r\n" + json.dumps(WEST),
    ],
)
def test_reports_come_in_a_bundle_or_one_in_each_line(content: str, bea: Client, house: House) -> None:
    batch = taken(house, send(bea, REPORTS, content.encode(), "reports.json"))
    assert (batch.kind, batch.rows_read) == ("reports", 2)
    apply(house, batch)
    assert observations(house) == {
        ("east", "2024-01-01", "", 30, 60, ""),
        ("west", "2024-01-01", "", 40, 80, ""),
    }


def test_broken_line_of_reports_is_told(bea: Client, house: House) -> None:
    content = json.dumps(EAST) + '\n{"resourceType": "Measu\n'
    batch = taken(house, send(bea, REPORTS, content.encode(), "reports.ndjson"))
    assert batch.state == "refused"
    assert "is not valid JSON" in bea.get(address("import_batch", pk=batch.pk)).content.decode()


def test_mapping_of_the_other_kind_of_file_goes_to_the_page_of_that_kind(bea: Client) -> None:
    response = bea.post(address("import_line_list"), {"text": TABLE})
    assert response["Location"] == f"{address('import_table')}?mapping=pasted"
    assert bea.get(f"{address('import_line_list')}?mapping=pasted").status_code == 404


def test_mapping_that_names_what_is_not_defined_is_refused(bea: Client) -> None:
    response = bea.post(address("import_table"), {"text": TABLE.replace('"black"', '"martian"')})
    assert response.status_code == 422
    assert "martian" in response.content.decode()


def test_counts_of_our_own_layout_may_come_as_a_workbook(bea: Client, house: House) -> None:
    rows = [
        ["metric", "unit", "period", "race_ethnicity", "numerator", "denominator"],
        [],
        ["pain-30-minutes", "east", "2024-01", None, 30, 60],
        ["pain-30-minutes", "east", "2024-01", "black", "withheld"],
    ]
    file = SimpleUploadedFile("counts.xlsx", written(rows))
    batch = taken(house, bea.post(address("import_counts"), {"file": file}))
    apply(house, batch)
    assert observations(house) == {
        ("east", "2024-01-01", "", 30, 60, ""),
        ("east", "2024-01-01", "race_ethnicity=black", None, None, "withheld"),
    }
    wrong = SimpleUploadedFile("counts.xlsx", written([*rows, ["pain-30-minutes", "north", "2024-01"]]))
    refused = taken(house, bea.post(address("import_counts"), {"file": wrong}))
    assert {error["row"] for error in refused.report["errors"]} == {5}


def test_command_reads_a_table_with_a_mapping(house: House, tmp_path: Path) -> None:
    define(house)
    (tmp_path / "pain.toml").write_text(TABLE)
    (tmp_path / "pain.csv").write_text(text_of(ROWS))
    out = StringIO()
    given: dict[str, Any] = {"organisation": "riverside", "by": house.accounts["bea"].email, "stdout": out}
    call_command("import_counts", tmp_path / "pain.csv", mapping=tmp_path / "pain.toml", apply=True, **given)
    assert "Applied." in out.getvalue()
    assert observations(house) == EXPECTED
    (tmp_path / "pain.toml").write_text(TABLE.replace("pain-30-minutes", "no-such-measure"))
    with pytest.raises(CommandError, match="no-such-measure"):
        call_command("import_counts", tmp_path / "pain.csv", mapping=tmp_path / "pain.toml", **given)


def test_community_cannot_open_the_page(client: Client, house: House) -> None:
    client.force_login(house.accounts["carmen"])
    assert client.get(address("import_table")).status_code == 403
