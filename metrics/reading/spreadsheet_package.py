"""What is looked at before a workbook is opened: the zip file that it is, and how much that would unpack to.

Libraries unpack what they need whole. A file of two kilobytes can hold gigabytes, so nothing is opened that says it
unpacks to more than a workbook of counts does, or to many times its size. `zipfile` gives no more of a part than the
part says that it has.
"""

from __future__ import annotations

import io
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from metrics.reading.errors import Problem, UnreadableFile
from metrics.reading.errors import gettext_noop as _

MOST_PARTS = 5_000
LARGEST_SHEET = 256 * 1024**2
LARGEST_OTHER_PART = 32 * 1024**2
LARGEST_SUM = 384 * 1024**2
MOST_TIMES_ITS_SIZE = 100
HARMLESS_SIZE = 4 * 1024**2
"""A part that unpacks to this much or less may be packed as tightly as it likes."""

DAMAGED_WORKBOOK = Problem(
    _("This workbook is damaged, or was not written as workbooks are."),
    _('Open it in a spreadsheet program and save it anew as .xlsx, or save the sheet as "CSV UTF-8".'),
)
HOLDS_DEFINITIONS = Problem(
    _("This workbook holds XML definitions of its own, which no spreadsheet program writes."),
    _("Open it in a spreadsheet program and save it anew as .xlsx."),
)
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
    _("This workbook unpacks to more than can be read here."),
    _('Save the sheet as "CSV UTF-8" and send that file, compressed if you like.'),
)
TOO_MANY_PARTS = Problem(
    _("This workbook has more than %(parts)s parts."),
    _("Copy the sheet with the counts into a new workbook and send that."),
)

_DIRECTORY_ENTRY = b"PK\x01\x02"
_ENCRYPTED = 0x1


def checked(data: bytes) -> io.BytesIO:
    """The bytes, to be opened as a workbook. Raises `UnreadableFile` for what is none, or too much."""
    if data.count(_DIRECTORY_ENTRY) > MOST_PARTS:
        raise UnreadableFile(TOO_MANY_PARTS, parts=MOST_PARTS)
    content = io.BytesIO(data)
    try:
        parts = ZipFile(content).infolist()
    except (BadZipFile, ValueError, NotImplementedError, EOFError):
        raise UnreadableFile(DAMAGED_WORKBOOK) from None
    for part in parts:
        if part.flag_bits & _ENCRYPTED or part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise UnreadableFile(LOCKED_WORKBOOK)
    if any(map(_is_too_much, parts)) or sum(part.file_size for part in parts) > LARGEST_SUM:
        raise UnreadableFile(TOO_MUCH_UNPACKED)
    if "[Content_Types].xml" not in {part.filename for part in parts}:
        raise UnreadableFile(NOT_A_WORKBOOK)
    content.seek(0)
    return content


def _is_too_much(part: ZipInfo) -> bool:
    """A picture or a macro may be large too; only sheets are as long as a table is."""
    is_sheet = "worksheets/" in part.filename
    if part.file_size > (LARGEST_SHEET if is_sheet else LARGEST_OTHER_PART):
        return True
    is_large = part.file_size > HARMLESS_SIZE
    return is_large and part.file_size > MOST_TIMES_ITS_SIZE * part.compress_size
