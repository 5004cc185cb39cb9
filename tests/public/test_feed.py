"""Pulling the ledger: every row once, in order, whatever is published meanwhile; filters, formats, shapes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import signing
from django.test import Client as Browser

from equity.public import feed
from equity.publication.ledger import Entry
from tests.public.conftest import FIGURES, World
from tests.public.published import EAST, METRIC, observation

OBSERVATIONS = "/api/v1/observations"
FINDINGS = "/api/v1/findings"
Row = dict[str, Any]


def pull(browser: Browser, address: str = OBSERVATIONS, **parameters: Any) -> Row:
    response = browser.get(address, parameters)
    assert response.status_code == 200, response.content
    return dict(response.json())


def walk(browser: Browser, address: str = OBSERVATIONS, **parameters: Any) -> Iterator[Row]:
    """Pages, as a client follows them."""
    page = pull(browser, address, **parameters)
    yield page
    while page["next"]:
        page = browser.get(page["next"]).json()
        yield page


def rows(browser: Browser, address: str = OBSERVATIONS, **parameters: Any) -> list[Row]:
    return [row for page in walk(browser, address, **parameters) for row in page["data"]]


def tombstone(entry: Entry, **said: str) -> Entry:
    return Entry(kind=entry.kind, op="delete", key=entry.key, metric=entry.metric, document=dict(said))


def in_force(found: list[Row], state: dict[str, Row] | None = None) -> dict[str, Row]:
    """What a client holds that keeps the latest row of each key."""
    state = dict(state or {})
    for row in found:
        if row["op"] == "delete":
            state.pop(row["key"], None)
        else:
            state[row["key"]] = row
    return state


def numbers(state: dict[str, Row]) -> dict[str, Any]:
    return {key: (row["status"], row["numerator"], row["denominator"]) for key, row in state.items()}


def test_row_carries_what_was_published(published: World, visitor: Browser) -> None:
    row = rows(visitor)[1]
    entry = FIGURES[1]
    assert row["id"] == f"{row['seq']}.2"
    assert (row["op"], row["key"]) == ("upsert", f"riverside|{entry.key}")
    assert row["institution"] == {
        "slug": "riverside",
        "name": "Riverside Health",
        "ccn": "360001",
        "state": "OH",
        "county_fips": "39049",
        "sample": True,
    }
    assert row["metric"]["numerator"] == METRIC["numerator"]
    assert row["dims"] == {"race": "black"}
    assert row["labels"] == {"race": "Black or African American"}
    assert row["period"] == {"start": "2025-01-01", "end": "2025-12-31", "grain": "year", "label": "2025"}
    assert [row[name] for name in ("numerator", "denominator", "rate", "ci", "reliable", "status")] == [
        360,
        2400,
        entry.document["rate"],
        entry.document["ci"],
        True,
        "published",
    ]


def test_hidden_row_has_a_status_and_no_number(published: World, visitor: Browser) -> None:
    row = next(row for row in rows(visitor) if row["status"] == "hidden")
    assert [row[name] for name in ("numerator", "rate", "ci", "reliable")] == [None] * 4


def test_target_goes_with_a_shown_row_and_with_no_other(world: World, visitor: Browser) -> None:
    shown, hidden = observation(400, 2000, race="black"), observation(None, 9, status="hidden", race="asian")
    for entry in (shown, hidden):
        entry.document["target"] = {"value": 12.5, "by": "2027-12-31"}
    world.publish(shown, hidden)
    told = {row["dims"]["race"]: row["target"] for row in rows(visitor)}
    assert told == {"black": {"value": 12.5, "by": "2027-12-31"}, "asian": None}
    file = io.StringIO(visitor.get("/p/riverside/data.csv").content.decode("utf-8-sig"))
    cells = {line["dims"]: (line["target"], line["target_by"]) for line in csv.DictReader(file)}
    assert cells == {"race=black": ("12.5", "2027-12-31"), "race=asian": ("", "")}


def test_walk_gives_each_row_once_while_another_release_is_published(
    published: World, visitor: Browser
) -> None:
    pages = walk(visitor, limit=4)
    first = next(pages)
    later = published.publish(
        observation(361, 2401, race="black"), observation(1, 30, payer="private", race="white")
    )
    rest = list(pages)
    found = [row for page in (first, *rest) for row in page["data"]]
    identities = [row["id"] for row in found]
    assert len(identities) == len(set(identities)) == len(FIGURES) + 1
    assert [(row["seq"], row["n"]) for row in found] == sorted((row["seq"], row["n"]) for row in found)
    assert {page["as_of_seq"] for page in rest} == {first["as_of_seq"]}
    new = rows(visitor, after_seq=first["as_of_seq"])
    assert {row["seq"] for row in new} == {later}
    assert numbers(in_force(new, in_force(found))) == numbers(in_force(rows(visitor)))


def test_walk_by_ones_equals_one_page(published: World, visitor: Browser) -> None:
    assert rows(visitor, limit=1) == pull(visitor)["data"]


def test_finished_walk_has_no_next_and_nothing_is_new(published: World, visitor: Browser) -> None:
    page = pull(visitor)
    assert page["next"] is None
    assert pull(visitor, after_seq=page["as_of_seq"])["data"] == []


def test_empty_ledger_is_an_empty_page(world: World, visitor: Browser) -> None:
    assert pull(visitor) == {"data": [], "next": None, "as_of_seq": 0}


def test_withdrawn_number_stops_flowing_at_once_and_leaves_a_tombstone(
    published: World, visitor: Browser
) -> None:
    pages = walk(visitor, limit=2, institution="riverside")
    first = next(pages)
    published.publish(tombstone(FIGURES[2]), tombstone(FIGURES[3]), kind="withdrawal")
    rest = [row for page in pages for row in page["data"]]
    withdrawn = {f"riverside|{entry.key}" for entry in FIGURES[2:4]}
    assert not withdrawn & {row["key"] for row in rest}
    new = rows(visitor, after_seq=first["as_of_seq"])
    assert {row["key"] for row in new} == withdrawn
    assert {(row["op"], row["status"], row["numerator"], row["denominator"]) for row in new} == {
        ("delete", "withdrawn", None, None)
    }
    assert not withdrawn & set(in_force(rows(visitor, institution="riverside")))
    assert FIGURES[3].document["numerator"] not in [row["numerator"] for row in rows(visitor)]


def test_tombstone_says_why_and_nothing_of_what_it_withdraws(published: World, visitor: Browser) -> None:
    seq = published.publish(tombstone(FIGURES[1], reason="privacy"), tombstone(FIGURES[2]), kind="withdrawal")
    why, silent = rows(visitor, after_seq=seq - 1)
    assert (why["op"], why["key"], why["reason"]) == ("delete", f"riverside|{FIGURES[1].key}", "privacy")
    assert (why["unit"], why["dims"], why["labels"], why["metric"]["name"]) == (None, {}, {}, None)
    assert silent["reason"] is None
    assert {row["reason"] for row in rows(visitor) if row["op"] == "upsert"} == {None}


def test_row_published_again_after_its_withdrawal_flows(published: World, visitor: Browser) -> None:
    published.publish(tombstone(FIGURES[1]), kind="withdrawal")
    published.publish(observation(365, 2400, race="black"))
    assert numbers(in_force(rows(visitor)))[f"riverside|{FIGURES[1].key}"] == ("published", 365, 2400)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"jurisdiction": "OH"}, len(FIGURES)),
        ({"jurisdiction": "tx"}, 1),
        ({"jurisdiction": "39049"}, len(FIGURES)),
        ({"jurisdiction": "39050"}, 0),
        ({"institution": "riverside"}, len(FIGURES)),
        ({"institution": "360001"}, len(FIGURES)),
        ({"institution": "elsewhere"}, 1),
        ({"institution": "nobody"}, 0),
        ({"metric": "falls"}, 3),
        ({"period_start": "2025-01-01"}, len(FIGURES) + 1 - 3),
        ({"period_end": "2025-12-30"}, 0),
        ({"period_start": "2021-01-01", "period_end": "2025-12-31"}, len(FIGURES) + 1),
        ({"status": "hidden"}, 1),
        ({"status": "not_asked"}, 1),
        ({"metric": "readmission", "institution": "riverside", "status": "published"}, 11),
    ],
)
def test_filter_narrows(published: World, visitor: Browser, filters: dict[str, str], expected: int) -> None:
    assert len(rows(visitor, limit=2, **filters)) == expected


@pytest.mark.parametrize(
    "filters", [{"status": "published"}, {"metric": "readmission"}, {"period_start": "2020-01-01"}]
)
def test_filter_lets_tombstones_through(published: World, visitor: Browser, filters: dict[str, str]) -> None:
    seq = published.publish(
        Entry(kind="observation", op="delete", key=FIGURES[1].key, document={}), kind="withdrawal"
    )
    assert [row["op"] for row in rows(visitor, after_seq=seq - 1, **filters)] == ["delete"]


def test_cursor_that_was_edited_is_refused(published: World, visitor: Browser) -> None:
    cursor = signing.dumps([1, 1, 99, "x"], salt="another salt")
    page = pull(visitor, limit=1)
    good = page["next"].split("cursor=")[1]
    for bad in (cursor, good[:-1] + ("A" if good[-1] != "A" else "B"), "nonsense", good.replace(":", "", 1)):
        response = visitor.get(OBSERVATIONS, {"limit": 1, "cursor": bad})
        assert response.status_code == 400, bad
        assert response.json()["type"] == "/api/v1/#invalid-cursor"


def test_cursor_belongs_to_its_filters_and_its_kind(published: World, visitor: Browser) -> None:
    published.publish(*FIGURES)
    place = feed.Place(1, 1, 1)
    owner = feed._fingerprint("observation", {"metric": "readmission"})
    cursor = feed._sealed(place, owner)
    assert visitor.get(OBSERVATIONS, {"metric": "readmission", "cursor": cursor}).status_code == 200
    assert (
        visitor.get(OBSERVATIONS, {"metric": "readmission", "cursor": cursor, "limit": 7}).status_code == 200
    )
    for other in ({"metric": "falls"}, {}, {"metric": "readmission", "status": "hidden"}):
        assert visitor.get(OBSERVATIONS, {**other, "cursor": cursor}).status_code == 400, other
    unfiltered = feed._sealed(place, feed._fingerprint("observation", {}))
    assert visitor.get(FINDINGS, {"cursor": unfiltered}).status_code == 400


@pytest.mark.parametrize("how", [{"query": {"format": "csv"}}, {"headers": {"Accept": "text/csv"}}])
def test_csv_has_the_same_rows(published: World, visitor: Browser, how: dict[str, Any]) -> None:
    response = visitor.get(OBSERVATIONS, how.get("query"), headers=how.get("headers"))
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    table = list(csv.DictReader(io.StringIO(response.content.decode(), newline="")))
    asked = rows(visitor)
    assert [line["id"] for line in table] == [row["id"] for row in asked]
    for line, row in zip(table, asked, strict=True):
        assert line["status"] == row["status"]
        assert line["numerator"] == ("" if row["numerator"] is None else str(row["numerator"]))
        assert line["rate"] == ("" if row["rate"] is None else str(row["rate"]))
        assert line["sample"] == str(row["institution"]["sample"]).lower()
    assert {line["dims"] for line in table} >= {"", "race=black", "payer=medicaid&race=black"}


def test_csv_pages_are_linked_in_the_header(published: World, visitor: Browser) -> None:
    response = visitor.get(OBSERVATIONS, {"format": "csv", "limit": 5})
    address = response.headers["Link"].removeprefix("<").removesuffix('>; rel="next"')
    assert response.headers["As-Of-Seq"] == str(pull(visitor)["as_of_seq"])
    following = visitor.get(address)
    assert following.headers["Content-Type"].startswith("text/csv")
    assert following.content.decode().split("\r\n")[1].split(",")[2] == "6"


def test_the_whole_institution_is_told_from_its_parts(world: World, visitor: Browser) -> None:
    whole, part, early = (
        observation(50, 400),
        observation(40, 300, unit=EAST),
        observation(9, 90, unit=("west", "W")),
    )
    del early.document["unit"]["root"]
    world.publish(whole, part, early)
    assert {row["unit"]["code"]: row["unit"]["root"] for row in rows(visitor)} == {
        "all": True,
        "east": False,
        "west": None,
    }
    table = csv.DictReader(io.StringIO(visitor.get(OBSERVATIONS, {"format": "csv"}).content.decode()))
    assert [line["unit_root"] for line in table] == ["true", "false", ""]


def test_csv_runs_no_formula(world: World, visitor: Browser) -> None:
    world.publish(observation(50, 400, metric=METRIC | {"name": "=HYPERLINK(1)"}, unit=("all", "@cmd")))
    for text in (visitor.get(OBSERVATIONS, {"format": "csv"}), visitor.get("/p/riverside/data.csv")):
        line = text.content.decode().split("\r\n")[1]
        assert "'=HYPERLINK(1)" in line
        assert "'@cmd" in line


def test_findings_carry_scores_reasons_and_replies(published: World, visitor: Browser) -> None:
    first, second = rows(visitor, FINDINGS, jurisdiction="OH")
    assert first["item"]["title"] == "It says why"
    assert first["groups"][0]["levels"] == [3, 2, 1, 0]
    assert first["groups"][1] == {
        "group": "executive",
        "label": "Executive seats",
        "shown": False,
        **dict.fromkeys(("replies", "levels", "not_enough", "recused", "median", "split")),
    }
    assert first["reasons"][1] == {
        "group": None,
        "level": "not_enough",
        "text": "Nos enteramos por el periódico.",
        "language": "es",
    }
    assert (first["reply"]["on"], second["reply"]) == ("2026-05-03", None)
    assert rows(visitor, FINDINGS, jurisdiction="TX") == []


def test_institutions_are_listed_with_their_page(published: World, visitor: Browser) -> None:
    page = pull(visitor, "/api/v1/institutions")
    assert [(one["slug"], one["sample"]) for one in page["data"]] == [
        ("elsewhere", False),
        ("riverside", True),
    ]
    assert visitor.get(page["data"][1]["page"]).status_code == 200
    assert [one["slug"] for one in pull(visitor, "/api/v1/institutions", jurisdiction="oh")["data"]] == [
        "riverside"
    ]


def test_page_known_already_is_not_sent_again(published: World, visitor: Browser) -> None:
    response = visitor.get(OBSERVATIONS)
    tag = response.headers["ETag"]
    again = visitor.get(OBSERVATIONS, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert visitor.get(OBSERVATIONS, {"limit": 3}, headers={"If-None-Match": tag}).status_code == 200
    assert visitor.get(OBSERVATIONS, headers={"If-None-Match": tag, "Accept": "text/csv"}).status_code == 200
    published.publish(tombstone(FIGURES[1]), kind="withdrawal")
    assert visitor.get(OBSERVATIONS, headers={"If-None-Match": tag}).status_code == 200
