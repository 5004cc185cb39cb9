"""Proof: kept whole, under random names, seen only by those it was shown to."""

from __future__ import annotations

import datetime
import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.db import ProgrammingError
from django.utils import timezone

from equity.errors import NotFound, RuleBroken
from equity.tenancy.acting import acting_as
from equity.tenancy.models import AuditEvent
from equity.tenancy.personas import Persona
from practices import actions, queries
from practices.evidence_rules import Visibility
from practices.models import Evidence
from tests.practices.conftest import PDF, Programme, minutes

TODAY = datetime.date(2026, 3, 1)


def attach(programme: Programme, visibility: Visibility = Visibility.INSTITUTION, **more: Any) -> Evidence:
    with programme.by("oscar") as oscar:
        given = {"title": "Minutes", "upload": minutes(), "fact_date": TODAY} | more
        return actions.attach_evidence_file(
            practice=programme.fresh(), visibility=visibility, by=oscar, **given
        )


def files(folder: str) -> list[Path]:
    return [path for path in Path(folder).rglob("*") if path.is_file()]


def test_file_is_kept_whole_under_a_random_name(programme: Programme, settings: Any) -> None:
    evidence = attach(programme)
    (stored,) = files(settings.MEDIA_ROOT)
    assert stored.read_bytes() == PDF
    assert "minutes" not in stored.name
    assert (evidence.sha256, evidence.size) == (hashlib.sha256(PDF).hexdigest(), len(PDF))
    assert (evidence.content_type, evidence.visibility, evidence.file_name) == (
        "application/pdf",
        "institution",
        "Minutes.pdf",
    )


def test_attaching_leaves_a_row_on_the_practice_without_the_title(programme: Programme) -> None:
    evidence = attach(programme, title="Complaint of the night shift")
    with programme.by("oscar"):
        (event,) = AuditEvent.objects.filter(event="evidence.attach")
    assert event.target_id == str(programme.practice.pk)
    assert event.details["evidence"] == str(evidence.pk)
    assert "night shift" not in f"{event.target_name} {event.details}"


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"upload": minutes("page.html", b"<html>", "text/html")}, "this kind of file"),
        ({"upload": minutes("minutes.pdf", b"<html>")}, "this kind of file"),
        ({"upload": minutes(content=b"")}, "empty"),
        ({"title": " "}, "what this shows"),
        ({"fact_date": datetime.date(2999, 1, 1)}, "future"),
    ],
)
def test_file_that_breaks_a_rule_is_refused_and_not_stored(
    programme: Programme, settings: Any, more: dict[str, Any], told: str
) -> None:
    with pytest.raises(RuleBroken, match=told):
        attach(programme, **more)
    assert files(settings.MEDIA_ROOT) == []


def test_file_larger_than_the_limit_is_refused(programme: Programme, settings: Any) -> None:
    settings.EVIDENCE_MAX_BYTES = len(PDF) - 1
    with pytest.raises(RuleBroken, match="too large"):
        attach(programme)
    settings.EVIDENCE_MAX_BYTES = len(PDF)
    assert attach(programme).size == len(PDF)


def test_file_whose_row_cannot_be_written_is_taken_away_again(programme: Programme, settings: Any) -> None:
    with pytest.raises(Exception, match="too long"):
        attach(programme, title="x" * 201)
    assert files(settings.MEDIA_ROOT) == []


def test_link_is_kept_and_script_is_not_a_link(programme: Programme) -> None:
    with programme.by("oscar") as oscar:
        kept = actions.attach_evidence_link(
            practice=programme.fresh(),
            title="Budget",
            url="https://example.org/budget",
            fact_date=TODAY,
            by=oscar,
        )
        assert (kept.kind, kept.url, kept.sha256) == ("link", "https://example.org/budget", "")
        with pytest.raises(RuleBroken, match="https"):
            actions.attach_evidence_link(
                practice=programme.fresh(),
                title="Budget",
                url="javascript:alert(1)",
                fact_date=TODAY,
                by=oscar,
            )


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("oscar", {"institution", "community", "public"}),
        ("bea", {"institution", "community", "public"}),
        ("carmen", {"community", "public"}),
        ("farid", {"community", "public"}),
    ],
)
def test_community_sees_only_what_was_shown_to_it(programme: Programme, name: str, seen: set[str]) -> None:
    pieces = {visibility.value: attach(programme, visibility) for visibility in Visibility}
    with programme.by(name):
        assert {piece.visibility for piece in queries.evidence_of(programme.practice)} == seen
        for visibility, piece in pieces.items():
            if visibility in seen:
                assert queries.evidence_for(piece.pk) == piece
            else:
                with pytest.raises(NotFound):
                    queries.evidence_for(piece.pk)


def test_stranger_sees_no_evidence_of_any_visibility(programme: Programme) -> None:
    for visibility in Visibility:
        attach(programme, visibility)
    with programme.by("walter"):
        assert Evidence.objects.count() == 0


def test_visibility_is_the_only_thing_that_can_change(programme: Programme) -> None:
    evidence = attach(programme)
    with programme.by("oscar") as oscar:
        actions.show_evidence_to(evidence=evidence, visibility=Visibility.COMMUNITY, by=oscar)
        assert queries.evidence_for(evidence.pk).visibility == "community"
        (event,) = AuditEvent.objects.filter(event="evidence.show_to")
        assert (event.details["before"], event.details["after"]) == ("institution", "community")
    for persona in (Persona.MEMBER, Persona.OPERATOR):
        with pytest.raises(ProgrammingError, match="permission denied"):
            with acting_as(
                persona, organisation=programme.house.riverside, person=programme.house.person("oscar")
            ):
                Evidence.objects.filter(pk=evidence.pk).update(title="Something else")


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_news_can_neither_be_changed_nor_removed(programme: Programme, verb: str) -> None:
    from practices.models import Update
    from practices.workflow import PracticeStatus

    programme.news(PracticeStatus.UNDER_WAY)
    with pytest.raises(ProgrammingError, match="permission denied"):
        with programme.by("oscar"):
            news = Update.objects.all()
            news.update(words="x") if verb == "update" else news._raw_delete("owner")


def test_day_of_the_fact_may_be_today(programme: Programme) -> None:
    assert attach(programme, fact_date=timezone.localdate()).fact_date == timezone.localdate()
