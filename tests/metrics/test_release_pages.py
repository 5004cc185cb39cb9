"""The pages of releases: who may prepare and publish, and what they are shown before."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from equity.publication.models import Release
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Job
from equity.tenancy.personas import Persona
from metrics.actions.releases import publish_figures
from tests.cast import House
from tests.metrics.facts import Facts, by, certified, fresh, run
from tests.metrics.hospitals import QUARTERS, two_hospitals


@pytest.fixture
def facts(house: House) -> Facts:
    return two_hospitals(house)


def _page(house: House, client: Client, name: str, route: str, **more: Any) -> Any:
    client.force_login(house.accounts[name])
    return client.get(reverse(f"metrics:{route}", kwargs={"institution": "riverside", **more}))


def test_who_may_prepare_and_who_may_publish(facts: Facts, house: House, client: Client) -> None:
    release = certified(facts, house.person("alice"), QUARTERS[:1])
    seen = {
        name: (
            _page(house, client, name, "release", pk=release.pk).status_code,
            _page(house, client, name, "release_publish", pk=release.pk).status_code,
        )
        for name in ("alice", "bea", "mona", "oscar", "carmen", "farid", "walter")
    }
    assert seen == {
        "alice": (200, 200), "bea": (200, 403), "mona": (403, 403), "oscar": (403, 403),
        "carmen": (403, 403), "farid": (403, 403), "walter": (404, 404),
    }  # fmt: skip


def test_a_release_is_prepared_and_published_through_its_pages(
    facts: Facts, house: House, client: Client
) -> None:
    client.force_login(house.accounts["alice"])
    new = reverse("metrics:release_new", kwargs={"institution": "riverside"})
    assert b"July to September 2024" in client.get(new).content
    sent = {"title": "The year", "metrics": ["seen-in-time"], "periods": ["2024", *QUARTERS]}
    address = client.post(new, sent)["Location"]
    assert b"We are checking" in client.get(address).content
    with acting_as(Persona.OPERATOR):
        release = Release.objects.get(title="The year")
        job = Job.objects.get(kind="metrics.certify_release")
    run(job)
    assert b"Ready to publish" in client.get(address).content
    assert client.post(f"{address}publish/")["Location"] == address
    with acting_as(Persona.OPERATOR):
        job = Job.objects.get(kind="metrics.publish_release")
    run(job)
    assert fresh(release).state == Release.State.PUBLISHED
    assert b"Everything that is in whole is published already" in client.get(new).content


def test_a_form_without_a_choice_says_so(facts: Facts, house: House, client: Client) -> None:
    client.force_login(house.accounts["alice"])
    answer = client.post(
        reverse("metrics:release_new", kwargs={"institution": "riverside"}), {"title": "Nothing"}
    )
    assert answer.status_code == 422
    with acting_as(Persona.OPERATOR):
        assert not Release.objects.exists()


def test_the_preview_shows_what_the_public_will_see(facts: Facts, house: House, client: Client) -> None:
    release = certified(facts, house.person("alice"), QUARTERS[:1])
    client.force_login(house.accounts["alice"])
    address = reverse("metrics:release", kwargs={"institution": "riverside", "pk": release.pk})
    before = client.get(f"{address}?unit=east&by=race").content
    with by(house.person("alice"), facts.organisation) as alice:
        run(publish_figures(release=release, by=alice))
    client.force_login(house.accounts["carmen"])
    level = reverse("metrics:level", kwargs={"institution": "riverside", "level": "patient"})
    after = client.get(f"{level}?unit=east&by=race").content

    def tables(page: bytes) -> list[bytes]:
        return [part.split(b"</tbody>")[0] for part in page.split(b"<tbody>")[1:]]

    assert tables(after)[-1] == tables(before)[-1]
    assert b"Hidden to protect privacy" in after


def test_a_release_of_another_institution_does_not_exist(facts: Facts, house: House, client: Client) -> None:
    release = certified(facts, house.person("alice"), QUARTERS[:1])
    client.force_login(house.accounts["walter"])
    address = reverse("metrics:release", kwargs={"institution": "elsewhere", "pk": release.pk})
    assert client.get(address).status_code == 404
