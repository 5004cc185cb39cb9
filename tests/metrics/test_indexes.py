"""An index of measures: worked out where it is shown, from what may be seen of its parts there, and from nothing else."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from equity.errors import RuleBroken
from equity.publication.models import Release
from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from metrics.actions.choosing import adopt_metric, give_to_community, write_metric
from metrics.actions.releases import publish_figures
from metrics.actions.versions import new_version, reword_metric
from metrics.actions.withdrawals import withdraw_figures
from metrics.definition_fields import definition_of
from metrics.library.read import shelf
from metrics.models import CertifiedCell, Metric, Rollup, Series
from metrics.publishing import indexes_after
from metrics.queries import vocabulary
from metrics.reading.periods import parse_period
from tests.cast import House
from tests.metrics.facts import Facts, by, certified, entries, fresh, released, run

MADE_OF = {
    "aggregation": "geometric",
    "components": [
        {"measure": "heard", "weight": 1, "worst": 0, "best": 100},
        {"measure": "returned", "weight": 1, "worst": 40, "best": 0},
    ],
}
HEARD = {"": (150, 250), "race=a": (90, 120), "race=b": (60, 130)}
RETURNED = {"": (24, 300), "race=a": (20, 200), "race=b": (4, 100)}
"""So few of b returned that nobody outside may see it."""


@pytest.fixture
def facts(house: House) -> Facts:
    """Two measures by race in one hospital, the year 2024, and their index."""
    made = Facts(house.riverside, {code: house.units[f"riverside/{code}"] for code in ("all", "east")})
    made.dimension("race", ["a", "b"])
    made.metric("heard", denominator="Those who answered", frequency=12)
    made.metric("returned", numerator="Stays with another", denominator="Stays", better="lower", frequency=12)
    made.metric(
        "well-served",
        numerator="How well people are served",
        denominator="",
        kind="index",
        counts_people=False,
        frequency=12,
        composition=MADE_OF,
    )
    made.add("heard", "east", "2024", HEARD)
    made.add("returned", "east", "2024", RETURNED)
    made.roll_up()
    return made


def value_of(heard: tuple[int, int], returned: tuple[int, int]) -> float:
    """By hand: the root of the product of both on their scales, in 100."""
    scaled = heard[0] / heard[1], (40 - 100 * returned[0] / returned[1]) / 40
    return 100 * math.sqrt(scaled[0] * scaled[1])


def of_index(documents: Mapping[str, Any]) -> dict[str, Any]:
    """Group → the document of the index, of the whole institution."""
    return {
        key.rsplit("|", 1)[1]: told for key, told in documents.items() if key.startswith("well-served|all|")
    }


def page_of(client: Client, code: str = "well-served", query: str = "") -> str:
    address = reverse("metrics:metric", args=["riverside", "patient", code])
    return client.get(address + query).content.decode()


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


def test_insiders_see_the_index_of_true_counts(facts: Facts, house: House, client: Client) -> None:
    client.force_login(house.accounts["alice"])
    page = words_of(page_of(client))
    for group in ("", "race=a", "race=b"):
        assert f"{value_of(HEARD[group], RETURNED[group]):.1f}" in page
    assert "had a score of" in page
    assert "of 100 points" in page
    assert "50.0 in 100" in page
    assert "no other makes up for it" in page


def test_index_is_not_stored(facts: Facts, house: House) -> None:
    release = released(facts, house.person("alice"), ["2024"], ["heard", "returned"])
    with acting_as(Persona.OPERATOR):
        for table in (Series, Rollup, CertifiedCell):
            rows = table.objects.filter(**{
                "metric__code" if table is Series else "series__metric__code": "well-served"
            })  # fmt: skip
            assert not rows.exists()
    assert of_index(entries(release))


def test_index_is_published_with_its_parts_and_hidden_where_one_is(facts: Facts, house: House) -> None:
    documents = entries(released(facts, house.person("alice"), ["2024"], ["heard", "returned"]))
    found = of_index(documents)
    statuses = {
        group: {
            documents[f"{code}|all|2024-01-01..2024-12-31|{group}"]["status"]
            for code in ("heard", "returned")
        }
        for group in found
    }
    assert {group for group, of_parts in statuses.items() if "hidden" in of_parts} >= {"race=b"}
    for group, told in found.items():
        assert told["status"] == ("hidden" if "hidden" in statuses[group] else "published")
        assert (told["numerator"], told["denominator"]) == (None, None)
        assert (told["rate"] is None) is (told["status"] == "hidden")
    assert found[""]["rate"] == pytest.approx(value_of(HEARD[""], RETURNED[""]), abs=1e-4)
    assert found[""]["ci"][0] < found[""]["rate"] < found[""]["ci"][1]
    assert [one["name"] for one in found[""]["metric"]["composition"]["components"]] == ["Heard", "Returned"]


def test_index_outside_follows_from_published_cells_alone(facts: Facts, house: House) -> None:
    """Another true count behind what is hidden changes no letter of the index."""
    first = of_index(entries(released(facts, house.person("alice"), ["2024"], ["heard", "returned"])))
    group = next(group for group, told in first.items() if told["status"] == "hidden")
    assert not re.search(
        r"\d", str({name: first[group][name] for name in ("rate", "ci", "numerator", "denominator")})
    )
    assert first[group]["reliable"] is None


def test_part_that_is_not_published_keeps_the_index_from_being_shown(
    facts: Facts, house: House, client: Client
) -> None:
    release = released(facts, house.person("alice"), ["2024"], ["heard"])
    assert of_index(entries(release)) == {}
    assert client.get(reverse("public:measure", args=["riverside", "well-served"])).status_code == 404
    client.force_login(house.accounts["carmen"])
    assert "there is no period in which all of its parts are" in page_of(client)
    later = released(facts, house.person("alice"), ["2024"], ["returned"])
    assert of_index(entries(later))[""]["status"] == "published"


def test_corrected_part_brings_a_new_index(facts: Facts, house: House) -> None:
    alice = house.person("alice")
    before = of_index(entries(released(facts, alice, ["2024"], ["heard", "returned"])))
    facts.change("heard", "east", "2024", {"": (190, 250), "race=a": (110, 120), "race=b": (80, 130)})
    facts.roll_up()
    after = of_index(entries(released(facts, alice, ["2024"], ["heard"])))
    assert after[""]["rate"] > before[""]["rate"]
    assert after[""]["rate"] == pytest.approx(value_of((190, 250), RETURNED[""]), abs=1e-4)


def test_what_is_published_again_without_change_says_the_index_once(facts: Facts, house: House) -> None:
    alice = house.person("alice")
    released(facts, alice, ["2024"], ["heard", "returned"])
    facts.metric("other", denominator="Visits", frequency=12)
    facts.add("other", "east", "2024", {"": (50, 100)})
    facts.roll_up()
    assert of_index(entries(released(facts, alice, ["2024"], ["other"]))) == {}


def test_index_goes_with_a_part_and_comes_back_with_it(facts: Facts, house: House, client: Client) -> None:
    """With the other part in hand it would give the withdrawn one back. It does not go alone."""
    alice = house.person("alice")
    released(facts, alice, ["2024"], ["heard", "returned"])
    with by(alice, facts.organisation):
        job = withdraw_figures(
            metric=Metric.objects.get(code="heard"),
            periods=[parse_period("2024")],
            reason="wrong",
            words="The file was of another hospital.",
            by=alice,
        )
    run(job)
    gone = client.get("/p/riverside/measures/well-served/")
    assert gone.status_code == 410
    assert "Heard; Well served" in gone.content.decode()
    client.force_login(house.accounts["alice"])
    alone = reverse("metrics:withdraw", kwargs={"institution": "riverside", "metric": "well-served"})
    assert client.get(alone).status_code == 404
    assert of_index(entries(released(facts, alice, ["2024"], ["heard"])))


def test_public_page_api_and_file_tell_the_index_with_its_parts(
    facts: Facts, house: House, client: Client
) -> None:
    released(facts, house.person("alice"), ["2024"], ["heard", "returned"])
    page = words_of(client.get(reverse("public:measure", args=["riverside", "well-served"])).content.decode())
    assert f"{value_of(HEARD[''], RETURNED['']):.1f}" in page
    assert "What it is made of" in page
    assert "Hidden to protect privacy" in page
    rows = client.get("/api/v1/observations", {"metric": "well-served"}).json()["data"]
    everybody = next(row for row in rows if not row["dims"] and row["unit"]["root"])
    assert everybody["status"] == "published"
    assert everybody["rate"] == pytest.approx(value_of(HEARD[""], RETURNED[""]), abs=1e-4)
    assert [one["measure"] for one in everybody["metric"]["composition"]["components"]] == [
        "heard",
        "returned",
    ]
    data = client.get(reverse("public:data", args=["riverside"]), {"metric": "well-served"}).content.decode(
        "utf-8-sig"
    )
    lines = list(csv.DictReader(io.StringIO(data)))
    assert {line["status"] for line in lines} == {"published", "hidden"}
    assert {line["metric_parts"] for line in lines} == {"heard returned"}
    assert all(bool(line["rate"]) is (line["status"] == "published") for line in lines)


def test_preview_of_a_release_shows_the_index_it_brings(facts: Facts, house: House, client: Client) -> None:
    release = certified(facts, house.person("alice"), ["2024"], ["heard", "returned"])
    client.force_login(house.accounts["alice"])
    page = words_of(client.get(reverse("metrics:release", args=["riverside", release.pk])).content.decode())
    assert "Well served" in page
    assert f"{value_of(HEARD[''], RETURNED['']):.1f}" in page
    assert f"{value_of(HEARD['race=b'], RETURNED['race=b']):.1f}" not in page


def test_community_that_holds_an_index_is_asked_when_a_part_is_published(facts: Facts, house: House) -> None:
    alice = house.person("alice")
    with by(alice, facts.organisation):
        give_to_community(metric=facts.metrics["well-served"], by=alice)
    release = certified(facts, alice, ["2024"], ["heard", "returned"])
    with by(alice, facts.organisation), pytest.raises(RuleBroken, match="Well served"):
        publish_figures(release=release, by=alice)
    assert fresh(release).state == Release.State.CERTIFIED


def test_new_weights_are_a_new_version_that_breaks_the_line(
    facts: Facts, house: House, client: Client
) -> None:
    """What was measured before keeps the old weights."""
    for code, counts in (("heard", HEARD), ("returned", RETURNED)):
        facts.add(code, "east", "2025", counts)
    facts.roll_up()
    alice, index = house.person("alice"), facts.metrics["well-served"]
    parts = MADE_OF["components"]
    heavier = {**MADE_OF, "components": [{**parts[0], "weight": 3}, parts[1]]}  # type: ignore[dict-item,index]  # a list
    values = {**definition_of(index), "composition": heavier}
    with by(alice, facts.organisation):
        new_version(
            metric=index,
            values=values,
            first_day=date(2025, 1, 1),
            reason="Being heard counts more",
            by=alice,
        )
    documents = entries(released(facts, alice, ["2024", "2025"], ["heard", "returned"]))
    before, after = (documents[f"well-served|all|{year}-01-01..{year}-12-31|"] for year in (2024, 2025))
    assert before["rate"] == pytest.approx(value_of(HEARD[""], RETURNED[""]), abs=1e-4)
    assert after["rate"] == pytest.approx(100 * 0.6**0.75 * 0.8**0.25, abs=1e-4)
    assert (before["metric"]["version"], after["metric"]["version"]) == (1, 2)
    client.force_login(house.accounts["alice"])
    assert "Being heard counts more" in page_of(client)


def test_line_breaks_where_a_part_is_counted_otherwise(facts: Facts, house: House, client: Client) -> None:
    for code, counts in (("heard", HEARD), ("returned", RETURNED)):
        facts.add(code, "east", "2025", counts)
    facts.roll_up()
    alice, part = house.person("alice"), facts.metrics["heard"]
    values = {**definition_of(part), "numerator": "Those who were really heard"}
    with by(alice, facts.organisation):
        new_version(metric=part, values=values, first_day=date(2025, 1, 1), reason="Asked anew", by=alice)
    client.force_login(house.accounts["alice"])
    assert "Heard: Asked anew" in page_of(client)


def test_part_keeps_its_unit_while_it_is_in_an_index(facts: Facts, house: House) -> None:
    alice, part = house.person("alice"), facts.metrics["heard"]
    with by(alice, facts.organisation), pytest.raises(RuleBroken, match="Well served"):
        new_version(
            metric=part,
            values={**definition_of(part), "per": 1000},
            first_day=date(2025, 1, 1),
            reason="Finer",
            by=alice,
        )


def test_index_stays_an_index(facts: Facts, house: House) -> None:
    alice, index = house.person("alice"), facts.metrics["well-served"]
    values = {**definition_of(index), "kind": "count", "composition": {}}
    with by(alice, facts.organisation), pytest.raises(RuleBroken, match="stays an index"):
        reword_metric(metric=index, values=values, by=alice)


def test_database_keeps_parts_to_indexes(facts: Facts) -> None:
    for code, values in (("heard", {"composition": MADE_OF}), ("well-served", {"composition": {}})):
        with acting_as(Persona.OPERATOR), pytest.raises(IntegrityError, match="index_has_parts"):
            Metric.objects.filter(code=code).update(**values)


def test_library_index_is_adopted_when_its_parts_are(facts: Facts, house: House) -> None:
    alice, entry = house.person("alice"), shelf().metric("heard-and-respected")
    with by(alice, facts.organisation):
        with pytest.raises(RuleBroken, match="“treated-unfairly” is not measured here yet"):
            adopt_metric(organisation=facts.organisation, entry=entry, by=alice)
        for part in entry.composition["components"]:
            adopt_metric(organisation=facts.organisation, entry=shelf().metric(part["measure"]), by=alice)
        made = adopt_metric(organisation=facts.organisation, entry=entry, by=alice)
    assert made.composition == entry.composition


def test_parts_are_looked_at_when_an_index_is_written(facts: Facts, house: House) -> None:
    alice = house.person("alice")
    wrong = {**MADE_OF, "components": [{"measure": "heard", "weight": 1, "worst": 100, "best": 0}] * 2}
    values = {**definition_of(facts.metrics["well-served"]), "composition": wrong}
    with by(alice, facts.organisation), pytest.raises(RuleBroken, match="is in it twice"):
        write_metric(organisation=facts.organisation, code="another", values=values, by=alice)


# ------------------------------------------------------------------------------------------- the form


FORM = {
    "name": "All in all", "level": "patient", "purpose": "impact", "numerator": "How it goes", "aggregation": "arithmetic",
    "source": "Its parts", "why": "One number", "measure_1": "heard", "weight_1": "2", "worst_1": "20", "best_1": "100",
    "measure_2": "returned", "worst_2": "40", "best_2": "0",
}  # fmt: skip


def test_index_is_written_with_a_form(facts: Facts, house: House, client: Client) -> None:
    client.force_login(house.accounts["alice"])
    address = reverse("metrics:own", args=["riverside"])
    assert "?kind=index" in client.get(address).content.decode()
    response = client.post(f"{address}?kind=index", FORM)
    assert response.status_code == 302, words_of(response.content.decode())
    with acting_as(Persona.OPERATOR):
        made = Metric.objects.get(code="all-in-all")
    assert made.composition == {
        "aggregation": "arithmetic",
        "components": [
            {"measure": "heard", "weight": 2, "worst": 20, "best": 100},
            {"measure": "returned", "weight": 1, "worst": 40, "best": 0},
        ],
    }
    kept = words_of(client.get(reverse("metrics:kept", args=["riverside", "all-in-all"])).content.decode())
    assert "66.7 in 100" in kept
    change = reverse("metrics:metric_change", args=["riverside", "all-in-all"])
    assert (
        'value="20.0"' in client.get(change).content.decode()
        or 'value="20"' in client.get(change).content.decode()
    )
    sent = {**FORM, "weight_1": "5", "meaning": "other", "first_day": "2025-01-01", "reason": "Heavier"}
    assert client.post(change, sent).status_code == 302
    with acting_as(Persona.OPERATOR):
        made.refresh_from_db()
    assert (made.version, made.composition["components"][0]["weight"]) == (2, 5)


def test_what_is_wrong_with_the_parts_stands_in_the_form(facts: Facts, house: House, client: Client) -> None:
    client.force_login(house.accounts["alice"])
    address = reverse("metrics:own", args=["riverside"]) + "?kind=index"
    backward = client.post(address, {**FORM, "worst_2": "0", "best_2": "40"})
    assert backward.status_code == 422
    assert "do not go the way that is better for it" in words_of(backward.content.decode())
    lacking = client.post(address, {**FORM, "best_1": ""})
    assert lacking.status_code == 422
    assert "Write a number." in words_of(lacking.content.decode())


def test_file_for_insiders_tells_the_index_and_names_its_parts(
    facts: Facts, house: House, client: Client
) -> None:
    client.force_login(house.accounts["alice"])
    address = reverse("metrics:metric_csv", args=["riverside", "patient", "well-served"])
    lines = list(csv.DictReader(io.StringIO(client.get(address).content.decode("utf-8-sig"))))
    everybody = next(line for line in lines if not line["group"])
    assert everybody["value"] == f"{value_of(HEARD[''], RETURNED['']):.2f}"
    assert (everybody["numerator"], everybody["denominator"], everybody["per"]) == ("", "", "100")
    assert everybody["parts"] == "heard returned"


def test_publishing_says_which_indexes_go_with_it(facts: Facts, house: House, client: Client) -> None:
    release = certified(facts, house.person("alice"), ["2024"], ["heard"])
    client.force_login(house.accounts["alice"])
    page = client.get(reverse("metrics:release_publish", args=["riverside", release.pk])).content.decode()
    assert "worked out from them: Well served." in words_of(page)


def test_a_department_has_no_index_of_sums(facts: Facts, house: House) -> None:
    """Each part would add up other institutions."""
    release = certified(facts, house.person("alice"), ["2024"], ["heard", "returned"])
    with acting_as(Persona.WORKER, organisation=facts.organisation):
        words = vocabulary()
        assert indexes_after(release, words)
        release.organisation.kind = "health_department"
        assert indexes_after(release, words) == []
