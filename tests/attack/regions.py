"""Made-up hospitals whose figures a health department adds up, through the product's own check and without a database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from metrics.figures import PUBLISHED, Cell
from metrics.questions import Address, Count, Question
from metrics.reading.periods import parse_period
from metrics.totalling import judge_totals
from tests.attack.attacker import Attack, Material
from tests.attack.attacker.attack import Truth
from tests.attack.attacker.feeds import place_of
from tests.attack.attacker.told import Place
from tests.attack.institutions import Institution, Shape
from tests.attack.press import METRIC, Press, days

WITHIN = "/"


@dataclass
class Region:
    """Hospitals by their short names, and the department that adds up."""

    hospitals: dict[str, Institution]
    press: Press = field(default_factory=lambda: Press(institution="region"))
    sums: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    """Measure → period → those whose sum is out."""
    earlier: dict[str, dict[Address, Cell]] = field(default_factory=dict)

    def publish(self, *periods: str, metrics: Iterable[Mapping[str, Any]] = (METRIC,)) -> None:
        """Every hospital publishes."""
        for hospital in self.hospitals.values():
            for metric in metrics:
                hospital.publish(periods, metric=metric)

    def add_up(
        self, period: str, *, by: Collection[str] = (), metrics: Collection[Mapping[str, Any]] = (METRIC,)
    ) -> None:
        """Publish the sums of a period over some hospitals, or over all."""
        counted = tuple(sorted(by or self.hospitals))
        for metric in metrics:
            self.sums.setdefault(metric["code"], {})[period] = counted
        questions = {metric["code"]: self._question(metric) for metric in metrics}
        institution_of = {
            f"{slug}{WITHIN}{unit}": slug
            for slug, hospital in self.hospitals.items()
            for unit in hospital.shape.parent_of
        }
        answers = judge_totals(questions, institution_of)
        for metric in metrics:
            cells = {
                where: cell
                for where, cell in answers[metric["code"]].cells.items()
                if where.period == parse_period(period)
            }
            self.earlier.setdefault(metric["code"], {}).update(cells)
            counts = questions[metric["code"]].counts
            self.press.counted = counted
            self.press.release(
                {
                    f"all|{period}|{at.stratum}": (counts[at].numerator, counts[at].denominator or 0)
                    for at in cells
                },
                hide={f"all|{period}|{at.stratum}" for at, cell in cells.items() if not cell.shown},
                keep_denominator={
                    f"all|{period}|{at.stratum}" for at, cell in cells.items() if cell.denominator is not None
                },
                metric=metric,
            )

    def _question(self, metric: Mapping[str, Any]) -> Question:
        """As the department's worker asks it: everything that was given, and what is published of it."""
        counts: dict[Address, Count] = {}
        earlier = dict(self.earlier.get(metric["code"], {}))
        parents: dict[str, str | None] = {}
        for slug, hospital in self.hospitals.items():
            told = hospital.told_of[metric["code"]]
            for where, cell in hospital.earlier[metric["code"]].items():
                at = where._replace(place=f"{slug}{WITHIN}{where.place}")
                true = told[_key(where)]
                shown = cell.status == PUBLISHED
                counts[at] = Count(
                    cell.numerator if shown and cell.numerator is not None else true[0],
                    true[1] if cell.denominator is None else cell.denominator,
                )
                earlier[at] = cell
            for unit, parent in hospital.shape.parent_of.items():
                parents[f"{slug}{WITHIN}{unit}"] = parent and f"{slug}{WITHIN}{parent}"
        totals = {}
        for period, counted in self.sums[metric["code"]].items():
            place = "sum of " + ", ".join(counted)
            totals[place] = tuple(f"{slug}{WITHIN}all" for slug in counted)
            counts |= _sum(place, totals[place], counts, period)
        shape: Shape = next(iter(self.hospitals.values())).shape
        assert all(one.shape.races == shape.races for one in self.hospitals.values())
        return Question(
            kind=metric["kind"],
            counts_people=True,
            counts=counts,
            blanks={},
            earlier=earlier,
            vocabulary=next(iter(self.hospitals.values())).vocabulary(),
            parent_of=parents,
            totals=totals,
            people={"numerator": metric["numerator"], "denominator": metric["denominator"]},
        )

    def material(self, insider: str = "") -> Material:
        """What somebody outside knows, or somebody who works in a hospital."""
        material = Material()
        # Releases of different houses follow one another: hospitals first, then the sums of what they have published.
        for press in (*(one.press for one in self.hospitals.values()), self.press):
            material.json(press.walk())
        if insider:
            own = {
                place: (count[0], count[1])
                for metric, told in self.hospitals[insider].told_of.items()
                for place, count in _places(insider, metric, told)
            }
            material.knows(insider, own)
        return material

    def truth(self, metrics: Iterable[Mapping[str, Any]] = (METRIC,)) -> Truth:
        """The true counts of all hospitals."""
        found = {}
        for metric in metrics:
            for hospital in self.hospitals.values():
                found.update(hospital.truth(metric))
        return found

    def attacked(self, metrics: Iterable[Mapping[str, Any]] = (METRIC,)) -> list[tuple[str, Any]]:
        """What the public finds, and what each hospital finds of the others."""
        found = []
        for insider in ("", *self.hospitals):
            attack = Attack(self.material(insider))
            found += [(insider, one) for one in attack.findings()]
            found += [(insider, one) for one in attack.narrow(self.truth(metrics))]
        return found


def _places(
    slug: str, metric: str, told: Mapping[str, tuple[int, int]]
) -> Iterable[tuple[Place, tuple[int, int]]]:
    for key, count in told.items():
        unit, period, stratum = key.split("|")
        first, last, _ = days(period)
        yield place_of(f"{slug}|{metric}|{unit}|{first}..{last}|{stratum}"), count


def _key(where: Address) -> str:
    quarter = f"-Q{(where.period.start.month + 2) // 3}" if where.period.grain.value == "quarter" else ""
    return f"{where.place}|{where.period.start.year}{quarter}|{where.stratum}"


def _sum(
    place: str, parts: tuple[str, ...], counts: Mapping[Address, Count], period: str
) -> dict[Address, Count]:
    when = parse_period(period)
    strata = [
        {where.stratum for where in counts if where.place == part and where.period == when} for part in parts
    ]
    return {
        Address(place, when, stratum): Count(
            sum(counts[Address(part, when, stratum)].numerator for part in parts),
            sum(counts[Address(part, when, stratum)].denominator or 0 for part in parts),
        )
        for stratum in set.intersection(*strata)
    }
