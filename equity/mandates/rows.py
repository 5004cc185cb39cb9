"""The rows of the files: which values a column can hold, and what stands in them.

A suppressed number has the template's word for it in all three places; a blank has nothing there, and its kind beside it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping

from equity.mandates.filling import State, Value
from equity.mandates.report import Facts, Filled, Report
from equity.mandates.template import Checked, Sheet

Cell = str | int | float | datetime.date | None
Line = dict[str, Cell]

_WHO = ("institution", "year", "reporter", "kind", "identifier")
_NUMBERS = ("numerator", "denominator", "rate", "per", "status", "blank")
_CHECKED = ("checked", "note")

VALUES: Mapping[Sheet, tuple[str, ...]] = {
    Sheet.REPORTERS: (
        *_WHO, "head", "description", "members", "period_start", "period_end", "release",
    ),
    Sheet.CORE: (
        *_WHO, "hospital_kind", "measure_code", "measure", "counted", "counted_of", "stratification", "group",
        *_NUMBERS, "metric", *_CHECKED,
    ),
    Sheet.STRUCTURAL: (*_WHO, "measure_code", "measure", "answer", "text", *_NUMBERS, "metric", *_CHECKED),
    Sheet.DISPARITIES: (
        *_WHO, "rank", "hospital_kind", "measure_code", "measure", "stratification", "group", "numerator",
        "denominator", "rate", "reference", "reference_rate", "per", "ratio", "population", "objective", "by", "area",
        "actions", "practices", *_CHECKED,
    ),
    Sheet.STATEMENTS: (*_WHO, "statement_code", "statement", "text", *_CHECKED),
    Sheet.ABOUT: ("item", "words", *_CHECKED),
}  # fmt: skip
"""What a column of each sheet can be asked to hold."""


def rows(report: Report, sheet: Sheet) -> Iterator[Line]:
    """The rows of a sheet; each has a value for every code of VALUES."""
    made: dict[Sheet, Callable[[Report], Iterator[Line]]] = {
        Sheet.REPORTERS: _reporters,
        Sheet.CORE: _core,
        Sheet.STRUCTURAL: _structural,
        Sheet.DISPARITIES: _disparities,
        Sheet.STATEMENTS: _statements,
        Sheet.ABOUT: _about,
    }
    empty: Line = dict.fromkeys(VALUES[sheet])
    for line in made[sheet](report):
        yield empty | line


def _who(report: Report, facts: Facts) -> Line:
    return {
        "institution": report.institution,
        "year": report.year,
        "reporter": facts.name,
        "kind": facts.kind.name if facts.kind else "",
        "identifier": facts.identifier,
    }


def _mark(checked: Checked) -> Line:
    return {"checked": "yes" if checked.checked else "no", "note": checked.note}


def _numbers(value: Value, per: int, suppressed: str) -> Line:
    numbers: Line = {"status": value.state.value, "blank": value.why.value if value.why else "", "per": per}
    if value.state is State.SUPPRESSED:
        return numbers | dict.fromkeys(("numerator", "denominator", "rate"), suppressed)
    if value.rate is None:
        return numbers
    return numbers | {
        "numerator": value.numerator,
        "denominator": value.denominator,
        "rate": round(value.rate, 4),
    }


def _reporters(report: Report) -> Iterator[Line]:
    start, end = report.period
    for one in report.filled:
        yield _who(report, one.facts) | {
            "head": one.facts.head,
            "description": one.facts.description,
            "members": "; ".join(one.facts.members),
            "period_start": start,
            "period_end": end,
            "release": report.as_of or None,
        }


def _core(report: Report) -> Iterator[Line]:
    for one in report.filled:
        for table in one.tables:
            measure = table.measure
            about: Line = _who(report, one.facts) | {
                "hospital_kind": table.kind.name,
                "measure_code": measure.code,
                "measure": measure.name,
                "counted": measure.numerator,
                "counted_of": measure.denominator,
                "metric": table.metric,
            }
            suppressed = report.template.suppressed
            yield about | _numbers(table.overall, measure.per, suppressed) | _mark(measure.checked)
            for block in table.blocks:
                place: Line = {"stratification": block.stratification.name}
                for row in block.rows:
                    yield (
                        about
                        | place
                        | {"group": row.group.name}
                        | _numbers(row.value, measure.per, suppressed)
                        | _both(measure.checked, block.stratification.checked)
                    )


def _both(first: Checked, second: Checked) -> Line:
    """Checked only when both are."""
    notes = [one.note for one in (first, second) if one.note]
    whole = first.checked and second.checked
    return {"checked": "yes" if whole else "no", "note": " ".join(dict.fromkeys(notes))}


def _structural(report: Report) -> Iterator[Line]:
    for one in report.filled:
        for found in one.structural:
            line: Line = _who(report, one.facts) | _mark(found.measure.checked)
            line |= {
                "measure_code": found.measure.code,
                "measure": found.measure.name,
                "metric": found.metric,
            }
            if found.value is not None:
                line |= _numbers(found.value, found.measure.per, report.template.suppressed)
            if found.answer is not None:
                said = {True: "yes", False: "no", None: ""}[found.answer.yes]
                line |= {"answer": said, "text": found.answer.text}
            yield line


def _disparities(report: Report) -> Iterator[Line]:
    for one in report.filled:
        for rank, found in enumerate(one.ranking.widest, start=1):
            yield (
                _who(report, one.facts)
                | _numbers(found.value, found.measure.per, report.template.suppressed)
                | {
                    "rank": rank,
                    "hospital_kind": found.kind.name,
                    "measure_code": found.measure.code,
                    "measure": found.measure.name,
                    "stratification": found.stratification.name,
                    "group": found.group.name,
                    "reference": found.reference.name,
                    "reference_rate": round(found.reference_value.rate or 0, 4),
                    "ratio": round(float(found.ratio), 4),
                }
                | _planned(one, found.key)
                | _mark(report.template.ranking)
            )


def _planned(filled: Filled, key: str) -> Line:
    plan = filled.plans.get(key)
    if plan is None:
        return {}
    return {
        "population": plan.population,
        "objective": plan.objective,
        "by": plan.by,
        "area": plan.area.name if plan.area else "",
        "actions": plan.actions,
        "practices": "; ".join(plan.practices),
    }


def _statements(report: Report) -> Iterator[Line]:
    for one in report.filled:
        for statement in report.template.statements:
            written: Line = {
                "statement_code": statement.code,
                "statement": statement.name,
                "text": one.statements.get(statement.code, ""),
            }
            yield _who(report, one.facts) | written | _mark(statement.checked)


def _about(report: Report) -> Iterator[Line]:
    template = report.template
    head: Line = {"item": template.name, "words": template.duty}
    yield head | _mark(template.checked)
    for source in template.sources:
        words = f"{source.title}, {source.place}. {source.url}".strip()
        yield {
            "item": "Source",
            "words": words,
            "checked": "yes" if source.read else "no",
            "note": source.note,
        }
    for name, checked in template.unchecked():
        yield {"item": name, "words": "Not checked", "checked": "no", "note": checked.note}
