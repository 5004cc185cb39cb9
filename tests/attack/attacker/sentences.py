"""Sentences with numbers in them: gaps, ratios, "would not have happened", inequality measures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tests.attack.attacker.told import Contrast, Excess, Interval, Share, Spread, Statement, printed

if TYPE_CHECKING:
    from tests.attack.attacker.pages import Context

N = r"(\N{MINUS SIGN}?\d[\d,]*(?:\.\d+)?)"
UNIT = r"(?: (?:in|per) [\d,]+)?"


def read(context: Context, text: str) -> Iterator[Statement]:
    """Every sentence whose groups are known."""
    known = sorted((*context.material.labels, "Everybody", "everybody"), key=len, reverse=True)
    label = f"({'|'.join(map(re.escape, known))})"
    yield from _shares(context, text, label)
    yield from _contrasts(context, text, label)
    yield from _excess(context, text, label)
    yield from _spread(context, text)


def _shares(context: Context, text: str, label: str) -> Iterator[Statement]:
    for value, name in re.findall(rf"{N}{UNIT} for {label}", text):
        place = context.place(name.capitalize() if name == "everybody" else name)
        if place:
            yield Share(place, _scaled(context, value))


def _contrasts(context: Context, text: str, label: str) -> Iterator[Statement]:
    differences = [
        rf"{N}{UNIT} (?:\(likely {N} to {N}\) )?lie between {label} and {label}",
        rf"a gap of {N}{UNIT}()() between {label} and {label}",
    ]
    for pattern in differences:
        for value, _low, _high, one, other in re.findall(pattern, text):
            first, second = context.place(one), context.place(other)
            if first and second:
                yield Contrast("difference", first, second, _scaled(context, value))
    beside = rf"Gap {N} \(likely {N} to {N}\){UNIT} As a ratio {N} [^A-Z]*Between {label} and {label}"
    for value, _low, _high, times, one, other in re.findall(beside, text):
        first, second = context.place(one), context.place(other)
        if first and second:
            yield Contrast("difference", first, second, _scaled(context, value))
            yield Contrast("ratio", first, second, printed(times))
    ratio = rf"the number for {label} is {N} times the number for {label}"
    for one, value, other in re.findall(ratio, text):
        first, second = context.place(one), context.place(other)
        if first and second:
            yield Contrast("ratio", first, second, printed(value))


def _excess(context: Context, text: str, label: str) -> Iterator[Statement]:
    pattern = rf"{N} [^.]{{0,80}}would not have [^.]{{0,80}}(?:rate|share|number) (?:of|for) {label}"
    for value, name in re.findall(pattern, text):
        best = context.place(name)
        if best and len(best.group) == 1:
            ((dimension, _),) = best.group
            yield Excess(best._replace(group=frozenset()), dimension, best, printed(value))
    pattern = rf"If every group had the number of {label}, there would have been {N} (more|fewer)"
    for name, value, direction in re.findall(pattern, text):
        best = context.place(name)
        if best and len(best.group) == 1:
            ((dimension, _),) = best.group
            low, high = printed(value)
            told = Interval(low, high) if direction == "fewer" else Interval(-high, -low)
            yield Excess(best._replace(group=frozenset()), dimension, best, told)


def _spread(context: Context, text: str) -> Iterator[Statement]:
    if len(context.dimensions) != 1:
        return
    (dimension,) = context.dimensions
    whole = context.at(frozenset())
    for value in re.findall(rf"Theil(?:’s)? index\W+{N}", text):
        yield Spread("theil", whole, dimension, printed(value))
    for value in re.findall(rf"[Bb]etween-group variance\W+{N}", text):
        yield Spread("variance", whole, dimension, printed(value))


def _scaled(context: Context, value: str) -> Interval:
    low, high = printed(value)
    return Interval(low / context.scale, high / context.scale)
