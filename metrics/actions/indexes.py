"""What keeps an index and its parts in step: parts that can be put on a scale, and scales that stay what they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from equity.errors import RuleBroken
from metrics import composition
from metrics.composition import INDEX, composition_of
from metrics.models import Metric

WORDS = {
    composition.FEW: gettext_lazy("An index needs at least two measures."),
    composition.TWICE: gettext_lazy("“%(name)s” is in it twice."),
    composition.UNKNOWN: gettext_lazy("“%(name)s” is not measured here yet. Add that measure first."),
    composition.NESTED: gettext_lazy("“%(name)s” is an index itself. Name its parts instead."),
    composition.NO_DIRECTION: gettext_lazy(
        "Of “%(name)s” neither more nor less is better, so it has no good end."
    ),
    composition.BACKWARD: gettext_lazy(
        "The worst and the best value of “%(name)s” do not go the way that is better for it."
    ),
    composition.WEIGHTLESS: gettext_lazy("The weight of “%(name)s” is not above 0."),
}


def refuse_wrong_parts(organisation_id: int, values: Mapping[str, Any]) -> None:
    """Raise with all that is wrong with the parts of an index; nothing is asked of any other measure."""
    if values.get("kind") != INDEX or "composition" not in values:
        return
    told = composition_of(values["composition"])
    if told is None:
        raise RuleBroken(str(WORDS[composition.FEW]))
    known = {
        one.code: one
        for one in Metric.objects.filter(organisation_id=organisation_id, code__in=told.measures)
    }
    wrong = []
    for fault in composition.faults(told, known):
        code = "" if fault.part is None else told.measures[fault.part]
        wrong.append(str(WORDS[fault.wrong]) % {"name": known[code].name if code in known else code})
    if wrong:
        raise RuleBroken(" ".join(wrong))


def refuse_another_scale(metric: Metric, changes: Mapping[str, Any]) -> None:
    """Raise when a part of an index would be shown in another unit or turn round: the goalposts would not fit any more."""
    if not {"per", "better"} & changes.keys():
        return
    indexes = Metric.objects.filter(
        organisation_id=metric.organisation_id,
        kind=INDEX,
        retired_on=None,
        composition__components__contains=[{"measure": metric.code}],
    )
    if names := "; ".join(indexes.values_list("name", flat=True)):
        raise RuleBroken(
            _(
                "This measure is a part of %(names)s, whose ends of the scale are set in its unit. Change that index"
                " first, or retire it."
            )
            % {"names": names}
        )
