"""The parts of an .xlsx workbook: a zip file with the sheets, the texts that they share, and how cells are formatted.

Nothing in the file can make the reader hold more than a part of fixed size: the archive's directory, every part that
is held, and the sum of what is unpacked are limited, whatever the file says about itself.
"""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from metrics.reading.errors import Problem, UnreadableFile
from metrics.reading.errors import gettext_noop as _
from metrics.reading.spreadsheet_text import PLAIN, NumberLook, built_in_look, look_of_format
from metrics.reading.spreadsheet_xml import (
    DAMAGED_WORKBOOK,
    local_attributes,
    local_name,
    read_part,
)

MOST_PARTS = 10_000
LARGEST_HELD_PART = 64 * 1024**2
LARGEST_SHEET = 512 * 1024**2
LONGEST_TEXT = 32_767
"""Characters of one cell: no spreadsheet program writes more."""

NOT_A_WORKBOOK = Problem(
    _("This is a zip file, but not an .xlsx workbook."),
    _(
        'Save the table as an .xlsx workbook or as "CSV UTF-8" and send that file itself, not packed in a zip.'
    ),
)
LOCKED_WORKBOOK = Problem(
    _("This workbook is locked with a password, or packed in a way that workbooks are not."),
    _("Remove the password in the spreadsheet program and save the workbook again."),
)
TOO_MUCH_UNPACKED = Problem(
    _("A part of this workbook unpacks to more than %(megabytes)s MB."),
    _('Save the sheet as "CSV UTF-8" and send that file, compressed if you like.'),
)
TOO_MANY_PARTS = Problem(
    _("This workbook has more than %(parts)s parts."),
    _("Copy the sheet with the counts into a new workbook and send that."),
)
NO_SHEET = Problem(
    _("This workbook has no sheet with cells."), _("Send the workbook that holds the table, or a CSV file.")
)
NO_SUCH_SHEET = Problem(
    _('This workbook has no sheet with the name "%(sheet)s".'),
    _("Write one of these names in the mapping: %(choices)s."),
)

_DIRECTORY_ENTRY = b"PK\x01\x02"
_ENCRYPTED = 0x1
_PACKED_WHITESPACE = re.compile(r"_x00(0[9AD]|20)_")
_BLANK = ""


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A sheet of the workbook: the name that people see, the part that holds it, and whether it is hidden."""

    name: str
    part: str
    hidden: bool


class Package:
    """An opened workbook. Raises `UnreadableFile` for whatever is not one."""

    def __init__(self, data: bytes) -> None:
        if data.count(_DIRECTORY_ENTRY) > MOST_PARTS:
            raise UnreadableFile(TOO_MANY_PARTS, parts=MOST_PARTS)
        try:
            self._archive = ZipFile(io.BytesIO(data))
        except (BadZipFile, ValueError, NotImplementedError, EOFError):
            raise UnreadableFile(DAMAGED_WORKBOOK) from None
        self._parts = {info.filename.lower(): info for info in self._archive.infolist()}
        workbook = self._workbook_part()
        self._targets = _Relationships(self, workbook)
        self.from_1904 = False
        self.sheets: list[SheetPart] = []
        self._read_workbook(workbook)

    def sheet(self, name: str = "") -> SheetPart:
        """The sheet of this name; without one, the first that people see."""
        if name:
            for sheet in self.sheets:
                if sheet.name == name:
                    return sheet
            choices = ", ".join(f'"{sheet.name}"' for sheet in self.sheets)
            raise UnreadableFile(NO_SUCH_SHEET, sheet=name, choices=choices)
        for sheet in self.sheets:
            if not sheet.hidden:
                return sheet
        raise UnreadableFile(NO_SHEET)

    def texts(self) -> list[str]:
        """The texts that cells of all sheets share, by their number."""
        found = _SharedTexts()
        for part in self._targets.of_kind("sharedStrings"):
            self.read(part, found.start, found.end, found.text)
        return found.texts

    def looks(self) -> list[NumberLook]:
        """How numbers look in each format of a cell, by its number."""
        found = _Styles()
        for part in self._targets.of_kind("styles"):
            self.read(part, found.start, found.end, _ignore)
        return found.looks()

    def has(self, part: str) -> bool:
        """Whether there is such a part."""
        return part.lower() in self._parts

    def read(
        self,
        part: str,
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None],
        text: Callable[[str], None],
    ) -> None:
        """Read a part whose content is held."""
        with self.opened(part, LARGEST_HELD_PART) as content:
            for _pause in read_part(content, start, end, text):
                pass

    @contextmanager
    def opened(self, part: str, limit_bytes: int) -> Iterator[IO[bytes]]:
        """The unpacked bytes of a part. `zipfile` gives no more of them than the part says that it has."""
        info = self._parts.get(part.lower())
        if info is None:
            raise UnreadableFile(DAMAGED_WORKBOOK)
        _check(info, limit_bytes)
        try:
            content = self._archive.open(info)
        except (BadZipFile, RuntimeError, ValueError, EOFError):
            raise UnreadableFile(DAMAGED_WORKBOOK) from None
        with content:
            yield content

    def _workbook_part(self) -> str:
        if not self.has("[Content_Types].xml"):
            raise UnreadableFile(NOT_A_WORKBOOK)
        for part in _Relationships(self, "").of_kind("officeDocument"):
            if self.has(part) and part.lower().endswith(".xml"):
                return part
        raise UnreadableFile(NOT_A_WORKBOOK)

    def _read_workbook(self, workbook: str) -> None:
        worksheets = self._targets.by_id("worksheet")

        def start(name: str, attributes: dict[str, str]) -> None:
            tag, given = local_name(name), local_attributes(attributes)
            if tag == "workbookPr":
                self.from_1904 = given.get("date1904") in ("1", "true")
            elif tag == "sheet" and given.get("id") in worksheets:
                hidden = given.get("state", "visible") != "visible"
                part = worksheets[given["id"]]
                self.sheets.append(SheetPart(given.get("name", _BLANK), part, hidden))

        self.read(workbook, start, _ignore, _ignore)


class _Relationships:
    """Which other parts a part needs, and for what."""

    def __init__(self, package: Package, of: str) -> None:
        folder, name = posixpath.split(of)
        self._folder = folder
        self._found: list[tuple[str, str, str]] = []
        part = posixpath.join(folder, "_rels", f"{name}.rels")
        if package.has(part):
            package.read(part, self._start, _ignore, _ignore)

    def of_kind(self, kind: str) -> list[str]:
        """The parts of this kind; the kind is the last word of a web address."""
        return [part for _id, found, part in self._found if found == kind]

    def by_id(self, kind: str) -> dict[str, str]:
        """The parts of this kind, by the names that the workbook has for them."""
        return {id_: part for id_, found, part in self._found if found == kind}

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if local_name(name) == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", _BLANK)
            part = target.lstrip("/") if target.startswith("/") else posixpath.join(self._folder, target)
            kind = attributes.get("Type", _BLANK).rpartition("/")[2]
            self._found.append((attributes.get("Id", _BLANK), kind, posixpath.normpath(part)))


class _SharedTexts:
    """The shared texts; what says how to pronounce a text (`rPh`) is no part of it."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._pieces: list[str] = []
        self._in_text = False
        self._in_phonetic = False

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        match local_name(name):
            case "si":
                self._pieces = []
            case "rPh":
                self._in_phonetic = True
            case "t":
                self._in_text = not self._in_phonetic

    def end(self, name: str) -> None:
        match local_name(name):
            case "si":
                self.texts.append(readable("".join(self._pieces)))
            case "rPh":
                self._in_phonetic = False
            case "t":
                self._in_text = False

    def text(self, text: str) -> None:
        if self._in_text:
            self._pieces.append(text)


class _Styles:
    """Of all that a style says, only how its numbers look."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}
        self._of_cells: list[str] = []
        self._in_cell_formats = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match local_name(name):
            case "numFmt":
                self._codes[attributes.get("numFmtId", _BLANK)] = attributes.get("formatCode", _BLANK)
            case "cellXfs":
                self._in_cell_formats = True
            case "xf" if self._in_cell_formats:
                self._of_cells.append(attributes.get("numFmtId", "0"))

    def end(self, name: str) -> None:
        if local_name(name) == "cellXfs":
            self._in_cell_formats = False

    def looks(self) -> list[NumberLook]:
        known: dict[str, NumberLook] = {}
        return [known.setdefault(number, self._look(number)) for number in self._of_cells]

    def _look(self, number: str) -> NumberLook:
        if number in self._codes:
            return look_of_format(self._codes[number])
        return built_in_look(int(number)) if number.isdecimal() else PLAIN


def readable(text: str) -> str:
    """The text of a cell; some programs write a line end inside a cell as `_x000D_`."""
    if len(text) > LONGEST_TEXT:
        raise UnreadableFile(DAMAGED_WORKBOOK)
    return _PACKED_WHITESPACE.sub(" ", text) if "_x00" in text else text


def _check(info: ZipInfo, limit_bytes: int) -> None:
    if info.flag_bits & _ENCRYPTED or info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise UnreadableFile(LOCKED_WORKBOOK)
    if info.file_size > limit_bytes:
        raise UnreadableFile(TOO_MUCH_UNPACKED, megabytes=limit_bytes // 1024**2)


def _ignore(*_anything: object) -> None:
    """What is read here is not needed."""
