"""Every text of the library that people read, for those who translate it. Names of published standards stay as published."""

from __future__ import annotations

from collections.abc import Iterator

from metrics.library.entries import Library, LibraryDimension, LibraryMetric


def texts(library: Library) -> list[str]:
    """Each text once, in the order of the files."""
    found = [
        *(text for metric in library.metrics for text in _of_metric(metric)),
        *(text for dimension in library.dimensions for text in _of_dimension(dimension)),
        *(link.lost for crosswalk in library.crosswalks for link in crosswalk.links),
    ]
    return [text for text in dict.fromkeys(found) if text]


def _of_metric(one: LibraryMetric) -> Iterator[str]:
    yield from (one.name, one.numerator, one.denominator, one.exclusions, one.source, one.why, one.caution)
    yield from (standard.note for standard in one.standards)


def _of_dimension(one: LibraryDimension) -> Iterator[str]:
    yield from (one.name, one.standard_name, one.source, one.ask, one.caution)
    for category in one.categories:
        yield from (category.label, category.short)
    for grouping in one.groupings:
        yield from (grouping.name, grouping.explanation)
        yield from (group.label for group in grouping.groups)
