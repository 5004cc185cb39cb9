"""Adopting, adapting, writing and retiring metrics; what the grid says is uncovered."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connections, transaction
from django.test import Client

from equity.errors import RuleBroken
from equity.tenancy.models import AuditEvent
from metrics.actions import choosing
from metrics.coverage import cover
from metrics.definition_fields import values_of
from metrics.library.entries import Level, Purpose
from metrics.library.read import shelf
from metrics.models import Metric, Side
from tests.cast import House
from tests.metrics.choosing import VALUES, acting, address, again, as_form, entry


def test_adopted_metric_is_the_librarys_and_remembers_where_it_came_from(house: House) -> None:
    with acting(house, "alice"):
        metric = choosing.adopt_metric(organisation=house.riverside, entry=entry(), by=house.person("alice"))
        event = AuditEvent.objects.get(event="metric.choose")
    told = again(metric)
    assert (told.origin, told.library_code, told.library_version) == ("library", "interpreter-wait", 1)
    assert {field: getattr(told, field) for field in values_of(entry())} == values_of(entry())
    assert event.details["origin"] == "library"
    with acting(house, "alice"), pytest.raises(RuleBroken, match="already"):
        choosing.adopt_metric(organisation=house.riverside, entry=entry(), by=house.person("alice"))


def test_every_metric_of_the_library_can_be_adopted(house: House) -> None:
    with acting(house, "mona"):
        for one in shelf().metrics:
            choosing.adopt_metric(organisation=house.riverside, entry=one, by=house.person("mona"))
        assert Metric.objects.filter(origin="library").count() == len(shelf().metrics) >= 40


def test_adapted_metric_shows_what_differs(house: House, client: Client) -> None:
    values = {**values_of(entry()), "numerator": "Minutes until a video interpreter was there, added up"}
    with acting(house, "alice"):
        metric = choosing.adapt_metric(
            organisation=house.riverside, entry=entry(), code="video-wait", values=values, by=None
        )
        with pytest.raises(RuleBroken, match="Nothing differs"):
            choosing.adapt_metric(
                organisation=house.riverside, entry=entry(), code="x", values=values_of(entry()), by=None
            )
    assert (metric.origin, metric.library_code) == ("adapted", "interpreter-wait")
    client.force_login(house.accounts["carmen"])
    words = client.get(address("kept", metric="video-wait")).content.decode()
    assert entry().numerator in words
    assert values["numerator"] in words
    assert "one thing differs" in words
    assert "Not comparable across institutions" in words


@pytest.mark.parametrize(
    ("name", "status"),
    [("alice", 302), ("mona", 302), ("bea", 403), ("oscar", 403), ("carmen", 403), ("farid", 403)],
)
def test_who_may_adopt(house: House, client: Client, name: str, status: int) -> None:
    client.force_login(house.accounts[name])
    assert client.post(address("adopt", entry="interpreter-wait")).status_code == status
    with acting(house, name):
        assert Metric.objects.filter(code="interpreter-wait").exists() is (status == 302)


def test_postgresql_refuses_a_definition_by_somebody_who_may_not_choose(house: House) -> None:
    with acting(house, "bea"), pytest.raises(DatabaseError, match="row-level security"):
        choosing.write_metric(organisation=house.riverside, code="own", values=VALUES, by=None)


def test_own_metric_is_written_through_its_page(house: House, client: Client) -> None:
    client.force_login(house.accounts["alice"])
    wrong = client.post(address("own"), as_form({**VALUES, "denominator": ""}))
    assert wrong.status_code == 422
    assert b"Say out of what" in wrong.content
    sent = client.post(address("own"), as_form(VALUES))
    assert sent["Location"] == address("kept", metric="calls-that-were-answered")
    assert b"wrote it" in client.get(sent["Location"]).content


def test_retired_metric_keeps_its_page_and_leaves_the_grid(house: House, client: Client) -> None:
    with acting(house, "alice"):
        metric = choosing.write_metric(organisation=house.riverside, code="calls", values=VALUES, by=None)
        with pytest.raises(RuleBroken, match="why"):
            choosing.retire_metric(metric=metric, reason="  ", by=None)
    client.force_login(house.accounts["alice"])
    assert (
        client.post(address("metric_retire", metric="calls"), {"reason": "Nobody used it."}).status_code
        == 302
    )
    assert "retired since" in client.get(address("kept", metric="calls")).content.decode()
    chooser = client.get(address("choose")).content.decode()
    assert "Retired, with their history" in chooser
    assert "measures <b>nothing yet</b>" in chooser


def test_library_is_filtered_by_the_address(house: House, client: Client) -> None:
    client.force_login(house.accounts["carmen"])
    everything = client.get(address("choose")).content.decode()
    few = client.get(address("choose"), {"level": "patient", "purpose": "partnership"}).content.decode()
    words = client.get(address("choose"), {"q": "living wage"}).content.decode()
    assert everything.count("choose/library/") == len(shelf().metrics)
    expected = [
        one.code
        for one in shelf().metrics
        if one.level is Level.PATIENT and one.purpose is Purpose.PARTNERSHIP
    ]
    assert few.count("choose/library/") == len(expected) > 0
    assert 0 < words.count("choose/library/") < 10


def test_what_the_community_holds_only_the_community_gives_back(house: House, client: Client) -> None:
    with acting(house, "alice"):
        metric = choosing.write_metric(
            organisation=house.riverside, code="calls", values=VALUES, by=None, held_by=Side.COMMUNITY
        )
        with (
            pytest.raises(DatabaseError, match="the community holds"),
            transaction.atomic(using=connections["owner"].alias),
        ):
            choosing.give_back(metric=metric, by=house.person("alice"))
    client.force_login(house.accounts["alice"])
    assert client.post(address("metric_give_back", metric="calls")).status_code == 403
    client.force_login(house.accounts["farid"])
    assert client.post(address("metric_give_back", metric="calls")).status_code == 302
    assert again(metric).held_by == "institution"


class One:
    def __init__(self, code: str, level: str, purpose: str) -> None:
        self.code, self.name, self.level, self.purpose = code, code, level, purpose


def test_coverage_tells_thin_levels_and_empty_places() -> None:
    chosen: list[Any] = [One(str(number), "patient", "impact") for number in range(5)]
    chosen += [One("a", "community", "impact"), One("b", "community", "implementation")]
    found = cover(chosen)
    assert found.total == 7
    assert found.crowded == [Level.PATIENT]
    assert found.thin == [Level.ORGANIZATION, Level.SOCIETAL]
    assert found.purposes_without == [Purpose.PARTNERSHIP]
    assert len(found.uncovered) == 12 - 3
