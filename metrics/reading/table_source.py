"""The rows of a table, from a text file (CSV, TSV, compressed or not) or from a workbook: the first bytes tell which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from metrics.reading.decompress import DEFAULT_LIMIT_BYTES
from metrics.reading.errors import Problem, UnreadableFile
from metrics.reading.errors import gettext_noop as _
from metrics.reading.mapping import Source
from metrics.reading.records import RecordReader, Row

LARGEST_WORKBOOK = 64 * 1024**2

OLD_WORKBOOK = Problem(
    _("This is a workbook of an old kind (.xls), or one that is locked with a password."),
    _('Save it as an .xlsx workbook without a password, or save the sheet as "CSV UTF-8".'),
)
LARGE_WORKBOOK = Problem(
    _("This workbook is larger than %(megabytes)s MB."),
    _('Save the sheet as "CSV UTF-8" and send that file, compressed if you like.'),
)

_ZIP = b"PK\x03\x04"
_OLD = b"\xd0\xcf\x11\xe0"
_LONGEST_MARK = 4


class TableSource:
    """Reads one file once. A workbook is held in memory until its last byte has come: its directory is at its end."""

    def __init__(self, source: Source, *, sheet: str = "", limit_bytes: int = DEFAULT_LIMIT_BYTES) -> None:
        self._source = source
        self._sheet = sheet
        self._limit_bytes = limit_bytes
        self.is_workbook = False

    def rows(self, chunks: Iterable[bytes]) -> Iterator[Row]:
        """(row number, cells) of every row that is no blank line. Raises `UnreadableFile`."""
        chunks = iter(chunks)
        start = _start(chunks)
        self.is_workbook = is_workbook(start)
        if start.startswith(_OLD):
            raise UnreadableFile(OLD_WORKBOOK)
        following = chain([start], chunks)
        yield from self._workbook_rows(following) if self.is_workbook else self._text_rows(following)

    def _workbook_rows(self, chunks: Iterable[bytes]) -> Iterator[Row]:
        held = bytearray()
        for chunk in chunks:
            held += chunk
            if len(held) > LARGEST_WORKBOOK:
                raise UnreadableFile(LARGE_WORKBOOK, megabytes=LARGEST_WORKBOOK // 1024**2)
        # openpyxl comes with the first workbook: most processes never read one.
        from metrics.reading.spreadsheet import read_sheet

        yield from read_sheet(bytes(held), self._sheet)

    def _text_rows(self, chunks: Iterable[bytes]) -> Iterator[Row]:
        reader = RecordReader(
            encoding=self._source.encoding, delimiter=self._source.delimiter, limit_bytes=self._limit_bytes
        )
        fed = chain.from_iterable(map(reader.feed, chunks))
        for number, cells in enumerate(chain(fed, _deferred(reader)), start=1):
            if cells:
                yield number, cells


def is_workbook(start: bytes | bytearray) -> bool:
    """Whether a file that begins so is a zip file, as workbooks are."""
    return start.startswith(_ZIP)


def _start(chunks: Iterator[bytes]) -> bytes:
    """The first chunks, until they hold enough to tell the kind of the file."""
    start = b""
    while len(start) < _LONGEST_MARK and (chunk := next(chunks, None)) is not None:
        start += chunk
    return start


def _deferred(reader: RecordReader) -> Iterator[list[str]]:
    """The last records: asked for only when all bytes were fed."""
    yield from reader.finish()
