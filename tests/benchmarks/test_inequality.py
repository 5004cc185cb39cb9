"""How long the measures of inequality take for 1,000 groups of subgroups. Prints; sets no limit."""

from __future__ import annotations

import time
from collections.abc import Callable

from metrics.inequality import MEASURES, Draws, measure
from tests.metrics.inequality.groups import timed_groups

ROUNDS = 5


def best_of(times: int, work: Callable[[], object]) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


ORDERED, UNORDERED = timed_groups(ordered=True), timed_groups(ordered=False)


def measure_afresh(names: list[str], draws: Draws | None) -> None:
    """The named measures of both kinds of dimension, from fresh input: no mean or share is kept from before."""
    ordered, unordered = ORDERED.part(0, ORDERED.groups), UNORDERED.part(0, UNORDERED.groups)
    measure(ordered, [name for name in names if MEASURES[name].dimension != "unordered"])
    measure(unordered, [name for name in names if MEASURES[name].dimension != "ordered"], draws=draws)


def test_all_measures_of_a_thousand_groups():
    by_formula = [name for name, one in MEASURES.items() if one.spread is None]
    without = best_of(ROUNDS, lambda: measure_afresh(by_formula, None))
    print(f"\n{len(by_formula)} measures by formula, 1,000 groups: {without:.3f} s")
    for count in (100, 1_000, 10_000):
        taken = best_of(
            1 if count > 1_000 else 3, lambda count=count: measure_afresh(list(MEASURES), Draws(count))
        )
        print(f"all {len(MEASURES)} measures with {count:,} draws: {taken:.2f} s")
