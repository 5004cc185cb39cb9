"""Certify a release, leaving out parts of it where the whole cannot be certified."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from metrics.disclosure.cells import LEAST_THRESHOLD, CellKey, Mask, Row, Structure, Table
from metrics.disclosure.certificate import Certificate, Dropped, Part, Reason, Witness
from metrics.disclosure.equations import build_table
from metrics.disclosure.measures import View
from metrics.disclosure.moves import tied_to
from metrics.disclosure.protect import NODE_LIMIT, NOTHING_PUBLISHED, protect, published_earlier
from metrics.disclosure.verify import verify

PLAN = (Part.UNIT_INTERSECTIONS, Part.INTERSECTIONS, Part.UNITS, Part.FINEST_PERIODS)
"""What is left out first, second, and so on."""


@dataclass(frozen=True)
class Certification:
    """A table with its certificate."""

    table: Table
    certificate: Certificate
    already_published: frozenset[CellKey]

    @cached_property
    def view(self) -> View:
        """All that may be seen outside, earlier releases included."""
        shown = {
            key: int(count)
            for key, count, listed in zip(self.table.keys, self.table.values, self.table.listed, strict=True)
            if listed and key not in self.certificate.hidden
        }
        return View(shown, self.certificate.hidden)

    @property
    def new(self) -> dict[CellKey, int]:
        """What this release adds. Empty when nothing could be certified."""
        return {key: count for key, count in self.view.shown.items() if key not in self.already_published}


@dataclass
class Others:
    """What was found so far from the same rows, for one after the other of several people who know other things."""

    table: Table | None = None
    hidden: set[CellKey] = field(default_factory=set)
    witnesses: dict[Witness, None] = field(default_factory=dict)
    """In the order in which they were found."""

    def add(self, table: Table, certificate: Certificate) -> None:
        self.table = table
        self.hidden |= certificate.hidden
        self.witnesses |= dict.fromkeys(certificate.witnesses)


def certify(
    rows: Iterable[Row],
    structure: Structure,
    *,
    same: Iterable[tuple[CellKey, CellKey]] = (),
    threshold: int = LEAST_THRESHOLD,
    already_hidden: frozenset[CellKey] = frozenset(),
    already_published: Mapping[CellKey, int] = NOTHING_PUBLISHED,
    plan: Sequence[Part] = PLAN,
    node_limit: int = NODE_LIMIT,
    others: Others | None = None,
) -> Certification:
    """Protect the rows; while a small count stays without proof, leave out the next part of the plan.

    A part that is left out is hidden whole. Its small counts stay protected: what is shown says something
    about them too. When the plan is used up, all that equations tie to an unproved count is hidden, so that
    what remains says nothing about it. A count that earlier releases give away stays in ``unproved``; leaving
    out parts cannot help it, so the plan is passed over.

    Rows of earlier releases belong to ``rows``: old and new are judged together. ``same``: see
    :func:`~metrics.disclosure.equations.build_table`.

    ``others``: what was found from the very same rows for people who know other things. What is hidden from one of them
    is hidden here too, and their witnesses serve wherever they hold here. The answer is added to it.

    :raises ValueError: see :func:`~metrics.disclosure.protect.protect`.
    :raises InconsistentTable: the counts contradict each other or an earlier release.
    """
    others = Others() if others is None else others
    table = others.table or build_table(rows, structure, same)
    release = _Release(table, threshold, already_hidden, already_published, node_limit, others)
    certificate = release.certificate()
    for part, cells in _parts(table, plan):
        if all(each.reason is Reason.EXPOSED for each in certificate.unproved):
            break
        if release.leave_out(part, cells, certificate):
            certificate = release.certificate()
    while release.leave_out(Part.CONNECTED, release.tied_to_unproved(certificate), certificate):
        certificate = release.certificate()
    problems = verify(table, certificate, already_hidden=already_hidden, already_published=already_published)
    if problems:
        raise RuntimeError(f"the certificate does not hold: {' '.join(problems)}")
    others.add(table, certificate)
    return Certification(table, certificate, frozenset(already_published))


@dataclass
class _Release:
    """What is asked of a release, and what has been left out of it so far."""

    table: Table
    threshold: int
    already_hidden: frozenset[CellKey]
    already_published: Mapping[CellKey, int]
    node_limit: int
    others: Others = field(default_factory=Others)
    dropped: list[Dropped] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.published = published_earlier(self.table, self.already_published)
        self.withheld = self.table.mask(self.others.hidden) & ~self.published

    def certificate(self) -> Certificate:
        certificate = protect(
            self.table,
            threshold=self.threshold,
            already_hidden=self.already_hidden,
            already_published=self.already_published,
            withheld=self.table.keys_at(self.withheld),
            witnesses=self.others.witnesses,
            node_limit=self.node_limit,
        )
        return replace(certificate, dropped=tuple(self.dropped))

    def leave_out(self, part: Part, cells: Mask, certificate: Certificate) -> bool:
        """Withhold these cells, save what earlier releases show; false if all are hidden as it is."""
        further = cells & self.table.listed & ~self.published & ~self.withheld
        if not (further & ~self.table.mask(certificate.hidden)).any():
            return False
        self.withheld |= further
        self.dropped.append(Dropped(part, int(further.sum()), certificate.unproved))
        return True

    def tied_to_unproved(self, certificate: Certificate) -> Mask:
        tied = np.zeros_like(self.published)
        for each in certificate.unproved:
            cell = self.table.index[each.key]
            if not self.published[cell]:
                tied |= tied_to(self.table, cell, ~self.published)
        return tied


def _parts(table: Table, plan: Sequence[Part]) -> Iterator[tuple[Part, Mask]]:
    """The cells of each part, step by step: the deepest intersections first, the shortest periods first."""
    units = {part for place in table.structure.places for part in place.parts}
    at_unit = table.where(lambda key: key.place in units)
    depth = np.array([len(key.stratum) for key in table.keys])
    depths = range(int(depth.max(initial=0)), 1, -1)
    for part in plan:
        if part is Part.UNIT_INTERSECTIONS:
            yield from ((part, at_unit & (depth >= least)) for least in depths)
        elif part is Part.INTERSECTIONS:
            yield from ((part, depth >= least) for least in depths)
        elif part is Part.UNITS:
            yield part, at_unit
        elif part is Part.FINEST_PERIODS:
            yield from ((part, _during(table, periods)) for periods in _period_levels(table))


def _during(table: Table, periods: set[str]) -> Mask:
    return table.where(lambda key: key.period in periods)


def _period_levels(table: Table) -> Iterator[set[str]]:
    """Periods that are part of a longer one, the shortest first."""
    left = {key.period for key in table.keys}
    while True:
        wholes = [each for each in table.structure.periods if each.name in left]
        within = {part for whole in wholes for part in whole.parts} & left
        finest = within - {whole.name for whole in wholes if left.intersection(whole.parts)}
        if not finest:
            return
        yield finest
        left -= finest
