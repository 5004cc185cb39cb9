"""A counts file becomes observations, all or nothing."""

from __future__ import annotations

from tests.cast import House
from tests.metrics.importing import applied, csv_of, define, observations


def test_counts_become_observations(house: House) -> None:
    define(house)
    batch = applied(
        house,
        csv_of(["pain-30-minutes,east,2024-01,,30,60", "pain-30-minutes,east,2024-01,black,not collected,"]),
    )
    assert batch.state == "applied"
    assert observations(house) == {
        ("east", "2024-01-01", "", 30, 60, ""),
        ("east", "2024-01-01", "race_ethnicity=black", None, None, "not_collected"),
    }
    assert batch.report["applied"]["new"] == 2
