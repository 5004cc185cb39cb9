"""The published examples of measure reports give the counts that they state; those about a patient are refused."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from metrics.example import make_readmission_counts
from metrics.reading import measure_groups, measure_report, shares
from metrics.reading.cells import CountRow, MetricKind
from metrics.reading.counts import KnownCodes
from metrics.reading.measure_mapping_file import load_measure_mapping, parse_measure_mapping
from metrics.reading.measure_report import MeasureReportReader
from tests.metrics.public_files import FOLDER_VARIABLE, MADE, PUBLISHED, SOURCES

MAPPINGS = Path(make_readmission_counts.__file__).parent / "mappings"
every_source = pytest.mark.parametrize("source", SOURCES)

DEQM = "fhir/deqm_examples"
MEASURE_SCORED_BY_MINUTES = """
[source]
format = "measure_report"
name = "Minutes in the emergency department"
[[measure]]
canonical = "http://hl7.org/fhir/uv/cqm/Measure/EXM55-FHIR"
code = "emergency-department"
[unit]
values = { "Organization/organization01" = "main" }
[period]
grain = "year"
[dimensions.yes]
stratifier = "Stratification 1"
dimension = "yes"
values = { "true" = "yes" }
[dimensions.payer]
stratifier = "Stratification 2"
dimension = "payer"
values = { "MEDICARE" = "medicare" }
[dimensions.subsidy]
stratifier = "Stratification 3"
dimension = "subsidy"
values = { "Non-LIS/DE,Nondisability" = "none" }
"""


def _reported(data: bytes, mapping_text: str | None = None) -> tuple[list[CountRow], MeasureReportReader]:
    mapping = (
        load_measure_mapping(MAPPINGS / "deqm_reports.toml")
        if mapping_text is None
        else parse_measure_mapping(mapping_text)
    )
    known = KnownCodes(
        metrics={rule.metric: MetricKind.PROPORTION for rule in mapping.measures},
        units=mapping.unit.codes,
        categories={rule.dimension: set(rule.values.values()) for rule in mapping.dimensions},
    )
    reader = MeasureReportReader(mapping, known)
    return [row for _number, row in reader.read([data])], reader


def _summary(measure: str, group: str, numerator: int, denominator: int) -> bytes:
    counts = {"numerator": numerator, "denominator": denominator}
    report = {
        "resourceType": "MeasureReport",
        "status": "complete",
        "type": "summary",
        "measure": f"http://hl7.org/fhir/uv/deqm/Measure/{measure}|1.0.0-ballot",
        "period": {"start": "2018-08-01", "end": "2018-09-01"},
        "reporter": {"reference": "Organization/organization01"},
        "group": [
            {
                "code": {"coding": [{"code": group}]},
                "population": [
                    {"code": {"coding": [{"code": code}]}, "count": count} for code, count in counts.items()
                ],
                "measureScore": {"value": numerator / denominator},
            }
        ],
    }
    return json.dumps(report).encode()


def _example(name: str) -> bytes:
    return (Path(os.environ[FOLDER_VARIABLE]) / DEQM / name).read_bytes()


@every_source
def test_summary_reports_give_the_counts_that_they_state(source: str) -> None:
    if source == MADE:
        files = [_summary("measure-pi-example", "PI-group", 70, 100)]
        files += [_summary("measure-mrp-example", "mrp-group", 80, 100)]
    else:
        files = [_example("MeasureReport-summ-PI.json"), _example("MeasureReport-summ-measurereport01.json")]
    for data, numerator in zip(files, (70, 80), strict=True):
        (row,), reader = _reported(data)
        assert (reader.errors, reader.flags) == ((), ())
        assert (row.numerator, row.denominator, row.period.code, row.unit) == (
            numerator,
            100,
            "2018-08",
            "main",
        )


def test_other_resources_hold_no_counts() -> None:
    for kind in ("Measure", "Organization"):
        rows, reader = _reported(json.dumps({"resourceType": kind}).encode())
        assert rows == []
        assert [error.problem for error in reader.errors] == [measure_report.NO_REPORT]


if PUBLISHED in SOURCES:

    def test_published_bundle_gives_its_counts_and_says_which_report_is_none() -> None:
        rows, reader = _reported(_example("Bundle-multiple-summ-report.json"))
        assert [(row.metric, row.numerator, row.denominator) for row in rows] == [
            ("colorectal-cancer-screening", 60, 100 - 10),
            ("medication-reconciliation", 80, 100),
        ]
        assert [(error.row, error.problem) for error in reader.errors] == [
            (1, measure_report.MEASURE_NOT_IN_MAPPING)
        ]
        assert reader.flags == ()

    def test_published_report_of_minutes_is_no_proportion() -> None:
        """Its group has a measure population (minutes), only its strata have numerators; one stratum has no counts."""
        data = _example("MeasureReport-summ-medicare-stratification-example.json")
        rows, reader = _reported(data, MEASURE_SCORED_BY_MINUTES)
        assert {row.stratum: (row.numerator, row.denominator) for row in rows} == {
            (("yes", "yes"),): (243, 392),
            (("payer", "medicare"),): (103, 150),
        }
        assert [error.problem for error in reader.errors] == [
            measure_groups.POPULATION_NOT_USED,
            measure_groups.POPULATION_NOT_USED,
            measure_groups.POPULATION_MISSING,
        ]
        assert [(flag.problem, flag.parts["value"]) for flag in reader.flags] == [
            (shares.SHARE_DISAGREES, "0.699")
        ]

    @pytest.mark.parametrize(
        "name",
        [
            "MeasureReport-indv-measurereport01.json",
            "MeasureReport-indv-measurreport-stratification-example.json",
            "MeasureReport-ratio-measurereport01.json",
        ],
    )
    def test_published_reports_about_one_patient_are_refused(name: str) -> None:
        rows, reader = _reported(_example(name))
        assert rows == []
        assert [error.problem for error in reader.errors] == [measure_report.ABOUT_ONE_PATIENT]
