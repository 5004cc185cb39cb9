"""The kinds of long work, each of one year of counts, and where each can be stopped in its middle.

Every year holds the same counts, so that what becomes of a year can be compared with what became of another.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import psycopg

from tests.cast import PASSWORD
from tests.functional.plain_visitor import PlainVisitor
from tests.functional.small_house import SmallHouse

METRIC = "pain-30-minutes"
HEADER = "metric,unit,period,race_ethnicity,numerator,denominator"
COUNTS = {"": (180, 300), "black": (60, 110), "white": (120, 190)}
DESK = "/o/riverside/measures"

TABLES = (
    "metrics_stratum",
    "metrics_series",
    "metrics_observation",
    "metrics_before",
    "metrics_rollup",
    "metrics_touched",
    "metrics_batch",
    "metrics_certifiedcell",
    "metrics_certificate",
    "publication_release",
    "publication_ledgerentry",
    "tenancy_auditevent",
)
STATE = "SELECT " + ", ".join(
    f"(SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM {table} AS t)" for table in TABLES
)
JOB = "SELECT state, attempts, outcome FROM tenancy_job WHERE id = %s"

PLACE = "JOIN metrics_series AS series ON series.id = series_id JOIN tenancy_unit AS unit ON unit.id = series.unit_id"
PLACE += " JOIN metrics_stratum AS stratum ON stratum.id = series.stratum_id"
WHEN = 'unit.code, stratum.key, grain, extract(month FROM start), extract(month FROM "end")'
OBSERVED = f"SELECT {WHEN}, numerator, denominator, squares, blank FROM metrics_observation {PLACE}"
ADDED_UP = f"SELECT {WHEN}, numerator, denominator, squares FROM metrics_rollup {PLACE}"
CERTIFIED = f"SELECT {WHEN}, status, numerator, denominator FROM metrics_certifiedcell {PLACE}"
OF_YEAR = " WHERE extract(year FROM start) = %s ORDER BY 1, 2, 3, 4, 5"
PUBLISHED = """
SELECT n, kind, op, audience, metric, document->'unit', document->'dims', document->'status', document->'numerator',
       document->'denominator', document->'rate', document->'ci'
  FROM publication_ledgerentry WHERE extract(year FROM period_start) = %s ORDER BY n
"""
ADVISORY_LOCK = "SELECT pg_advisory_xact_lock(hashtext('{}'), id::int) FROM tenancy_organisation"
RELEASES = "SELECT id FROM publication_release WHERE title = %s"


@dataclass
class Moment:
    """How a job stands, and a fingerprint of everything that the work may write: seen in one snapshot."""

    state: str
    attempts: int
    outcome: dict[str, Any]
    everything: tuple[str, ...]


def moment(house: SmallHouse, job: str) -> Moment:
    with house.database() as connection:
        found = connection.execute(JOB, [job]).fetchone()
        everything = connection.execute(STATE).fetchone()
    assert found
    assert everything
    return Moment(*found, everything)


class LongWork(ABC):
    """What the jobs of one year have in common."""

    gate: ClassVar[str]
    """Takes a lock that the job needs before it writes anything."""
    middle: ClassVar[str]
    """Takes a lock that the job needs later."""
    has_written: ClassVar[str]
    """The table that it has written to when it waits for that one."""
    words: ClassVar[str]
    """What the page of the job says meanwhile."""

    def __init__(self, house: SmallHouse, year: int) -> None:
        self.house, self.year = house, year
        self.alice = PlainVisitor(house.address, "alice@example.org", PASSWORD)

    @abstractmethod
    def prepare(self) -> None:
        """Bring about everything that has to be there before the work can begin."""

    @abstractmethod
    def begin(self) -> str:
        """Ask for the work. Returns its job."""

    @abstractmethod
    def result(self) -> Any:
        """What came of it, without anything that differs from year to year."""

    def done(self) -> Any:
        """Prepare the work, have it done without a disturbance, and return the result."""
        self.prepare()
        self.finish(self.begin())
        return self.result()

    def finish(self, job: str) -> Moment:
        def end() -> Moment | None:
            now = moment(self.house, job)
            return now if now.state in {"done", "failed"} else None

        last = self.house.until(end)
        assert last.state == "done", last
        return last

    def page_of(self, job: str) -> str:
        return self.alice.open(f"/o/riverside/jobs/{job}/").text

    def _job(self, kind: str, argument: str, value: str) -> str:
        newest = "SELECT id::text FROM tenancy_job WHERE kind = %s AND arguments->>%s = %s ORDER BY id DESC LIMIT 1"
        ((job,),) = self.house.ask(newest, kind, argument, value)
        return str(job)


class Import(LongWork):
    """The file is in and checked; applying it writes observations and adds them up."""

    gate = "SELECT FROM metrics_batch WHERE state = 'uploaded' FOR UPDATE"
    middle = "LOCK TABLE metrics_rollup IN SHARE MODE"
    has_written = "metrics_observation"
    words = "Adding up the counts"

    def prepare(self) -> None:
        rows = [
            f"{METRIC},{unit},{self.year}-0{month},{group},{numerator * month},{denominator * month}"
            for unit in ("east", "west")
            for month in (1, 2, 3)
            for group, (numerator, denominator) in COUNTS.items()
        ]
        page = self.alice.send_file(
            f"{DESK}/imports/counts/", f"{self.year}.csv", "\n".join([HEADER, *rows, ""])
        )
        self.path = page.path
        self.batch = page.path.rstrip("/").rsplit("/", 1)[1]
        self.finish(self._job("metrics.check_batch", "batch", self.batch))

    def begin(self) -> str:
        self.alice.send(self.path)
        return self._job("metrics.apply_batch", "batch", self.batch)

    def result(self) -> Any:
        observed = self.house.ask(OBSERVED + OF_YEAR, self.year)
        return observed, self.house.ask(ADDED_UP + OF_YEAR, self.year)


class Undo(Import):
    """The file is applied; undoing it removes its observations and takes its part out of the sums."""

    gate = "SELECT FROM metrics_batch WHERE state = 'applied' FOR UPDATE"

    def prepare(self) -> None:
        super().prepare()
        self.finish(super().begin())

    def begin(self) -> str:
        self.alice.send(f"{self.path}undo/")
        return self._job("metrics.undo_batch", "batch", self.batch)


class RollUp(LongWork):
    """The roll-ups say something else than the observations: some are wrong, some missing, one has nothing behind it."""

    gate = ADVISORY_LOCK.format("metrics_rollup")
    middle = "SELECT FROM metrics_rollup WHERE numerator = 777 FOR UPDATE"
    has_written = "metrics_rollup"
    words = "Adding up the counts"

    def prepare(self) -> None:
        Import(self.house, self.year).done()
        of_year = "WHERE extract(year FROM start) = %s"
        self.house.ask(f"DELETE FROM metrics_rollup {of_year} AND grain = 3", self.year)
        self.house.ask(f"UPDATE metrics_rollup SET numerator = numerator + 1 {of_year}", self.year)
        self.house.ask(
            'INSERT INTO metrics_rollup (organisation_id, series_id, grain, start, "end", numerator)'
            " SELECT organisation_id, series_id, 3, start + 300, start + 390, 777"
            f" FROM metrics_rollup {of_year} LIMIT 1",
            self.year,
        )

    def begin(self) -> str:
        """Nobody hands it over: the sweep finds a job that has waited for long."""
        ((job,),) = self.house.ask(
            "INSERT INTO tenancy_job (id, organisation_id, kind, arguments, state, attempts, outcome, queued_at)"
            " SELECT uuidv7(), id, 'metrics.roll_up', '{}', 'queued', 0, '{}', now() - interval '1 hour'"
            " FROM tenancy_organisation WHERE slug = 'riverside' RETURNING id::text"
        )
        return str(job)

    def result(self) -> Any:
        return self.house.ask(ADDED_UP + OF_YEAR, self.year)


class Certification(LongWork):
    """A release is drafted; its cells are judged and written down with the proof."""

    gate = ADVISORY_LOCK.format("metrics_release")
    middle = "RESET ROLE; LOCK TABLE metrics_certificate IN SHARE MODE"
    has_written = "metrics_certifiedcell"
    words = "Checking that no small number can be found out"

    def prepare(self) -> None:
        Import(self.house, self.year).done()

    def begin(self) -> str:
        draft = {"title": str(self.year), "metrics": [METRIC], "periods": [f"{self.year}-Q1"]}
        self.path = self.alice.send(f"{DESK}/releases/new/", draft).path
        return self._job("metrics.certify_release", "release", self.release)

    @property
    def release(self) -> str:
        ((release,),) = self.house.ask(RELEASES, str(self.year))
        return str(release)

    def result(self) -> Any:
        states = self.house.ask("SELECT state FROM publication_release WHERE id = %s", self.release)
        proofs = self.house.ask(
            "SELECT count(*) FROM metrics_certificate WHERE release_id = %s", self.release
        )
        return states, proofs, self.house.ask(CERTIFIED + OF_YEAR, self.year)


class Publication(Certification):
    """The check is done; the last of the work is the commit itself, which waits for the institution's row."""

    middle = "SELECT FROM tenancy_organisation FOR UPDATE"
    has_written = "publication_ledgerentry"
    words = "Publishing"

    def prepare(self) -> None:
        super().prepare()
        self.finish(super().begin())

    def begin(self) -> str:
        self.alice.send(f"{self.path}publish/")
        return self._job("metrics.publish_release", "release", self.release)

    def result(self) -> Any:
        numbers = self.house.ask(
            "SELECT count(DISTINCT seq) FROM publication_ledgerentry WHERE release_id = %s", self.release
        )
        return numbers, self.house.ask(PUBLISHED, self.year)


@dataclass
class Stopped:
    """A job that stands in its middle: the process that does it, its connection to PostgreSQL, and how all was before."""

    job: str
    before: Moment
    process: int
    backend: int
    let_go: Callable[[], None]


@contextmanager
def stopped_in_its_middle(work: LongWork) -> Iterator[Stopped]:
    """Begin the work and hold a lock that it needs, until `let_go` or the end of the block."""
    house = work.house
    with house.database() as at_the_gate, house.database() as in_the_middle:
        at_the_gate.execute(work.gate)
        job = work.begin()
        _waiting_for(house, at_the_gate)
        before = moment(house, job)
        in_the_middle.execute(work.middle)
        at_the_gate.rollback()
        backend = _waiting_for(house, in_the_middle)
        assert has_lock(house, backend, work.has_written)
        assert moment(house, job) == before, "half of the work is visible"
        yield Stopped(job, before, house.process_of(job), backend, in_the_middle.rollback)


def _waiting_for(house: SmallHouse, holder: psycopg.Connection[Any]) -> int:
    """The connection that PostgreSQL says is blocked by another, as soon as there is one."""
    blocked = "SELECT pid FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))"
    ((backend,),) = house.until(lambda: house.ask(blocked, holder.info.backend_pid))
    return int(backend)


def has_lock(house: SmallHouse, backend: int, table: str) -> bool:
    written = "SELECT 1 FROM pg_locks WHERE pid = %s AND relation = %s::regclass AND mode = 'RowExclusiveLock' AND granted"
    return bool(house.ask(written, backend, table))


def is_connected(house: SmallHouse, backend: int) -> bool:
    return bool(house.ask("SELECT 1 FROM pg_stat_activity WHERE pid = %s", backend))
