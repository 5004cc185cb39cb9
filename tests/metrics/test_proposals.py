"""What the community proposes is answered and never lost; what it holds is published with its word only."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from equity.errors import RuleBroken
from equity.publication.models import Release
from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from metrics.actions.choosing import give_to_community
from metrics.actions.groups import propose_change
from metrics.actions.proposals import (
    adopt_proposal,
    consent_to_publication,
    decline_proposal,
    propose_metric,
)
from metrics.actions.releases import publish_figures
from metrics.consent import missing_consent
from metrics.models import Dimension, Metric, MetricProposal
from tests.cast import House
from tests.metrics.choosing import VALUES, acting, address, as_form, entry
from tests.metrics.facts import Facts, certified, entries, fresh, run
from tests.metrics.hospitals import QUARTERS, two_hospitals


def proposed(house: House, **more: Any) -> MetricProposal:
    with acting(house, "carmen"):
        return propose_metric(
            organisation=house.riverside,
            by=house.person("carmen"),
            name="Who is sent away",
            level="patient",
            purpose="impact",
            words="People sent away from the emergency room",
            why="It happened to my son.",
            **more,
        )


def test_proposal_is_adopted_from_the_library_and_marked(house: House) -> None:
    proposal = proposed(house, library_code="interpreter-wait", community_holds=True)
    with acting(house, "alice"):
        metric = adopt_proposal(proposal=proposal, entry=entry(), by=house.person("alice"))
        answered = MetricProposal.objects.get()
        assert (metric.chosen_by, metric.held_by, metric.origin) == ("community", "community", "library")
        assert (answered.answer, answered.metric_id) == ("adopted", metric.pk)
        with pytest.raises(RuleBroken, match="has an answer"):
            decline_proposal(proposal=proposal, reason="Changed our mind.", by=house.person("alice"))


def test_declined_proposal_stays_with_its_reason(house: House, client: Client) -> None:
    proposal = proposed(house)
    client.force_login(house.accounts["alice"])
    where = address("proposal_decline", pk=proposal.pk)
    assert client.post(where, {"reason": ""}).status_code == 422
    assert client.post(where, {"reason": "We cannot count it yet."}).status_code == 302
    client.force_login(house.accounts["oscar"])
    words = client.get(address("proposal", pk=proposal.pk)).content.decode()
    assert "We cannot count it yet." in words
    assert "It happened to my son." in words


def test_nobody_deletes_or_rewrites_a_proposal(house: House) -> None:
    proposal = proposed(house)
    for name in ("alice", "carmen", "farid"):
        with acting(house, name), pytest.raises(DatabaseError), transaction.atomic(using="owner"):
            MetricProposal.objects.filter(pk=proposal.pk).delete()
    with acting(house, "carmen"):
        assert MetricProposal.objects.filter(pk=proposal.pk).update(words="Something else") == 0
    with acting(house, "alice"):
        decline_proposal(proposal=proposal, reason="No.", by=house.person("alice"))
        assert MetricProposal.objects.filter(pk=proposal.pk).update(reason="Yes.") == 0


def test_institution_cannot_propose_in_the_communitys_name(house: House, client: Client) -> None:
    client.force_login(house.accounts["alice"])
    assert client.get(address("proposal_new")).status_code == 403
    with acting(house, "alice"), pytest.raises(DatabaseError, match="row-level security"):
        propose_metric(
            organisation=house.riverside,
            by=house.person("alice"),
            name="x",
            level="patient",
            purpose="impact",
            words="x",
            why="x",
        )


def test_proposal_is_made_and_defined_through_the_pages(house: House, client: Client) -> None:
    client.force_login(house.accounts["carmen"])
    offered = client.get(address("proposal_new"), {"library": "interpreter-wait"}).content.decode()
    assert entry().name in offered
    told = {"name": "Calls", "words": "Calls answered", "why": "We wait.", "level": "community"}
    made = client.post(address("proposal_new"), {**told, "purpose": "impact", "library_code": "nonsense"})
    with acting(house, "alice"):
        proposal = MetricProposal.objects.get()
        assert proposal.library_code == ""
    assert made["Location"] == address("proposal", pk=proposal.pk)
    client.force_login(house.accounts["alice"])
    define = f"{address('own')}?proposal={proposal.pk}"
    assert "Calls answered" in client.get(define).content.decode()
    sent = client.post(address("own"), {**as_form(VALUES), "proposal": proposal.pk})
    assert "proposed by Carmen" in client.get(sent["Location"]).content.decode()
    with acting(house, "alice"):
        assert Metric.objects.get().chosen_by == "community"


# ---------------------------------------------------------------- publication
@pytest.fixture
def facts(house: House) -> Facts:
    return two_hospitals(house)


@pytest.fixture
def held(facts: Facts, house: House) -> Release:
    """A release that is ready, with a metric that the community holds."""
    with acting(house, "alice"):
        give_to_community(metric=Metric.objects.get(code="seen-in-time"), by=house.person("alice"))
    return certified(facts, house.person("alice"), QUARTERS[:1])


def test_held_metric_is_published_only_when_the_community_agrees(
    held: Release, house: House, client: Client
) -> None:
    client.force_login(house.accounts["alice"])
    refused = client.post(address("release_publish", pk=held.pk))
    assert refused.status_code == 422
    assert "The community holds these measures" in refused.content.decode()
    assert client.get(address("release_consent", pk=held.pk)).status_code == 403
    client.force_login(house.accounts["farid"])
    assert "Without its word" in client.get(address("release_consent", pk=held.pk)).content.decode()
    assert str(held.pk) in client.get(address("choose")).content.decode()
    told = {"metric": "seen-in-time", "word": "agree"}
    assert client.post(address("release_consent", pk=held.pk), told).status_code == 302
    client.force_login(house.accounts["alice"])
    assert client.post(address("release_publish", pk=held.pk)).status_code == 302


def test_latest_word_counts_and_a_refusal_needs_a_reason(held: Release, house: House) -> None:
    with acting(house, "farid"):
        metric, farid = Metric.objects.get(code="seen-in-time"), house.person("farid")
        with pytest.raises(RuleBroken, match="why not"):
            consent_to_publication(release=held, metric=metric, agreed=False, by=farid)
        consent_to_publication(release=held, metric=metric, agreed=True, by=farid)
        assert missing_consent(held) == []
        consent_to_publication(release=held, metric=metric, agreed=False, reason="Ask us first.", by=farid)
        assert missing_consent(held) == [metric]
    with acting(house, "alice"), pytest.raises(RuleBroken, match="has not agreed"):
        publish_figures(release=fresh(held), by=house.person("alice"))


def say(house: House, release: Release, *, agreed: bool, reason: str = "") -> None:
    with acting(house, "farid"):
        consent_to_publication(
            release=release,
            metric=Metric.objects.get(code="seen-in-time"),
            agreed=agreed,
            reason=reason,
            by=house.person("farid"),
        )


def test_a_no_while_the_publication_waits_stops_it(held: Release, house: House) -> None:
    say(house, held, agreed=True)
    with acting(house, "alice"):
        job = publish_figures(release=held, by=house.person("alice"))
    say(house, held, agreed=False, reason="Ask us first.")
    done = run(job)
    assert (done.state, done.outcome) == ("done", {"entries": 0, "waits_for": ["seen-in-time"]})
    assert fresh(held).state == Release.State.CERTIFIED
    assert not entries(held)
    say(house, held, agreed=True)
    with acting(house, "alice"):
        again = publish_figures(release=held, by=house.person("alice"))
    run(again)
    assert entries(held)
    with pytest.raises(RuleBroken, match="release that is ready"):
        say(house, held, agreed=False, reason="Too late.")


def test_release_page_says_what_the_community_has_still_to_say(
    held: Release, house: House, client: Client
) -> None:
    client.force_login(house.accounts["alice"])
    where, publish = address("release", pk=held.pk), address("release_publish", pk=held.pk)
    words = client.get(where).content.decode()
    assert "The community’s word is missing" in words
    assert "no word yet" in words
    assert publish not in words
    assert '<button class="button">Publish' not in client.get(publish).content.decode()
    say(house, held, agreed=False, reason="Ask us first.")
    assert "Farid said no" in client.get(where).content.decode()
    say(house, held, agreed=True)
    words = client.get(where).content.decode()
    assert "word is missing" not in words
    assert publish in words


def test_release_page_names_groups_that_the_community_has_not_decided_on(
    held: Release, house: House, client: Client
) -> None:
    client.force_login(house.accounts["alice"])
    where = address("release", pk=held.pk)
    assert "has not decided on these groups" not in client.get(where).content.decode()
    with acting(house, "alice"):
        propose_change(
            dimension=Dimension.objects.get(code="race"),
            kind="label",
            becomes={"category": "a", "label": "Our word", "short": ""},
            why="They asked.",
            by=house.person("alice"),
        )
    words = client.get(where).content.decode()
    assert "has not decided on these groups" in words
    assert "Our word" in words


def test_institution_cannot_agree_for_the_community(held: Release, house: House) -> None:
    with acting(house, "alice"), pytest.raises(DatabaseError, match="row-level security"):
        consent_to_publication(
            release=held,
            metric=Metric.objects.get(code="seen-in-time"),
            agreed=True,
            by=house.person("alice"),
        )


def test_release_without_held_metrics_has_nothing_to_agree_to(
    facts: Facts, house: House, client: Client
) -> None:
    release = certified(facts, house.person("alice"), QUARTERS[:1])
    client.force_login(house.accounts["farid"])
    assert client.get(address("release_consent", pk=release.pk)).status_code == 404
    with acting_as(Persona.OPERATOR):
        assert missing_consent(release) == []
