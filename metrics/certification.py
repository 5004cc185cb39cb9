"""What of one metric may be published. Pure: counts and what is published already come in, cells as they may be shown go out.

Old and new are judged together: what was shown is known to everybody and cannot be taken back, what was hidden stays
hidden. Periods that share no day share no equation, and are judged one cluster at a time.

A correction is a second look at the same people: whoever keeps the first number can subtract. So a changed figure goes out
again only when every difference, also those between a whole and its shown parts, is 0 or at least 11. Else it waits, and
with it every period that shares a day with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from metrics import disclosure
from metrics.disclosure import (
    LEAST_THRESHOLD,
    CellKey,
    Certificate,
    InconsistentTable,
    Part,
    Row,
    Structure,
    Whole,
    certify,
    verify,
)
from metrics.figures import HIDDEN, PUBLISHED, Cell, parts_of, way_code
from metrics.questions import Address, Answer, Count, Question
from metrics.reading.periods import Period


class _Counted(NamedTuple):
    """One table of people: the counts a row has, and which numbers of a cell each of its outcomes guards."""

    numbers: Callable[[Count], tuple[int, int]]
    guards: Mapping[str, tuple[str, ...]]
    joint: bool = False


JOINT = _Counted(
    lambda count: (count.numerator, count.denominator or 0),
    {"numerator": ("numerator",), "denominator": ("denominator",)},
    joint=True,
)
EVENTS = _Counted(lambda count: (0, count.numerator), {"denominator": ("numerator",)})
EXPOSURE = _Counted(lambda count: (0, count.denominator or 0), {"denominator": ("denominator",)})


def judge(question: Question) -> Answer:
    """Certify one metric, cluster of periods by cluster."""
    answer = Answer()
    if not question.counts_people:
        shown = {where: Cell(PUBLISHED, n.numerator, n.denominator) for where, n in question.counts.items()}
        answer.cells = _new({**question.blanks, **shown}, question.earlier)
        return answer
    for periods in _clusters({where.period for where in [*question.counts, *question.earlier]}):
        _judge_cluster(question, periods, answer)
    kept_back = set(answer.waiting)
    blanks = {where: cell for where, cell in question.blanks.items() if where.period not in kept_back}
    answer.cells |= _new(blanks, question.earlier)
    return answer


def _judge_cluster(question: Question, periods: Sequence[Period], answer: Answer) -> None:
    changed = [where for where in question.earlier if where.period in periods and _differs(question, where)]
    replaced = {where.period for where in changed}
    vanished = any(where not in question.counts for where in changed)
    if vanished or not all(_may_be_known(change) for change in _changes(question, replaced)):
        answer.waiting += [one for one in periods if any(_share_a_day(one, other) for other in replaced)]
        replaced = set()
    judged = [one for one in periods if one not in answer.waiting]
    counts = {where: count for where, count in question.counts.items() if where.period in judged}
    if not counts:
        return
    for judged_counts, left_out in _attempts(question, counts):
        try:
            cells = _certified(question, judged_counts, judged, replaced, answer)
        except InconsistentTable:
            continue
        answer.cells |= _new(cells, question.earlier)
        if left_out:
            answer.dropped.append((Part.INTERSECTIONS.value, left_out))
        return
    answer.refused.append("inconsistent")


def _attempts(
    question: Question, counts: Mapping[Address, Count]
) -> Iterator[tuple[Mapping[Address, Count], int]]:
    """All counts; then, should they contradict each other, those without groups crossed with each other.

    Groups are crossed for the whole institution only, and not every unit reports them: then they do not add up. What is
    published already cannot be left out. With each attempt: how many counts it leaves out.
    """
    yield counts, 0
    crossed = {where for where in counts if len(parts_of(where.stratum)) > 1}
    if crossed and not crossed & question.earlier.keys():
        yield {where: count for where, count in counts.items() if where not in crossed}, len(crossed)


def _certified(
    question: Question,
    counts: Mapping[Address, Count],
    periods: Sequence[Period],
    replaced: set[Period],
    answer: Answer,
) -> dict[Address, Cell]:
    structure = _structure(question, counts, periods)
    guarded: dict[Address, set[str]] = {where: set() for where in counts}
    dropped = False
    for counted in _tables(question.kind, counts.values()):
        known, kept_back = _history(question, counts, counted, replaced)
        rows = [_row(where, counted.numbers(count)) for where, count in counts.items()]
        result = certify(rows, structure, already_hidden=kept_back, already_published=known)
        stored = result.certificate.to_dict()
        problems = verify(
            result.table, Certificate.from_dict(stored), already_hidden=kept_back, already_published=known
        )
        if problems:
            raise RuntimeError("A stored certificate does not hold.")
        answer.certificates.append(stored)
        answer.dropped += [(drop.part.value, drop.cells) for drop in result.certificate.dropped]
        dropped = dropped or bool(result.certificate.dropped)
        for where, fields in guarded.items():
            fields |= _guarded(where, counted, result.certificate.hidden)
    cells = {where: _cell(counts[where], fields) for where, fields in guarded.items()}
    return _without_empty_tables(cells, question.earlier) if dropped else cells


def _tables(kind: str, counts: Iterable[Count]) -> list[_Counted]:
    """Which tables of people a metric's counts are.

    Of an average the people are in the denominator; their sum is hidden wherever their number is. Events of a rate
    that never exceed their exposure are judged as a part of it, the stricter rule: a reader may take them to be one.
    """
    if kind == "mean":
        return [EXPOSURE]
    if kind in {"count", "index"}:
        return [EVENTS]
    if kind == "proportion" or all(count.numerator <= (count.denominator or 0) for count in counts):
        return [JOINT]
    return [EVENTS, EXPOSURE]


def _row(where: Address, numbers: tuple[int, int]) -> Row:
    return Row(where.place, where.period.code, tuple(sorted(parts_of(where.stratum).items())), *numbers)


def _key(where: Address, outcome: Any) -> CellKey:
    return CellKey(where.place, where.period.code, tuple(sorted(parts_of(where.stratum).items())), outcome)


def _history(
    question: Question, counts: Mapping[Address, Count], counted: _Counted, replaced: set[Period]
) -> tuple[dict[CellKey, int], frozenset[CellKey]]:
    """What is known already, and what stays hidden. A figure that is replaced is not known any more: its old number is."""
    known: dict[CellKey, int] = {}
    kept_back: set[CellKey] = set()
    for where, count in counts.items():
        numerator, denominator = counted.numbers(count)
        values = {"numerator": numerator, "complement": denominator - numerator, "denominator": denominator}
        if not counted.joint:
            known[_key(where, "numerator")] = 0
        cell = question.earlier.get(where)
        if cell is None or cell.status not in {PUBLISHED, HIDDEN}:
            continue
        told = {
            name
            for outcome in counted.guards
            for name in counted.guards[outcome]
            if getattr(cell, name) is not None
        }
        for outcome in values if counted.joint else counted.guards:
            needed = set(counted.guards.get(outcome, ("numerator", "denominator")))
            if not needed <= told:
                kept_back.add(_key(where, outcome))
            elif where.period not in replaced:
                known[_key(where, outcome)] = values[outcome]
    return known, frozenset(kept_back)


def _guarded(where: Address, counted: _Counted, hidden: frozenset[CellKey]) -> set[str]:
    """The numbers of an address that its hidden outcomes take with them."""
    return {
        name for outcome, names in counted.guards.items() if _key(where, outcome) in hidden for name in names
    }


def _cell(count: Count, hidden: set[str]) -> Cell:
    if not hidden:
        return Cell(PUBLISHED, count.numerator, count.denominator)
    return Cell(HIDDEN, None, None if "denominator" in hidden else count.denominator)


def _new(cells: Mapping[Address, Cell], earlier: Mapping[Address, Cell]) -> dict[Address, Cell]:
    return {where: cell for where, cell in cells.items() if earlier.get(where) != cell}


def _without_empty_tables(
    cells: Mapping[Address, Cell], earlier: Mapping[Address, Cell]
) -> dict[Address, Cell]:
    """A part that was left out: of a table in which nothing is shown not even the marks are published."""
    shown = {_table_of(where) for where, cell in cells.items() if not cell.hidden or where in earlier}
    return {where: cell for where, cell in cells.items() if _table_of(where) in shown}


def _table_of(where: Address) -> tuple[str, Period, str]:
    return where.place, where.period, way_code(where.stratum)


# ---------------------------------------------------------------- how things add up


def _structure(question: Question, counts: Mapping[Address, Count], periods: Sequence[Period]) -> Structure:
    used = {dimension for where in counts for dimension in parts_of(where.stratum)}
    dimensions = tuple(
        disclosure.Dimension(
            code,
            tuple(category.code for category in question.vocabulary[code].in_order),
            overlapping=not question.vocabulary[code].partition,
            missing=frozenset(one.code for one in question.vocabulary[code].in_order if one.missing),
        )
        for code in sorted(used)
    )
    present = {where.place for where in counts}
    return Structure(dimensions, tuple(_places(question, present)), tuple(_periods(periods)))


def _places(question: Question, present: set[str]) -> Iterator[Whole]:
    """Each unit with the units below it. Units without a count are left out: their parent's rest stands for them."""
    for whole in sorted(present):
        within = question.totals.get(whole, ())
        below = {code for code in present if question.parent_of.get(code) == whole}
        parts = tuple(sorted(below | present.intersection(within)))
        if parts:
            yield Whole(whole, parts)


def _periods(periods: Sequence[Period]) -> Iterator[Whole]:
    for whole in periods:
        parts = _parts_of_period(whole, periods)
        if parts:
            yield Whole(whole.code, tuple(part.code for part in parts))


def _parts_of_period(whole: Period, periods: Sequence[Period]) -> list[Period]:
    """The longest periods within a period that do not overlap each other, in order."""
    within = [one for one in periods if one != whole and whole.start <= one.start and one.end <= whole.end]
    within = [one for one in within if (one.start, one.end) != (whole.start, whole.end)]
    chosen: list[Period] = []
    for one in sorted(within, key=lambda one: (one.start - one.end, one.start)):
        if not any(_share_a_day(one, other) for other in chosen):
            chosen.append(one)
    return sorted(chosen)


def _share_a_day(one: Period, other: Period) -> bool:
    return one.start <= other.end and other.start <= one.end


def _clusters(periods: Iterable[Period]) -> Iterator[list[Period]]:
    """Periods that hang together by the days they share."""
    cluster: list[Period] = []
    for period in sorted(periods, key=lambda one: (one.start, one.end)):
        if cluster and period.start > max(one.end for one in cluster):
            yield cluster
            cluster = []
        cluster.append(period)
    if cluster:
        yield cluster


# ---------------------------------------------------------------- corrections

Change = tuple[int, int]
"""By how much numerator and denominator differ from what is published."""


def _differs(question: Question, where: Address) -> bool:
    """Whether a number that is published is not the true one any more."""
    return _change(question, where) not in {None, (0, 0)}


def _change(question: Question, where: Address) -> Change | None:
    """None: nothing is published of it. What has vanished has changed by all that it was."""
    cell, count = question.earlier.get(where), question.counts.get(where)
    if cell is None or cell.status not in {PUBLISHED, HIDDEN}:
        return None
    if cell.numerator is None and cell.denominator is None:
        return None
    now = count or Count(0, 0)
    by = (
        now.denominator - cell.denominator
        if cell.denominator is not None and now.denominator is not None
        else 0
    )
    return (now.numerator - cell.numerator if cell.numerator is not None else 0), by


def _changes(question: Question, replaced: set[Period]) -> Iterator[Change]:
    """What can be learned by subtracting old from new: of each figure, and of what its shown parts leave of it."""
    known = {
        where: change
        for where in question.earlier
        if where.period in replaced and (change := _change(question, where)) is not None
    }
    yield from known.values()
    for whole, change in known.items():
        for parts in _divisions(question, whole, replaced):
            told = [known[part] for part in parts if part in known]
            if told:
                yield change[0] - sum(one[0] for one in told), change[1] - sum(one[1] for one in told)


def _divisions(question: Question, whole: Address, replaced: set[Period]) -> Iterator[list[Address]]:
    used = parts_of(whole.stratum)
    for code, dimension in question.vocabulary.items():
        if code not in used and dimension.partition:
            yield [
                whole._replace(stratum="&".join(f"{k}={v}" for k, v in sorted({**used, code: one}.items())))
                for one in dimension.categories
            ]
    yield [whole._replace(place=code) for code, parent in question.parent_of.items() if parent == whole.place]
    yield [whole._replace(period=part) for part in _parts_of_period(whole.period, list(replaced))]


def _may_be_known(change: Change) -> bool:
    """Nobody, or too many to be small: of those with the outcome, of all, and of those without it."""
    return all(by == 0 or abs(by) >= LEAST_THRESHOLD for by in (*change, change[1] - change[0]))
