"""Files that public bodies publish come in through the same pages as any other, and reconcile with their own totals.

Small files of the same shape are made here; where an environment variable names the folder of the published ones, they
are sent too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from equity.tenancy.acting import acting_as
from equity.tenancy.models import Unit
from equity.tenancy.personas import Persona
from metrics.models import Batch, Category, Dimension, Metric, Observation
from metrics.reading.cells import MetricKind
from metrics.reading.mapping_file import load_mapping
from metrics.reading.measure_mapping_file import load_measure_mapping
from metrics.reading.table_mapping import TableMapping
from metrics.reading.table_mapping_file import load_table_mapping, parse_table_mapping
from tests.cast import House
from tests.metrics.importing import address, again, apply, run_jobs
from tests.metrics.public_files import MADE, PUBLISHED, SOURCES, content, names, rows_of
from tests.metrics.test_reading_public_files import MAPPINGS, US, _statins_text
from tests.metrics.test_reading_public_reports import _example, _summary

every_source = pytest.mark.parametrize("source", SOURCES)
GRAINS = {"whole": 0, "month": 1, "quarter": 3, "year": 12}


def _define(
    house: House,
    metrics: Mapping[str, int],
    units: Iterable[str],
    categories: Mapping[str, Collection[str]],
    kinds: Mapping[str, str],
) -> None:
    """An institution that measures what the files say, and has these units."""
    own = {"organisation": house.riverside}
    with acting_as(Persona.OPERATOR):
        Metric.objects.bulk_create(
            Metric(
                **own,
                code=code,
                name=code,
                level="patient",
                purpose="impact",
                kind=kinds.get(code, "proportion"),
                counts_people=True,
                better="higher",
                numerator="Those it reached",
                denominator="Everybody",
                frequency=frequency,
                source="Published",
            )
            for code, frequency in metrics.items()
        )
        root = house.units["riverside/all"]
        Unit.objects.bulk_create(
            Unit(**own, parent=root, code=code, name=code, kind="hospital") for code in sorted(set(units))
        )
        for dimension, codes in categories.items():
            made = Dimension.objects.create(**own, code=dimension, name=dimension)
            Category.objects.bulk_create(
                Category(**own, dimension=made, code=code, label=code, position=position)
                for position, code in enumerate(sorted(codes))
            )


def _define_for(
    house: House,
    mappings: Iterable[TableMapping],
    units: Iterable[str],
    kinds: Mapping[str, str] | None = None,
) -> None:
    metrics: dict[str, int] = {}
    categories: dict[str, set[str]] = {}
    for mapping in mappings:
        codes = {count.metric for count in mapping.counts if count.metric is not None}
        codes |= mapping.metric.codes if mapping.metric is not None else set()
        for code in codes:
            assert mapping.period is not None
            metrics[code] = GRAINS[mapping.period.grain]
        for dimension in mapping.dimensions:
            categories.setdefault(dimension.dimension, set()).update(dimension.rule.codes - {""})
        for count in mapping.counts:
            for dimension_code, category in count.categories:
                categories.setdefault(dimension_code, set()).add(category)
    _define(house, metrics, units, categories, kinds or {})


def _sent(
    client: Client, house: House, mapping: str, data: bytes, name: str, page: str = "import_table"
) -> Batch:
    """A file sent, checked and applied as an analyst does it."""
    client.force_login(house.accounts["bea"])
    chosen = client.post(address(page), {"text": mapping})
    assert chosen.status_code == 302, chosen.content.decode()
    response = client.post(chosen["Location"], {"file": SimpleUploadedFile(name, data)})
    assert response.status_code == 302, response.content.decode()
    run_jobs(house)
    batch = again(house, response["Location"].rstrip("/").rsplit("/", 1)[1])
    assert batch.state == Batch.State.UPLOADED, batch.report["errors"][:3]
    apply(house, batch)
    return again(house, batch.pk)


def _text(name: str) -> str:
    return (MAPPINGS / f"{name}.toml").read_text(encoding="utf-8")


def _reconciled(batches: Iterable[Batch]) -> tuple[int, int, int]:
    """Totals that agree with their parts, that cannot be told, that disagree."""
    found = [batch.report["reconciled"] for batch in batches]
    return (
        sum(one["agreed"] for one in found),
        sum(one["open"] for one in found),
        sum(one["disagreed"] for one in found),
    )


def _stored(house: House) -> tuple[int, int, int]:
    """Cells, blanks, and the sum of all numerators."""
    with acting_as(Persona.OPERATOR):
        rows = Observation.objects.filter(organisation=house.riverside).values_list("numerator", "blank")
        found: list[tuple[Any, str]] = list(rows)
    return (
        len(found),
        sum(bool(blank) for _number, blank in found),
        sum(number or 0 for number, _blank in found),
    )


@every_source
def test_readmissions_of_hospitals(source: str, client: Client, house: House) -> None:
    data = content(source, "cms_hrrp_2014-07_2017-06.csv")
    mapping = load_table_mapping(MAPPINGS / "cms_hrrp.toml")
    _define_for(house, [mapping], {row["Provider ID"] for row in rows_of(data)})
    batch = _sent(client, house, _text("cms_hrrp"), data, "hrrp.csv")
    assert batch.report["applied"]["new"] == batch.rows_read
    assert _stored(house) == {MADE: (5, 2, 85), PUBLISHED: (19_674, 8_019, 722_034)}[source]


@every_source
def test_hiv_care_of_states(source: str, client: Client, house: House) -> None:
    """The totals stand in one file and their parts in others: sent as one table, they reconcile."""
    mapping = load_table_mapping(MAPPINGS / "cdc_atlas_hiv_care.toml")
    _define_for(house, [mapping], mapping.unit.codes)
    files = {name: content(source, name) for name in names(source, "cdc_atlas_hiv_care")}
    batches = [_sent(client, house, _text("cdc_atlas_hiv_care"), data, name) for name, data in files.items()]
    cells = {MADE: 6, PUBLISHED: 11_898}[source]
    assert sum(batch.rows_read for batch in batches) == cells == _stored(house)[0]
    assert _reconciled(batches)[2] == 0


@every_source
def test_vulnerability_of_counties(source: str, client: Client, house: House) -> None:
    data = content(source, "cdc_svi_county_2022.csv")
    mapping = load_table_mapping(MAPPINGS / "cdc_svi_county.toml")
    kinds = {"residents-of-minority-groups": MetricKind.COUNT}
    counties = {row["FIPS"] for row in rows_of(data)}
    _define_for(house, [mapping], counties, kinds)
    batch = _sent(client, house, _text("cdc_svi_county"), data, "svi.csv")
    assert _reconciled([batch]) == (len(counties), 0, 0)
    assert _stored(house)[0] == 10 * len(counties) == {MADE: 10, PUBLISHED: 31_440}[source]


@every_source
def test_statins_of_medicare(source: str, client: Client, house: House) -> None:
    files = {name: content(source, name) for name in names(source, "medicare_statins")}
    texts = {name: _statins_text(list(rows_of(data)[0])) for name, data in files.items()}
    mappings = {name: parse_table_mapping(text) for name, text in texts.items()}
    units = {US} | {
        row[column]
        for name, data in files.items()
        for row in rows_of(data)
        if (column := mappings[name].unit.column)
    }
    _define_for(house, mappings.values(), units - {""})
    batches = [_sent(client, house, texts[name], data, name) for name, data in files.items()]
    assert sum(batch.rows_read for batch in batches) == {MADE: 11, PUBLISHED: 27_831}[source]
    assert sum(sum(batch.report.get("left_out", {}).values()) for batch in batches) == 1
    assert _reconciled(batches)[2] == 0
    assert _stored(house)[:2] == {MADE: (10, 2), PUBLISHED: (27_830, 13_238)}[source]


@every_source
def test_list_of_hospitals(source: str, client: Client, house: House) -> None:
    data = content(source, "cms_hospital_general_information_2019.csv")
    mapping = load_mapping(MAPPINGS / "cms_hospitals.toml")
    categories: dict[str, set[str]] = {}
    for rule in mapping.dimensions:
        categories.setdefault(rule.dimension, set()).update(rule.values.values())
    codes = mapping.unit.codes or frozenset()
    _define(house, {mapping.metric: GRAINS[mapping.period.grain]}, codes - {"all"}, categories, {})
    batch = _sent(client, house, _text("cms_hospitals"), data, "hospitals.csv", "import_line_list")
    assert batch.rows_read == len(rows_of(data))
    assert batch.report["check"]["disagreement_total"] == 0


@every_source
def test_summary_reports(source: str, client: Client, house: House) -> None:
    mapping = load_measure_mapping(MAPPINGS / "deqm_reports.toml")
    _define(house, {rule.metric: 1 for rule in mapping.measures}, mapping.unit.codes, {}, {})
    if source == MADE:
        files = [_summary("measure-pi-example", "PI-group", 70, 100)]
        files += [_summary("measure-mrp-example", "mrp-group", 80, 100)]
    else:
        files = [_example("MeasureReport-summ-PI.json"), _example("MeasureReport-summ-measurereport01.json")]
    for data in files:
        _sent(client, house, _text("deqm_reports"), data, "report.json")
    assert _stored(house) == (2, 0, 150)


def test_every_shipped_mapping_is_sent_here() -> None:
    """A mapping that is added needs a test of its own file."""
    assert {path.stem for path in MAPPINGS.glob("*.toml")} == {
        "cdc_atlas_hiv_care",
        "cdc_svi_county",
        "cms_hospitals",
        "cms_hrrp",
        "deqm_reports",
        "medicare_statins_race_state",
    }
