"""Somebody who is not signed in fetches everything that an institution publishes, byte by byte, and hands it to the attacker."""

from __future__ import annotations

from collections.abc import Collection
from itertools import product
from urllib.parse import urlencode

from django.test import Client

from tests.attack.attacker import Material
from tests.attack.attacker.dom import parse


class Visitor:
    """Comes back after every release, and keeps what was there before."""

    def __init__(self, institution: str, material: Material | None = None) -> None:
        self.institution = institution
        self.client = Client()
        self.material = material or Material()
        self.fetched = 0

    def fetch(self, address: str) -> bytes:
        response = self.client.get(address)
        assert response.status_code == 200, f"{address}: {response.status_code}"
        self.fetched += 1
        return response.content

    def visit(self, *, every: int = 1) -> Material:
        """The API from its beginning, the CSV file, the institution's page, and every page of every measure.

        `every`: of the pages of the measures only each second, third …, to save time.
        """
        self.walk()
        self.material.csv(self.fetch(f"/p/{self.institution}/data.csv"))
        self.read("/")
        self.read(f"/p/{self.institution}/")
        for address in self.measure_pages(every):
            self.read(address)
        return self.material

    def walk(self) -> None:
        """Every page of the API."""
        address: str | None = f"/api/v1/observations?institution={self.institution}&limit=1000"
        while address:
            following = self.material.json(self.fetch(address))
            address = following and following.removeprefix("http://testserver")

    def read(self, address: str) -> None:
        """A page. A measure is not published in every way to compare at once: then there is none."""
        response = self.client.get(address)
        if response.status_code in (200, 410):
            self.material.page(address, response.content)
            self.fetched += 1

    def measure_pages(self, every: int) -> list[str]:
        """The addresses of all measures, by all that their forms offer."""
        found = []
        for metric in sorted(self.material.metrics):
            address = f"/p/{self.institution}/measures/{metric.partition('/')[2]}/"
            page = self.client.get(address)
            if page.status_code == 200:
                questions = self._questions(page.content.decode(), self._periods(metric))
                found += [f"{address}?{urlencode(asked)}" for asked in questions[::every]]
        return found

    def _periods(self, metric: str) -> list[str]:
        """Every period that the API tells of; a form need not offer them all."""
        return sorted({place.period for place in self.material.versions if place.metric == metric})

    def _questions(self, html: str, periods: Collection[str]) -> list[dict[str, str]]:
        """What can be asked of a measure's page: each of its choices with each other."""
        choices: dict[str, Collection[str]] = {
            select.attributes.get("name", ""): [
                option.attributes.get("value", "") for option in select.all("option")
            ]
            for select in parse(html).all("select")
        }
        choices["period"] = periods
        names = [name for name in ("by", "period", "unit") if choices.get(name)]
        return [
            dict(zip(names, chosen, strict=True)) for chosen in product(*(choices[name] for name in names))
        ]
