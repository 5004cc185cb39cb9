"""What is measured, on the four levels: for people signed in. Insiders see every count, others what is published."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from equity.http import page
from equity.roles import Permission
from equity.tenancy.access import needs
from metrics import queries, squares
from metrics.annotations import Note, notes
from metrics.completeness import behind, missing
from metrics.exports import figures_as_csv, squares_as_csv
from metrics.figures import Figure
from metrics.forms.dashboards import DetailForm, FilterForm, OverviewForm
from metrics.index_words import MadeOf, made_of
from metrics.indexes import with_parts
from metrics.models import Level, Metric
from metrics.queries import Asked, Measured
from metrics.showing import measure, summary
from metrics.silences import in_words
from metrics.standing import aims_of
from metrics.wording import BETTER, not_added_up, not_together


@needs(Permission.SEE_DASHBOARDS)
@require_safe
def levels(request: Any) -> HttpResponse:
    """All four levels: a word for each measure by each way to compare, and one sentence about each measure."""
    found, chosen = _overview(request)
    entries = [entry(request, one) for one in found.dashboard.measured]
    bands = [(level, [one for one in entries if one["metric"].level == level]) for level in Level]
    told = squares.told(found.rows)
    context = {
        "bands": [(level, of_level) for level, of_level in bands if chosen["level"] in ("", level)],
        "matrix": [(level, [row for row in told if row.metric.level == level]) for level in Level],
        "ways": found.ways,
        "uncompared": found.uncompared,
        "brief": squares.brief(found.rows),
        "unit_code": request.GET.get("unit", ""),
        "form": OverviewForm(found.dashboard, **chosen),
        "query": request.GET.urlencode(),
        "leading": leading(entries),
        "full": found.dashboard.full,
        "total": len(entries),
        "counted": sum(one["figure"] is not None for one in entries),
        "not_measured": not any(chosen.values()) and not all(of_level for _, of_level in bands),
    }
    return page(request, "metrics/levels.html", context)


@needs(Permission.SEE_DASHBOARDS)
@require_safe
def levels_csv(request: Any) -> HttpResponse:
    """The same table as a file."""
    found, _ = _overview(request)
    response = HttpResponse(squares_as_csv(found.rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{request.organisation.slug}-gaps.csv"'
    return response


def _overview(request: Any) -> tuple[queries.Overview, dict[str, str]]:
    """The table as the address narrows it, and to what; what does not exist narrows nothing."""
    choices = {"level": Level.values, "purpose": Metric.Purpose.values}
    chosen = {
        name: value if (value := request.GET.get(name, "")) in values else ""
        for name, values in choices.items()
    }
    metrics = queries.definitions(**chosen)
    return queries.overview(request.organisation, request.permissions, metrics, asked(request)), chosen


@needs(Permission.SEE_DASHBOARDS)
@require_safe
def level(request: Any, level: str) -> HttpResponse:
    """One level: each of its metrics with its groups beside each other."""
    chosen = queries.level_for(level)
    found = queries.dashboard(
        request.organisation, request.permissions, queries.definitions(chosen), asked(request)
    )
    entries = [entry(request, one) for one in found.measured]
    context = {
        "level": chosen,
        "levels": Level,
        "entries": entries,
        "leading": leading(entries),
        "full": found.full,
        "form": FilterForm(found),
        "counted": sum(one["figure"] is not None for one in entries),
        "compared": any(one["figure"] is not None and one["figure"].lines for one in entries),
    }
    return page(request, "metrics/level.html", context, block="figures")


@needs(Permission.SEE_DASHBOARDS)
@require_safe
def metric(request: Any, level: str, metric: str) -> HttpResponse:
    """One metric: who is served how well, how that changes, and how it is counted."""
    found = _detail(request, level, metric)
    context = {
        "level": queries.level_for(level),
        "full": found.dashboard.full,
        "form": DetailForm(found.dashboard),
        "apart": not_together(full=found.dashboard.full) if found.apart else "",
        "query": request.GET.urlencode(),
        "silences": in_words(missing(found.measured.open)),
        "not_added_up": not_added_up(found.measured.metric),
        "made_of": _made_of(request, found.measured.metric),
        **known(found.measured),
    }
    if (figure := context["figure"]) is not None:
        done = _done(request, found.history, found.measured.metric)
        context |= measure(
            request.organisation.name,
            figure,
            found.history,
            found.gaps,
            found.trend,
            done,
            found.standing.breaks,
            found.standing.aims,
            found.parts,
        )
    return page(request, "metrics/metric.html", context, block="figures")


def _made_of(request: Any, metric: Metric) -> MadeOf | None:
    """The parts of an index by name, each with its page."""
    if not metric.composition:
        return None
    parts = {one.code: one for one in with_parts([metric])}

    def address(code: str) -> str:
        found = parts.get(code)
        if found is None:
            return ""
        return reverse("metrics:metric", args=[request.organisation.slug, found.level, code])

    return made_of(metric.composition, lambda code: parts[code].name if code in parts else code, address)


def _done(request: Any, history: Sequence[Figure], metric: Metric) -> list[Note]:
    """What the institution did in the periods that are drawn."""
    if not history:
        return []
    first, last = history[0].period.start, history[-1].period.end
    return notes(request.organisation, metric.code, metric.level, first, last)


@needs(Permission.SEE_DASHBOARDS)
@require_safe
def metric_csv(request: Any, level: str, metric: str) -> HttpResponse:
    """The same numbers as a file: the chosen period first, then the periods over time."""
    found = _detail(request, level, metric)
    figure = found.measured.figure
    chosen = [figure] if figure is not None else []
    past = [one for one in found.history if figure is None or one.period != figure.period]
    response = HttpResponse(
        figures_as_csv([*chosen, *past], found.standing.aims), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = (
        f'attachment; filename="{request.organisation.slug}-{found.measured.metric.code}.csv"'
    )
    return response


def _detail(request: Any, level: str, code: str) -> queries.Detail:
    return queries.detail(
        request.organisation, request.permissions, queries.metric_for(level, code), asked(request)
    )


def leading(entries: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    """The entry with the widest clear gap; shares come before other kinds, whose units are not comparable."""
    figures = ((one, one["figure"]) for one in entries if one["figure"] is not None)
    clear = [one for one, figure in figures if figure.judged and figure.gap and figure.gap.clear]
    return max(clear, key=lambda one: _width(one["figure"]), default=None)


def _width(figure: Figure) -> tuple[bool, float]:
    return figure.metric.kind == "proportion", figure.difference.value if figure.difference else 0.0


def asked(request: Any) -> Asked:
    """What the address asks for."""
    return Asked(*(request.GET.get(name, "") for name in ("by", "period", "unit", "also")))


def known(one: Measured) -> dict[str, Any]:
    """A metric with its figure, or why there is none."""
    figure = one.figure if one.figure is not None and one.figure.measured else None
    late = behind(figure.period, one.open) if figure else missing(one.open)
    return {
        "metric": one.metric,
        "figure": figure,
        "late": in_words(late),
        "better": BETTER[one.metric.better],
    }


def entry(request: Any, one: Measured) -> dict[str, Any]:
    """A metric as a list of measures needs it."""
    found = known(one)
    if (figure := found["figure"]) is None:
        return found
    return found | summary(request.organisation.name, figure, aims_of(one.metric))
