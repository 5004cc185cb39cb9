"""One XML part of a workbook, read as it is unpacked: memory does not grow with the part.

Python's own expat, because the libraries at hand hold too much for a stranger's file: one lays the sheet out as a
full rectangle (two cells in opposite corners end the process), another builds each row and each text as a tree.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import IO
from xml.parsers import expat
from zipfile import BadZipFile

from metrics.reading.errors import Problem, UnreadableFile
from metrics.reading.errors import gettext_noop as _

DAMAGED_WORKBOOK = Problem(
    _("This workbook is damaged, or was not written as workbooks are."),
    _('Open it in a spreadsheet program and save it anew as .xlsx, or save the sheet as "CSV UTF-8".'),
)
HOLDS_DEFINITIONS = Problem(
    _("This workbook holds XML definitions of its own, which no spreadsheet program writes."),
    _("Open it in a spreadsheet program and save it anew as .xlsx."),
)
LARGEST_TOKEN = 1024 * 1024
"""Bytes between two places where the parser gets on: a tag or a text that is longer is no cell."""

_BLOCK = 64 * 1024

StartTag = Callable[[str, dict[str, str]], None]
EndTag = Callable[[str], None]
Text = Callable[[str], None]


def local_name(name: str) -> str:
    """The name without its namespace prefix, which every program chooses for itself."""
    return name[name.find(":") + 1 :] if ":" in name else name


def local_attributes(attributes: dict[str, str]) -> dict[str, str]:
    """The attributes by their names without prefix."""
    return {local_name(name): value for name, value in attributes.items()}


def read_part(part: IO[bytes], start: StartTag, end: EndTag, text: Text) -> Iterator[None]:
    """Read a part block by block, and pause after each block so that the caller can take what was found.

    Raises `UnreadableFile`. Entities and external parts are refused with the definitions that they need.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_definitions
    fed = 0
    try:
        while block := part.read(_BLOCK):
            parser.Parse(block, False)
            fed += len(block)
            if fed - parser.CurrentByteIndex > LARGEST_TOKEN:
                raise UnreadableFile(DAMAGED_WORKBOOK)
            yield
        parser.Parse(b"", True)
        yield
    except (expat.ExpatError, BadZipFile, zlib.error, EOFError):
        raise UnreadableFile(DAMAGED_WORKBOOK) from None


def _refuse_definitions(*_definition: object) -> None:
    raise UnreadableFile(HOLDS_DEFINITIONS)
