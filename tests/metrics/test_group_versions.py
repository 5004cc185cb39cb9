"""A dimension moves to a newer list of the library: proposed with what changes, decided by the community, from a year on."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from equity.errors import RuleBroken
from equity.tenancy.acting import acting_as
from equity.tenancy.models import AuditEvent
from equity.tenancy.personas import Persona
from metrics import group_versions, groups
from metrics.actions.groups import adopt_dimension, decide_change, propose_change
from metrics.figures import Dimension as Words
from metrics.figures import Way
from metrics.library.read import shelf
from metrics.matrix import needed
from metrics.models import Category, Dimension, DimensionVersion, GroupChange, Grouping
from metrics.reading.periods import parse_period
from metrics.spans import Regrouped, since
from tests.cast import House
from tests.metrics.choosing import acting, address
from tests.metrics.facts import Facts, entries, released

NEXT_YEAR = datetime.date(timezone.localdate().year + 1, 1, 1).isoformat()


@pytest.fixture
def race(house: House) -> Dimension:
    """Race and ethnicity by the standard of 1997, each person in one group."""
    with acting(house, "alice"):
        return adopt_dimension(
            organisation=house.riverside,
            entry=shelf().dimension("race_ethnicity", 1),
            counting="one_group_each",
            by=house.person("alice"),
        )


def decided(house: House, kind: str, **becomes: Any) -> None:
    with acting(house, "farid"):
        farid = house.person("farid")
        dimension = Dimension.objects.get(code="race_ethnicity")
        made = propose_change(dimension=dimension, kind=kind, becomes=becomes, why="They asked.", by=farid)
        decide_change(change=made, approved=True, by=farid)


def proposed(house: House, client: Client, **sent: Any) -> GroupChange:
    client.force_login(house.accounts["alice"])
    where = address("group_propose", dimension="race_ethnicity", kind="version")
    told = {"first_day": NEXT_YEAR, "why": "The standard of 2024.", **sent}
    assert client.post(where, told).status_code == 302
    with acting(house, "alice"):
        return GroupChange.objects.select_related("dimension").get(kind="version")


def moved(house: House, client: Client, **sent: Any) -> Dimension:
    change = proposed(house, client, **sent)
    with acting(house, "farid"):
        decide_change(change=change, approved=True, by=house.person("farid"))
        return Dimension.objects.get(pk=change.dimension_id)


def labels(house: House) -> list[str]:
    with acting(house, "alice"):
        found = Category.objects.filter(missing=False, retired=False).order_by("position")
        return list(found.values_list("label", flat=True))


def test_page_says_what_becomes_of_every_group_before_it_is_proposed(
    race: Dimension, house: House, client: Client
) -> None:
    client.force_login(house.accounts["alice"])
    where = address("group_propose", dimension="race_ethnicity", kind="version")
    assert where in client.get(address("dimension", dimension="race_ethnicity")).content.decode()
    words = client.get(where).content.decode()
    for told in (
        "New; these people were counted here before: White",
        "Middle Eastern and North African people were counted as White.",
        "Fewer people than before",
        "The same people, by another name",
        "Native Hawaiian or Other Pacific Islander",
    ):
        assert told in words


def test_crosswalk_names_groups_in_words(race: Dimension, house: House, client: Client) -> None:
    client.force_login(house.accounts["bea"])
    words = client.get(address("dimension", dimension="race_ethnicity")).content.decode()
    links = words.split("To version 2")[1].split("</table>")[0]
    assert "Native Hawaiian or Other Pacific Islander" in links
    assert "pacific_islander" not in links


def test_nothing_changes_until_the_community_approves(race: Dimension, house: House, client: Client) -> None:
    before = labels(house)
    change = proposed(house, client)
    assert labels(house) == before
    client.force_login(house.accounts["alice"])
    where = address("group_change", pk=change.pk)
    assert client.post(where, {"word": "approve"}).status_code == 403
    client.force_login(house.accounts["farid"])
    assert "Middle Eastern or North African" in client.get(where).content.decode()
    assert client.post(where, {"word": "approve"}).status_code == 302
    assert [one for one in labels(house) if one not in before] == [
        "Hispanic or Latino",
        "Middle Eastern or North African",
        "More than one race or ethnicity",
        "Native Hawaiian or Pacific Islander",
        "Race or ethnicity not listed",
    ]
    with acting(house, "alice"):
        now = Dimension.objects.get()
        first, second = DimensionVersion.objects.order_by("number")
        assert (now.library_version, now.name) == (2, "Race and ethnicity")
        assert (first.first_day, len(first.groups)) == (None, 8)
        assert (second.first_day.isoformat(), second.reason) == (NEXT_YEAR, "The standard of 2024.")
        assert Category.objects.get(code="middle_eastern").standard_code == "2118-8"
        assert list(Category.objects.filter(missing=True).values_list("position", flat=True)) == [10, 11, 12]
        assert AuditEvent.objects.filter(event="group_change.decide").count() == 1
    words = client.get(address("dimension", dimension="race_ethnicity")).content.decode()
    assert "Were there other groups before?" in words
    assert "Hispanic or Latino, of any race" in words


def test_what_the_community_decided_before_stays(race: Dimension, house: House, client: Client) -> None:
    decided(house, "label", category="hispanic", label="Latino people", short="Latino")
    decided(house, "reference", reference="black")
    with acting(house, "farid"):
        order = [one.code for one in Category.objects.filter(missing=False).order_by("-position")]
    decided(house, "order", order=order)
    now = moved(house, client)
    assert now.reference == "black"
    assert "Latino people" in labels(house)
    with acting(house, "alice"):
        found = Category.objects.filter(missing=False).order_by("position").values_list("code", flat=True)
        assert list(found) == [*order, "middle_eastern"]


def test_joined_groups_keep_their_parts_and_a_new_group_stands_alone(
    race: Dimension, house: House, client: Client
) -> None:
    codes = [one.code for one in shelf().dimension("race_ethnicity", 1).answers]
    joined = [{"code": "some", "label": "Some", "categories": codes[:4]}] + [
        {"code": code, "label": code, "categories": [code]} for code in codes[4:]
    ]
    decided(house, "grouping", code="few", name="Few", groups=joined)
    moved(house, client)
    with acting(house, "alice"):
        made = Grouping.objects.get(code="few").groups
    assert made[0]["categories"] == codes[:4]
    assert made[-1]["categories"] == ["middle_eastern"]


def test_a_list_begins_with_a_year_that_is_still_to_come(race: Dimension, house: House) -> None:
    with acting(house, "alice"):
        dossier = groups.dossier("race_ethnicity")
        for day in ("2024-01-01", NEXT_YEAR.replace("-01-01", "-07-01")):
            becomes = groups.newer_list(dossier, {"first_day": day})
            with pytest.raises(RuleBroken, match="still to come"):
                propose_change(
                    dimension=race, kind="version", becomes=becomes, why="x", by=house.person("alice")
                )
        made_up = {**groups.newer_list(dossier, {"first_day": NEXT_YEAR}), "reference": "white"}
        with pytest.raises(RuleBroken, match="changed since"):
            propose_change(dimension=race, kind="version", becomes=made_up, why="x", by=house.person("alice"))


def test_move_is_refused_when_the_groups_changed_since(race: Dimension, house: House, client: Client) -> None:
    change = proposed(house, client)
    decided(house, "label", category="asian", label="Asian people", short="")
    with acting(house, "farid"), pytest.raises(RuleBroken, match="changed since"):
        decide_change(change=change, approved=True, by=house.person("farid"))


def test_newest_list_has_nothing_to_move_to(house: House, race: Dimension, client: Client) -> None:
    moved(house, client)
    where = address("group_propose", dimension="race_ethnicity", kind="version")
    assert client.get(where).status_code == 404
    with acting(house, "alice"):
        now = Dimension.objects.get()
        assert group_versions.newer(now) is None
        again = {"version": 2, "first_day": NEXT_YEAR}
        assert "no newer list" in group_versions.why_not(now, [], again)


def test_another_way_to_count_several_answers_is_not_slipped_in(race: Dimension, house: House) -> None:
    with acting_as(Persona.OPERATOR):
        Dimension.objects.update(partition=False)
    with acting(house, "alice"):
        now = groups.dossier("race_ethnicity")
        becomes = groups.newer_list(now, {"first_day": NEXT_YEAR})
        assert "in another way" in group_versions.why_not(now.dimension, now.groups, becomes)


def test_institution_does_not_add_groups_to_a_list_of_the_past(race: Dimension, house: House) -> None:
    with acting(house, "alice"), pytest.raises(DatabaseError), transaction.atomic(using="owner"):
        DimensionVersion.objects.create(
            organisation=house.riverside, dimension=race, number=1, groups=[], reason=""
        )


# ---------------------------------------------------------------- numbers before and after
QUARTERS = ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4", "2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"]


def counted(house: House) -> Facts:
    """Eight quarters by race; the list of groups is another since January 2025."""
    facts = Facts(house.riverside, {"all": house.units["riverside/all"]})
    facts.dimension("race", ["a", "b"])
    facts.metric("seen-in-time", frequency=3)
    for quarter in QUARTERS:
        counts = {"": (300, 1000), "race=a": (120, 500), "race=b": (180, 500)}
        facts.add("seen-in-time", "all", quarter, counts)
    facts.roll_up()
    with acting_as(Persona.OPERATOR):
        DimensionVersion.objects.create(
            organisation=house.riverside,
            dimension=Dimension.objects.get(code="race"),
            number=2,
            first_day=datetime.date(2025, 1, 1),
            groups=[],
            reason="A newer standard.",
        )
    return facts


def pieces(words: str) -> set[int]:
    """Of how many pieces the lines of the charts are."""
    lines = re.findall(r'<path class="line"[^>]* d="([^"]*)"', words)
    return {line.count("M") for line in lines}


def test_line_breaks_where_the_list_changed(house: House, client: Client) -> None:
    counted(house)
    client.force_login(house.accounts["bea"])
    where = address("metric", level="patient", metric="seen-in-time")
    words = client.get(where, {"by": "race"}).content.decode()
    assert "<b>From 1 January 2025 on the groups are others.</b>" in words
    assert "A newer standard." in words
    assert 2 in pieces(words)


def test_published_figures_say_since_when_the_groups_are_others(house: House, client: Client) -> None:
    facts = counted(house)
    release = released(facts, house.person("alice"), QUARTERS)
    told = {
        key: document["labels"]["race"] for key, document in entries(release).items() if document["labels"]
    }
    before = {key: one for key, one in told.items() if "|2024-" in key}
    after = {key: one for key, one in told.items() if "|2025-" in key}
    assert not any("regrouped" in one for one in before.values())
    assert all(one["regrouped"] == [["2025-01-01", "A newer standard."]] for one in after.values())
    words = client.get("/p/riverside/measures/seen-in-time/", {"by": "race"}).content.decode()
    assert "<b>From 1 January 2025 on the groups are others.</b>" in words
    assert 2 in pieces(words)
    earlier = {"by": "race", "period": "2024-04-01..2024-06-30"}
    words = client.get("/p/riverside/measures/seen-in-time/", earlier).content.decode()
    assert "<b>From 1 January 2025 on the groups are others.</b>" in words


def test_gaps_are_held_against_each_other_within_one_list() -> None:
    periods = [parse_period(one) for one in ("2023", "2024", "2025", "2026")]
    way = Way((Words("race", "Race", 0, True, {}, regrouped=(Regrouped(datetime.date(2025, 1, 1), "x"),)),))
    assert since(periods, [datetime.date(2025, 1, 1), datetime.date(2027, 1, 1)]) == periods[2:]
    assert since(periods, []) == periods
    assert {one.code for one in needed(periods, [way])} == {"2023", "2025", "2026"}


def test_older_numbers_are_read_by_the_newer_groups_where_everybody_can_be_found(
    race: Dimension, house: House, client: Client
) -> None:
    facts = Facts(house.riverside, {"all": house.units["riverside/all"]})
    with acting_as(Persona.OPERATOR):
        for one in Category.objects.filter(dimension=race):
            facts.categories["race_ethnicity", one.code] = one
    facts.metric("seen-in-time", frequency=12)
    parts = {f"race_ethnicity={code}": (30, 100) for code in ("black", "asian", "white")}
    facts.add("seen-in-time", "all", "2024", {"": (90, 300), **parts})
    facts.roll_up()
    moved(house, client, bridge="on")
    client.force_login(house.accounts["bea"])
    where = address("brought", dimension="race_ethnicity")
    assert where in client.get(address("dimension", dimension="race_ethnicity")).content.decode()
    words = client.get(where).content.decode()
    rows = {
        row.split("</th>")[0].split(">")[-1]: "30.0" in row
        for row in words.split("<tr>")
        if "data-label" in row
    }
    assert rows["Black or African American"]
    assert rows["Asian"]
    assert not rows["White"]
    assert not rows["Middle Eastern or North African"]


def test_older_numbers_stay_by_themselves_unless_somebody_wants_them_read_so(
    race: Dimension, house: House, client: Client
) -> None:
    moved(house, client)
    client.force_login(house.accounts["bea"])
    words = client.get(address("brought", dimension="race_ethnicity")).content.decode()
    assert "They stay with the older groups." in words
