"""Makes hospital-year.csv: one invented year of two hospitals of Willow Ferry Health, for the report that the law asks for.

Run `python -m equity.desk.example.make_hospital_year`; it makes the same file every time. Groups of a dimension add up to
the overall row. Black patients, patients on Medicaid and patients who speak Spanish come back more often; small groups are
hidden when the year is published.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random

FILE = Path(__file__).with_name("hospital-year.csv")
SEED = 20_250_930
YEAR = "2025"

Shares = Mapping[str, float]
GROUPS: Mapping[str, Shares] = {
    "race_ethnicity": {
        "american_indian": 0.006, "asian": 0.08, "black": 0.26, "hispanic": 0.19, "middle_eastern": 0.03,
        "pacific_islander": 0.005, "white": 0.4, "not_recorded": 0.029,
    },
    "language": {"english": 0.8, "spanish": 0.12, "vietnamese": 0.05, "not_recorded": 0.03},
    "gender": {"female": 0.55, "male": 0.44, "not_recorded": 0.01},
    "payer": {
        "medicare": 0.36, "medicaid": 0.29, "blue_cross": 0.27, "self_pay": 0.06, "not_recorded": 0.02,
    },
}  # fmt: skip
WORSE: Mapping[str, float] = {
    "black": 0.5,
    "hispanic": 0.2,
    "medicaid": 0.3,
    "self_pay": 0.25,
    "spanish": 0.2,
}
"""How much more often (as a share) what is not wanted happens to these groups."""

MEASURES: Mapping[str, tuple[float, bool, int]] = {
    # code: how often it happens, whether it is wanted, people in the larger hospital
    "readmission-30-day": (0.11, False, 4200),
    "cesarean-first-birth": (0.24, False, 760),
    "would-recommend": (0.72, True, 1500),
    "social-needs-screened": (0.58, True, 5100),
}
HOSPITALS: Mapping[str, float] = {"ferry": 1.0, "alder": 0.45}


def rows() -> Iterator[list[str | int]]:
    """Every row of the file: the overall count of a measure and hospital, then its groups."""
    random = Random(SEED)  # noqa: S311  # invented people, no secret
    for measure, (often, wanted, people) in MEASURES.items():
        for unit, size in HOSPITALS.items():
            counted: Counter[tuple[str, str]] = Counter()
            met: Counter[tuple[str, str]] = Counter()
            for _ in range(int(people * size)):
                person = {name: _one_of(random, shares) for name, shares in GROUPS.items()}
                harm = 1.0
                for group in person.values():
                    harm *= 1 + WORSE.get(group, 0)
                chance = often * harm if not wanted else 1 - (1 - often) * harm
                happened = random.random() < chance
                for place in (("", ""), *person.items()):
                    counted[place] += 1
                    met[place] += happened
            for place in sorted(counted):
                yield _row(measure, unit, place, met[place], counted[place])


def _row(
    measure: str, unit: str, place: tuple[str, str], numerator: int, denominator: int
) -> list[str | int]:
    dimension, group = place
    cells = [group if name == dimension else "" for name in GROUPS]
    return [measure, unit, YEAR, *cells, numerator, denominator]


def _one_of(random: Random, shares: Shares) -> str:
    return random.choices(list(shares), weights=list(shares.values()))[0]


def main() -> None:
    with FILE.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["metric", "unit", "period", *GROUPS, "numerator", "denominator"])
        writer.writerows(rows())


if __name__ == "__main__":
    main()
