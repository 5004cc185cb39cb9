"""A line list as it arrives: text is counted chunk by chunk, a workbook is held in memory until its last byte has come.

Either way no row of it is kept, and an error says row and column, never a value.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import replace

from metrics.reading.errors import RowError, UnreadableFile
from metrics.reading.linelist import Counted, LineListCounter
from metrics.reading.mapping import LineListMapping
from metrics.reading.spreadsheet_lines import DELIMITER, ENCODING, csv_lines
from metrics.reading.table_source import LARGE_WORKBOOK, LARGEST_WORKBOOK, is_workbook

_LONGEST_MARK = 4


class LineListSource:
    """Takes the bytes of a line list in chunks of any size: CSV plain or compressed, or an .xlsx workbook.

    Raises `MappingError` when the mapping does not fit the units.
    """

    def __init__(
        self,
        mapping: LineListMapping,
        *,
        known_units: Collection[str],
        on_progress: Callable[[int], None] | None = None,
    ) -> None:
        self._mapping = mapping
        self._known_units = known_units
        self._on_progress = on_progress
        self._counter = self._counter_for(mapping)
        self._digest = hashlib.sha256()
        self._held = bytearray()
        self._is_workbook: bool | None = None
        self._too_large = False

    def feed(self, chunk: bytes) -> None:
        """Count what this chunk completes."""
        self._digest.update(chunk)
        if self._is_workbook is False:
            self._counter.feed(chunk)
            return
        self._held += chunk
        if self._is_workbook is None and len(self._held) >= _LONGEST_MARK:
            self._is_workbook = is_workbook(self._held)
            if not self._is_workbook:
                self._release()
        if len(self._held) > LARGEST_WORKBOOK:
            self._too_large = True
            self._held.clear()

    def finish(self) -> Counted:
        """Count the last rows and say what became of the file."""
        if not self._is_workbook:
            self._release()
            return self._counter.finish()
        counter = self._counter_for(
            replace(
                self._mapping, source=replace(self._mapping.source, encoding=ENCODING, delimiter=DELIMITER)
            )
        )
        try:
            self._count_workbook(counter)
        except UnreadableFile as error:
            return self._refused(error)
        return replace(counter.finish(), sha256=self._digest.hexdigest())

    def _count_workbook(self, counter: LineListCounter) -> None:
        # openpyxl comes with the first workbook: most processes never read one.
        from metrics.reading.spreadsheet import read_sheet

        if self._too_large:
            raise UnreadableFile(LARGE_WORKBOOK, megabytes=LARGEST_WORKBOOK // 1024**2)
        for line in csv_lines(read_sheet(bytes(self._held), self._mapping.source.sheet)):
            counter.feed(line)

    def _refused(self, error: UnreadableFile) -> Counted:
        return Counted(
            metric=self._mapping.metric,
            cells={},
            rows_read=0,
            rows_outside=0,
            sha256=self._digest.hexdigest(),
            errors=(RowError(error.fault.problem, parts=error.fault.parts),),
            error_total=1,
        )

    def _release(self) -> None:
        self._counter.feed(bytes(self._held))
        self._held.clear()

    def _counter_for(self, mapping: LineListMapping) -> LineListCounter:
        return LineListCounter(mapping, known_units=self._known_units, on_progress=self._on_progress)
