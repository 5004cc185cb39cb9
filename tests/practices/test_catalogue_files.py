"""The catalogue files hold each guide whole: every item counted, coded, placed under its parent and written out."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

Item = dict[str, Any]

CATALOGUE = Path(__file__).resolve().parents[2] / "practices" / "catalogue"
EDITIONS = ("light-and-heat-2021", "clinic-2025")

COUNTS = {
    "light-and-heat-2021": {
        "value": 6,
        "step": 5,
        "level": 4,
        "goal": 19,
        "practice": 87 + 4,
        "component": 5,
        "criterion": 9,
        "marker": 18,
        "dashboard": 4,
    },
    "clinic-2025": {"recommendation": 3, "strategy": 10, "example": 36},
}
GOALS_PER_STEP = {"1": 3, "2": 3, "3": 3, "4": 7, "5": 3}
MARKERS_PER_STEP = {"1": 4, "2": 3, "3": 4, "4": 3, "5": 4}
CRITERIA_PER_COMPONENT = {"C1": 2, "C2": 2, "C3": 2, "C4": 1, "C5": 2}
STRATEGIES_PER_RECOMMENDATION = {"R1": 4, "R2": 3, "R3": 3}
PRACTICES_PER_GOAL = {
    "1.1": 5,
    "1.2": 5,
    "1.3": 4,
    "2.1": 5,
    "2.2": 2,
    "2.3": 7,
    "3.1": 5,
    "3.2": 5,
    "3.3": 6,
    "4.1": 6,
    "4.4": 6,
    "4.5": 7,
    "4.6": 6,
    "4.7": 5,
    "5.1": 5,
    "5.2": 3,
    "5.3": 5,
}
EXAMPLES_PER_STRATEGY = {
    "R1.1": 2,
    "R1.2": 5,
    "R1.3": 4,
    "R1.4": 3,
    "R2.1": 4,
    "R2.2": 3,
    "R2.3": 3,
    "R3.1": 6,
    "R3.2": 3,
    "R3.3": 3,
}
LEVEL_OF_GOAL = {
    "4.1": "patient",
    "4.2": "patient",
    "4.3": "organization",
    "4.4": "organization",
    "4.5": "community",
    "4.6": "community",
    "4.7": "societal",
}

PARENT_KINDS: dict[str, set[str]] = {
    "goal": {"step"},
    "marker": {"step"},
    "practice": {"goal", "practice"},
    "criterion": {"component"},
    "dashboard": {"level"},
    "strategy": {"recommendation"},
    "example": {"strategy"},
}
SCORED_KINDS = {"criterion", "dashboard"}
KEYS_OF_EVERY_ITEM = {"kind", "code", "position", "title", "body"}
MAY_HAVE_NO_BODY = {"example"}
LONGEST_TITLE = 120
GOALS_WITHOUT_PRACTICES = {"4.2", "4.3"}
WORDS_WE_DO_NOT_USE = ("stakeholder", "at-risk", "at risk")


def guide_of(edition: str) -> dict[str, str]:
    with (CATALOGUE / f"{edition}.toml").open("rb") as file:
        guide: dict[str, str] = tomllib.load(file)["guide"]
    return guide


def items_of(edition: str) -> list[Item]:
    with (CATALOGUE / f"{edition}.toml").open("rb") as file:
        items: list[Item] = tomllib.load(file)["item"]
    return items


def by_code(edition: str) -> dict[str, Item]:
    return {item["code"]: item for item in items_of(edition)}


def children_per_parent(edition: str, kind: str) -> dict[str, int]:
    return dict(Counter(item["parent"] for item in items_of(edition) if item["kind"] == kind))


def texts_of(item: Item) -> list[str]:
    single: list[str] = [item[key] for key in ("title", "body", "note", "question") if key in item]
    anchors: list[str] = item.get("anchors", [])
    return single + anchors


def allowed_keys(item: Item) -> tuple[set[str], set[str]]:
    """The keys an item must have, and those it may have besides."""
    required = set(KEYS_OF_EVERY_ITEM)
    if item["kind"] in PARENT_KINDS:
        required.add("parent")
    if item["kind"] in SCORED_KINDS:
        required |= {"question", "anchors"}
    if item["code"] in LEVEL_OF_GOAL:
        required.add("level")
    return required, {"note"}


@pytest.mark.parametrize("edition", EDITIONS)
def test_guide_names_itself_and_its_source(edition: str) -> None:
    guide = guide_of(edition)
    assert set(guide) == {"code", "edition", "title", "summary", "source", "language"}
    assert all(text.strip() for text in guide.values())
    assert f"{guide['code']}-{guide['edition']}" == edition
    assert guide["language"] == "en"


@pytest.mark.parametrize("edition", EDITIONS)
def test_items_of_each_kind_are_all_there(edition: str) -> None:
    assert Counter(item["kind"] for item in items_of(edition)) == COUNTS[edition]


@pytest.mark.parametrize(
    ("edition", "kind", "expected"),
    [
        ("light-and-heat-2021", "goal", GOALS_PER_STEP),
        ("light-and-heat-2021", "marker", MARKERS_PER_STEP),
        ("light-and-heat-2021", "criterion", CRITERIA_PER_COMPONENT),
        ("light-and-heat-2021", "practice", {**PRACTICES_PER_GOAL, "2.2.1": 4}),
        ("clinic-2025", "strategy", STRATEGIES_PER_RECOMMENDATION),
        ("clinic-2025", "example", EXAMPLES_PER_STRATEGY),
    ],
)
def test_items_are_spread_over_parents_as_in_the_guide(
    edition: str, kind: str, expected: dict[str, int]
) -> None:
    assert children_per_parent(edition, kind) == expected


def test_practices_are_eighty_seven_and_one_has_four_parts() -> None:
    catalogue = by_code("light-and-heat-2021")
    practices = [item for item in catalogue.values() if item["kind"] == "practice"]
    parts = [item["code"] for item in practices if catalogue[item["parent"]]["kind"] == "practice"]
    assert len(practices) - len(parts) == 87
    assert sorted(parts) == ["2.2.1.a", "2.2.1.b", "2.2.1.c", "2.2.1.d"]


@pytest.mark.parametrize("edition", EDITIONS)
def test_codes_are_unique(edition: str) -> None:
    repeated = [
        code for code, times in Counter(item["code"] for item in items_of(edition)).items() if times > 1
    ]
    assert repeated == []


@pytest.mark.parametrize("edition", EDITIONS)
def test_items_carry_the_keys_of_their_kind_and_no_others(edition: str) -> None:
    for item in items_of(edition):
        required, optional = allowed_keys(item)
        assert required <= set(item) <= required | optional, item["code"]


@pytest.mark.parametrize("edition", EDITIONS)
def test_parents_exist_and_are_of_the_right_kind(edition: str) -> None:
    catalogue = by_code(edition)
    for item in items_of(edition):
        if item["kind"] in PARENT_KINDS:
            parent = catalogue.get(item["parent"])
            assert parent is not None, f"{item['code']} has no parent in the file"
            assert parent["kind"] in PARENT_KINDS[item["kind"]], item["code"]


@pytest.mark.parametrize("edition", EDITIONS)
def test_codes_of_children_begin_with_the_code_of_their_parent(edition: str) -> None:
    for item in items_of(edition):
        if item["kind"] in {"goal", "practice", "criterion", "strategy", "example"}:
            assert item["code"].startswith(f"{item['parent']}."), item["code"]
        elif item["kind"] == "marker":
            assert item["code"].startswith(f"M{item['parent']}."), item["code"]
        elif item["kind"] == "dashboard":
            assert item["code"] == f"D.{item['parent']}"


@pytest.mark.parametrize("edition", EDITIONS)
def test_positions_run_from_one_without_holes(edition: str) -> None:
    siblings: dict[tuple[str, str], list[int]] = defaultdict(list)
    for item in items_of(edition):
        siblings[item["kind"], item.get("parent", "")].append(item["position"])
    for family, positions in siblings.items():
        assert sorted(positions) == list(range(1, len(positions) + 1)), family


@pytest.mark.parametrize("edition", EDITIONS)
def test_numbers_at_the_end_of_codes_agree_with_positions(edition: str) -> None:
    for item in items_of(edition):
        last = item["code"].split(".")[-1].lstrip("VCMR")
        if last.isdigit():
            assert int(last) == item["position"], item["code"]
        elif len(last) == 1:
            assert ord(last) - ord("a") + 1 == item["position"], item["code"]


def test_levels_stand_on_the_goals_of_step_four() -> None:
    levels = {item["code"]: item["level"] for item in items_of("light-and-heat-2021") if "level" in item}
    assert levels == LEVEL_OF_GOAL


def test_what_reviewers_score_has_a_question_and_four_anchors() -> None:
    scored = [item for item in items_of("light-and-heat-2021") if item["kind"] in SCORED_KINDS]
    assert len(scored) == 13
    for item in scored:
        assert item["question"].strip().endswith("."), item["code"]
        assert len(item["anchors"]) == 4, item["code"]
        assert len({anchor.strip() for anchor in item["anchors"]} - {""}) == 4, item["code"]


def test_dashboards_are_marked_as_our_own() -> None:
    for item in items_of("light-and-heat-2021"):
        if item["kind"] == "dashboard":
            assert item["note"] == "Our own: the guide has no such item."


@pytest.mark.parametrize("edition", EDITIONS)
def test_titles_are_written_and_short(edition: str) -> None:
    for item in items_of(edition):
        assert item["title"].strip(), item["code"]
        assert len(item["title"]) <= LONGEST_TITLE, item["code"]


@pytest.mark.parametrize("edition", EDITIONS)
def test_bodies_are_written(edition: str) -> None:
    empty = [
        item["code"]
        for item in items_of(edition)
        if not item["body"].strip() and item["kind"] not in MAY_HAVE_NO_BODY
    ]
    assert empty == []


@pytest.mark.parametrize("edition", EDITIONS)
def test_titles_differ_within_an_edition(edition: str) -> None:
    repeated = [
        title for title, times in Counter(item["title"] for item in items_of(edition)).items() if times > 1
    ]
    assert repeated == []


@pytest.mark.parametrize("edition", EDITIONS)
def test_words_that_label_people_are_not_used(edition: str) -> None:
    for item in items_of(edition):
        for text in texts_of(item):
            assert not any(word in text.lower() for word in WORDS_WE_DO_NOT_USE), item["code"]


def test_goals_without_sample_practices_say_so_and_invite_local_ones() -> None:
    goals = {item["code"]: item for item in items_of("light-and-heat-2021") if item["kind"] == "goal"}
    assert set(goals) - set(PRACTICES_PER_GOAL) == GOALS_WITHOUT_PRACTICES
    for code in GOALS_WITHOUT_PRACTICES:
        assert "no sample practices" in goals[code]["note"]
        assert "Local ones can be added" in goals[code]["note"]
    assert set(children_per_parent("light-and-heat-2021", "practice")) & GOALS_WITHOUT_PRACTICES == set()


def test_note_of_organization_goal_names_the_domains_of_the_guide() -> None:
    note = by_code("light-and-heat-2021")["4.3"]["note"]
    for domain in (
        "hiring and retention",
        "pay and benefits",
        "human resources",
        "patient billing",
        "purchasing and contracting",
        "facilities",
        "security",
    ):
        assert domain in note
