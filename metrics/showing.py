"""One measure as a page shows it: the same sentences, drawings and tables for the institution and for the public.

Where the numbers come from is settled before: a `Figure` has every count, or only what was published.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from metrics import aiming, charts, telling
from metrics.ages import adjusted
from metrics.aims import NO_AIMS, Aims
from metrics.annotations import Note
from metrics.breaks import Break
from metrics.courses import Trend, courses
from metrics.crossing import crossing
from metrics.figures import Figure
from metrics.regrouped import regrouped
from metrics.spreads import spread
from metrics.stats import words
from metrics.tables import table
from metrics.wording import (
    BETTER,
    caption,
    everybody,
    gap_facts,
    goals_for_missing,
    not_added_up,
    period_label,
    sentence,
    shares_missing,
    standfirst,
    unit_words,
    without_range,
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A note beside the charts, with its letter on them."""

    letter: str
    note: Note


def summary(institution: str, figure: Figure, aims: Aims = NO_AIMS, *, draw: bool = True) -> dict[str, Any]:
    """What a list of measures shows of one: its sentence, its numbers, its targets and, to `draw`, its drawings."""
    return {
        "period": period_label(figure.period),
        "sentence": sentence(institution, figure),
        "beside": standfirst(figure),
        "caption": caption(figure),
        "rows": table(figure, aims),
        "aims": aiming.told(figure, aims),
        "facts": list(gap_facts(figure)),
        "chart": charts.groups_chart(figure, aims) if draw else None,
        "pair": charts.pair_chart(figure) if draw else None,
        "unit": unit_words(figure.metric),
        "not_added_up": not_added_up(figure.metric),
        "better": BETTER[figure.metric.better],
        "goals_for_missing": goals_for_missing(figure),
        "shares_missing": shares_missing(figure),
        "counted": words.number(figure.overall.cell.denominator or 0, 0),
    }


def measure(
    institution: str,
    figure: Figure,
    history: Sequence[Figure] = (),
    steady: Sequence[Figure] = (),
    found: Trend | None = None,
    notes: Sequence[Note] = (),
    changed: Sequence[Break] = (),
    aims: Aims = NO_AIMS,
    parts: Sequence[Figure] = (),
) -> dict[str, Any]:
    """A measure with how it changed. `steady`: in the periods that a gap is drawn by; `found`: its gap in two periods;
    `notes`: what was done in these periods; `changed`: where its lines break, because its definition became another; `parts`: the same figure
    in each unit below."""
    at = charts.breaks_of((one.first_day for one in changed), history)
    lines = courses(history, everybody(figure.metric), max(at, default=0))
    marked = charts.events_of(notes, history)
    return {
        **summary(institution, figure, aims),
        "brief": telling.trend_brief(found) if figure.gap and figure.gap.clear else "",
        "crossing": crossing(figure),
        "adjusted": adjusted(figure),
        "excess": telling.excess_sentence(figure),
        "excess_beside": telling.excess_beside(figure),
        "runs": charts.over_time(lines, history, [event for event, note in marked], at, aims),
        "breaks": telling.breaks(changed, history),
        "marks": [Mark(event.letter, note) for event, note in marked],
        "courses": lines,
        "over_time": telling.over_time(lines, history),
        "signals": telling.signals(lines, figure.metric),
        "rules": telling.rules(),
        **_trend(figure, found),
        "gap_charts": charts.gap_over_time(steady),
        "gaps": telling.gaps(steady),
        "regrouped": regrouped(figure),
        "spread": spread(figure, parts),
        "rounding": _rounding(figure),
        "explore_groups": charts.groups_to_explore(figure),
        "explore_history": charts.history_to_explore(history),
    }


def _trend(figure: Figure, found: Trend | None) -> dict[str, Any]:
    """Whether the gap changed; where groups have no likely range, that this cannot be said."""
    if found is None:
        return {"trend": "", "trend_beside": []}
    if without_range(figure):
        said = _(
            "These numbers have no likely range, so nobody can say whether the gap changed by more than chance."
        )
        return {"trend": said, "trend_beside": []}
    return {
        "trend": telling.trend_sentence(figure.metric, found),
        "trend_beside": telling.trend_beside(found),
    }


def _rounding(figure: Figure) -> str:
    if figure.gap is None:
        return ""
    first, second = (
        end.value * figure.scale for end in (figure.gap.first_estimate, figure.gap.second_estimate)
    )
    return words.rounding_note(first, second, gettext=_)
