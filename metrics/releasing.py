"""The door to releases of figures: what could be published, what the check needs to know, what would be public then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.db import connections
from django.utils import timezone

from equity.errors import NotFound
from equity.publication.models import Release
from equity.publication.queries import published_releases
from equity.tenancy.acting import current
from equity.tenancy.models import Job, Organisation, Unit
from metrics import queries, withdrawing
from metrics.completeness import Reports, Silence, missing
from metrics.figures import EVERYBODY, GRAIN_OF, Cell, Vocabulary, in_amounts, period_of, way_code
from metrics.indexes import parts_of, with_indexes
from metrics.models import Blank, CertifiedCell, CheckReport, Metric, Observation, Rollup, Series
from metrics.queries import Asked, Dashboard
from metrics.questions import Address, Count, Question, linked
from metrics.reading.periods import Grain, Period
from metrics.reporting import once_over_periods, reports
from metrics.sources import Cells, Published, Reading, Tables, newest_first
from metrics.vocabulary import vocabulary

CERTIFY = "metrics.certify_release"
CHECK = "metrics.check_metrics"
PUBLISH = "metrics.publish_release"
RELEASED = (Grain.WHOLE, Grain.QUARTER, Grain.YEAR)
"""Months are for the inside: too few people are in one. Nor are rolling periods released: each crosses the next."""

LOCK = "SELECT pg_advisory_xact_lock(hashtext('metrics_release'), %s::int)"


@dataclass(frozen=True)
class Candidate:
    """A metric with the whole periods that are not published yet, and what others wait for."""

    metric: Metric
    periods: list[Period]
    silences: list[Silence]


@dataclass(frozen=True)
class Asking:
    """A question to the certification, and the series of each address that its answer may name."""

    question: Question
    series: dict[Address, int]


def one_at_a_time(organisation_id: int) -> None:
    """Releases of one institution are checked and published one after the other: each is judged with all before it."""
    with connections[current().alias].cursor() as cursor:
        cursor.execute(LOCK, [organisation_id])


def releases_of_figures() -> list[Release]:
    """The institution's releases of figures, newest first."""
    return list(Release.objects.filter(kind=Release.Kind.FIGURES))


def release_for(pk: Any) -> Release:
    """One release of figures of the institution one is in."""
    release = Release.objects.filter(kind=Release.Kind.FIGURES, pk=pk).first()
    if release is None:
        raise NotFound("")
    return release


def latest_job(release: Release) -> Job | None:
    """The work last asked for on a release."""
    jobs = Job.objects.filter(kind__in=[CERTIFY, PUBLISH], arguments__release=str(release.pk))
    return jobs.order_by("-queued_at").first()


def report_of(release: Release) -> dict[str, Any]:
    """What the check of a release found, for insiders; empty until it has ended."""
    found = CheckReport.objects.filter(release_id=release.pk).first()
    return dict(found.content) if found else {}


def basis(organisation_id: int) -> int:
    """The number of the institution's last release or withdrawal of figures; a check is good as long as it stays the same."""
    kinds = [Release.Kind.FIGURES, Release.Kind.WITHDRAWAL]
    found = published_releases().filter(organisation_id=organisation_id, kind__in=kinds)
    return found.values_list("seq", flat=True).first() or 0


def is_stale(release: Release, report: Mapping[str, Any] | None = None) -> bool:
    """Whether other figures were published since this release was checked: the two were not judged together."""
    checked = report_of(release) if report is None else report
    return bool(checked.get("basis") != basis(release.organisation_id))


def first_in_line(job: Job) -> bool:
    """Whether no check that was asked for earlier is still under way: they follow one another."""
    open_states = [Job.State.QUEUED, Job.State.RUNNING]
    return not Job.objects.filter(kind=CERTIFY, state__in=open_states, pk__lt=job.pk).exists()


def next_in_line(job: Job) -> Job | None:
    """The check that waits for this one."""
    waiting = Job.objects.filter(kind=CERTIFY, state=Job.State.QUEUED, pk__gt=job.pk)
    return waiting.order_by("pk").first()


def checks_of(release: Release) -> list[Job]:
    """The jobs that check the metrics of a release, in the order of their numbers."""
    found = Job.objects.filter(kind=CHECK, arguments__release=str(release.pk))
    return sorted(found, key=lambda job: job.arguments["number"])


def groups(metrics: Sequence[Metric], chosen: Collection[str]) -> list[list[str]]:
    """The codes of metrics that are judged together: those chosen, each with all that count the same people."""
    of_people = {one.code: [one.numerator, one.denominator] for one in metrics if one.counts_people}
    together = linked(of_people) + [[one.code] for one in metrics if not one.counts_people]
    position = {one.code: number for number, one in enumerate(metrics)}
    found = [sorted(group, key=position.__getitem__) for group in together if {*chosen} & {*group}]
    return sorted(found, key=lambda group: position[group[0]])


def candidates(organisation: Organisation) -> list[Candidate]:
    """What could be published now: for insiders, who alone read the counts."""
    metrics, places = queries.definitions(), queries.units()
    published = Published(organisation.pk, places[0].code, metrics)
    found = reported(organisation.pk, metrics, places)
    return [_candidate(metric, found[metric.code], {*published.periods(metric.code)}) for metric in metrics]


def _candidate(metric: Metric, said: Reports, published: set[Period]) -> Candidate:
    waiting = {period: silences for period, silences in said.open.items() if period.grain in RELEASED}
    return Candidate(metric, sorted(to_release(said) - published, reverse=True), missing(waiting))


def indexes_with(release: Release) -> list[Metric]:
    """The indexes that go out with a release: it brings some of their parts."""
    cells = CertifiedCell.objects.filter(organisation_id=release.organisation_id, release=release)
    codes = set(cells.values_list("series__metric__code", flat=True).distinct())
    return [metric for metric in queries.definitions() if codes.intersection(parts_of(metric))]


def preview(release: Release, asked: Asked) -> Dashboard:
    """What is public once the release is: in the same shape as every other figure."""
    cells = CertifiedCell.objects.filter(organisation_id=release.organisation_id, release=release)
    codes = set(cells.values_list("series__metric__code", flat=True).distinct())
    every = queries.definitions()
    metrics = [metric for metric in every if metric.code in codes or codes.intersection(parts_of(metric))]
    places = queries.units()
    unit = queries.chosen_unit(places, asked.unit)
    source = with_indexes(
        AfterRelease(release, unit.code, every), every, OnceReleased(release, unit.code, every)
    )
    return queries.show(source, metrics, asked, unit, places, vocabulary())


def reported(organisation_id: int, metrics: Sequence[Metric], places: Sequence[Unit]) -> dict[str, Reports]:
    """Metric code → what every unit has said of it, for everybody. A metric that nobody counts so is not released."""
    codes = {metric.pk: metric.code for metric in metrics}
    units = queries.reporters_in(places[0], places)
    everybody = Series.objects.filter(
        organisation_id=organisation_id, metric_id__in=codes, stratum__key=EVERYBODY
    ).values_list("pk", "metric_id", "unit_id")
    speakers = {pk: (codes[metric_id], units[unit_id]) for pk, metric_id, unit_id in everybody}
    found = reports(organisation_id, speakers, once_over_periods(metrics))
    return {code: found.get(code, Reports({}, timezone.localdate())) for code in codes.values()}


def to_release(said: Reports) -> set[Period]:
    """The quarters, years and stated spans that are in whole."""
    return {period for period in said.whole if period.grain in RELEASED}


def asking(metric: Metric, periods: Collection[Period], places: Sequence[Unit], words: Vocabulary) -> Asking:
    """All that the certification of a metric needs: its counts in these periods and whatever is published of it.

    One way to compare at a time in each unit; groups crossed with each other in the whole institution only.
    """
    parent_of, code_of = _tree(places), {unit.pk: unit.code for unit in places}
    where: dict[int, tuple[str, str]] = {}
    rows = Series.objects.filter(organisation_id=metric.organisation_id, metric=metric).values_list(
        "pk", "unit_id", "stratum__key"
    )
    for pk, unit_id, key in rows:
        if "*" not in way_code(key) or parent_of[code_of[unit_id]] is None:
            where[pk] = code_of[unit_id], key
    *former, earlier = _published_states(metric, where)
    counts = _counts(metric, where, {*periods, *(address.period for address in earlier)})
    wanted = {
        address: count for address, count in counts.items() if address.period in periods or address in earlier
    }
    blanks = {
        address: cell for address, cell in _blanks(metric, where, periods).items() if address not in wanted
    }
    gone = withdrawing.gone(metric.organisation_id, metric.code)
    taken_back = {
        one for one in earlier if (one.place, one.period.start, one.period.end, one.stratum) in gone
    }
    question = Question(
        kind=metric.kind,
        counts_people=metric.counts_people,
        counts=wanted,
        blanks=blanks,
        earlier=earlier,
        vocabulary=words,
        parent_of=parent_of,
        people={"numerator": metric.numerator, "denominator": metric.denominator},
        former=former,
        again={one for one in taken_back if one.period in periods},
        kept_away={one for one in taken_back if one.period not in periods},
        once=metric.once_over_periods,
        once_over_units=metric.once_over_units,
        threshold=settings.DISCLOSURE_THRESHOLD,
    )
    series = {place: pk for pk, place in where.items()}
    addresses = {*wanted, *blanks}
    return Asking(question, {one: series[one.place, one.stratum] for one in addresses})


def _tree(places: Sequence[Unit]) -> dict[str, str | None]:
    code_of = {unit.pk: unit.code for unit in places}
    return {unit.code: code_of[unit.parent_id] if unit.parent_id else None for unit in places}


def _published_states(metric: Metric, where: dict[int, tuple[str, str]]) -> list[dict[Address, Cell]]:
    """What stood published of a metric before each correction, oldest first; the last is what is published now."""
    rows = (
        CertifiedCell.objects.filter(
            organisation_id=metric.organisation_id, release__seq__isnull=False, series_id__in=where
        )
        .order_by("release__seq")
        .values_list(
            "release__seq", "series_id", "start", "end", "grain", "status", "numerator", "denominator"
        )
    )
    states: list[dict[Address, Cell]] = []
    now: dict[Address, Cell] = {}
    for _seq, of_release in groupby(rows, key=itemgetter(0)):
        told = {
            _address(where, pk, period_of(start, end, grain)): Cell(status, numerator, denominator)
            for _, pk, start, end, grain, status, numerator, denominator in of_release
        }
        if any(address in now and now[address] != cell for address, cell in told.items()):
            states.append(now)
        now = now | told
    return [*states, now]


def _facts(model: Any, metric: Metric, where: Iterable[int], periods: Collection[Period]) -> Any:
    return model.objects.filter(
        organisation_id=metric.organisation_id,
        series_id__in=list(where),
        grain__in={GRAIN_OF[one.grain] for one in periods},
        start__in={one.start for one in periods},
    )


def _counts(
    metric: Metric, where: dict[int, tuple[str, str]], periods: Collection[Period]
) -> dict[Address, Count]:
    rows = _facts(Rollup, metric, where, periods).values_list(
        "series_id", "start", "end", "grain", "numerator", "denominator"
    )
    return {
        _address(where, pk, period): Count(numerator, denominator)
        for pk, start, end, grain, numerator, denominator in rows
        if (period := period_of(start, end, grain)) in periods
    }


def _blanks(
    metric: Metric, where: dict[int, tuple[str, str]], periods: Collection[Period]
) -> dict[Address, Cell]:
    rows = (
        _facts(Observation, metric, where, periods)
        .exclude(blank=Blank.NONE)
        .values_list("series_id", "start", "end", "grain", "blank")
    )
    return {
        _address(where, pk, period): Cell(blank)
        for pk, start, end, grain, blank in rows
        if (period := period_of(start, end, grain)) in periods
    }


def _address(where: dict[int, tuple[str, str]], pk: int, period: Period) -> Address:
    place, stratum = where[pk]
    return Address(place, period, stratum)


class AfterRelease(Published):
    """What would be public once a release is: what is in force, with the release's cells in their places.

    Of one that is published already, without what was withdrawn since.
    """

    def __init__(self, release: Release, unit_code: str, metrics: Sequence[Metric]) -> None:
        super().__init__(release.organisation_id, unit_code, metrics)
        self._release = release
        self._loaded: dict[str, dict[Period, Cells]] | None = None

    @property
    def _cells(self) -> dict[str, dict[Period, Cells]]:
        if self._loaded is None:
            of_code = {metric.code: metric for metric in self.metrics}
            self._loaded = {code: defaultdict(dict) for code in of_code}
            rows = CertifiedCell.objects.filter(
                organisation_id=self.organisation_id,
                release=self._release,
                series__unit__code=self.unit_code,
                series__metric__in=[metric.pk for metric in self.metrics],
            ).values_list(
                "series__metric__code",
                "series__stratum__key",
                "start",
                "end",
                "grain",
                "status",
                "numerator",
                "denominator",
            )
            is_out = self._release.seq is not None
            gone = withdrawing.gone_of_all(self.organisation_id) if is_out else set()
            for code, key, start, end, grain, status, numerator, denominator in rows:
                if (code, (self.unit_code, start, end, key)) in gone:
                    continue
                cell = in_amounts(of_code[code], Cell(status, numerator, denominator))
                self._loaded[code][period_of(start, end, grain)][key] = cell
        return self._loaded

    def periods(self, code: str) -> list[Period]:
        return sorted(self._cells[code], key=lambda one: (one.end, -one.start.toordinal()), reverse=True)

    def ways(self, code: str) -> set[str]:
        return {way_code(key) for cells in self._cells[code].values() for key in cells} - {""}

    def tables(self, reading: Reading) -> Tables:
        found = super().tables(reading)
        for code, (periods, ways) in reading.items():
            for period in periods:
                new = self._cells[code].get(period, {})
                found[code][period] |= {
                    key: cell for key, cell in new.items() if way_code(key) in {"", *ways}
                }
        return found


class OnceReleased(AfterRelease):
    """All that is public once a release is: what the release brings, and what was there before."""

    def periods(self, code: str) -> list[Period]:
        return newest_first([*super().periods(code), *Published.periods(self, code)])

    def ways(self, code: str) -> set[str]:
        return super().ways(code) | Published.ways(self, code)
