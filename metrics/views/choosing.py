"""Choosing what to measure: the grid of what is covered, the library, the departments' sets, own definitions."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from equity.errors import RuleBroken
from equity.http import go, page
from equity.roles import Permission
from equity.tenancy.access import needs
from metrics import choice, consent, queries
from metrics.actions import choosing
from metrics.actions.proposals import adopt_proposal
from metrics.choice import Wanted
from metrics.composition import INDEX
from metrics.definition_fields import values_of
from metrics.forms.choosing import DefinitionForm, ShelfForm
from metrics.forms.indexes import IndexForm
from metrics.index_words import made_of
from metrics.library.entries import LibraryMetric
from metrics.models import Metric, MetricProposal

SAFE_OR_POST = ["GET", "HEAD", "POST"]


def here(request: Any, name: str, **given: Any) -> str:
    """An address of measures in the institution one is in."""
    return reverse(f"metrics:{name}", kwargs={"institution": request.organisation.slug, **given})


@needs(Permission.SEE_DASHBOARDS)
@require_safe
def choose(request: Any) -> HttpResponse:
    """What is measured, what is uncovered, and what there is to add."""
    form = ShelfForm(request.GET)
    form.is_valid()
    wanted = Wanted(*(str(form.cleaned_data.get(name, "")) for name in ("level", "purpose", "q")))
    covered = choice.covered()
    proposals = choice.proposals()
    agrees = Permission.AGREE_TO_FIGURES in request.permissions
    context = {
        "form": form,
        "coverage": covered,
        "rows": choice.grid(covered),
        "purposes": Metric.Purpose,
        "thin": [row.level.label for row in choice.grid(covered) if row.level.value in covered.thin],
        "crowded": [row.level.label for row in choice.grid(covered) if row.level.value in covered.crowded],
        "purposes_without": [Metric.Purpose(one).label for one in covered.purposes_without],
        "offers": choice.offers(wanted),
        "filtered": wanted != Wanted(),
        "waiting": [one for one in proposals if not one.answer],
        "proposals": proposals,
        "sets": choice.sets(),
        "retired": Metric.objects.exclude(retired_on=None),
        "to_agree": consent.waiting_releases() if agrees else [],
    }
    return page(request, "metrics/choose/choose.html", context)


@needs(Permission.SEE_DASHBOARDS)
@require_safe
def library_metric(request: Any, entry: str) -> HttpResponse:
    """One metric of the library in full, with what can be done with it."""
    offer = choice.offer_for(entry)
    context = {
        "offer": offer,
        "entry": offer.entry,
        "compared_by": choice.dimension_names(offer.entry.dimensions),
        "made_of": made_of(
            offer.entry.composition,
            choice.library_name,
            lambda code: here(request, "library_metric", entry=code),
        ),
        "proposal": _proposal(request),
    }
    return page(request, "metrics/choose/library_metric.html", context)


@needs(Permission.CHOOSE_METRICS)
@require_POST
def adopt(request: Any, entry: str) -> HttpResponse:
    """Take a metric of the library over as it is; `proposal` names the proposal that it answers."""
    found, proposal = choice.offer_for(entry).entry, _proposal(request)
    if proposal is not None:
        metric = adopt_proposal(proposal=proposal, entry=found, by=request.person)
    else:
        metric = choosing.adopt_metric(organisation=request.organisation, entry=found, by=request.person)
    return go(request, here(request, "kept", metric=metric.code))


@needs(Permission.CHOOSE_METRICS)
@require_http_methods(SAFE_OR_POST)
def adapt(request: Any, entry: str) -> HttpResponse:
    """Make an own version of a metric of the library."""
    return _define(request, choice.offer_for(entry).entry)


@needs(Permission.CHOOSE_METRICS)
@require_http_methods(SAFE_OR_POST)
def own(request: Any) -> HttpResponse:
    """Write a metric in one's own words; `proposal` names the proposal that it answers."""
    return _define(request, None)


def _define(request: Any, entry: LibraryMetric | None) -> HttpResponse:
    proposal = _proposal(request)
    sent = request.POST if request.method == "POST" else None
    form = _form(request, sent, entry, proposal)
    if sent is not None and form.is_valid():
        try:
            metric = _defined(request, form, entry, proposal)
            return go(request, here(request, "kept", metric=metric.code))
        except RuleBroken as broken:
            form.add_error(None, broken.message)
    context = {
        "form": form,
        "entry": entry,
        "proposal": proposal,
        "is_index": isinstance(form, IndexForm),
        "offers_index": entry is None and proposal is None,
    }
    return page(request, "metrics/choose/define.html", context, status=422 if form.errors else 200)


def _form(
    request: Any, sent: Any, entry: LibraryMetric | None, proposal: MetricProposal | None
) -> DefinitionForm:
    """The questions about a count, or those about an index: which it is, the library or the address says."""
    if entry is not None and entry.kind == INDEX:
        return IndexForm(sent, metrics=queries.definitions(), initial=IndexForm.of(values_of(entry)))
    if entry is None and proposal is None and request.GET.get("kind") == INDEX:
        return IndexForm(sent, metrics=queries.definitions())
    return DefinitionForm(sent, initial=_initial(entry, proposal))


def _initial(entry: LibraryMetric | None, proposal: MetricProposal | None) -> dict[str, Any]:
    if entry is not None:
        return DefinitionForm.of(values_of(entry))
    if proposal is not None:
        return {
            "name": proposal.name,
            "level": proposal.level,
            "purpose": proposal.purpose,
            "numerator": proposal.words,
            "why": proposal.why,
        }
    return {}


def _defined(
    request: Any, form: DefinitionForm, entry: LibraryMetric | None, proposal: MetricProposal | None
) -> Metric:
    code, values, person = form.code(), form.values(), request.person
    if proposal is not None:
        return adopt_proposal(proposal=proposal, code=code, values=values, by=person)
    if entry is not None:
        return choosing.adapt_metric(
            organisation=request.organisation, entry=entry, code=code, values=values, by=person
        )
    return choosing.write_metric(organisation=request.organisation, code=code, values=values, by=person)


def _proposal(request: Any) -> MetricProposal | None:
    """The proposal that the address or the form names, when there is one that waits."""
    given = request.POST.get("proposal") or request.GET.get("proposal") or ""
    return next((one for one in choice.proposals() if str(one.pk) == given and not one.answer), None)


@needs(Permission.CHOOSE_METRICS)
@require_POST
def adopt_from_set(request: Any, number: int) -> HttpResponse:
    """Take a department's definition over, unedited."""
    metric = choosing.adopt_from_set(
        organisation=request.organisation, entry=choice.set_metric_for(number), by=request.person
    )
    return go(request, here(request, "kept", metric=metric.code))


@needs(Permission.SEE_DASHBOARDS)
@require_safe
def sets(request: Any) -> HttpResponse:
    """What health departments publish, and what of it is adopted here."""
    adopted = choice.adopted_from_sets()
    found = [(one, [(entry, adopted.get(entry.pk)) for entry in one.metrics.all()]) for one in choice.sets()]
    return page(request, "metrics/choose/sets.html", {"sets": found})
