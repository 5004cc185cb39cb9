"""Which metrics of a release wait for the community's word: those that it holds. One query door for pages and actions."""

from __future__ import annotations

from dataclasses import dataclass

from equity.publication.models import Release
from metrics.indexes import parts_of
from metrics.models import CertifiedCell, Metric, PublicationConsent, Side


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


def waiting_releases() -> list[tuple[Release, list[Held]]]:
    """Releases that are ready and hold something of the community's, newest first."""
    ready = Release.objects.filter(kind=Release.Kind.FIGURES, state=Release.State.CERTIFIED)
    found = [(release, held_in(release)) for release in ready]
    return [(release, held) for release, held in found if held]
