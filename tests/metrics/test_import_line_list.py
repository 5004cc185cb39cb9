"""A line list is counted while it arrives, and nothing but counts is left of it."""

from __future__ import annotations

import gzip
import logging
import lzma
import tempfile
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client, RequestFactory

from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from metrics.example import make_readmission_counts
from metrics.known import Definitions
from metrics.models import Batch
from metrics.reading.counts import KnownCodes
from metrics.reading.mapping_file import load_mapping
from metrics.uploads import LineListUploadHandler, PreparedFile
from tests.cast import House
from tests.metrics.importing import address, again, apply, content, define, observations, run_jobs
from tests.metrics.test_reading_example import _rebuilt_line_list, _true_counts
from tests.metrics.workbooks import written

HEADER = "race,gender,age,payer_code,readmitted"
ROW = "Caucasian,Female,[50-60),MC,NO"
SECRET = "Zebulon-Quintessa"


@pytest.fixture
def client_of_bea(client: Client, house: House) -> Client:
    define(house)
    client.force_login(house.accounts["bea"])
    return client


def send(
    client: Client, content: bytes, name: str = "stays.csv", mapping: str = "diabetes130", **fields: str
) -> Any:
    file = SimpleUploadedFile(name, content, content_type="text/csv")
    return client.post(f"{address('import_line_list')}?mapping={mapping}", {**fields, "file": file})


def batch_at(house: House, response: Any) -> Batch:
    assert response.status_code == 302, response.content.decode()
    run_jobs(house)
    return again(house, response["Location"].rstrip("/").rsplit("/", 1)[1])


def key_of(stratum: tuple[tuple[str, str], ...]) -> str:
    return "&".join(f"{dimension}={category}" for dimension, category in stratum)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_line_list_sent_by_the_analyst_becomes_true_observations(
    client_of_bea: Client, house: House, tmp_path: Path, pack: Any
) -> None:
    response = send(client_of_bea, pack(_rebuilt_line_list(tmp_path).read_bytes()))
    batch = batch_at(house, response)
    assert (batch.state, batch.rows_read, batch.kind) == ("uploaded", 101_766, "line_list")
    assert batch.report["check"]["new"] == 131
    apply(house, batch)
    assert observations(house) == {
        ("all", "1999-01-01", key_of(stratum), numerator, denominator, "")
        for stratum, (numerator, denominator) in _true_counts().items()
    }
    page = client_of_bea.get(address("import_batch", pk=batch.pk)).content.decode()
    assert "131 new" in page


def test_mapping_that_does_not_fit_is_refused_before_a_file_is_sent(client_of_bea: Client) -> None:
    sample = make_readmission_counts.MAPPING.read_text(encoding="utf-8")
    wrong = sample.replace('"readmission-30-day"', '"no-such-measure"').replace(
        '"Asian" = "asian"', '"Asian" = "martian"'
    )
    response = client_of_bea.post(address("import_line_list"), {"text": wrong})
    assert response.status_code == 422
    page = response.content.decode()
    assert "metric.code" in page
    assert "martian" in page


def test_pasted_mapping_counts_and_is_kept_with_the_counts(client_of_bea: Client, house: House) -> None:
    text = make_readmission_counts.MAPPING.read_text(encoding="utf-8").replace("Diabetes 130-US", "Riverside")
    response = client_of_bea.post(address("import_line_list"), {"text": text})
    assert response["Location"].endswith("?mapping=pasted")
    batch = batch_at(house, send(client_of_bea, f"{HEADER}\n{ROW}\n".encode(), mapping="pasted"))
    apply(house, batch)
    assert batch.report["mapping"]["text"] == text
    assert "Riverside" in client_of_bea.get(address("import_line_list")).content.decode()


def test_mapping_may_come_as_a_file_and_a_line_list_in_its_place_is_not_held(client_of_bea: Client) -> None:
    mapping = SimpleUploadedFile("mapping.toml", make_readmission_counts.MAPPING.read_bytes())
    assert client_of_bea.post(address("import_line_list"), {"file": mapping}).status_code == 302
    mistaken = SimpleUploadedFile("stays.csv", f"{HEADER}\n{f'{SECRET},' * 10}\n".encode() * 5_000)
    response = client_of_bea.post(address("import_line_list"), {"file": mistaken})
    assert response.status_code == 422
    assert SECRET not in response.content.decode()


def test_errors_say_row_column_and_remedy_but_never_the_value(client_of_bea: Client, house: House) -> None:
    rows = [HEADER, ROW, ROW.replace("Caucasian", SECRET), ROW.replace("MC", SECRET)]
    batch = batch_at(house, send(client_of_bea, "\n".join(rows).encode()))
    assert (batch.state, bytes(batch.content), batch.report["error_total"]) == ("refused", b"", 2)
    page = client_of_bea.get(address("import_batch", pk=batch.pk)).content.decode()
    assert "2 errors" in page
    assert "A value in this column is not in the mapping." in page
    table = client_of_bea.get(address("import_errors", pk=batch.pk))
    assert table["Content-Disposition"] == 'attachment; filename="errors.csv"'
    lines = table.content.decode().splitlines()
    assert lines[1].startswith("3,race,,A value in this column is not in the mapping.")
    assert lines[2].startswith("4,payer_code,,")
    assert SECRET not in page + table.content.decode()
    assert observations(house) == set()


def _everything_in_the_database() -> str:
    """Every column of every table as text; bytes also unpacked."""
    found: list[str] = []
    with acting_as(Persona.OPERATOR), connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns"
            " WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
            " AND has_table_privilege(format('%I.%I', table_schema, table_name), 'SELECT')"
        )
        for schema, table, column, kind in cursor.fetchall():
            text = f"encode(\"{column}\", 'escape')" if kind == "bytea" else f'"{column}"::text'
            cursor.execute(f'SELECT {text} FROM "{schema}"."{table}" WHERE "{column}" IS NOT NULL')
            found += [str(value) for (value,) in cursor.fetchall()]
        contents = [content(batch) for batch in Batch.objects.exclude(content=b"")]
    return "\n".join([*found, *contents])


def _files_in(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("valid", [True, False])
def test_no_patient_row_is_left_anywhere(
    client_of_bea: Client,
    house: House,
    tmp_path: Path,
    settings: Any,
    caplog: Any,
    monkeypatch: Any,
    valid: bool,
) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    opened: list[str] = []
    make = tempfile.NamedTemporaryFile
    monkeypatch.setattr(
        tempfile, "NamedTemporaryFile", lambda *args, **kwargs: opened.append("") or make(*args, **kwargs)
    )
    caplog.set_level(logging.DEBUG)
    rows = [f"{HEADER},name", *[f"{ROW},{SECRET}"] * 60_000]
    if not valid:
        rows.append(f"{SECRET},{ROW}")
    response = send(client_of_bea, "\n".join(rows).encode())
    batch = batch_at(house, response)
    assert batch.state == ("uploaded" if valid else "refused")
    pages = [client_of_bea.get(address("import_batch", pk=batch.pk)), client_of_bea.get(address("imports"))]
    assert "readmission-30-day" in _everything_in_the_database()
    assert SECRET not in _everything_in_the_database()
    assert not any(SECRET.encode() in body for body in _files_in(tmp_path).values())
    assert opened == []
    assert SECRET not in caplog.text
    assert not any(SECRET in page.content.decode() for page in [response, *pages])
    assert SECRET not in str(client_of_bea.cookies)


KNOWN = Definitions(
    codes=KnownCodes(metrics={"readmission-30-day": "proportion"}, units=["all"], categories={}),
    frequencies={"readmission-30-day": 0},
)


def _memory_of_counting(rows: int) -> int:
    """The most that Python held while a line list of so many rows was counted by the handler."""
    handler = LineListUploadHandler(
        RequestFactory().post("/"), load_mapping(make_readmission_counts.MAPPING), KNOWN
    )
    handler.new_file("file", "stays.csv", "text/csv", None)
    block = f"{ROW}\n".encode() * 2_000
    tracemalloc.start()
    handler.receive_data_chunk(f"{HEADER}\n".encode(), 0)
    for _ in range(rows // 2_000):
        assert handler.receive_data_chunk(block, 0) is None
    made = handler.file_complete(rows * len(ROW))
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(made, PreparedFile)
    assert made.prepared.rows_read == rows
    return most


def test_memory_does_not_grow_with_the_upload() -> None:
    _memory_of_counting(2_000)
    assert _memory_of_counting(120_000) < _memory_of_counting(20_000) * 1.2


def test_rows_are_told_while_they_are_counted(client_of_bea: Client) -> None:
    upload = "0190a2d5-6f3a-7c1e-8c11-111111111111"
    file = SimpleUploadedFile("stays.csv", "\n".join([HEADER, *[ROW] * 20_500]).encode())
    place = f"{address('import_line_list')}?mapping=diabetes130&upload={upload}"
    assert client_of_bea.post(place, {"file": file}).status_code == 302
    told = client_of_bea.get(address("import_progress", upload=upload)).content.decode()
    assert "20,000 rows counted" in told


def test_upload_without_its_token_is_refused(client: Client, house: House) -> None:
    define(house)
    strict = type(client)(enforce_csrf_checks=True)
    strict.force_login(house.accounts["bea"])
    rows = f"{HEADER}\n{ROW}\n".encode()
    assert send(strict, rows).status_code == 403
    page = strict.get(f"{address('import_line_list')}?mapping=diabetes130").content.decode()
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    assert send(strict, rows, csrfmiddlewaretoken=token).status_code == 302


@pytest.mark.parametrize(
    ("name", "status"), [("bea", 302), ("alice", 302), ("carmen", 403), ("oscar", 403), ("walter", 404)]
)
def test_who_may_send_a_line_list(client: Client, house: House, name: str, status: int) -> None:
    define(house)
    client.force_login(house.accounts[name])
    assert send(client, f"{HEADER}\n{ROW}\n".encode()).status_code == status


@pytest.mark.parametrize(("name", "status"), [("bea", 200), ("carmen", 403), ("walter", 404)])
def test_who_may_see_a_file(client_of_bea: Client, house: House, name: str, status: int) -> None:
    batch = batch_at(house, send(client_of_bea, f"{HEADER}\n{ROW}\n".encode()))
    client_of_bea.force_login(house.accounts[name])
    for place in ("import_batch", "import_errors"):
        assert client_of_bea.get(address(place, pk=batch.pk)).status_code == status
    for place in ("imports", "import_line_list", "import_counts", "import_template"):
        assert client_of_bea.get(address(place)).status_code == status


def _workbook(rows: list[str]) -> bytes:
    return written([row.split(",") for row in rows])


def test_line_list_may_come_as_a_workbook(client_of_bea: Client, house: House) -> None:
    rows = [HEADER, ROW, ROW.replace("NO", "<30")]
    as_text = batch_at(house, send(client_of_bea, "\n".join(rows).encode()))
    as_workbook = batch_at(house, send(client_of_bea, _workbook(rows), name="stays.xlsx"))
    assert (as_workbook.state, as_workbook.rows_read) == ("uploaded", 2)
    assert content(as_workbook) == content(as_text)


def test_errors_of_a_workbook_never_hold_a_value(client_of_bea: Client, house: House) -> None:
    sent = _workbook([HEADER, ROW.replace("Caucasian", SECRET)])
    batch = batch_at(house, send(client_of_bea, sent, name="stays.xlsx"))
    assert (batch.state, batch.report["errors"][0]["row"]) == ("refused", 2)
    assert SECRET not in str(batch.report)
    broken = batch_at(house, send(client_of_bea, sent[:600], name="stays.xlsx"))
    assert broken.state == "refused"
    assert "This workbook is damaged" in str(broken.report)
