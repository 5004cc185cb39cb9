"""What a report still lacks, one thing a line, in the order in which one would mend it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from equity.mandates.filling import State, Why
from equity.mandates.report import Filled, Report
from equity.mandates.template import Form, Scope


class Lack(StrEnum):
    """What is missing; the pages have a sentence and a link for each."""

    NOBODY = "nobody"
    KIND = "kind"
    IDENTIFIER = "identifier"
    HEAD = "head"
    SHORT_LIST = "short_list"
    METRIC = "metric"
    PUBLISHED = "published"
    COMPARED = "compared"
    ANSWER = "answer"
    STATEMENT = "statement"
    PLAN = "plan"
    HALF_PLAN = "half_plan"


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing. `reporter`: the id of whom it concerns, "" for all; `about`: its name; `key`: what the link needs."""

    lack: Lack
    reporter: str = ""
    name: str = ""
    about: str = ""
    key: str = ""
    count: int = 0


def missing(report: Report) -> list[Missing]:
    """Everything that is missing. A blank that the institution explained (not collected, not asked) is not."""
    return [*_of_all(report), *(one for filled in report.filled for one in _of(report, filled))]


def _of_all(report: Report) -> Iterator[Missing]:
    if not any(one.facts.kind and one.facts.kind.scope is Scope.UNIT for one in report.filled):
        yield Missing(Lack.NOBODY)
    for measure in report.unanswered:
        yield Missing(Lack.METRIC, about=measure.name, key=measure.code)


def _of(report: Report, filled: Filled) -> Iterator[Missing]:
    facts, template = filled.facts, report.template
    who = Missing(Lack.KIND, reporter=facts.id, name=facts.name)
    if facts.kind is None:
        yield who
        return
    if not facts.identifier:
        yield replace(who, lack=Lack.IDENTIFIER, about=facts.kind.identifier)
    if facts.kind.scope is Scope.WHOLE and not (facts.head and facts.description):
        yield replace(who, lack=Lack.HEAD)
    if facts.kind in template.short_lists():
        listed = len(template.core_of(facts.kind.code))
        yield replace(
            who, lack=Lack.SHORT_LIST, about=facts.kind.name, count=facts.kind.core_measures - listed
        )
    if facts.kind.scope is Scope.UNIT:
        yield from _numbers(filled, who)
    for found in filled.structural:
        if found.measure.form is Form.YES_NO and (found.answer is None or found.answer.yes is None):
            yield replace(who, lack=Lack.ANSWER, about=found.measure.name, key=found.measure.code)
    for disparity in filled.ranking.widest:
        plan = filled.plan_for(disparity)
        about = f"{disparity.measure.name}: {disparity.group.name}"
        if plan is None:
            yield replace(who, lack=Lack.PLAN, about=about, key=disparity.key)
        elif not plan.whole:
            yield replace(who, lack=Lack.HALF_PLAN, about=about, key=disparity.key)
    for statement in template.statements:
        if not filled.statements.get(statement.code):
            yield replace(who, lack=Lack.STATEMENT, about=statement.name, key=statement.code)


def _numbers(filled: Filled, who: Missing) -> Iterator[Missing]:
    """Of a measure that is answered: the year is not published, or some ways to compare have no number at all."""
    for table in filled.tables:
        if not table.metric:
            continue
        if table.overall.why is Why.NOT_PUBLISHED and not any(block.compared for block in table.blocks):
            yield replace(who, lack=Lack.PUBLISHED, about=table.measure.name, key=table.metric)
            continue
        if table.overall.state is State.BLANK and table.overall.why is not Why.NOT_PUBLISHED:
            continue
        absent = [block.stratification.name for block in table.blocks if not block.compared]
        if absent:
            about = f"{table.measure.name}: {', '.join(absent)}"
            yield replace(who, lack=Lack.COMPARED, about=about, key=table.metric, count=len(absent))
    for found in filled.structural:
        if found.metric and found.value is not None and found.value.why is Why.NOT_PUBLISHED:
            yield replace(who, lack=Lack.PUBLISHED, about=found.measure.name, key=found.metric)
