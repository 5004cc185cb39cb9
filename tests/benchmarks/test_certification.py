"""How long a quarterly release of 20 measures takes to certify: four linked quarters and their year, two processes."""

from __future__ import annotations

import resource
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple

from metrics.certification import judge
from tests.benchmarks.hospital_system import question

MEASURES = 20
CORES = 2
GOAL = 10


class Found(NamedTuple):
    """What one measure took. Counts of people are cells: those with the outcome, those without it, and all."""

    measure: int
    rows: int
    hidden: int
    small: int
    left: int
    programmes: int
    dropped: int
    seconds: float
    memory: int


def certified(measure: int) -> Found:
    asked = question(measure)
    started = time.process_time()
    answer = judge(asked)
    small, left, linear, integer = (sum(column) for column in zip(*answer.effort, strict=True))
    return Found(
        measure,
        len(answer.cells),
        answer.hidden,
        small,
        left,
        linear + integer,
        sum(cells for _part, cells in answer.dropped),
        time.process_time() - started,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )


def test_quarterly_release() -> None:
    """The minutes depend on who else uses the machine; the seconds of processor time do not."""
    started = time.perf_counter()
    with ProcessPoolExecutor(CORES, mp_context=get_context("spawn")) as pool:
        found = []
        for one in pool.map(certified, range(MEASURES)):
            print(f"\n  {one}", end="", flush=True)
            found.append(one)
    minutes = (time.perf_counter() - started) / 60
    seconds = sum(one.seconds for one in found)
    print(
        f"\n{MEASURES} measures: {minutes:.1f} minutes on {CORES} cores (goal < {GOAL}), {seconds:.0f} s of processor time"
    )
    print(
        f"  {sum(one.rows for one in found)} rows, {sum(one.hidden for one in found)} hidden;"
        f" {sum(one.small for one in found)} small counts, {sum(one.left for one in found)} left to the global step,"
        f" {sum(one.dropped for one in found)} left out; {max(one.memory for one in found)} MB a process"
    )
    assert {one.rows for one in found} == {3720}
