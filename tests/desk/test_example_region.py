"""The example's health department: what it adds up, and that playing it again changes nothing."""

from __future__ import annotations

import pytest

from equity.desk.example import region
from equity.publication.models import LedgerEntry, Release
from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona

pytestmark = pytest.mark.django_db


def test_the_county_shows_what_no_hospital_can() -> None:
    """Each hospital hides how many Asian patients it reached; the sum of all three shows it."""
    for _ in range(2):
        region.play(say=lambda _words: None)
    with acting_as(Persona.OPERATOR):
        assert Release.objects.filter(seq__isnull=False).count() == 4
    with acting_as(Persona.PUBLIC):
        rows = LedgerEntry.objects.filter(key__endswith="race_ethnicity=asian").select_related("release")
        told = {row.release.institution_slug: row.document["numerator"] for row in rows}
        (everybody,) = LedgerEntry.objects.filter(
            release__institution_slug=region.DEPARTMENT.slug, key__endswith="|"
        )
    assert told == {
        region.DEPARTMENT.slug: 23,
        **{place.slug: None for place in region.HOSPITALS},
    }
    assert everybody.document["institutions"]["names"] == [place.name for place in region.HOSPITALS]
