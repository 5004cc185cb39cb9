"""The screens of a practice: news, conflict, proof, the list and its export."""

from __future__ import annotations

import csv
import datetime
import html
import io
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from equity.tenancy.personas import Login
from practices import actions, queries
from practices.evidence_rules import Visibility
from practices.models import AdoptedPractice, Evidence, Update
from practices.workflow import PracticeStatus
from tests.practices.conftest import PDF, Programme, minutes
from tests.practices.test_programme_pages import signed_in

NEWS = {"status": "under_way", "words": "The council met.", "version": "1"}


def file_data(**more: Any) -> dict[str, Any]:
    return {
        "title": "Minutes",
        "fact_date": "2026-03-01",
        "visibility": "institution",
        "upload": minutes(),
    } | more


def attach(
    programme: Programme, visibility: Visibility = Visibility.INSTITUTION, title: str = "Minutes"
) -> Evidence:
    with programme.by("oscar") as oscar:
        return actions.attach_evidence_file(
            practice=programme.fresh(),
            title=title,
            upload=minutes(),
            fact_date=datetime.date(2026, 3, 1),
            visibility=visibility,
            by=oscar,
        )


def read(programme: Programme, name: str = "alice", **query: Any) -> str:
    return (
        signed_in(programme, name)
        .get(programme.address("practice", pk=programme.practice.pk))
        .content.decode()
    )


def test_practice_owner_posts_news_and_reviewer_may_not(programme: Programme) -> None:
    address = programme.address("post_update", pk=programme.practice.pk)
    assert signed_in(programme, "carmen").post(address, NEWS).status_code == 403
    assert signed_in(programme, "walter").post(address, NEWS).status_code == 404
    assert signed_in(programme, "oscar").post(address, NEWS).status_code == 302
    with programme.by("oscar"):
        assert [update.words for update in Update.objects.all()] == ["The council met."]
    assert "The council met." in read(programme, "carmen")


def test_done_without_evidence_is_refused_in_the_form_and_keeps_the_words(programme: Programme) -> None:
    programme.news(PracticeStatus.UNDER_WAY)
    response = signed_in(programme, "oscar").post(
        programme.address("post_update", pk=programme.practice.pk),
        {"status": "done", "words": "All seats are filled.", "version": "2"},
    )
    assert response.status_code == 422
    assert "Nothing is done without evidence" in response.content.decode()
    assert "All seats are filled." in response.content.decode()


def test_conflict_shows_both_versions_and_keeps_the_words(programme: Programme) -> None:
    client, address = (
        signed_in(programme, "oscar"),
        programme.address("post_update", pk=programme.practice.pk),
    )
    programme.news(PracticeStatus.STUCK, "No money until July.", name="mona")
    response = client.post(address, NEWS)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Somebody else changed this" in page
    assert "No money until July." in page
    assert "<p>The council met.</p>" in page
    assert "The council met.</textarea>" in page.replace("\n", "")
    assert "['The" not in html.unescape(page)
    assert 'name="version" value="2"' in page
    with programme.by("oscar"):
        assert Update.objects.count() == 1
    assert client.post(address, NEWS | {"version": "2"}).status_code == 302


def test_conflict_over_the_owner_shows_both(programme: Programme) -> None:
    mona, oscar = (programme.house.person(name) for name in ("mona", "oscar"))
    with programme.by("alice") as alice:
        actions.assign(practice=programme.fresh(), owner=mona, due=None, version=1, by=alice)
    response = signed_in(programme, "alice").post(
        programme.address("assign", pk=programme.practice.pk), {"owner": oscar.pk, "due": "", "version": "1"}
    )
    page = response.content.decode()
    assert response.status_code == 409
    assert "Owner: Mona." in page
    assert "Owner: Oscar." in page
    assert f'<option value="{oscar.pk}" selected>' in page
    with programme.by("alice"):
        assert programme.fresh().owner == mona


def test_reviewer_cannot_be_made_owner(programme: Programme) -> None:
    response = signed_in(programme, "alice").post(
        programme.address("assign", pk=programme.practice.pk),
        {"owner": programme.house.person("carmen").pk, "due": "", "version": "1"},
    )
    assert response.status_code == 422


def test_file_and_link_are_attached_by_those_who_may(programme: Programme) -> None:
    file, link = (
        programme.address(name, pk=programme.practice.pk) for name in ("attach_file", "attach_link")
    )
    link_data = {
        "title": "Charter",
        "fact_date": "2026-03-01",
        "visibility": "public",
        "url": "https://example.org/charter",
    }
    for name, status in (("carmen", 403), ("walter", 404), ("oscar", 302)):
        client = signed_in(programme, name)
        assert client.post(file, file_data()).status_code == status, name
        assert client.post(link, link_data).status_code == status, name
    with programme.by("oscar"):
        assert sorted(Evidence.objects.values_list("title", "kind", "visibility")) == [
            ("Charter", "link", "public"),
            ("Minutes", "file", "institution"),
        ]


@pytest.mark.parametrize(
    ("upload", "told"),
    [
        (minutes("page.html", b"<html>", "text/html"), "We cannot take this kind of file"),
        (minutes(content=b""), "The file is empty"),
    ],
)
def test_refused_file_is_told_in_the_form(programme: Programme, upload: Any, told: str) -> None:
    response = signed_in(programme, "oscar").post(
        programme.address("attach_file", pk=programme.practice.pk), file_data(upload=upload)
    )
    assert response.status_code == 422
    assert told in response.content.decode()


def test_refused_link_is_told_in_the_form(programme: Programme) -> None:
    data = {"title": "x", "fact_date": "2026-03-01", "visibility": "public", "url": "javascript:alert(1)"}
    response = signed_in(programme, "oscar").post(
        programme.address("attach_link", pk=programme.practice.pk), data
    )
    assert response.status_code == 422
    assert "A link begins with" in response.content.decode()


def test_download_is_an_attachment_that_no_browser_guesses_about(programme: Programme) -> None:
    evidence = attach(programme, title="Minutes / “March”")
    response = signed_in(programme, "bea").get(programme.address("evidence", pk=evidence.pk))
    assert b"".join(response.streaming_content) == PDF  # type: ignore[attr-defined]  # a FileResponse
    assert response["Content-Disposition"].startswith("attachment")
    assert (response["Content-Type"], response["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert response["Cache-Control"] == "no-store, private"


def test_download_is_denied_to_those_it_was_not_shown_to(programme: Programme) -> None:
    inside, shown = attach(programme), attach(programme, Visibility.COMMUNITY)
    carmen = signed_in(programme, "carmen")
    assert carmen.get(programme.address("evidence", pk=inside.pk)).status_code == 404
    response = carmen.get(programme.address("evidence", pk=shown.pk))
    assert b"".join(response.streaming_content) == PDF  # type: ignore[attr-defined]  # a FileResponse


def test_download_is_denied_across_institutions_even_when_public(programme: Programme) -> None:
    evidence = attach(programme, Visibility.PUBLIC)
    walter = signed_in(programme, "walter")
    assert walter.get(programme.address("evidence", pk=evidence.pk)).status_code == 404
    assert walter.get(programme.address("evidence", "elsewhere", pk=evidence.pk)).status_code == 404


def test_download_of_a_file_that_is_gone_says_so(programme: Programme) -> None:
    evidence = attach(programme)
    evidence.file.storage.delete(evidence.file.name)
    response = signed_in(programme, "bea").get(programme.address("evidence", pk=evidence.pk))
    assert response.status_code == 404
    assert evidence.sha256 in response.content.decode()


def test_evidence_is_shown_to_others_by_those_who_may(programme: Programme) -> None:
    evidence = attach(programme)
    address = programme.address("show_evidence_to", pk=programme.practice.pk)
    data = {"evidence": evidence.pk, "visibility": "community"}
    assert signed_in(programme, "carmen").post(address, data).status_code == 403
    assert signed_in(programme, "oscar").post(address, data | {"visibility": "nobody"}).status_code == 404
    assert signed_in(programme, "oscar").post(address, data).status_code == 302
    with programme.by("carmen"):
        assert queries.evidence_for(evidence.pk).visibility == "community"


def test_reviewer_reads_everything_but_what_is_kept_inside_and_finds_no_button(programme: Programme) -> None:
    programme.news(PracticeStatus.UNDER_WAY, "The council met.")
    attach(programme, title="Kept inside")
    attach(programme, Visibility.COMMUNITY, title="Shown to the board")
    page = read(programme, "carmen")
    assert "The council met." in page
    assert "Shown to the board" in page
    assert "Kept inside" not in page
    assert [line for line in page.splitlines() if 'method="post"' in line and "/programme/" in line] == []


def test_history_tells_who_did_what(programme: Programme) -> None:
    programme.news(PracticeStatus.UNDER_WAY)
    attach(programme, title="Kept inside")
    page = read(programme)
    assert "adopted practice 2.1.1 of the guide" in page
    assert "changed it from “Not started” to “Under way”" in page
    assert "attached a file as evidence" in page


def with_more(programme: Programme) -> None:
    """Riverside takes up more: late, stuck, local, of another step."""
    with programme.by("alice") as alice:
        for code in ("2.1.2", "2.1.3"):
            actions.adopt_practice(goal=programme.goal, item=programme.item(code), by=alice)
        goal = actions.adopt_goal(
            cycle=programme.cycle, item=programme.item("1.1", "goal"), reason="Now.", by=alice
        )
        actions.add_local_practice(
            goal=goal, title='=HYPERLINK("https://evil.example")', body="", proposed_by="staff", by=alice
        )
        AdoptedPractice.objects.filter(item__code="2.1.2").update(
            due=datetime.date(2026, 1, 10), owner=programme.house.person("oscar")
        )
        AdoptedPractice.objects.filter(item__code="2.1.3").update(
            due=datetime.date(2026, 1, 10), status="done"
        )


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("", {"1.1", "2.1.1", "2.1.2", "2.1.3"}),
        ("overdue=1", {"2.1.2"}),
        ("status=done", {"2.1.3"}),
        ("step=1", {"1.1"}),
        ("step=2&status=not_started", {"2.1.1", "2.1.2"}),
        ("owner=oscar", {"2.1.2"}),
        ("step=3", set()),
        ("step=9&status=nonsense&owner=nobody", {"1.1", "2.1.1", "2.1.2", "2.1.3"}),
    ],
)
def test_list_is_narrowed_by_its_address_and_so_is_the_export(
    programme: Programme, query: str, codes: set[str]
) -> None:
    with_more(programme)
    query = query.replace("owner=oscar", f"owner={programme.house.person('oscar').pk}")
    client = signed_in(programme, "bea")
    page = client.get(f"{programme.address('practices')}?{query}")
    assert {practice.code or practice.goal.item.code for practice in page.context["practices"]} == codes
    export = client.get(f"{programme.address('practices_csv')}?{query}")
    rows = list(csv.DictReader(io.StringIO(export.content.decode("utf-8-sig"))))
    assert {row["Code"] or row["Goal"] for row in rows} == codes


def test_export_begins_no_formula(programme: Programme) -> None:
    with_more(programme)
    response = signed_in(programme, "bea").get(programme.address("practices_csv"))
    cells = [cell for row in csv.reader(io.StringIO(response.content.decode("utf-8-sig"))) for cell in row]
    assert '\'=HYPERLINK("https://evil.example")' in cells
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
    assert response["Content-Disposition"].startswith('attachment; filename="riverside-practices-')


def test_list_asks_the_database_as_often_for_many_rows_as_for_one(programme: Programme) -> None:
    def asked(name: str) -> int:
        client = signed_in(programme, "bea")
        with CaptureQueriesContext(connections[Login.OWNER.value]) as captured:
            client.get(programme.address(name))
        return len(captured)

    before = [asked("practices"), asked("practices_csv")]
    with_more(programme)
    assert [asked("practices"), asked("practices_csv")] == before


def test_list_before_the_first_cycle_is_empty(programme: Programme) -> None:
    page = signed_in(programme, "walter").get(programme.address("practices", "elsewhere"))
    assert page.status_code == 200
    assert "not promised a practice yet" in page.content.decode()
