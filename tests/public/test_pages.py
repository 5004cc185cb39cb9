"""The public pages: the same numbers as in the ledger, for anybody, without a session."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.messages import INFO
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import CookieStorage
from django.db import connections
from django.test import Client as Browser
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from equity.publication.ledger import Entry
from equity.tenancy.personas import Login
from metrics.stats import words
from metrics.stats.comparisons import difference_of_proportions, ratio_of_proportions
from tests.public.conftest import World
from tests.public.published import METRIC, SPAN, YEAR, finding, observation, statement

PAGES = (
    "/",
    "/p/riverside/",
    "/p/riverside/measures/readmission/",
    "/p/riverside/measures/readmission/?by=race&period=2025-01-01..2025-12-31",
    "/p/riverside/measures/readmission/?by=payer*race&period=2025-01-01..2025-12-31",
    "/p/riverside/measures/falls/",
    "/p/riverside/measures/wait/",
    "/p/riverside/rounds/1/1.1/",
    "/how-we-count/",
    "/access/",
    "/privacy/",
    "/help/",
    "/api/v1/",
)
THIS_YEAR = f"{YEAR[0]}..{YEAR[1]}"


def read(browser: Browser, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def words_of(html: str) -> str:
    """The text of a page as it is read, with single spaces."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def lit_sentence(html: str) -> str:
    found = re.findall(r'class="lit[^"]*">(.*?)</(?:h1|p)>', html, re.DOTALL)
    assert len(found) == 1, "Each page has one lit sentence."
    return re.sub(r"\s+([.,])", r"\1", words_of(found[0])).strip()


def test_front_without_releases_says_so(world: World, visitor: Browser) -> None:
    assert lit_sentence(read(visitor, "/")) == "Nothing published yet."


def test_front_lists_who_publishes_with_place_and_sample_mark(published: World, visitor: Browser) -> None:
    html = read(visitor, "/")
    assert lit_sentence(html).startswith("2 institutions show their gaps here")
    entries = [words_of(item) for item in re.findall(r"<li>(.*?)</li>", html, re.DOTALL)]
    assert any("Riverside Health" in entry and "Sample. Ohio" in entry for entry in entries)
    assert any(
        "Elsewhere Clinic" in entry and "Texas" in entry and "Sample" not in entry for entry in entries
    )
    assert 'href="/p/riverside/"' in html


@pytest.mark.parametrize("address", PAGES)
def test_page_has_one_lit_sentence_and_is_small(published: World, visitor: Browser, address: str) -> None:
    html = read(visitor, address)
    lit_sentence(html)
    assert len(html.encode()) < 150_000


def test_institution_leads_with_widest_clear_gap(published: World, visitor: Browser) -> None:
    html = read(visitor, "/p/riverside/")
    gap = words.number(100 * (1500 / 10000 - 2500 / 30000))
    assert lit_sentence(html) == (
        f"Riverside Health leaves a gap of {gap} in 100 between Black or African American and White:"
        " Back in the hospital within 30 days."
    )
    text = words_of(html)
    assert "counted 15.0 in 100 for Black or African American and 8.3 for White" in text
    assert "counted 3.5 per 1,000 for Medicaid and 1.8 for Private insurance" in text
    assert "Riverside is a made-up example." in text


def test_institution_without_clear_gap_leads_with_lowest_middle_score(world: World, visitor: Browser) -> None:
    world.publish(
        finding("1.1", title="It says why", levels=(0, 1, 4, 3)),
        finding("1.2", title="Harm", levels=(4, 2, 0, 0)),
    )
    sentence = lit_sentence(read(visitor, "/p/riverside/"))
    assert sentence == "Riverside Health scored 0, absent, on “Harm”: the middle score of Community seats."


def test_institution_with_gap_that_may_be_chance_says_no_gap_is_clear(world: World, visitor: Browser) -> None:
    world.publish(
        observation(40, 400), observation(21, 200, race="black"), observation(19, 200, race="white")
    )
    html = read(visitor, "/p/riverside/")
    assert lit_sentence(html) == "Riverside Health shows its numbers here. No gap is clear so far."
    assert "The gap of 1.0 may be chance." in words_of(html)


def test_institution_whose_rows_were_withdrawn_shows_nothing(world: World, visitor: Browser) -> None:
    row = observation(50, 400)
    world.publish(row)
    world.publish(
        Entry(kind="observation", op="delete", key=row.key, metric=row.metric, document={}), kind="withdrawal"
    )
    html = read(visitor, "/p/riverside/")
    assert lit_sentence(html) == "Riverside Health shows no gap and no score here today."
    assert "12.5" not in html


def test_institution_that_never_published_is_not_found(published: World, visitor: Browser) -> None:
    assert visitor.get("/p/nobody/").status_code == 404


def test_programme_steps_are_those_of_the_statement(published: World, visitor: Browser) -> None:
    text = words_of(read(visitor, "/p/riverside/"))
    assert "This is cycle 2." in text
    assert "Commit Done" in text
    assert "Build capacity Under way" in text
    assert "1.1 Put money behind it Under way" in text


def test_scores_stand_as_published_and_hidden_group_has_no_number(published: World, visitor: Browser) -> None:
    text = words_of(read(visitor, "/p/riverside/"))
    assert "Community seats (9)" in text
    assert "Executive seats Hidden to protect privacy Fewer than five replies" in text
    assert "between 2 and 3" not in text
    assert "2, from 1 to 3" in text


def test_items_that_people_see_differently_come_first(world: World, visitor: Browser) -> None:
    world.publish(
        finding("a", title="Seen alike", position=1),
        finding("b", title="Seen differently", position=3, split=True),
        finding("c", title="Also alike", position=2),
        kind="round",
    )
    html = read(visitor, "/p/riverside/")
    assert re.findall(r"<h3>([^<]+)</h3>", html) == ["Seen differently", "Seen alike", "Also alike"]
    assert html.count("We see this differently") == 1


def test_groups_two_levels_apart_see_it_differently(world: World, visitor: Browser) -> None:
    item = finding("a", levels=(6, 0, 0, 0), hidden_group=False)
    staff = finding("a", levels=(0, 0, 6, 0), hidden_group=False).document["groups"][0]
    item.document["groups"].append(staff | {"group": "staff", "label": "Staff seats"})
    world.publish(item, kind="round")
    assert "We see this differently" in read(visitor, "/p/riverside/")


def test_reasons_are_quoted_in_their_own_language(published: World, visitor: Browser) -> None:
    html = read(visitor, "/p/riverside/")
    assert '<q lang="es">«Nos enteramos por el periódico.»</q>' in html
    assert '<q lang="en">“They promise reasons &amp; give none.”</q>' in html


def test_reply_stands_beside_the_reasons_or_is_said_to_be_missing(published: World, visitor: Browser) -> None:
    text = words_of(read(visitor, "/p/riverside/"))
    assert "The institution replied on 3 May 2026: From July each decision is posted with its reason." in text
    assert len(re.findall(r"No reply by \d+ \w+ \d{4}", text)) == 1


def test_earlier_round_can_be_read_and_unknown_one_cannot(published: World, visitor: Browser) -> None:
    published.publish(finding(number=2, title="Later words"), kind="round")
    assert "Later words" in read(visitor, "/p/riverside/")
    earlier = read(visitor, "/p/riverside/?round=1")
    assert "Members decide" in earlier
    assert "Later words" not in earlier
    for unknown in ("3", "x", "-1", "999999999999", "²"):
        assert visitor.get("/p/riverside/", {"round": unknown}).status_code == 404, unknown


def test_item_with_many_reasons_has_all_of_them_on_its_own_page(world: World, visitor: Browser) -> None:
    item = finding("1.1")
    item.document["reasons"] = [
        {"group": None, "level": 1, "text": f"Reason number {number}.", "language": "en"}
        for number in range(1, 21)
    ]
    world.publish(item, kind="round")
    html = read(visitor, "/p/riverside/")
    assert "Reason number 5." in html
    assert "Reason number 6." not in html
    assert "All 20 reasons" in html
    assert "Reason number 20." in read(visitor, "/p/riverside/rounds/1/1.1/")
    assert visitor.get("/p/riverside/rounds/1/9.9/").status_code == 404
    assert visitor.get("/p/riverside/rounds/2/1.1/").status_code == 404


def test_measure_gap_follows_from_published_counts(published: World, visitor: Browser) -> None:
    text = words_of(read(visitor, f"/p/riverside/measures/readmission/?by=race&period={THIS_YEAR}"))
    gap = difference_of_proportions(360, 2400, 500, 5000)
    ratio = ratio_of_proportions(360, 2400, 500, 5000)
    assert gap
    assert ratio
    shown = [words.number(100 * value) for value in (gap.value, gap.low, gap.high)]
    assert f"Gap {shown[0]} (likely {shown[1]} to {shown[2]}) in 100" in text
    times = [words.number(value, 2) for value in (ratio.value, ratio.low, ratio.high)]
    assert f"As a ratio {times[0]} (likely {times[1]} to {times[2]})" in text
    assert "1 group. What is said here covers the groups that are shown." in text
    assert "For 300 of 8,000 the records do not tell the group, so the true gap" in text


def test_measure_table_has_the_counts_and_hides_what_is_hidden(published: World, visitor: Browser) -> None:
    html = read(visitor, f"/p/riverside/measures/readmission/?by=race&period={THIS_YEAR}")
    lines = [words_of(line).strip() for line in re.findall(r"<tr[^>]*>(.*?)</tr>", html, re.DOTALL)]
    assert lines[1:] == [
        "Black or African American 15.0 13.6 to 16.5 360 of 2,400",
        "Asian Hidden to protect privacy None hidden",
        "White 10.0 9.2 to 10.9 500 of 5,000",
        "Not recorded 10.0 7.1 to 13.9 30 of 300",
        "Everybody 12.0 11.3 to 12.7 960 of 8,000",
    ]


def test_measure_opens_with_longest_period_of_the_whole_institution(
    published: World, visitor: Browser
) -> None:
    html = read(visitor, "/p/riverside/measures/readmission/")
    assert f'<option value="{SPAN[0]}..{SPAN[1]}" selected>' in html
    assert '<option value="all" selected>' in html
    assert '<option value="race" selected>' in html


@pytest.mark.parametrize(
    "query", ["by=language", "by=race*race", "unit=west", "period=2020-01-01..2020-12-31"]
)
def test_measure_asked_for_what_is_not_published_is_not_found(
    published: World, visitor: Browser, query: str
) -> None:
    assert visitor.get(f"/p/riverside/measures/readmission/?{query}").status_code == 404
    assert visitor.get("/p/riverside/measures/nothing/").status_code == 404


def test_measure_that_is_an_average_is_called_one(published: World, visitor: Browser) -> None:
    text = words_of(read(visitor, "/p/riverside/measures/wait/"))
    assert "Riverside Health had an average of 25.0 in 2025" in text
    assert "Student’s t, 95 in 100" in text
    assert "Not asked" in text


def test_measure_that_counts_no_people_is_told_without_a_range(world: World, visitor: Browser) -> None:
    money = METRIC | {"code": "vendors", "name": "Money spent with local vendors", "counts_people": False}
    world.publish(observation(114, 1000, metric=money))
    text = words_of(read(visitor, "/p/riverside/measures/vendors/"))
    assert "Riverside Health counted 11.4 in 100 in 2025: 114 of 1,000." in text
    assert not re.search(r"likely [0-9]", text)
    assert "All together 11.4 None 114 of 1,000" in text
    assert (
        "likely" not in words_of(read(visitor, "/p/riverside/")).split("Money spent")[1].split("What does")[0]
    )


def test_measure_without_a_row_for_everybody_is_shown_by_its_groups(world: World, visitor: Browser) -> None:
    world.publish(observation(60, 400, race="black"), observation(40, 800, race="white"))
    assert "counted 15.0 in 100 for Black or African American and 5.0 for White" in words_of(
        read(visitor, "/p/riverside/")
    )
    assert "Everybody" not in words_of(read(visitor, "/p/riverside/measures/readmission/"))


def test_measure_with_one_group_shown_says_why_there_is_no_gap(world: World, visitor: Browser) -> None:
    world.publish(
        observation(90, 900),
        observation(90, 800, race="black"),
        observation(None, None, status="hidden", race="white"),
    )
    html = read(visitor, "/p/riverside/measures/readmission/")
    assert (
        lit_sentence(html)
        == "Riverside Health hides 1 of 2 groups here to protect privacy, so there is no gap to show."
    )


def test_pages_of_many_measures_ask_no_more_queries_and_stay_small(world: World, visitor: Browser) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connections[Login.OWNER.value]) as asked:
            html = read(visitor, "/p/riverside/")
        assert len(html.encode()) < 150_000
        return len(asked)

    world.publish(*_measure("m0"), *_items(1))
    few = queries()
    for number in range(1, 20):
        world.publish(*_measure(f"m{number}"))
    world.publish(*_items(13, reasons=40))
    assert queries() == few
    assert few <= 14


def _measure(code: str) -> list[Entry]:
    metric = METRIC | {"code": code, "name": f"Measure {code}"}
    groups: list[dict[str, Any]] = [
        {},
        {"race": "black"},
        {"race": "white"},
        {"payer": "medicaid"},
        {"payer": "private"},
    ]
    return [observation(200 + 9 * place, 2000, metric=metric, **dims) for place, dims in enumerate(groups)]


def _items(count: int, reasons: int = 3) -> list[Entry]:
    made = [finding(f"c{place}", position=place, title=f"Criterion {place}") for place in range(count)]
    for item in made:
        reason = {
            "group": "Community seats",
            "level": 1,
            "text": "They promise and promise. " * 6,
            "language": "en",
        }
        item.document["reasons"] = [reason] * reasons
    return made


@pytest.mark.parametrize("address", [*PAGES, "/p/riverside/data.csv"])
def test_page_is_the_same_for_everybody_and_touches_no_session(
    published: World, visitor: Browser, client: Browser, address: str
) -> None:
    client.force_login(published.house.accounts["alice"])
    waiting = CookieStorage(RequestFactory().get("/"))._encode([Message(INFO, "Only for Alice")])
    client.cookies["messages"] = waiting
    with CaptureQueriesContext(connections[Login.OWNER.value]) as asked:
        response = client.get(address)
    assert response.content == visitor.get(address).content
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")
    assert not [query for query in asked if "django_session" in query["sql"] or "tenancy_" in query["sql"]]
    assert response.headers["Cache-Control"] == "public, max-age=60"


def test_page_known_already_is_not_worked_out_again(published: World, visitor: Browser) -> None:
    tag = visitor.get("/p/riverside/").headers["ETag"]
    with CaptureQueriesContext(connections[Login.OWNER.value]) as asked:
        again = visitor.get("/p/riverside/", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert not [query for query in asked if "publication_ledgerentry" in query["sql"]]
    published.publish(observation(41, 210, unit=("all", "Elsewhere Clinic")), of="elsewhere")
    assert visitor.get("/p/riverside/", headers={"If-None-Match": tag}).status_code == 200


def test_page_cannot_be_posted_to(published: World, visitor: Browser) -> None:
    assert visitor.post("/p/riverside/").status_code == 405


def test_download_has_every_row_in_force_and_only_of_this_institution(
    published: World, visitor: Browser
) -> None:
    lines = visitor.get("/p/riverside/data.csv").content.decode().split("\r\n")
    assert len(lines) == 1 + 17 + 1
    assert not [line for line in lines if "Elsewhere" in line]
    assert len(visitor.get("/p/riverside/data.csv?metric=falls").content.decode().split("\r\n")) == 1 + 3 + 1


def test_count_of_zero_is_a_number_and_gives_no_ratio(world: World, visitor: Browser) -> None:
    world.publish(observation(30, 500), observation(0, 200, race="black"), observation(30, 300, race="white"))
    text = words_of(read(visitor, "/p/riverside/measures/readmission/"))
    assert "0.0 none or all: worth a second look 0.0 to 1.9 0 of 200" in text
    assert "As a ratio None: it makes no sense where a number may be zero" in text


def test_public_measure_shows_change_from_published_counts_with_what_was_done(
    world: World, visitor: Browser
) -> None:
    before = ("2024-01-01", "2024-12-31", "year", "2024")
    for period, counts in ((before, (400, 200)), (YEAR, (260, 200))):
        world.publish(
            observation(sum(counts), 4000, period=period),
            observation(counts[0], 2000, period=period, race="black"),
            observation(counts[1], 2000, period=period, race="white"),
        )
    told = statement()
    told.document["practices"] = [
        {"level": "patient", "on": "2025-03-01", "what": "done", "title": "A call after going home"},
        {"level": "societal", "on": "2025-03-01", "what": "done", "title": "Speak for rent rules"},
    ]
    world.publish(told, kind="round")
    text = words_of(read(visitor, "/p/riverside/measures/readmission/"))
    assert "The gap is closing: 10.0 in 100 in 2024, 3.0 in 2025. As a ratio it was 2.00, then 1.30." in text
    assert "Done: A call after going home" in text
    assert "rent rules" not in text
    home = words_of(read(visitor, "/p/riverside/"))
    assert "Gap closing 3.0 in 100 apart, since 2024" in home


def test_what_is_hidden_in_one_year_takes_no_part_in_the_change(world: World, visitor: Browser) -> None:
    before = ("2024-01-01", "2024-12-31", "year", "2024")
    world.publish(
        observation(None, None, status="hidden", period=before, race="black"),
        observation(200, 2000, period=before, race="white"),
        observation(260, 2000, race="black"),
        observation(200, 2000, race="white"),
    )
    text = words_of(read(visitor, "/p/riverside/measures/readmission/"))
    assert "Fewer than two groups are shown both in 2024 and in 2025" in text
    assert "Too few" in words_of(read(visitor, "/p/riverside/"))
