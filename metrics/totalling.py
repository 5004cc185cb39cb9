"""What of the sums over several institutions may be published. Pure.

A sum of all counts is truer than a sum of what each has published, but it says something about what each has hidden: the
sum less the published counts of the others. So the sums are judged in one table together with all counts of all the
institutions in them, what is published of these being known. And each institution knows more than the public: all of its
own counts. So the judgement is made once more for each of them, as somebody who knows these; a number is shown only when no
judgement hides it. With fewer than three institutions, one of two would learn the other's counts by subtracting.

What was hidden once stays hidden, and a sum that is published is never replaced: so what is judged safe today stays so.

Source for the insider's view: Hundepool et al., Statistical Disclosure Control (2012), section 4.2 (sensitivity rules).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from metrics.certification import Views, judge_together
from metrics.figures import HIDDEN, PUBLISHED, Cell
from metrics.questions import LEAST_INSTITUTIONS, Address, Answer, Question


class TooFew(ValueError):
    """A sum over fewer than three institutions."""


def judge_totals(questions: Mapping[str, Question], institution_of: Mapping[str, str]) -> dict[str, Answer]:
    """Certify the sums of metrics, by their codes, that may count the same people.

    :param questions: `totals` names the sums with their institutions; `counts` has theirs and those of every unit of the
        institutions; of these units everything that is published or hidden is in `earlier`, as are sums published before.
    :param institution_of: the institution of each place that is not a sum.
    :return: of each metric the cells of the sums that are new. One that any judgement hides or leaves out is hidden; what
        cannot be judged is left out whole.
    :raises TooFew: a sum has fewer than three institutions.
    """
    totals = [parts for question in questions.values() for parts in question.totals.values()]
    if any(len(set(parts)) < LEAST_INSTITUTIONS for parts in totals):
        raise TooFew(f"A sum over institutions needs {LEAST_INSTITUTIONS} of them.")
    views = Views()
    found = [judge_together(asked, views) for asked in _views(questions, institution_of)]
    return {
        code: _put_together(question, [one[code] for one in found]) for code, question in questions.items()
    }


def _put_together(question: Question, answers: list[Answer]) -> Answer:
    answer = answers[0]
    answer.cells = dict(_seen_by_all(question, answers))
    for other in answers[1:]:
        answer.certificates += other.certificates
        answer.dropped += [one for one in other.dropped if one not in answer.dropped]
        answer.waiting += [one for one in other.waiting if one not in answer.waiting]
        answer.refused += [one for one in other.refused if one not in answer.refused]
        answer.unlike |= other.unlike
    if answer.refused:
        answer.cells = {}
    return answer


def _views(
    questions: Mapping[str, Question], institution_of: Mapping[str, str]
) -> Iterator[Mapping[str, Question]]:
    """What is asked for the public, then for each institution as one that knows its own counts."""
    yield questions
    for insider in sorted(set(institution_of.values())):
        yield {code: _as_seen_by(insider, question, institution_of) for code, question in questions.items()}


def _as_seen_by(insider: str, question: Question, institution_of: Mapping[str, str]) -> Question:
    own = {
        where: Cell(PUBLISHED, count.numerator, count.denominator)
        for where, count in question.counts.items()
        if institution_of.get(where.place) == insider
    }
    return replace(question, earlier={**question.earlier, **own})


def _seen_by_all(question: Question, answers: list[Answer]) -> Iterator[tuple[Address, Cell]]:
    """The new cells of the sums: a number that one judgement does not show, none does."""
    for where in answers[0].cells:
        if where.place not in question.totals:
            continue
        found = [answer.cells.get(where) for answer in answers]
        if all(one is not None for one in found):
            yield where, _least([one for one in found if one is not None])


def _least(cells: list[Cell]) -> Cell:
    hidden = [cell for cell in cells if cell.hidden]
    if not hidden:
        return cells[0]
    known = all(cell.denominator is not None for cell in hidden)
    return Cell(HIDDEN, None, hidden[0].denominator if known else None)
