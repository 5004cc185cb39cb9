"""The community proposes what to measure, and decides on publishing what it holds. The institution answers proposals."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from equity import audit
from equity.errors import RuleBroken
from equity.publication.models import Release
from equity.tenancy.acting import current
from equity.tenancy.models import Organisation, Person
from metrics.actions import choosing
from metrics.consent import one_word_at_a_time
from metrics.library.entries import LibraryMetric
from metrics.models import Metric, MetricProposal, PublicationConsent, Side

Answer = MetricProposal.Answer


def propose_metric(
    *,
    organisation: Organisation,
    by: Person,
    name: str,
    level: str,
    purpose: str,
    words: str,
    why: str,
    library_code: str = "",
    community_holds: bool = False,
) -> MetricProposal:
    """Ask the institution to measure something, in the community's own words or from the library."""
    if not why.strip() or not words.strip():
        raise RuleBroken(_("Say what to count, and why it matters to you."))
    with transaction.atomic(using=current().alias):
        proposal = MetricProposal.objects.create(
            organisation=organisation,
            name=name.strip(),
            level=level,
            purpose=purpose,
            words=words.strip(),
            why=why.strip(),
            library_code=library_code,
            community_holds=community_holds,
            proposed_by=by,
        )
        audit.record("metric_proposal.make", by=by, target=proposal, library_code=library_code)
    return proposal


def adopt_proposal(
    *,
    proposal: MetricProposal,
    by: Person,
    reason: str = "",
    entry: LibraryMetric | None = None,
    code: str = "",
    values: dict[str, Any] | None = None,
) -> Metric:
    """Measure what the community asked for: from the library as it is (`entry`), or as a definition (`code`, `values`).

    The metric is marked as chosen by the community, and is held by it when it asked for that.
    """
    sides = {
        "chosen_by": Side.COMMUNITY,
        "held_by": Side.COMMUNITY if proposal.community_holds else Side.INSTITUTION,
    }
    with transaction.atomic(using=current().alias):
        open_one = _open(proposal)
        if entry is not None:
            metric = choosing.adopt_metric(organisation=open_one.organisation, entry=entry, by=by, **sides)
        else:
            metric = choosing.write_metric(
                organisation=open_one.organisation, code=code, values=values or {}, by=by, **sides
            )
        _answer(open_one, Answer.ADOPTED, reason, by, metric)
    return metric


def decline_proposal(*, proposal: MetricProposal, reason: str, by: Person) -> MetricProposal:
    """Say no, and why. The proposal stays for everybody to read."""
    if not reason.strip():
        raise RuleBroken(_("Say why not. The community will read it."))
    with transaction.atomic(using=current().alias):
        return _answer(_open(proposal), Answer.DECLINED, reason, by, None)


def _open(proposal: MetricProposal) -> MetricProposal:
    found = (
        MetricProposal.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .filter(pk=proposal.pk, answer=Answer.OPEN)
        .first()
    )
    if found is None:
        raise RuleBroken(_("This proposal has an answer already."))
    return found


def _answer(
    proposal: MetricProposal, answer: str, reason: str, by: Person, metric: Metric | None
) -> MetricProposal:
    proposal.answer, proposal.reason, proposal.metric = answer, reason.strip(), metric
    proposal.answered_by, proposal.answered_at = by, timezone.now()
    proposal.save(update_fields=["answer", "reason", "metric", "answered_by", "answered_at"])
    audit.record("metric_proposal.answer", by=by, target=proposal, answer=answer, reason=proposal.reason)
    return proposal


def consent_to_publication(
    *, release: Release, metric: Metric, agreed: bool, by: Person, reason: str = ""
) -> PublicationConsent:
    """The community's word on publishing a metric that it holds, in one release that has been checked."""
    if metric.held_by != Side.COMMUNITY:
        raise RuleBroken(_("The institution decides on this measure."))
    if not agreed and not reason.strip():
        raise RuleBroken(_("Say why not, so that the institution knows what to change."))
    with transaction.atomic(using=current().alias):
        one_word_at_a_time(release.organisation_id)
        if not Release.objects.filter(pk=release.pk, state=Release.State.CERTIFIED).exists():
            raise RuleBroken(_("Only a release that is ready can be agreed to."))
        consent = PublicationConsent.objects.create(
            organisation_id=release.organisation_id,
            release=release,
            metric=metric,
            agreed=agreed,
            reason=reason.strip(),
            given_by=by,
        )
        audit.record(
            "release.consent", by=by, target=release, metric=metric.name, agreed=agreed, reason=consent.reason
        )
    return consent
