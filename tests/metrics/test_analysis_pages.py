"""The analyst's pages: a pasted table, and all measures over what somebody may see of a figure."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from metrics.forms.analysis import EXAMPLE
from tests.cast import House
from tests.metrics.facts import Facts, released

COUNTS = {
    "": (8264, 13225),
    "race=a": (5120, 9001),
    "race=b": (2137, 3211),
    "race=c": (1000, 1000),
    "race=d": (7, 13),
}
QUARTER = "2024-Q1"
TABLE = "group,events,population\nA,20,200\nB,60,300\nC,30,200\n"
ASKED = {
    "table": TABLE,
    "better": "lower",
    "ordered": "no",
    "scale": "100",
    "level": "0.95",
    "against": "best",
}


@pytest.fixture
def facts(house: House) -> Facts:
    made = Facts(house.riverside, {"all": house.units["riverside/all"]})
    made.dimension("race", ["a", "b", "c", "d"])
    made.metric("seen-in-time")
    made.add("seen-in-time", "all", QUARTER, COUNTS)
    made.roll_up()
    return made


def paste(client: Client, house: House, name: str = "bea", **changed: str) -> Any:
    client.force_login(house.accounts[name])
    return client.post(reverse("metrics:analysis", args=["riverside"]), ASKED | changed)


def read(client: Client, house: House, name: str, query: str = "", route: str = "metric_inequality") -> Any:
    client.force_login(house.accounts[name])
    return client.get(reverse(f"metrics:{route}", args=["riverside", "patient", "seen-in-time"]) + query)


def in_file(response: Any) -> dict[str, dict[str, str]]:
    text = response.content.decode("utf-8-sig")
    return {row["measure"]: row for row in csv.DictReader(io.StringIO(text))}


def test_a_table_gives_every_measure_with_its_range(house: House, client: Client) -> None:
    page = paste(client, house)
    assert page.status_code == 200
    text = page.content.decode()
    assert "Difference" in text
    assert "10.00" in text
    assert "Theil index" in text
    assert TABLE.splitlines()[2] in text


def test_the_example_on_the_page_works(house: House, client: Client) -> None:
    client.force_login(house.accounts["bea"])
    page = client.get(reverse("metrics:analysis", args=["riverside"]))
    assert "Group A,11.2,0.3,5120" in page.content.decode()
    assert paste(client, house, table=EXAMPLE).status_code == 200


def test_the_same_as_a_file(house: House, client: Client) -> None:
    response = paste(client, house, csv="yes")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    rows = in_file(response)
    assert float(rows["D"]["value"]) == pytest.approx(10)
    assert rows["BGSD"]["range_by"] == "draws"
    assert rows["MDRU"]["value"] == ""
    assert rows["MDRU"]["note"] == "No reference subgroup is declared."


def test_what_was_asked_changes_what_is_told(house: House, client: Client) -> None:
    marked = "group,estimate,people,reference\nA,10,200,\nB,20,300,yes\nC,15,200,\n"
    best = in_file(paste(client, house, table=marked, csv="yes"))
    declared = in_file(paste(client, house, table=marked, against="declared", csv="yes"))
    assert float(best["PAR"]["value"]) == pytest.approx(10 - 110 / 7)
    assert float(declared["PAR"]["value"]) == 0.0
    assert in_file(paste(client, house, better="higher", csv="yes"))["PAR"]["value"] != best["PAR"]["value"]
    ranked = "group,estimate,people,order\nA,30,200,1\nB,20,300,2\nC,15,200,3\n"
    assert float(in_file(paste(client, house, table=ranked, ordered="yes", csv="yes"))["ACI"]["value"]) < 0
    wide = in_file(paste(client, house, level="0.99", csv="yes"))
    assert float(wide["D"]["upper"]) > float(in_file(paste(client, house, csv="yes"))["D"]["upper"])


def test_a_fault_is_told_with_its_row_and_nothing_is_lost(house: House, client: Client) -> None:
    broken = "group,events,population\nA,20,200\nB,sixty,300\nKeepsake,30,200\n"
    for more in ({}, {"csv": "yes"}):
        page = paste(client, house, table=broken, better="higher", **more)
        text = page.content.decode()
        assert page.status_code == 422
        assert "Row 3, column “events”:" in text
        assert "sixty" in text
        assert "Keepsake,30,200" in text
        assert re.search(r'<option value="higher" selected', text)


def test_what_is_pasted_is_text_and_not_markup(house: House, client: Client) -> None:
    page = paste(client, house, table="group,estimate\n<script>alert(1)</script>,x\n")
    assert b"<script>alert(1)" not in page.content


def test_insiders_get_the_measures_of_all_groups(facts: Facts, house: House, client: Client) -> None:
    text = read(client, house, "alice").content.decode()
    assert "all groups" in text
    assert "for inside only" in text
    rows = in_file(read(client, house, "alice", route="metric_inequality_csv"))
    assert float(rows["D"]["value"]) == pytest.approx(100 * (1 - 7 / 13))


@pytest.mark.parametrize("name", ["carmen", "oscar"])
def test_others_get_the_measures_of_the_published_groups_only(
    facts: Facts, house: House, client: Client, name: str
) -> None:
    """As many measures as there are shown groups would give the hidden ones back, if these were among them."""
    release = released(facts, house.person("alice"), [QUARTER])
    page = read(client, house, name)
    text = page.content.decode()
    assert "hidden" in text
    assert "those only" in text
    assert "worked out from what has been published" in text
    with acting_as(Persona.PUBLIC):
        documents = list(release.entries.values_list("document", flat=True))
    shown = [one for one in documents if one["dims"] and one["status"] == "published"]
    values = [100 * one["numerator"] / one["denominator"] for one in shown]
    rows = in_file(read(client, house, name, route="metric_inequality_csv"))
    if len(values) < 2:
        assert rows == {}
        return
    assert len(values) < 4
    assert float(rows["D"]["value"]) == pytest.approx(max(values) - min(values))
    inside = in_file(read(client, house, "alice", route="metric_inequality_csv"))
    assert inside["MDBU"]["value"] != rows["MDBU"]["value"]


def test_before_anything_is_published_others_get_nothing(facts: Facts, house: House, client: Client) -> None:
    assert "no groups to compare" in read(client, house, "carmen").content.decode()
    assert in_file(read(client, house, "carmen", route="metric_inequality_csv")) == {}


def test_order_and_reference_are_asked_for_in_the_address(facts: Facts, house: House, client: Client) -> None:
    route = "metric_inequality_csv"
    ranked = in_file(read(client, house, "alice", "?order=rising", route))
    turned = in_file(read(client, house, "alice", "?order=falling", route))
    assert float(ranked["ACI"]["value"]) == pytest.approx(-float(turned["ACI"]["value"]))
    marked = in_file(read(client, house, "alice", "?reference=race%3Db", route))
    assert float(marked["MDRU"]["value"]) > 0
    assert "BGV" in in_file(read(client, house, "alice", "?order=odd&reference=odd", route))


def test_the_measure_page_leads_to_all_measures(facts: Facts, house: House, client: Client) -> None:
    client.force_login(house.accounts["alice"])
    page = client.get(reverse("metrics:metric", args=["riverside", "patient", "seen-in-time"]) + "?by=race")
    wanted = reverse("metrics:metric_inequality", args=["riverside", "patient", "seen-in-time"])
    assert f'href="{wanted}?by=race"' in page.content.decode()


def test_the_site_starts_without_scipy() -> None:
    """It is 50 MB and half a second that only analysts need."""
    code = (
        "import django, sys; django.setup(); from django.urls import get_resolver; "
        "get_resolver().url_patterns; import metrics.views.analysis; "
        "sys.exit('scipy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
