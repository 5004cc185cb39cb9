"""One measure in public: targets, goals for missing answers, units beside each other, breaks of its definition."""

from __future__ import annotations

import re

from django.test import Client as Browser

from tests.public.conftest import World
from tests.public.published import EAST, METRIC, observation
from tests.public.test_pages import read, words_of


def test_targets_and_goals_stand_on_the_public_page_as_they_were_published(
    world: World, visitor: Browser
) -> None:
    black, missing = observation(400, 2000, race="black"), observation(30, 300, race="unknown")
    black.document["target"] = {"value": 12.5, "by": "2027-12-31"}
    missing.document["labels"]["race"]["goal"] = {"at_most": 3.0, "by": "2027-06-30", "role": "Analyst"}
    world.publish(observation(630, 4300), black, observation(200, 2000, race="white"), missing)
    text = words_of(read(visitor, "/p/riverside/measures/readmission/"))
    assert (
        "Target for Black or African American: 12.5 in 100 by 31 December 2027. 20.0 now: not reached yet."
        in text
    )
    assert "Not recorded: 7.0 in 100 (300 of 4,300)." in text
    assert "at most 3.0 in 100 are to be missing by 30 June 2027. Who answers for it: Analyst." in text


WEST = ("west", "West Hospital")


def test_units_stand_beside_each_other_by_name_with_the_gap_in_each_and_nothing_hidden(
    world: World, visitor: Browser
) -> None:
    world.publish(
        observation(600, 4000),
        observation(400, 2000, race="black"),
        observation(200, 2000, race="white"),
        observation(500, 3600, unit=WEST),
        observation(350, 1800, unit=WEST, race="black"),
        observation(150, 1800, unit=WEST, race="white"),
        observation(100, 400, unit=EAST),
        observation(None, None, unit=EAST, race="black", status="hidden"),
        observation(None, None, unit=EAST, race="white", status="hidden"),
    )
    html = read(visitor, "/p/riverside/measures/readmission/")
    text = words_of(html)
    assert "From 13.9 to 25.0 in 100 in 2 places." in text
    spread = html[html.index('id="spread"') :]
    east, west = (words_of(row) for row in re.findall(r"<tr>(.*?)</tr>", spread, re.DOTALL)[1:3])
    assert "East Hospital 25.0" in east
    assert "Hidden to protect privacy" in east
    assert "West Hospital 13.9" in west
    assert re.search(r"11\.1 \(likely 8\.9 to 13\.3\)", west), west
    alone = words_of(read(visitor, "/p/riverside/measures/readmission/?unit=east"))
    assert "Is it the same everywhere" not in alone


def test_a_change_of_definition_is_told_and_drawn_on_the_public_page(world: World, visitor: Browser) -> None:
    for number, year in enumerate(("2023", "2024", "2025"), 1):
        counted = METRIC | {"version": 1 if number < 3 else 2}
        span = (f"{year}-01-01", f"{year}-12-31", "year", year)
        world.publish(
            observation(600, 4000, period=span, metric=counted),
            observation(400, 2000, period=span, metric=counted, race="black"),
            observation(200, 2000, period=span, metric=counted, race="white"),
        )
    html = read(visitor, "/p/riverside/measures/readmission/")
    assert "From 1 January 2025 on it counts something else. The lines break before 2025." in words_of(html)
    assert html.count('class="break"') == 2
