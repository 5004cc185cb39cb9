"""The files, read back: numbers, "suppressed", blanks, marks, and texts that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import re
import zipfile

from openpyxl import load_workbook

from equity.mandates import actions, exports, queries
from equity.mandates.template import Sheet
from tests.mandates.conftest import complete


def read_csv(mandated, sheet):
    with mandated.by("alice"):
        file = exports.sheet_file(mandated.whole(), sheet, "riverside")
    assert file.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))


def core(mandated, group):
    (row,) = (
        row
        for row in read_csv(mandated, Sheet.CORE)
        if (row["Reporter"], row["Measure code"], row["Group"]) == ("East Hospital", "readmission", group)
    )
    return row


def test_shown_suppressed_and_blank_stand_apart_in_csv(mandated):
    mandated.describe("east")
    numbers = ("Numerator", "Denominator", "Rate", "Status", "Why blank")
    assert [core(mandated, "Black or African American")[name] for name in numbers] == [
        "60",
        "300",
        "20.0",
        "shown",
        "",
    ]
    assert [core(mandated, "Asian")[name] for name in numbers] == [
        "suppressed",
        "suppressed",
        "suppressed",
        "suppressed",
        "",
    ]
    assert [core(mandated, "Hispanic or Latino")[name] for name in numbers] == [
        "",
        "",
        "",
        "blank",
        "no_group",
    ]


def test_what_was_not_checked_is_marked_on_every_row(mandated):
    mandated.describe("east")
    rows = [
        row
        for sheet in (Sheet.CORE, Sheet.STRUCTURAL, Sheet.DISPARITIES)
        for row in read_csv(mandated, sheet)
    ]
    assert {row["Checked against its source"] for row in rows} == {"no"}
    assert all(row["Note"] for row in rows)
    about = read_csv(mandated, Sheet.ABOUT)
    assert "HCAI, Measures Submission Guide" in " ".join(row["Words"] for row in about)
    assert {row["Checked against its source"] for row in about if "Guide" in row["Words"]} == {"no"}


def test_disparities_come_with_their_plans(mandated):
    mandated.describe("east")
    complete(mandated)
    first = read_csv(mandated, Sheet.DISPARITIES)[0]
    assert (first["Rank"], first["Group"], first["Reference group"]) == (
        "1",
        "Black or African American",
        "White",
    )
    assert (first["Rate ratio"], first["By"], first["Priority area"]) == (
        "2.0",
        "2027-12-31",
        "Care coordination",
    )


def test_workbook_has_the_same_rows_with_numbers_as_numbers(mandated):
    mandated.describe("east")
    complete(mandated)
    with mandated.by("alice"):
        book = load_workbook(io.BytesIO(exports.workbook(mandated.whole(), "riverside").content))
    assert book.sheetnames == list(exports.SHEET_NAMES.values())
    for sheet, name in exports.SHEET_NAMES.items():
        header, *rows = book[name].iter_rows(values_only=True)
        written = read_csv(mandated, sheet)
        assert list(header) == list(written[0])
        assert len(rows) == len(written)
    header, first, *_ = book["Disparities and plans"].iter_rows(values_only=True)
    row = dict(zip(header, first, strict=True))
    assert (row["Rate ratio"], row["Group numerator"]) == (2, 60)
    assert row["By"].year == 2027


def test_text_that_looks_like_a_formula_is_a_text_in_both_files(mandated):
    mandated.describe("east", identifier='=HYPERLINK("x")')
    with mandated.by("bea") as bea:
        actions.state(
            reporter=mandated.reporter(),
            texts={"access": "=1+1", "method": "-2 \x0b and +3", "coordination": "@SUM(A1)"},
            by=bea,
        )
    texts = {row["Text"] for row in read_csv(mandated, Sheet.STATEMENTS)}
    assert {"'=1+1", "'-2 \x0b and +3", "'@SUM(A1)"} <= texts
    with mandated.by("alice"):
        content = exports.workbook(mandated.whole(), "riverside").content
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        sheets = [package.read(name).decode() for name in package.namelist() if "/worksheets/" in name]
    assert not any(re.search(r"<f[ >]", sheet) for sheet in sheets)
    book = load_workbook(io.BytesIO(content))
    cells = [cell for row in book["Priority areas"].iter_rows() for cell in row]
    assert "=1+1" in {cell.value for cell in cells}
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}


def test_every_file_has_its_own_hash(mandated):
    mandated.describe("east")
    with mandated.by("alice"):
        made = exports.files(mandated.whole(), "riverside")
    assert len({one.sha256 for one in made}) == len(made) == 7
    assert {one.name.rsplit(".", 1)[1] for one in made} == {"csv", "xlsx"}


def test_report_without_a_hospital_still_makes_files(mandated):
    for unit in ("east", "west"):
        mandated.describe(unit, kind="none")
    with mandated.by("alice"):
        assert queries.report_for(mandated.report.pk)
        assert exports.files(mandated.whole(), "riverside")
