"""Workbooks for the tests: made by openpyxl, or part by part where no program would write such a thing."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook

OF_OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    f'<Override PartName="/xl/workbook.xml" ContentType="{OF_OFFICE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{OF_OFFICE}.sharedStrings+xml"/>'
    "</Types>"
)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
WORKBOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONSHIPS}"><workbookPr/><sheets>'
    '<sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>'
)


def relationships(**targets: str) -> str:
    """A part with relationships: kind to target, named rId1, rId2 and so on."""
    entries = "".join(
        f'<Relationship Id="rId{number}" Type="{RELATIONSHIPS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets.items(), start=1)
    )
    return f'<Relationships xmlns="{PACKAGE}">{entries}</Relationships>'


def parts(sheet: str, **more: str) -> dict[str, str]:
    """The parts of a workbook with one sheet; names in `more` are paths with __ for / and no ending."""
    return {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": relationships(officeDocument="xl/workbook.xml"),
        "xl/workbook.xml": WORKBOOK,
        "xl/_rels/workbook.xml.rels": relationships(
            worksheet="worksheets/sheet1.xml", sharedStrings="sharedStrings.xml", styles="/xl/styles.xml"
        ),
        "xl/worksheets/sheet1.xml": sheet,
        "xl/sharedStrings.xml": shared(""),
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"/>',
    } | {f"{path.replace('__', '/')}.xml": content for path, content in more.items()}


def sheet(rows: str) -> str:
    """The XML of a sheet with these rows."""
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def shared(texts: str) -> str:
    """The XML of the texts that cells share."""
    return f'<sst xmlns="{MAIN}">{texts}</sst>'


def packed(content: Mapping[str, str | bytes]) -> bytes:
    """A zip file of these parts."""
    data = io.BytesIO()
    with ZipFile(data, "w", ZIP_DEFLATED) as archive:
        for path, part in content.items():
            archive.writestr(path, part)
    return data.getvalue()


def made(rows: str, **more: str) -> bytes:
    """A workbook of one sheet with these rows, part by part."""
    return packed(parts(sheet(rows), **more))


def written(rows: Iterable[Iterable[Any]], title: str = "Data") -> bytes:
    """A workbook of one sheet, as openpyxl writes it."""
    workbook = Workbook()
    worksheet = workbook.active
    worksheet.title = title
    for row in rows:
        worksheet.append(list(row))
    return saved(workbook)


def saved(workbook: Workbook) -> bytes:
    """The bytes of a workbook."""
    data = io.BytesIO()
    workbook.save(data)
    return data.getvalue()
