"""All measures of inequality, for analysts: of a table that one pastes, and of a figure that one may see.

SciPy comes with the measures, so these are imported when somebody asks for them, not when the site starts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from equity.http import page
from equity.roles import Permission
from equity.tenancy.access import needs
from metrics import queries
from metrics.figures import Figure
from metrics.forms.analysis import EXAMPLE, OrderForm, PastedForm
from metrics.forms.dashboards import FilterForm
from metrics.stats import words
from metrics.views.dashboards import asked
from metrics.wording import period_label, unit_words

if TYPE_CHECKING:
    from metrics.inequality.shown import Told

SAFE_OR_POST = ["GET", "HEAD", "POST"]
DRAWS = 1_000
"""Draws of a simulated range on a page: each end moves by about 1 in 100 from one seed to another."""

DIGITS = 4
MOST_DECIMALS = 8


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """One measure in words; "" where there is no number, and `why` says why."""

    name: str
    title: str
    unit: str
    value: str
    se: str
    low: str
    high: str
    simulated: bool
    why: str


@needs(Permission.SEE_DASHBOARDS)
@require_http_methods(SAFE_OR_POST)
def pasted(request: Any) -> HttpResponse:
    """Paste a table of groups and get every measure with its range. Nothing is stored."""
    form = PastedForm(request.POST or None, initial={"table": EXAMPLE})
    if request.method != "POST":
        return page(request, "metrics/analysis/pasted.html", {"form": form, "draws": words.number(DRAWS, 0)})
    if not form.is_valid():
        return page(
            request,
            "metrics/analysis/pasted.html",
            {"form": form, "draws": words.number(DRAWS, 0)},
            status=422,
        )
    told = _of_table(form.cleaned_data)
    if "csv" in request.POST:
        return _as_file(told, "inequality.csv")
    return page(
        request,
        "metrics/analysis/pasted.html",
        {"form": form, "rows": _rows(told), "draws": words.number(DRAWS, 0)},
    )


@needs(Permission.SEE_DASHBOARDS)
@require_safe
def of_metric(request: Any, level: str, metric: str) -> HttpResponse:
    """All measures over the groups of a figure that are shown to this person."""
    found = _detail(request, level, metric)
    figure = found.measured.figure
    order = OrderForm(request.GET, _choices(figure))
    context: dict[str, Any] = {
        "level": queries.level_for(level),
        "metric": found.measured.metric,
        "full": found.dashboard.full,
        "form": FilterForm(found.dashboard),
        "order": order,
        "draws": words.number(DRAWS, 0),
        "query": request.GET.urlencode(),
    }
    if figure is not None and figure.way is not None:
        context |= {
            "figure": figure,
            "period": period_label(figure.period),
            "unit": unit_words(figure.metric) or _("as it was counted"),
            "rows": _rows(_of_figure(figure, order)),
            "overlapping": not all(one.partition for one in figure.way.dimensions),
        }
    return page(request, "metrics/analysis/metric.html", context)


@needs(Permission.SEE_DASHBOARDS)
@require_safe
def of_metric_csv(request: Any, level: str, metric: str) -> HttpResponse:
    """The same as a file."""
    found = _detail(request, level, metric)
    figure = found.measured.figure
    told = _of_figure(figure, OrderForm(request.GET, _choices(figure))) if figure else []
    return _as_file(told, f"{request.organisation.slug}-{found.measured.metric.code}-inequality.csv")


def _detail(request: Any, level: str, code: str) -> queries.Detail:
    return queries.detail(
        request.organisation, request.permissions, queries.metric_for(level, code), asked(request)
    )


def _choices(figure: Figure | None) -> list[tuple[str, str]]:
    groups = figure.groups if figure else []
    return [(group.key, group.label) for group in groups if group.observed is not None and not group.missing]


def _of_figure(figure: Figure, form: OrderForm) -> list[Told]:
    from metrics.inequality import shown

    order, reference = form.chosen()
    found = shown.of_figure(figure, order=shown.as_order(order), reference=reference, draws=DRAWS)
    return shown.told(found, _)


def _of_table(asked: dict[str, Any]) -> list[Told]:
    from metrics.inequality import DECIDED, shown

    case = shown.case_of_table(
        asked["table"],
        scale=asked["scale"],
        favourable=asked["better"] == "higher",
        ordered=asked["ordered"] == "yes",
        level=asked["level"],
        force=asked["force"],
    )
    conventions = replace(DECIDED, impact_reference=asked["against"])
    return shown.told(shown.measures_of(case, draws=DRAWS, conventions=conventions), _)


def _rows(told: Sequence[Told]) -> list[MeasureRow]:
    return [
        MeasureRow(
            name=one.name,
            title=one.title,
            unit=one.unit,
            value=_in_figures(one.value),
            se=_in_figures(one.se),
            low=_in_figures(one.low),
            high=_in_figures(one.high),
            simulated=one.simulated,
            why=one.why,
        )
        for one in told
    ]


def _in_figures(number: float | str | None) -> str:
    """Four digits that count: 12.35, 0.004213, 1,235."""
    if number is None:
        return ""
    if isinstance(number, str):
        return {"inf": _("infinite"), "-inf": _("infinite, below 0")}.get(number, _("not defined"))
    size = math.floor(math.log10(abs(number))) if number else 0
    return words.number(number, min(max(DIGITS - 1 - size, 0), MOST_DECIMALS))


def _as_file(told: Sequence[Told], name: str) -> HttpResponse:
    from metrics.inequality import shown

    response = HttpResponse(shown.as_csv(told), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
