"""How long the measures of inequality take for 1,000 groups of subgroups, beside a bare NumPy pass. Prints; sets no limit."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from metrics.inequality import MEASURES, Draws, measure
from tests.metrics.inequality.groups import timed_groups

ROUNDS = 5
ORDERED, UNORDERED = timed_groups(ordered=True), timed_groups(ordered=False)


def best_of(times: int, work: Callable[[], object]) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def measure_afresh(names: list[str], draws: Draws | None) -> None:
    """The named measures of both kinds of dimension, from fresh input: no mean or share is kept from before."""
    ordered, unordered = ORDERED.part(0, ORDERED.groups), UNORDERED.part(0, UNORDERED.groups)
    measure(ordered, [name for name in names if MEASURES[name].dimension != "unordered"])
    measure(unordered, [name for name in names if MEASURES[name].dimension != "ordered"], draws=draws)


def bare_pass(estimates: np.ndarray) -> np.ndarray:
    """The least that any measure does: the mean of each group, and the mean square around it."""
    starts, sizes = UNORDERED.layout.starts, UNORDERED.layout.sizes
    weight = UNORDERED.population.reshape(-1, *[1] * (estimates.ndim - 1))
    whole = np.add.reduceat(weight, starts, axis=0)
    mean = np.add.reduceat(weight * estimates, starts, axis=0) / whole
    return np.add.reduceat(weight * (estimates - np.repeat(mean, sizes, axis=0)) ** 2, starts, axis=0) / whole


def bare_draws(count: int) -> None:
    """A bare pass over normal draws that are neither cut off nor put in order."""
    random = np.random.default_rng(1)
    for _ in range(count // 50):
        bare_pass(
            random.normal(UNORDERED.estimate[:, None], UNORDERED.se[:, None], (UNORDERED.layout.rows, 50))
        )


def test_all_measures_of_a_thousand_groups() -> None:
    names = list(MEASURES)
    without = best_of(ROUNDS, lambda: measure_afresh(names, None))
    bare = best_of(ROUNDS, lambda: bare_pass(UNORDERED.estimate))
    each = without / len(names) / bare
    print(f"\nall {len(names)} measures without draws: {without:.3f} s, each {each:.0f} bare passes")
    for count in (100, 1_000):
        taken = best_of(3, lambda count=count: measure_afresh(names, Draws(count)))
        drawn = best_of(3, lambda count=count: bare_draws(count))
        print(
            f"all {len(names)} measures with {count:,} draws: {taken:.2f} s, {taken / drawn:.1f} bare passes"
        )
