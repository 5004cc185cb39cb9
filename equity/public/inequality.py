"""The measures of inequality in the API: over published figures only, so that they say no more than these do.

A measure over all groups, hidden ones too, would give a hidden number back to whoever solves it. These can be worked out by
anybody who holds the published figures.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import (
    extend_schema,
    extend_schema_field,
    extend_schema_view,
    inline_serializer,
)
from rest_framework import serializers
from rest_framework.request import Request

from equity.api.problems import INVALID_PARAMETER, NOT_FOUND, Refused
from equity.errors import NotFound
from equity.public import measures, queries, schema
from equity.public.api import LedgerView, Pulled
from equity.public.serializers import InequalityQuestion
from equity.publication.queries import last_seq
from metrics.figures import Figure, Line

DRAWS = 1_000
"""Draws of a simulated range: each end moves by about 1 in 100 from one seed to another. The seed is always the same."""


@extend_schema_field({"type": ["number", "string", "null"]})
class Number(serializers.JSONField):
    """A number, one of the texts inf, -inf and nan, or null."""


class Compared(serializers.Serializer[Any]):
    """One group of the comparison."""

    group = serializers.CharField(help_text="Dimension and category, as codes: `race=black`")
    label = serializers.CharField()  # type: ignore[assignment]  # fields leave the class
    status = serializers.CharField(help_text="Only `published` groups take part.")
    takes_part = serializers.BooleanField(
        help_text="False also where the records tell no group, and where nobody was counted."
    )


class MeasureOfInequality(serializers.Serializer[Any]):
    """One measure; null is not given, and `why` says why."""

    measure = serializers.CharField(help_text="Its short name, as WHO's software has it")
    title = serializers.CharField()
    unit = serializers.CharField()
    no_inequality = serializers.IntegerField(help_text="Its value where there is none: 0, or 1 of a ratio")
    value = Number(help_text="A number; or inf, -inf, nan")
    se = Number(help_text="Standard error, in the value's unit")
    lower = Number(help_text="The likely range (95%): from")
    upper = Number(help_text="The likely range (95%): to")
    range_by = serializers.ChoiceField(
        choices=["formula", "draws"], help_text=f"By a formula, or by {DRAWS:,} simulated draws"
    )
    why = serializers.CharField(
        allow_blank=True, help_text="Why something is not given, or what to bear in mind"
    )


InequalityAnswer = inline_serializer(
    "InequalityAnswer",
    {
        "institution": serializers.CharField(help_text="Its slug"),
        "metric": serializers.CharField(),
        "unit": serializers.CharField(),
        "period": serializers.CharField(help_text="First and last day"),
        "by": serializers.CharField(help_text="The dimension compared"),
        "order": serializers.CharField(),
        "reference": serializers.CharField(allow_null=True),
        "groups": Compared(many=True),
        "hidden": serializers.IntegerField(
            help_text="Groups hidden to protect privacy. The measures cover the shown ones only."
        ),
        "data": MeasureOfInequality(many=True),
        "as_of_seq": serializers.IntegerField(help_text="The ledger's latest number"),
    },
)


@extend_schema_view(
    get=extend_schema(
        operation_id="inequality",
        summary="Measures of inequality over the published groups of a figure",
        description=(
            "Difference, ratio, impact, concentration, slope, variance, entropy and disparity measures of one measure in one "
            "period, with standard errors and likely ranges. They are worked out from published groups only; hidden groups "
            "take no part. Empty where fewer than two groups are shown, and for averages, whose spread is not published."
        ),
        parameters=schema.parameters(InequalityQuestion),
        responses=schema.answers(InequalityAnswer),
    )
)
class Inequality(LedgerView):
    question = InequalityQuestion

    def pull(self, request: Request) -> Pulled:
        found = self._found()
        figure, order = found.figure, str(self.asked["order"])
        reference = self._reference(figure)
        body = {
            "institution": self.asked["institution"],
            "metric": figure.metric.code,
            "unit": found.scope.unit_code,
            "period": found.scope.period_code,
            "by": figure.way.code if figure.way else "",
            "order": order,
            "reference": reference,
            "groups": [
                {
                    "group": one.key,
                    "label": one.label,
                    "status": one.cell.status,
                    "takes_part": _takes_part(one),
                }
                for one in figure.lines
            ],
            "hidden": figure.hidden,
            "data": _measures(figure, order, reference),
            "as_of_seq": last_seq(),
        }
        return Pulled(body, [row.seq for row in found.told])

    def _found(self) -> measures.Compared:
        asked = {name: str(self.asked.get(name, "")) for name in ("by", "unit", "period")}
        try:
            of = queries.institution(str(self.asked["institution"]))
            return measures.compared(of, str(self.asked["metric"]), **asked)
        except NotFound:
            raise Refused(NOT_FOUND, _("Nothing is published of what you ask for.")) from None

    def _reference(self, figure: Figure) -> str | None:
        asked = self.asked.get("reference")
        if asked is None:
            return None
        keys = [one.key for one in figure.lines if asked in (one.key, one.key.partition("=")[2])]
        if not keys:
            errors = {"reference": [_("There is no such group.")]}
            raise Refused(INVALID_PARAMETER, _("Look at: %s.") % "reference", errors=errors)
        return keys[0]


def _takes_part(one: Line) -> bool:
    return one.observed is not None and not one.missing and one.observed.size > 0


def _measures(figure: Figure, order: str, reference: str | None) -> list[dict[str, Any]]:
    from metrics.inequality import shown  # SciPy comes with it: not before somebody asks

    found = shown.of_figure(figure, order=shown.as_order(order), reference=reference, draws=DRAWS)
    return [
        {
            "measure": one.name,
            "title": one.title,
            "unit": one.unit,
            "no_inequality": one.equal,
            "value": one.value,
            "se": one.se,
            "lower": one.low,
            "upper": one.high,
            "range_by": "draws" if one.simulated else "formula",
            "why": one.why,
        }
        for one in shown.told(found)
    ]
