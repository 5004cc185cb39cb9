"""Whether a period is in whole: every unit that is asked has given its number for each part of it.

The total of a quarter in which one hospital is silent is not the total of that quarter: it is not shown, and not published.
A unit is asked from its first word on a measure, a number or a blank, until it says "not asked". Nobody else can say
so for it: were a silent unit forgotten after a while, the totals after that would pass for whole without it.

So a unit that closes reports nobody (0 of 0) for the rest of that year, which is true, and says "not asked" once from then
on. One that opens does the same for the months of its first year before it.

Twelve months that are no calendar year are whole by the same rule. Nobody waits for them: what they lack is told of the
months and the year.

Where a person is counted once over periods, a quarter or a year has a number of its own, and is whole when every unit that
is asked has given that one. Nobody waits for a length of period that no unit counts.

What stands where the number is missing is a blank of the kind that the unit gave; where it gave none, "not due yet" until
the part is over, then "not collected". Pure.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import NamedTuple

from metrics.reading.cells import BlankKind
from metrics.reading.periods import Grain, Period, containing, rolling

NUMBER = ""
"""In place of the kind of a blank: there is a number."""

LONGER = {
    Grain.MONTH: (Grain.QUARTER, Grain.YEAR),
    Grain.QUARTER: (Grain.YEAR,),
    Grain.YEAR: (),
    Grain.WHOLE: (),
}
"""What the periods of each grain add up to."""

ROLLED = (Grain.MONTH, Grain.QUARTER)
"""The grains of which twelve months are made that begin with any."""

Said = Mapping[Period, str]
"""What one unit has said of a measure: part → NUMBER or the kind of blank. All parts have the measure's own grain."""


class Reporter(NamedTuple):
    """A unit that counts."""

    code: str
    name: str


class Silence(NamedTuple):
    """A part for which a unit that is asked has given no number, and the kind of blank that stands there."""

    unit: Reporter
    part: Period
    kind: str

    @property
    def late(self) -> bool:
        """Whether it is due."""
        return self.kind != BlankKind.NOT_YET_DUE


@dataclass(frozen=True)
class Reports:
    """What the units of one place have said of one measure, as it stands on a day."""

    said: Mapping[Reporter, Said]
    today: date
    once: bool = False
    """Each period is given by itself, whatever its length: shorter ones do not add up to it."""

    @cached_property
    def _silences(self) -> dict[Period, tuple[Silence, ...]]:
        """Every period of which there is a number, short and long → who has not reported in it."""
        parts = self._numbers
        if self.once:
            return {period: tuple(self._silent((period,))) for period in sorted(parts)}
        periods = parts | {containing(part.start, grain) for part in parts for grain in LONGER[part.grain]}
        return {period: tuple(self._silent(parts_of(period, self._grain))) for period in sorted(periods)}

    @cached_property
    def _numbers(self) -> frozenset[Period]:
        """The parts of which there is a number."""
        return frozenset(part for said in self.said.values() for part, kind in said.items() if kind == NUMBER)

    @cached_property
    def _grain(self) -> Grain:
        return next((part.grain for part in self._numbers), Grain.WHOLE)

    @cached_property
    def whole(self) -> frozenset[Period]:
        """The periods that are in whole."""
        calendar = frozenset(period for period, silences in self._silences.items() if not silences)
        if self.once:
            return calendar
        return calendar | frozenset(self._rolling(calendar))

    def _rolling(self, calendar: frozenset[Period]) -> Iterator[Period]:
        """Twelve months in whole that are no calendar year. They end with a part that is in whole."""
        for last in calendar:
            if last.grain is not self._grain or last.grain not in ROLLED:
                continue
            year = rolling(last.end)
            if year.start.month == 1:
                continue
            parts = parts_of(year, last.grain)
            if self._given_by_all.issuperset(parts) or (
                self._numbers.issuperset(parts) and not any(self._silent(parts))
            ):
                yield year

    @cached_property
    def _given_by_all(self) -> frozenset[Period]:
        """The parts of which every unit has given a number: the usual case, and the quick one."""
        return frozenset(
            part for part in self._numbers if all(said.get(part) == NUMBER for said in self.said.values())
        )

    @cached_property
    def open(self) -> dict[Period, tuple[Silence, ...]]:
        """The periods that are not, with what is missing."""
        return {period: silences for period, silences in self._silences.items() if silences}

    def _silent(self, parts: tuple[Period, ...]) -> Iterator[Silence]:
        for unit, said in self.said.items():
            missing = [part for part in parts if said.get(part) != NUMBER]
            if missing and (len(missing) < len(parts) or self._is_asked(unit, parts)):
                yield from (Silence(unit, part, said.get(part) or self._kind(part)) for part in missing)

    @cached_property
    def _in_order(self) -> dict[Reporter, list[Period]]:
        return {unit: sorted(said) for unit, said in self.said.items()}

    def _is_asked(self, unit: Reporter, parts: tuple[Period, ...]) -> bool:
        """Whether the unit's last word, in one of the parts or before them, is another than "not asked"."""
        words = self._in_order[unit]
        before = bisect_right(words, parts[0].start, key=lambda part: part.start)
        until = bisect_right(words, parts[-1].end, key=lambda part: part.start)
        last_words = words[max(before - 1, 0) : until]
        return any(self.said[unit][part] != BlankKind.NOT_ASKED for part in last_words)

    def _kind(self, part: Period) -> str:
        return BlankKind.NOT_YET_DUE.value if part.end >= self.today else BlankKind.NOT_COLLECTED.value


@lru_cache(maxsize=1024)
def parts_of(period: Period, grain: Grain) -> tuple[Period, ...]:
    """The periods of a shorter (or the same) grain that a period is made of, in order."""
    if grain in (period.grain, Grain.WHOLE):
        return (period,)
    parts, day = [], period.start
    while day <= period.end:
        part = containing(day, grain)
        parts.append(part)
        day = part.end + timedelta(days=1)
    return tuple(parts)


def missing(open: Mapping[Period, Iterable[Silence]]) -> list[Silence]:
    """Everything that keeps these periods open, each once."""
    return list(dict.fromkeys(silence for silences in open.values() for silence in silences))


def behind(shown: Period, open: Mapping[Period, Iterable[Silence]]) -> list[Silence]:
    """Who alone keeps back something later than what is shown: a part is due, and others have reported it."""
    later = {part: silences for part, silences in open.items() if part.end > shown.end}
    return [
        silence
        for part, silences in later.items()
        for silence in silences
        if silence.late and silence.part == part
    ]
