"""What an institution gives to the sums of a health department: the counts behind everything that it has published.

All of a measure's table goes, down to the units and with the counts that are hidden: only so can be judged what a sum would
say about them. Of a published number the published one goes, even while a correction waits: it is the one that is known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from equity.tenancy.models import Unit
from metrics import releasing
from metrics.figures import GRAIN_OF, HIDDEN, PUBLISHED, Cell, Vocabulary
from metrics.meaning import meaning_of
from metrics.models import ContributedCell, Contribution, Joining, Metric
from metrics.questions import Address, Count, Question
from metrics.reading.periods import Period

Told = list[tuple[Address, Cell, Count]]
"""What is published or hidden of a period, with the counts behind it."""

BATCH = 2_000


def give(
    parties: Sequence[Joining], metrics: Sequence[Metric], places: Sequence[Unit], words: Vocabulary
) -> int:
    """Write what an institution gives to everybody it takes part with, as it stands. Returns how many counts that is."""
    overlapping = sorted(code for code, dimension in words.items() if not dimension.partition)
    given = 0
    for metric in metrics:
        takers = [joining for joining in parties if metric.code in joining.metrics]
        if not takers:
            continue
        question = releasing.asking(metric, (), places, words).question
        taken_back = {where.period for where in question.kept_away}
        for period, told in _by_period(question).items():
            for joining in takers:
                contribution = _contribution(
                    joining, metric, period, overlapping, withdrawn=period in taken_back
                )
                given += _write(contribution, told, question.parent_of)
    return given


def _by_period(question: Question) -> dict[Period, Told]:
    found: dict[Period, Told] = defaultdict(list)
    for where, cell in question.earlier.items():
        count = question.counts.get(where)
        if cell.status in {PUBLISHED, HIDDEN} and (count is not None or cell.shown):
            found[where.period].append((where, cell, _as_told(cell, count)))
    return found


def _as_told(cell: Cell, count: Count | None) -> Count:
    numerator, denominator = (count.numerator, count.denominator) if count else (0, None)
    return Count(
        numerator if cell.numerator is None else cell.numerator,
        denominator if cell.denominator is None else cell.denominator,
    )


def _contribution(
    joining: Joining, metric: Metric, period: Period, overlapping: Sequence[str], *, withdrawn: bool
) -> Contribution:
    contribution, _is_new = Contribution.objects.update_or_create(
        organisation_id=joining.organisation_id,
        joining=joining,
        metric=metric.code,
        grain=GRAIN_OF[period.grain],
        start=period.start,
        defaults={
            "department_id": joining.department_id,
            "meaning": meaning_of(metric),
            "overlapping": overlapping,
            "end": period.end,
            "withdrawn": withdrawn,
        },
    )
    return contribution


def _write(contribution: Contribution, told: Told, parent_of: Mapping[str, str | None]) -> int:
    ContributedCell.objects.filter(
        organisation_id=contribution.organisation_id, contribution=contribution
    ).delete()
    cells = list(_cells(contribution, told, parent_of))
    ContributedCell.objects.bulk_create(cells, batch_size=BATCH)
    return len(cells)


def _cells(
    contribution: Contribution, told: Told, parent_of: Mapping[str, str | None]
) -> Iterator[ContributedCell]:
    for where, cell, count in told:
        yield ContributedCell(
            organisation_id=contribution.organisation_id,
            department_id=contribution.department_id,
            contribution=contribution,
            unit=where.place,
            parent=parent_of.get(where.place) or "",
            stratum=where.stratum,
            numerator=count.numerator,
            denominator=count.denominator,
            shows_numerator=cell.numerator is not None,
            shows_denominator=cell.denominator is not None,
        )
