"""What of a release waits for the community's word: metrics that it holds, and changes of the groups they are shown by.

One query door for pages, actions and the job that publishes.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connections

from equity.publication.models import Release
from equity.tenancy.acting import current
from metrics.indexes import parts_of
from metrics.models import CertifiedCell, GroupChange, Metric, PublicationConsent, Side

LOCK = "SELECT pg_advisory_xact_lock(hashtext('metrics_consent'), %s::int)"


def one_word_at_a_time(organisation_id: int) -> None:
    """A word on an institution's releases comes before one is published or after it, never between check and ledger."""
    with connections[current().alias].cursor() as cursor:
        cursor.execute(LOCK, [organisation_id])


@dataclass(frozen=True)
class Held:
    """A metric of a release that the community holds, with its latest word; None: it has not spoken."""

    metric: Metric
    word: PublicationConsent | None

    @property
    def agreed(self) -> bool:
        return self.word is not None and self.word.agreed


def held_in(release: Release) -> list[Held]:
    """What the community holds of a checked release, by the cells that it would publish: an index with any of its parts.

    Not by the report of the check, which insiders alone read: this asks in the name of the community too.
    """
    cells = CertifiedCell.objects.filter(organisation_id=release.organisation_id, release=release)
    codes = set(cells.values_list("series__metric__code", flat=True).distinct())
    held = [
        metric
        for metric in Metric.objects.filter(organisation_id=release.organisation_id, held_by=Side.COMMUNITY)
        if codes.intersection([metric.code, *parts_of(metric)])
    ]
    words = {
        word.metric_id: word
        for word in PublicationConsent.objects.filter(release=release)
        .select_related("given_by")
        .order_by("given_at", "id")
    }
    return [Held(metric, words.get(metric.pk)) for metric in held]


def missing_consent(release: Release) -> list[Metric]:
    """The metrics that keep a release from being published, because the community has not agreed."""
    return [one.metric for one in held_in(release) if not one.agreed]


def undecided_groups(release: Release) -> list[GroupChange]:
    """Changes of labels, order, reference or joined groups that nobody has decided, in dimensions that a release shows."""
    ways = (
        CertifiedCell.objects.filter(organisation_id=release.organisation_id, release=release)
        .exclude(series__stratum__by="")
        .values_list("series__stratum__by", flat=True)
        .distinct()
        .order_by()
    )
    shown = {code for way in ways for code in way.split("*")}
    found = GroupChange.objects.filter(decision="", dimension__code__in=shown)
    return list(found.select_related("dimension", "proposed_by").order_by("proposed_at"))


def waiting_releases() -> list[tuple[Release, list[Held]]]:
    """Releases that are ready and hold something of the community's, newest first."""
    ready = Release.objects.filter(kind=Release.Kind.FIGURES, state=Release.State.CERTIFIED)
    found = [(release, held_in(release)) for release in ready]
    return [(release, held) for release, held in found if held]
