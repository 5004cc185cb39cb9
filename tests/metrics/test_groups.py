"""Groups come from the library or are local; only the community changes them; missing answers have an owner."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from equity.errors import RuleBroken
from equity.tenancy.acting import acting_as
from equity.tenancy.models import AuditEvent
from equity.tenancy.personas import Persona
from metrics import groups
from metrics.actions.groups import (
    adopt_dimension,
    decide_change,
    propose_change,
    set_missing_goal,
    write_dimension,
)
from metrics.definitions import define_dimensions
from metrics.library.read import shelf
from metrics.models import Category, Dimension, GroupChange, Grouping, MissingGoal
from tests.cast import House
from tests.metrics.choosing import acting, address
from tests.metrics.facts import Facts


def adopted(house: House, code: str = "age", **more: Any) -> Dimension:
    with acting(house, "alice"):
        return adopt_dimension(
            organisation=house.riverside, entry=shelf().dimension(code), by=house.person("alice"), **more
        )


def codes(house: House, dimension: Dimension) -> list[str]:
    with acting(house, "alice"):
        return [one.code for one in Category.objects.filter(dimension=dimension).order_by("position")]


# ---------------------------------------------------------------- taking over
def test_dimension_comes_with_codes_blanks_and_groupings(house: House) -> None:
    age = adopted(house)
    with acting(house, "alice"):
        blanks = dict(Category.objects.filter(missing=True).values_list("code", "missing_kind"))
        assert Grouping.objects.get().code == "four_bands"
        assert Category.objects.get(code="unknown").standard_code == "unknown"
    assert blanks == {"unknown": "unknown", "not_asked": "not_asked", "declined": "declined"}
    assert (age.library_version, age.partition) == (1, True)


def test_race_and_ethnicity_asks_how_several_answers_count(house: House) -> None:
    with pytest.raises(RuleBroken, match="several answers"):
        adopted(house, "race_ethnicity")
    race = adopted(house, "race_ethnicity", counting="every_group_named")
    assert (race.partition, race.library_version) == (False, 2)
    assert "more_than_one" not in codes(house, race)
    assert {"middle_eastern", "hispanic", "pacific_islander"} < set(codes(house, race))


def test_counting_each_person_once_keeps_more_than_one(house: House) -> None:
    race = adopted(house, "race_ethnicity", counting="one_group_each")
    assert race.partition
    assert "more_than_one" in codes(house, race)


def test_overlapping_groups_are_not_joined(house: House) -> None:
    need = adopted(house, "social_risk")
    assert not need.partition
    with acting(house, "carmen"):
        assert not Grouping.objects.exists()
        people = [one for one in codes(house, need) if one not in ("unknown", "not_asked", "declined")]
        joined = [{"code": "any", "label": "Any", "categories": people[:2]}] + [
            {"code": one, "label": one, "categories": [one]} for one in people[2:]
        ]
        with pytest.raises(RuleBroken, match="twice"):
            propose_change(
                dimension=need,
                kind="grouping",
                becomes={"code": "any", "name": "Any", "groups": joined},
                why="x",
                by=house.person("carmen"),
            )


def test_what_can_harm_is_not_asked(house: House) -> None:
    with pytest.raises(RuleBroken, match="Do not ask"):
        adopted(house, "immigration_status")


def test_places_are_the_institutions_own(house: House, client: Client) -> None:
    client.force_login(house.accounts["alice"])
    where = address("dimension_adopt", entry="zip_area")
    assert client.post(where, {"places": "Downtown"}).status_code == 422
    assert client.post(where, {"places": "43215, Downtown\n43219"}).status_code == 302
    with acting(house, "alice"):
        told = Category.objects.filter(missing=False).values_list("code", "label")
        assert set(told) == {("43215", "Downtown"), ("43219", "43219")}


def test_local_dimension_has_the_three_blanks(house: House, client: Client) -> None:
    client.force_login(house.accounts["mona"])
    sent = {"name": "Way to work", "categories": "By bus\nOn foot\nBy car"}
    assert client.post(address("dimension_own"), {**sent, "categories": "By bus"}).status_code == 422
    page = client.post(address("dimension_own"), sent)["Location"]
    assert page == address("dimension", dimension="way_to_work")
    words = client.get(page).content.decode()
    assert "By bus" in words
    assert "Chose not to answer" in words


def test_every_dimension_of_the_library_can_be_taken_over(house: House) -> None:
    for entry in shelf().dimensions:
        if entry.collect and entry.superseded_by is None:
            counting = "one_group_each" if entry.code == "race_ethnicity" else ""
            places = [("43215", "A"), ("43219", "B")] if entry.place else ()
            adopted(house, entry.code, counting=counting, places=places)
    with acting(house, "alice"):
        assert Dimension.objects.count() == 14


# ---------------------------------------------------------------- the community decides
def change(house: House, dimension: Dimension, kind: str, name: str = "alice", **becomes: Any) -> GroupChange:
    with acting(house, name):
        return propose_change(
            dimension=dimension, kind=kind, becomes=becomes, why="They asked.", by=house.person(name)
        )


def test_label_holds_once_the_community_approves(house: House, client: Client) -> None:
    sex = adopted(house, "sex")
    first = codes(house, sex)[0]
    made = change(house, sex, "label", category=first, label="Our word", short="")
    with acting(house, "alice"):
        assert not Category.objects.filter(label="Our word").exists()
    client.force_login(house.accounts["alice"])
    where = address("group_change", pk=made.pk)
    assert client.post(where, {"word": "approve"}).status_code == 403
    client.force_login(house.accounts["farid"])
    assert client.post(where, {"word": "decline"}).status_code == 422
    assert client.post(where, {"word": "approve"}).status_code == 302
    with acting(house, "alice"):
        assert Category.objects.get(label="Our word").code == first
        assert AuditEvent.objects.filter(event="group_change.decide").count() == 1
    words = client.get(address("dimension", dimension="sex")).content.decode()
    assert "Our word" in words
    assert "Farid" in words
    assert "They asked." in words


def test_order_and_reference_are_decided_and_told(house: House) -> None:
    sex = adopted(house, "sex")
    people = [one for one in codes(house, sex) if one not in ("unknown", "not_asked", "declined")]
    with acting(house, "farid"):
        farid = house.person("farid")
        order = propose_change(
            dimension=sex, kind="order", becomes={"order": people[::-1]}, why="x", by=farid
        )
        decide_change(change=order, approved=True, by=farid)
        reference = propose_change(
            dimension=sex, kind="reference", becomes={"reference": people[0]}, why="x", by=farid
        )
        decide_change(change=reference, approved=True, by=farid)
        assert groups.references() == {"sex": people[0]}
        with pytest.raises(RuleBroken, match="decided already"):
            decide_change(change=reference, approved=True, by=farid)
        with pytest.raises(RuleBroken, match="one of the groups"):
            propose_change(
                dimension=sex, kind="reference", becomes={"reference": "unknown"}, why="x", by=farid
            )
    assert codes(house, sex)[: len(people)] == people[::-1]


def test_change_is_refused_when_the_groups_changed_since(house: House) -> None:
    sex = adopted(house, "sex")
    first = codes(house, sex)[0]
    one = change(house, sex, "label", category=first, label="One", short="")
    other = change(house, sex, "label", "carmen", category=first, label="Other", short="")
    with acting(house, "farid"):
        decide_change(change=other, approved=True, by=house.person("farid"))
        with pytest.raises(RuleBroken, match="changed since"):
            decide_change(change=one, approved=True, by=house.person("farid"))


def test_institution_does_not_change_groups_in_the_database(house: House) -> None:
    sex = adopted(house, "sex")
    with acting(house, "alice"):
        assert Category.objects.filter(dimension=sex).update(label="Mine") == 0
        assert Dimension.objects.filter(pk=sex.pk).update(reference="x") == 0
    made = change(house, sex, "reference", reference=codes(house, sex)[0])
    with acting(house, "alice"):
        assert GroupChange.objects.filter(pk=made.pk).update(decision="approved") == 0
        with pytest.raises(DatabaseError), transaction.atomic(using="owner"):
            GroupChange.objects.filter(pk=made.pk).delete()


def test_groups_are_joined_by_giving_them_the_same_name(house: House, client: Client) -> None:
    age = adopted(house)
    people = [one for one in codes(house, age) if one not in ("unknown", "not_asked", "declined")]
    client.force_login(house.accounts["carmen"])
    where = address("group_propose", dimension="age", kind="grouping")
    sent = {f"of-{one}": "Young" if number < 5 else "Old" for number, one in enumerate(people)}
    assert client.post(where, {**sent, "name": "Two", "why": "Few."}).status_code == 302
    with acting(house, "farid"):
        decide_change(change=GroupChange.objects.get(), approved=True, by=house.person("farid"))
        made = Grouping.objects.get(code="two")
        assert [len(group["categories"]) for group in made.groups] == [5, len(people) - 5]
    assert client.get(address("group_propose", dimension="age", kind="nonsense")).status_code == 404


def test_file_does_not_undo_what_the_community_decided(house: House) -> None:
    text = '[[dimension]]\ncode = "work"\nname = "Work"\ncategory = [ { code = "a", label = "A" }, { code = "b", label = "B" } ]\n'
    with acting_as(Persona.OPERATOR):
        define_dimensions(organisation=house.riverside, text=text, by=None)
        work = Dimension.objects.get()
    made = change(house, work, "label", category="a", label="Theirs", short="")
    with acting(house, "farid"):
        decide_change(change=made, approved=True, by=house.person("farid"))
    with acting_as(Persona.OPERATOR):
        define_dimensions(organisation=house.riverside, text=text.replace('"B"', '"C"'), by=None)
        assert set(Category.objects.values_list("label", flat=True)) == {"Theirs", "B"}


@pytest.mark.parametrize("kind", ["label", "order", "reference", "grouping"])
def test_every_kind_of_change_has_a_form(house: House, client: Client, kind: str) -> None:
    adopted(house, "sex")
    client.force_login(house.accounts["bea"])
    assert client.get(address("group_propose", dimension="sex", kind=kind)).status_code == 200
    assert client.post(address("group_propose", dimension="sex", kind=kind), {}).status_code == 422


# ---------------------------------------------------------------- missing answers
def test_missing_goal_has_an_owner_and_a_day(house: House, client: Client) -> None:
    adopted(house, "sex")
    client.force_login(house.accounts["alice"])
    where = address("missing_goal", dimension="sex")
    soon = timezone.localdate() + datetime.timedelta(days=200)
    sent = {"owner": house.person("bea").pk, "at_most": "5", "by_date": soon.isoformat()}
    assert client.post(where, {**sent, "owner": house.person("carmen").pk}).status_code == 422
    assert client.post(where, {**sent, "by_date": "2001-01-01"}).status_code == 422
    assert client.post(where, sent).status_code == 302
    assert client.post(where, {**sent, "at_most": "3.5"}).status_code == 302
    with acting(house, "oscar"):
        goal = groups.goals()["sex"]
        assert (goal.at_most, goal.by_date, goal.owner) == (Decimal("3.5"), soon, "Bea")
        assert not goal.is_late(9.0, soon)
        assert goal.is_late(9.0, soon + datetime.timedelta(days=1))
        assert not goal.is_late(3.0, soon + datetime.timedelta(days=1))
        assert MissingGoal.objects.count() == 2
    with acting(house, "alice"), pytest.raises(RuleBroken, match="works for the institution"):
        set_missing_goal(
            dimension=Dimension.objects.get(),
            owner=house.person("carmen"),
            at_most=Decimal(1),
            by_date=soon,
            insiders=groups.insiders(),
            by=None,
        )


def test_share_of_missing_answers_stands_on_the_page_by_kind(house: House, client: Client) -> None:
    facts = Facts(house.riverside, {"all": house.units["riverside/all"]})
    facts.dimension("race", ["a", "b", "unknown"], missing="unknown")
    facts.metric("seen-in-time")
    counts = {"": (300, 1000), "race=a": (150, 500), "race=b": (90, 300), "race=unknown": (60, 200)}
    facts.add("seen-in-time", "all", "2024-Q1", counts)
    facts.roll_up()
    client.force_login(house.accounts["bea"])
    words = client.get(address("missing", dimension="race")).content.decode()
    assert "<b>20.0 in 100</b> have no answer" in words
    client.force_login(house.accounts["carmen"])
    assert "have no answer" not in client.get(address("missing", dimension="race")).content.decode()


def test_local_groups_need_two(house: House) -> None:
    with acting(house, "alice"), pytest.raises(RuleBroken, match="two groups"):
        write_dimension(
            organisation=house.riverside,
            code="x",
            name="X",
            categories=[("a", "A")],
            several=False,
            by=None,
        )
