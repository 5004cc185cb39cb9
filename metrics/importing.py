"""Files that came in, as people look at them. The only door to a batch."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from equity.errors import NotFound
from equity.tenancy.models import Job, Organisation, Unit
from metrics.ingest import Obstacle
from metrics.ingest.staging import GRAINS
from metrics.models import Batch, Category, Dimension, Grain, Metric
from metrics.reading.cells import BlankKind
from metrics.reading.counts_writer import safe_text
from metrics.reading.periods import Period, containing, parse_period, whole
from metrics.silences import parts_in_words
from metrics.tasks.imports import APPLY, CHECK, UNDO
from metrics.typed import grains_of

MOST_PERIODS = 120
"""Of one address: ten years of months."""
FILE_GRAINS = {grain: word for word, grain in GRAINS.items()}


@dataclass(frozen=True)
class Error:
    """One thing that is wrong with a file. `value` is empty for a line list: its cells may be about a patient."""

    row: int | None
    column: str
    value: str
    reason: str
    mend: str


@dataclass(frozen=True)
class Words:
    """Names in place of codes, for the cells of a file."""

    metrics: dict[str, str]
    units: dict[str, str]
    dimensions: dict[str, str]
    categories: dict[tuple[str, str], str]

    def group(self, key: str) -> str:
        """The group of a stratum key, in words."""
        parts = [tuple(part.split("=", 1)) for part in key.split("&") if part]
        return ", ".join(self.categories.get((part[0], part[1]), part[1]) for part in parts) or _("Everybody")

    def split(self, by: str) -> str:
        """The dimensions that a stratum is made by, in words."""
        return _(" and ").join(self.dimensions.get(code, code) for code in by.split("*"))


def batches() -> QuerySet[Batch]:
    """Every file of the institution, the latest first, without its content."""
    return Batch.objects.defer("content").select_related("uploaded_by", "system")


def batch_for(pk: UUID) -> Batch:
    """One file of the institution."""
    batch = batches().select_related("organisation").filter(pk=pk).first()
    if batch is None:
        raise NotFound("")
    return batch


def job_of(batch: Batch) -> Job | None:
    """The latest work on a file: checking, applying or undoing it."""
    works = Job.objects.filter(kind__in=(CHECK, APPLY, UNDO), arguments__batch=str(batch.pk))
    return works.order_by("-queued_at", "-pk").first()


def same_file_before(batch: Batch) -> Batch | None:
    """The file with the very same bytes that was applied last, if there is one."""
    same = batches().filter(sha256=batch.sha256, state=Batch.State.APPLIED)
    return same.filter(~Q(pk=batch.pk), kind=batch.kind).first()


def errors_of(batch: Batch) -> list[Error]:
    """What is wrong with a file, in the language of whoever reads it."""
    return _in_words(batch.report.get("errors", []))


def flags_of(batch: Batch) -> list[Error]:
    """Where a file disagrees with itself about a share. It can be applied all the same."""
    return _in_words(batch.report.get("flags", []))


def retired_of(batch: Batch) -> list[Error]:
    """The first rows that were left out because their measure is retired."""
    return _in_words(batch.report.get("retired", []))


def _in_words(errors: list[dict[str, Any]]) -> list[Error]:
    return [
        Error(
            row=error["row"],
            column=error["column"] or "",
            value=str(error["parts"].get("value", "")),
            reason=_(error["reason"]) % error["parts"],
            mend=_(error["mend"]) % error["parts"],
        )
        for error in errors
    ]


def obstacles_of(batch: Batch) -> list[str]:
    """What stands against applying a file, in words."""
    found = batch.report.get("check", {}).get("obstacles", [])
    return [Obstacle(**obstacle).words for obstacle in found]


def words_of(organisation: Organisation) -> Words:
    """The names that an institution gave to what its files are about."""
    own = {"organisation": organisation}
    named = Category.objects.filter(**own).values_list("dimension__code", "code", "label")
    return Words(
        metrics=dict(Metric.objects.filter(**own).values_list("code", "name")),
        units=dict(Unit.objects.filter(**own).values_list("code", "name")),
        dimensions=dict(Dimension.objects.filter(**own).values_list("code", "name")),
        categories={(dimension, code): label for dimension, code, label in named},
    )


def measure_in_words(organisation: Organisation, code: str) -> Metric | None:
    """The measure of this code, for its name and what it says that is counted out of what."""
    return Metric.objects.filter(organisation=organisation, code=code).first()


def changes_of(batch: Batch, words: Words) -> list[dict[str, Any]]:
    """The first cells that would say something else than now."""
    return [
        {
            **_place(change, words),
            "group": words.group(change["key"]),
            "old": _numbers(*change["old"]),
            "new": _numbers(*change["new"]),
        }
        for change in batch.report.get("check", {}).get("changes", [])
    ]


def small_ones_of(batch: Batch, words: Words) -> list[dict[str, Any]]:
    """The first cells about 1 to 10 people, which nobody outside will see."""
    return [
        {**_place(one, words), "group": words.group(one["key"]), "numbers": _numbers(*one["numbers"])}
        for one in batch.report.get("check", {}).get("small_ones", [])
    ]


@dataclass(frozen=True)
class Disagreements:
    """Parts that do not make the total beside them: how many, and the first of them in words."""

    total: int
    first: list[dict[str, Any]]


def disagreements_of(batch: Batch, words: Words) -> Disagreements:
    """Where groups do not add up: as the file was read, or, for a long one, as the check compared it in sets."""
    check = batch.report.get("check", {})
    reconciled = batch.report.get("reconciled")
    found = check.get("disagreements", []) if reconciled is None else reconciled["first"]
    return Disagreements(
        disagreement_total(batch),
        [
            {
                **_place(one, words),
                "by": words.split(one["by"]),
                "of": words.group(one.get("key", "")),
                "parts": _numbers(*one["parts"]),
                "whole": _numbers(*one["whole"]),
                "blanks": one.get("blanks", 0),
            }
            for one in found
        ],
    )


def disagreement_total(batch: Batch) -> int:
    """In how many places groups do not add up, as far as that is known yet."""
    reconciled = batch.report.get("reconciled")
    if reconciled is not None:
        return int(reconciled["disagreed"])
    return int(batch.report.get("check", {}).get("disagreement_total", 0))


def _place(cell: dict[str, Any], words: Words) -> dict[str, str]:
    return {
        "metric": words.metrics.get(cell["metric"], cell["metric"]),
        "unit": words.units.get(cell["unit"], cell["unit"]),
        "period": cell["period"],
    }


def _numbers(numerator: int | None, denominator: int | None, blank: str = "") -> str:
    if blank:
        return BlankKind(blank).words
    if denominator is None:
        return str(numerator)
    return _("%(part)s of %(whole)s") % {"part": numerator, "whole": denominator}


def errors_csv(batch: Batch) -> str:
    """The errors of a file as a table that a spreadsheet opens without running it."""
    header = ["row", "column", "your value", "what is wrong", "how to mend it"]
    errors = errors_of(batch)
    rows = [[error.row or "", error.column, error.value, error.reason, error.mend] for error in errors]
    return _csv(
        [header, *([cell if isinstance(cell, int) else safe_text(cell) for cell in row] for row in rows)]
    )


def errors_workbook(batch: Batch) -> bytes:
    """The errors of a file as a workbook, every cell a text, so that none of them is run."""
    # openpyxl comes with the first workbook: most processes never write one.
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(_("Errors"))
    header: list[Any] = [_("Row"), _("Column"), _("Your value"), _("What is wrong"), _("How to mend it")]
    rows: list[list[Any]] = [
        [error.row, error.column, error.value, error.reason, error.mend] for error in errors_of(batch)
    ]
    for row in [header, *rows]:
        cells = [WriteOnlyCell(sheet, value=value) for value in row]
        for cell in cells:
            if isinstance(cell.value, str):
                cell.data_type = "s"
        sheet.append(cells)
    held = io.BytesIO()
    workbook.save(held)
    return held.getvalue()


@dataclass(frozen=True)
class Meant:
    """The counts that an address names: one measure in use, one unit, some of its periods."""

    metric: Metric
    unit: Unit
    periods: list[Period]

    @property
    def words(self) -> str:
        """The periods in words."""
        return parts_in_words(self.periods)


def meant(organisation: Organisation, given: QueryDict) -> Meant | None:
    """What `?metric=&unit=&period=` means here; None when it names nothing that there is."""
    own = {"organisation": organisation}
    metric = Metric.objects.filter(**own, code=given.get("metric", ""), retired_on=None).first()
    unit = Unit.objects.filter(**own, code=given.get("unit", "")).first()
    if metric is None or unit is None:
        return None
    try:
        periods = sorted({parse_period(code) for code in given.getlist("period")[:MOST_PERIODS]})
    except ValueError:
        return None
    fitting = [one for one in periods if GRAINS[one.grain] in grains_of(metric)]
    return Meant(metric, unit, fitting) if fitting else None


def template_csv(organisation: Organisation, today: datetime.date, asked: Meant | None = None) -> str:
    """A counts file to fill in: for each measure its latest period, everybody and every group, with empty numbers.

    It is about the first unit that has no parts; or about the counts that are asked for, and no others. Left as it is it
    is refused, so that no cell is filled by accident.
    """
    own = {"organisation": organisation}
    unit = Unit.objects.filter(**own, children=None).first()
    wanted = [(asked.metric, asked.unit.code, period.code) for period in asked.periods] if asked else None
    if wanted is None:
        metrics = Metric.objects.filter(**own, retired_on=None).exclude(kind=Metric.Kind.INDEX)
        wanted = [(one, unit.code if unit else "", _latest_period(one, today)) for one in metrics]
    categories: dict[str, list[str]] = {}
    for dimension in Dimension.objects.filter(**own):
        categories[dimension.code] = list(dimension.categories.values_list("code", flat=True))
    header = ["metric", "unit", "period", *categories, "numerator", "denominator", "sum_of_squares"]
    rows = [
        [metric.code, code, period, *groups, "", "", ""]
        for metric, code, period in wanted
        for groups in _groups(categories)
    ]
    return _csv([header, *rows])


def _groups(categories: dict[str, list[str]]) -> Iterator[list[str]]:
    """Everybody, then each group of each dimension, one cell for each dimension."""
    yield [""] * len(categories)
    for number, codes in enumerate(categories.values()):
        for code in codes:
            yield [code if place == number else "" for place in range(len(categories))]


def _latest_period(metric: Metric, today: datetime.date) -> str:
    if metric.frequency == Grain.SPAN:
        return whole(datetime.date(today.year - 1, 1, 1), datetime.date(today.year - 1, 12, 31)).code
    grain = FILE_GRAINS[Grain(metric.frequency)]
    return containing(containing(today, grain).start - datetime.timedelta(days=1), grain).code


def _csv(rows: list[list[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
