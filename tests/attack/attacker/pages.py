"""Public pages, read as anybody with a browser and its "view source" reads them: tables, sentences, alternative texts,
attributes, data that a script would draw from, and charts, which are measured."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tests.attack.attacker import drawings, sentences
from tests.attack.attacker.dom import Element, parse
from tests.attack.attacker.drawings import EVERYBODY, Drawn
from tests.attack.attacker.told import Figure, Group, Interval, LikelyRange, Place, Share, Statement, printed

if TYPE_CHECKING:
    from tests.attack.attacker.material import Material

N = r"(\N{MINUS SIGN}?\d[\d,]*(?:\.\d+)?)"
COUNTS = re.compile(rf"{N} of {N}")
WITH_RANGE = re.compile(rf"{N}(?:\s+|\s*\()(?:likely )?{N} to {N}")
NAMED = re.compile(r"\b(numerator|denominator|rate|value)\W{1,3}(\d[\d,]*(?:\.\d+)?)", re.IGNORECASE)

RULES = "Limits"
"""A table with such a column tells what rules say of a line, not what was counted in a period."""
NOT_PEOPLE = ("does not count people", "this is a full count of things")


@dataclass(frozen=True, slots=True)
class Context:
    """What a page is about: the measure, the unit, the period, and the dimensions that its groups are cut by."""

    material: Material
    metric: str
    unit: str
    period: str
    dimensions: frozenset[str]

    def place(self, label: str) -> Place | None:
        """Where the figure with this label stands: of a group, of everybody, or of everybody in a unit."""
        if label in {EVERYBODY, "Everybody", "All together"}:
            return Place(self.metric, self.unit, self.period)
        if label in self.material.unit_names:
            return Place(self.metric, self.material.unit_names[label], self.period)
        group = self.material.group_of(label, self.dimensions)
        return self.at(group) if group else None

    def at(self, group: Group) -> Place:
        return Place(self.metric, self.unit, self.period, group)

    @property
    def scale(self) -> float:
        return self.material.metrics[self.metric].scale


def read(material: Material, address: str, html: str) -> Iterator[Statement]:
    """Everything that a page says about counts. `address`: where it was found, with its query."""
    page, parts = parse(html), urlsplit(address)
    steps = parts.path.strip("/").split("/")
    if len(steps) >= 4 and steps[0] == "p" and steps[2] == "measures":
        yield from _measure(material, page, f"{steps[1]}/{steps[3]}", parts.query)
    elif len(steps) == 2 and steps[0] == "p":
        for article in page.all("article", "gap-row"):
            yield from _card(material, article, steps[1])


def _measure(material: Material, page: Element, metric: str, query: str) -> Iterator[Statement]:
    asked = {name: given[0] for name, given in parse_qs(query).items()}
    chosen = {name: _chosen(page, name) or asked.get(name, "") for name in ("by", "unit", "period")}
    if metric not in material.metrics or not chosen["unit"] or not chosen["period"]:
        return
    if any(words in page.text for words in NOT_PEOPLE):
        material.metrics[metric].people = False
    dimensions = frozenset(filter(None, chosen["by"].split("*")))
    context = Context(material, metric, chosen["unit"], chosen["period"], dimensions)
    yield from _in(context, page)
    whole = " ".join(one.everything_said for one in page.all("main")) or page.everything_said
    yield from sentences.read(context, whole)


def _card(material: Material, article: Element, institution: str) -> Iterator[Statement]:
    """One measure on the page of its institution; which dimension it is cut by follows from its labels."""
    links = [one.attributes.get("href", "") for one in article.all("a")]
    codes = [link.split("/measures/")[1].strip("/") for link in links if "/measures/" in link]
    metric = f"{institution}/{codes[0]}" if codes else ""
    unit = next((code for name, code in material.unit_names.items() if f"{name}, " in article.text), "")
    period = next((code for name, code in material.period_labels.items() if f", {name}." in article.text), "")
    if metric in material.metrics and unit and period:
        context = Context(material, metric, unit, period, frozenset())
        yield from _in(context, article)
        yield from sentences.read(context, article.everything_said)


def _chosen(page: Element, name: str) -> str:
    for select in page.all("select"):
        if select.attributes.get("name") == name:
            for option in select.all("option"):
                if "selected" in option.attributes:
                    return option.attributes.get("value", "")
    return ""


def _in(context: Context, part: Element) -> Iterator[Statement]:
    for table in part.all("table"):
        yield from _table(context, table)
    for figure in part.all("figure"):
        yield from _drawn(context, drawings.equiplot(figure))
        yield from _over_time(context, figure)
        for row in figure.all("li", "eq"):
            labels = row.all("span", "eq__label")
            yield from _row(context, drawings._label(labels[0]) if labels else "?", row)
    for script in part.all("script"):
        if "json" in script.attributes.get("type", ""):
            yield from _embedded(context, json.loads(script.raw))


def _table(context: Context, table: Element) -> Iterator[Statement]:
    """A line for each group; or a line for each period and a column for each group."""
    rows = [(drawings._label(heads[0]), row) for row in table.all("tr") if (heads := _heads(row, "row"))]
    columns = [one.text for one in _heads(table, "col")]
    if RULES not in columns:
        for label, row in rows:
            yield from _row(context, label, row)
    for periods in _columns(context):
        if len(rows) != len(periods):
            continue
        for period, (_, row) in zip(periods, rows, strict=True):
            for label, cell in zip(columns[1:], row.all("td"), strict=False):
                place = context.place(label)
                if place and re.fullmatch(N, cell.text):
                    yield Share(place._replace(period=period.code), _scaled(context, printed(cell.text)))


def _heads(part: Element, scope: str) -> list[Element]:
    return [one for one in part.all("th") if one.attributes.get("scope") == scope]


def _row(context: Context, label: str, row: Element) -> Iterator[Statement]:
    """What a line of a table, or of a chart's text, says of its group: in words, in titles, in attributes."""
    place = context.place(label)
    if place is None:
        return
    said = row.everything_said.replace(label, " ; ", 1)
    named = {name.lower(): value for name, value in NAMED.findall(said)}
    counts = COUNTS.search(said)
    numerator, denominator = counts.groups() if counts else (None, None)
    numerator, denominator = named.get("numerator", numerator), named.get("denominator", denominator)
    if numerator or denominator:
        yield Figure(place, "seen", _whole(numerator), _whole(denominator))
    value = named.get("rate") or named.get("value")
    if value:
        yield Share(place, _scaled(context, printed(value)))
    if found := WITH_RANGE.search(said):
        value, low, high = map(printed, found.groups())
        yield Share(place, _scaled(context, value))
        yield LikelyRange(place, _scaled(context, low), _scaled(context, high))


def _whole(text: str | None) -> int | None:
    return int(text.replace(",", "")) if text and "." not in text else None


def _scaled(context: Context, value: Interval) -> Interval:
    return Interval(value.low / context.scale, value.high / context.scale)


def _drawn(context: Context, rows: Iterator[Drawn]) -> Iterator[Statement]:
    for row in rows:
        place = context.place(row.label)
        if place and row.value:
            yield Share(place, _scaled(context, row.value))
        if place and row.low and row.high:
            yield LikelyRange(place, _scaled(context, row.low), _scaled(context, row.high))


def _over_time(context: Context, figure: Element) -> Iterator[Statement]:
    for columns in _columns(context):
        for point in drawings.run_charts(figure, len(columns)):
            place = context.place(point.label)
            if place and point.value and 0 <= point.column < len(columns):
                yield Share(place._replace(period=columns[point.column].code), _scaled(context, point.value))


def _columns(context: Context) -> Iterator[list[Any]]:
    """The periods that a run chart of this page shows: the shortest ones of which there are two or more."""
    from tests.attack.attacker.material import Span

    places = context.material.versions
    spans = {Span.of(one.period) for one in places if one.metric == context.metric}
    by_length: dict[int, list[Span]] = {}
    for span in sorted(spans, key=lambda one: one.start):
        by_length.setdefault(round((span.end - span.start).days / 30.4), []).append(span)
    several = [found for _, found in sorted(by_length.items()) if len(found) > 1]
    if several and all(one.end < other.start for one, other in pairwise(several[0])):
        yield several[0]


def _embedded(context: Context, data: Any) -> Iterator[Statement]:
    """What a script would draw from: traces with labels beside values; and named counts, however deep they lie."""
    if isinstance(data, list):
        for one in data:
            yield from _embedded(context, one)
    if not isinstance(data, dict):
        return
    for one in data.values():
        yield from _embedded(context, one)
    place = context.place(str(data.get("label", data.get("group", "?"))))
    if place and {"numerator", "denominator"} & data.keys():
        yield Figure(place, "seen", data.get("numerator"), data.get("denominator"))
    labels, values = data.get("y"), data.get("x")
    if isinstance(labels, list) and isinstance(values, list):
        for label, value in zip(labels, values, strict=False):
            place = context.place(label) if isinstance(label, str) else None
            if place and isinstance(value, (int, float)):
                yield Share(place, _scaled(context, printed(str(value))))
