"""What of some metrics may be published. Pure: counts and what is published already come in, cells as they may be shown go out.

Old and new are judged together: what was shown is known to everybody and cannot be taken back, what was hidden stays
hidden. Metrics that count the same people are judged together too: a denominator of both is one unknown, not two. Periods
that share no day share no equation, and are judged one cluster at a time.

A correction that would show a few people waits, and with it everything that hangs together with it by days. So does one
that makes a count small which the numbers beside it, published and unchanged, would give back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from metrics.corrections import changed, may_be_published, states
from metrics.counted import Part, parts_of_metrics
from metrics.disclosure import (
    CellKey,
    Certificate,
    InconsistentTable,
    Others,
    Structure,
    build_table,
    certify,
    determined,
    verify,
)
from metrics.disclosure import Part as LeftOut
from metrics.disclosure.cells import Outcome
from metrics.figures import HIDDEN, PUBLISHED, Cell, parts_of, way_code
from metrics.linking import clusters, crossing, dimensions_of, periods_of, places_of, structure
from metrics.questions import Address, Answer, Count, Question, same_words
from metrics.reading.periods import Period

Pairs = list[tuple[CellKey, CellKey]]


class Views:
    """What was found for people who know other things of the same counts; `of` the same table of rows."""

    def __init__(self) -> None:
        self._found: list[tuple[Any, Others]] = []

    def of(self, *table: Any) -> Others:
        for known, found in self._found:
            if known == table:
                return found
        self._found.append((table, Others()))
        return self._found[-1][1]


def judge(question: Question, views: Views | None = None) -> Answer:
    """Certify one metric that shares its people with no other."""
    return judge_together({"": question}, views)[""]


def judge_together(questions: Mapping[str, Question], views: Views | None = None) -> dict[str, Answer]:
    """Certify metrics, by their codes, that may count the same people: cluster of periods by cluster.

    `views`: of judgements of the same counts for others. What is hidden from one is hidden from all, and what was proved
    for one is not searched for again.
    """
    answers = {code: Answer() for code in questions}
    of_people = {code: one for code, one in questions.items() if one.counts_people}
    for code, question in questions.items():
        if code not in of_people:
            answers[code].cells = _new(question, {**question.blanks, **_as_they_are(question)})
    release = _Release(of_people, {code: answers[code] for code in of_people}, views or Views())
    every = {where.period for one in of_people.values() for where in [*one.counts, *one.earlier]}
    for periods in clusters(every):
        release.judge(periods)
    for code, question in of_people.items():
        kept_back = {*answers[code].waiting, *answers[code].crossing}
        blanks = {where: cell for where, cell in question.blanks.items() if where.period not in kept_back}
        answers[code].cells |= _new(question, blanks)
    return answers


def _as_they_are(question: Question) -> dict[Address, Cell]:
    return {where: Cell(PUBLISHED, n.numerator, n.denominator) for where, n in question.counts.items()}


class _GivesAway(Exception):
    """What stands published beside a correction gives a small count away."""


@dataclass
class _Release:
    """The metrics that are judged together, and what has been found so far."""

    questions: Mapping[str, Question]
    answers: Mapping[str, Answer]
    views: Views

    def __post_init__(self) -> None:
        self.threshold = max((one.threshold for one in self.questions.values()), default=0)

    def judge(self, periods: list[Period]) -> None:
        published = {where.period for one in self.questions.values() for where in one.earlier}
        refused = crossing(periods, published)
        judged = [one for one in periods if one not in refused]
        changes = {code: changed(one, judged) for code, one in self.questions.items()}
        replaced = {where.period for found in changes.values() for where in found}
        for answer in self.answers.values():
            answer.crossing += refused
        if not self._may_follow(changes, judged, replaced):
            for answer in self.answers.values():
                answer.waiting += judged
        elif any(where.period in judged for one in self.questions.values() for where in one.counts):
            self._certify(judged, replaced)

    def _may_follow(
        self, changes: Mapping[str, list[Address]], judged: list[Period], replaced: set[Period]
    ) -> bool:
        """Whether corrections, if there are any, may be published: no difference is of a few people."""
        if not replaced:
            return True
        if any(
            where not in self.questions[code].counts for code, found in changes.items() for where in found
        ):
            return False
        if not all(may_be_published(one, replaced) for one in self.questions.values()):
            return False
        counts = self._counts(judged)
        parts = parts_of_metrics(self.questions, counts)
        try:
            table = build_table(
                _rows(parts, counts), self._structure(counts, parts, judged), self._same(parts, counts)
            )
        except InconsistentTable:
            return True
        return not any(
            0 < abs(by) < self.threshold
            for seen in self._remembered()
            for by in determined(table, _differences(parts_of_metrics(seen, counts), counts)).values()
        )

    def _remembered(self) -> Iterator[dict[str, Question]]:
        """The questions as somebody asks them who kept what one metric said before a correction."""
        yield dict(self.questions)
        for code, question in self.questions.items():
            for state in islice(states(question), 1, None):
                yield {**self.questions, code: state}

    def _counts(self, judged: Sequence[Period]) -> dict[str, Mapping[Address, Count]]:
        return {
            code: {where: count for where, count in one.counts.items() if where.period in judged}
            for code, one in self.questions.items()
        }

    def _certify(self, judged: list[Period], replaced: set[Period]) -> None:
        for counts, left_out in self._attempts(self._counts(judged)):
            try:
                found = self._certified(counts, judged, replaced)
            except InconsistentTable:
                continue
            except _GivesAway:
                for answer in self.answers.values():
                    answer.waiting += judged
                return
            for code, cells in found.items():
                self.answers[code].cells |= _new(self.questions[code], cells)
                if left_out[code]:
                    self.answers[code].dropped.append((LeftOut.INTERSECTIONS.value, left_out[code]))
            return
        for answer in self.answers.values():
            answer.refused.append("inconsistent")

    def _attempts(
        self, counts: dict[str, Mapping[Address, Count]]
    ) -> Iterator[tuple[dict[str, Mapping[Address, Count]], dict[str, int]]]:
        """All counts; then, should they contradict each other, those without groups crossed with each other.

        Groups are crossed for the whole institution only, and not every unit reports them: then they do not add up. What
        is published already cannot be left out. With each attempt: how many counts of each metric it leaves out.
        """
        yield counts, dict.fromkeys(counts, 0)
        crossed = {
            code: {where for where in some if len(parts_of(where.stratum)) > 1}
            for code, some in counts.items()
        }
        if any(crossed.values()) and not any(
            where in self.questions[code].earlier for code, some in crossed.items() for where in some
        ):
            kept: dict[str, Mapping[Address, Count]] = {
                code: {where: count for where, count in some.items() if where not in crossed[code]}
                for code, some in counts.items()
            }
            yield kept, {code: len(some) for code, some in crossed.items()}

    def _certified(
        self, counts: dict[str, Mapping[Address, Count]], judged: list[Period], replaced: set[Period]
    ) -> dict[str, dict[Address, Cell]]:
        parts = parts_of_metrics(self.questions, counts)
        same = self._same(parts, counts)
        known, kept_back = _history(parts, counts, replaced, same)
        rows, shape = _rows(parts, counts), self._structure(counts, parts, judged)
        result = certify(
            rows,
            shape,
            same=same,
            threshold=self.threshold,
            already_hidden=kept_back,
            already_published=known,
            others=self.views.of(rows, shape, same),
        )
        if replaced and result.certificate.unproved:
            raise _GivesAway
        stored = result.certificate.to_dict()
        if verify(
            result.table, Certificate.from_dict(stored), already_hidden=kept_back, already_published=known
        ):
            raise RuntimeError("A stored certificate does not hold.")
        first = self.answers[parts[0].code]
        first.certificates.append(stored)
        first.effort.append(result.certificate.effort)
        dropped = [(drop.part.value, drop.cells) for drop in result.certificate.dropped]
        found: dict[str, dict[Address, Cell]] = {}
        for code, some in counts.items():
            self.answers[code].dropped += dropped if some else []
            own = [part for part in parts if part.code == code]
            cells = {
                where: _cell(
                    count, {name for part in own for name in part.guarded(where, result.certificate.hidden)}
                )
                for where, count in some.items()
            }
            earlier = self.questions[code].earlier
            found[code] = _without_empty_tables(cells, earlier) if dropped else cells
        return found

    def _structure(
        self, counts: Mapping[str, Mapping[Address, Count]], parts: Sequence[Part], judged: list[Period]
    ) -> Structure:
        return structure(
            (one for code, some in counts.items() for one in dimensions_of(self.questions[code], some)),
            (
                whole
                for part in parts
                for whole in places_of(part.question, {one.place for one in counts[part.code]}, part.place)
            ),
            (
                whole
                for part in {one.question.once: one for one in parts}.values()
                for whole in periods_of(judged, part.period, once=part.question.once)
            ),
        )

    def _same(self, parts: list[Part], counts: Mapping[str, Mapping[Address, Count]]) -> Pairs:
        """Cells of different metrics that count the very same people.

        Metrics that name the same people and give other numbers anywhere do not count the same people, whatever their
        words say: they share no equation, and the answer names them. Of two of which one counts a person once where the
        other counts each visit, only sums differ: what is the same in both stays the same.
        """
        by_people: dict[str, list[tuple[Part, Outcome]]] = {}
        for part in parts:
            for outcome, field_name in part.counted.outcomes:
                words = same_words(self.questions[part.code].people.get(field_name, ""))
                if words:
                    by_people.setdefault(words, []).append((part, outcome))
        pairs: Pairs = []
        for found in by_people.values():
            for number, (part, outcome) in enumerate(found):
                for other, other_outcome in found[:number]:
                    shared = counts[part.code].keys() & counts[other.code].keys()
                    own = {where: part.value(counts[part.code][where], outcome) for where in shared}
                    theirs = {
                        where: other.value(counts[other.code][where], other_outcome) for where in shared
                    }
                    if own == theirs or _count_differently(part.question, other.question):
                        pairs += [
                            (part.key(at, outcome), other.key(at, other_outcome))
                            for at in sorted(shared)
                            if own[at] == theirs[at]
                        ]
                    elif part.code != other.code:
                        self.answers[part.code].unlike.add(other.code)
                        self.answers[other.code].unlike.add(part.code)
        return pairs


def _count_differently(one: Question, other: Question) -> bool:
    """Whether the sums of two metrics may differ although both count the same people."""
    return (one.once, one.once_over_units) != (other.once, other.once_over_units)


def _rows(parts: Iterable[Part], counts: Mapping[str, Mapping[Address, Count]]) -> list[Any]:
    return [part.row(where, count) for part in parts for where, count in counts[part.code].items()]


def _differences(parts: Iterable[Part], counts: Mapping[str, Mapping[Address, Count]]) -> dict[CellKey, int]:
    """By how much each count that is published differs from the true one."""
    found = {}
    for part in parts:
        for where, count in counts[part.code].items():
            for outcome, old in _published(part, where):
                found[part.key(where, outcome)] = part.value(count, outcome) - old
    return found


def _published(part: Part, where: Address) -> Iterator[tuple[Outcome, int]]:
    """The counts of an address that are published, as they were published."""
    cell = part.question.earlier.get(where)
    if cell is None or cell.status not in {PUBLISHED, HIDDEN}:
        return
    told = {name for name in ("numerator", "denominator") if getattr(cell, name) is not None}
    for outcome, needed in part.counted.needs.items():
        if needed <= told:
            yield outcome, part.value(Count(cell.numerator or 0, cell.denominator), outcome)


def _history(
    parts: Iterable[Part], counts: Mapping[str, Mapping[Address, Count]], replaced: set[Period], same: Pairs
) -> tuple[dict[CellKey, int], frozenset[CellKey]]:
    """What is known already, and what stays hidden. A number that a correction replaces is not known any more: the old one
    is. What stands unchanged beside it is."""
    known: dict[CellKey, int] = {}
    kept_back: set[CellKey] = set()
    for part in parts:
        for where, count in counts[part.code].items():
            known.update(part.always_known(where))
            cell = part.question.earlier.get(where)
            if cell is None or cell.status not in {PUBLISHED, HIDDEN}:
                continue
            told = dict(_published(part, where))
            for outcome in part.counted.needs:
                value = part.value(count, outcome)
                if outcome not in told:
                    kept_back.add(part.key(where, outcome))
                elif where.period not in replaced or told[outcome] == value:
                    known[part.key(where, outcome)] = value
    for one, other in same * 2:
        for key, its_like in ((one, other), (other, one)):
            if its_like in known and key not in kept_back:
                known[key] = known[its_like]
            elif its_like in kept_back and key not in known:
                kept_back.add(key)
    return known, frozenset(kept_back)


def _cell(count: Count, hidden: set[str]) -> Cell:
    if not hidden:
        return Cell(PUBLISHED, count.numerator, count.denominator)
    return Cell(HIDDEN, None, None if "denominator" in hidden else count.denominator)


def _new(question: Question, cells: Mapping[Address, Cell]) -> dict[Address, Cell]:
    """What is not published as it is already, without what is withdrawn and was not asked for."""
    return {
        where: cell
        for where, cell in cells.items()
        if where not in question.kept_away
        and (question.earlier.get(where) != cell or where in question.again)
    }


def _without_empty_tables(
    cells: Mapping[Address, Cell], earlier: Mapping[Address, Cell]
) -> dict[Address, Cell]:
    """A part that was left out: of a table in which nothing is shown not even the marks are published."""
    shown = {_table_of(where) for where, cell in cells.items() if not cell.hidden or where in earlier}
    return {where: cell for where, cell in cells.items() if _table_of(where) in shown}


def _table_of(where: Address) -> tuple[str, Period, str]:
    return where.place, where.period, way_code(where.stratum)
