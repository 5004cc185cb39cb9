"""The measures of inequality in the API: over published groups, and never more than these say."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser

from tests.public.conftest import World
from tests.public.published import observation

ASKED = {
    "institution": "riverside",
    "metric": "readmission",
    "by": "race",
    "period": "2025-01-01..2025-12-31",
}


def ask(visitor: Browser, **changed: str) -> Any:
    return visitor.get("/api/v1/inequality", ASKED | changed)


def told(visitor: Browser, **changed: str) -> dict[str, dict[str, Any]]:
    answer = ask(visitor, **changed)
    assert answer.status_code == 200, answer.content
    return {one["measure"]: one for one in answer.json()["data"]}


def test_measures_are_over_the_published_groups(published: World, visitor: Browser) -> None:
    answer = ask(visitor).json()
    assert answer["hidden"] == 1
    assert {one["group"]: one["takes_part"] for one in answer["groups"]} == {
        "race=black": True,
        "race=asian": False,
        "race=white": True,
        "race=unknown": False,
    }
    measures = told(visitor)
    assert measures["D"]["value"] == pytest.approx(15 - 10)
    assert measures["R"]["value"] == pytest.approx(1.5)
    assert measures["PAR"]["value"] == pytest.approx(10 - 860 / 74)
    assert "EXCESS" not in measures, "these rows do not say that nobody is in two groups"
    assert measures["D"]["lower"] < 5 < measures["D"]["upper"]
    assert measures["BGV"]["value"] is None
    assert measures["BGV"]["why"] == "This measure needs estimates for more than two subgroups."


def test_a_hidden_count_changes_nothing_that_is_told(world: World, visitor: Browser) -> None:
    """The same published rows beside two different hidden ones give the same bytes."""
    shown = [observation(360, 2400, race="black"), observation(500, 5000, race="white")]
    world.publish(*shown, observation(None, 300, status="hidden", race="asian"))
    world.publish(*shown, observation(None, 9, status="hidden", race="asian"), of="elsewhere")
    assert told(visitor) == told(visitor, institution="elsewhere")


def test_rates_are_per_their_person_time(published: World, visitor: Browser) -> None:
    measures = told(visitor, metric="falls", by="payer")
    assert measures["D"]["value"] == pytest.approx(70 / 20 - 50 / 28)
    assert measures["PAR"]["value"] == pytest.approx(50 / 28 - 120 / 48)


def test_order_and_reference(published: World, visitor: Browser) -> None:
    assert "BGV" in told(visitor)
    rising, falling = told(visitor, order="rising"), told(visitor, order="falling")
    assert "ACI" in rising
    assert rising["D"]["value"] == pytest.approx(-falling["D"]["value"])
    for reference in ("black", "race=black"):
        assert told(visitor, reference=reference)["D"]["value"] == pytest.approx(-5)


def test_an_average_has_no_measures_since_its_spread_is_not_published(
    published: World, visitor: Browser
) -> None:
    answer = ask(visitor, metric="wait", by="race")
    assert answer.status_code == 200
    assert answer.json()["data"] == []


@pytest.mark.parametrize(
    "changed",
    [
        {"institution": "nobody"},
        {"metric": "nothing"},
        {"by": "income"},
        {"period": "1999-01-01..1999-12-31"},
        {"unit": "attic"},
    ],
)
def test_what_is_not_published_is_not_found(
    published: World, visitor: Browser, changed: dict[str, str]
) -> None:
    answer = ask(visitor, **changed)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"] == "Nothing is published of what you ask for."


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [({"order": "up"}, "order"), ({"reference": "green"}, "reference"), ({"institution": ""}, "institution")],
)
def test_what_cannot_be_asked_is_named(
    published: World, visitor: Browser, changed: dict[str, str], wrong: str
) -> None:
    answer = ask(visitor, **changed)
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {wrong}


def test_the_same_question_has_the_same_answer_until_something_is_published(
    published: World, visitor: Browser
) -> None:
    first = ask(visitor)
    assert ask(visitor).content == first.content
    again = visitor.get("/api/v1/inequality", ASKED, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    published.publish(observation(480, 2400, race="black"))
    assert told(visitor)["D"]["value"] == pytest.approx(10)
