"""One measure as a page shows it: the same sentences, drawings and tables for the institution and for the public.

Where the numbers come from is settled before: a `Figure` has every count, or only what was published.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from metrics import charts, telling
from metrics.annotations import Note
from metrics.courses import Trend, courses
from metrics.crossing import crossing
from metrics.figures import Figure
from metrics.stats import words
from metrics.wording import (
    BETTER,
    caption,
    everybody,
    gap_facts,
    goals_for_missing,
    not_added_up,
    period_label,
    sentence,
    standfirst,
    table,
    unit_words,
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A note beside the charts, with its letter on them."""

    letter: str
    note: Note


def summary(institution: str, figure: Figure, *, draw: bool = True) -> dict[str, Any]:
    """What a list of measures shows of one: its sentence, its numbers and, to `draw`, its drawings."""
    return {
        "period": period_label(figure.period),
        "sentence": sentence(institution, figure),
        "beside": standfirst(figure),
        "caption": caption(figure),
        "rows": table(figure),
        "facts": list(gap_facts(figure)),
        "chart": charts.groups_chart(figure) if draw else None,
        "pair": charts.pair_chart(figure) if draw else None,
        "unit": unit_words(figure.metric),
        "not_added_up": not_added_up(figure.metric),
        "better": BETTER[figure.metric.better],
        "goals_for_missing": goals_for_missing(figure),
        "counted": words.number(figure.overall.cell.denominator or 0, 0),
    }


def measure(
    institution: str,
    figure: Figure,
    history: Sequence[Figure] = (),
    steady: Sequence[Figure] = (),
    found: Trend | None = None,
    notes: Sequence[Note] = (),
    changed: Sequence[date] = (),
) -> dict[str, Any]:
    """A measure with how it changed. `changed`: from these days on its definition was another, and the lines break. `steady`: in the periods that a gap is drawn by; `found`: its gap in two periods; `notes`: what was done in these periods."""
    at = charts.breaks_of(changed, history)
    lines = courses(history, everybody(figure.metric), max(at, default=0))
    marked = charts.events_of(notes, history)
    return {
        **summary(institution, figure),
        "brief": telling.trend_brief(found) if figure.gap and figure.gap.clear else "",
        "crossing": crossing(figure),
        "excess": telling.excess_sentence(figure),
        "excess_beside": telling.excess_beside(figure),
        "runs": charts.over_time(lines, history, [event for event, note in marked], at),
        "regrouped": figure.way.regrouped if figure.way else [],
        "marks": [Mark(event.letter, note) for event, note in marked],
        "courses": lines,
        "over_time": telling.over_time(lines, history),
        "signals": telling.signals(lines, figure.metric),
        "rules": telling.rules(),
        "trend": telling.trend_sentence(figure.metric, found) if found else "",
        "trend_beside": telling.trend_beside(found) if found else [],
        "gap_charts": charts.gap_over_time(steady),
        "gaps": telling.gaps(steady),
        "rounding": _rounding(figure),
        "explore_groups": charts.groups_to_explore(figure),
        "explore_history": charts.history_to_explore(history),
    }


def _rounding(figure: Figure) -> str:
    if figure.gap is None:
        return ""
    first, second = (
        end.value * figure.scale for end in (figure.gap.first_estimate, figure.gap.second_estimate)
    )
    return words.rounding_note(first, second, gettext=_)
