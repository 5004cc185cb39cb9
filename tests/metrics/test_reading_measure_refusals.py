"""What is about a patient or cannot be kept is told with its place in the report, not read."""

from __future__ import annotations

import gzip
import json

import pytest

from metrics.reading import (
    counts_numbers,
    json_node,
    measure_groups,
    shares,
)
from metrics.reading import measure_report as reports
from metrics.reading.errors import Problem
from tests.metrics.reports import (
    Json,
    bundle_of,
    concept,
    counts_of,
    good,
    numbers_of,
    only_error,
    population_of,
    read,
    report_of,
    stratifier_of,
)


@pytest.mark.parametrize(
    ("report", "place", "problem"),
    [
        (report_of(type="individual"), "type", reports.ABOUT_ONE_PATIENT),
        (report_of(subject={"reference": "Patient/9"}), "type", reports.ABOUT_ONE_PATIENT),
        (report_of(subject={"reference": "http://a.org/Patient/9"}), "type", reports.ABOUT_ONE_PATIENT),
        (report_of(type="subject-list"), "type", reports.LISTS_PATIENTS),
        (report_of(type="data-collection"), "type", reports.LISTS_PATIENTS),
        (report_of({"population": [{"subjectResults": {"reference": "List/1"}}]}), "type", reports.LISTS_PATIENTS),
        (report_of(status="pending"), "status", reports.NOT_COMPLETE),
        (report_of(implicitRules="http://x"), "", reports.CHANGES_THE_MEANING),
        (report_of(counts_of(7, 10) | {"modifierExtension": [{"url": "x"}]}), "", reports.CHANGES_THE_MEANING),
        (report_of(measure="http://example.org/Measure/new"), "measure", reports.MEASURE_NOT_IN_MAPPING),
        (report_of(reporter={"reference": "Organization/8"}), "reporter", reports.UNIT_NOT_IN_MAPPING),
        (report_of(group=[]), "group", reports.NO_GROUP),
        (report_of(counts_of(7, 10), {"code": concept("b")}), "group[0].code", reports.GROUP_NOT_IN_MAPPING),
        (report_of(counts_of(11, 10)), "group[0].population", counts_numbers.PART_OVER_WHOLE),
        (report_of(counts_of(7, 10, denominator_exclusion=11)), "group[0].population", measure_groups.LESS_THAN_NOTHING),
        (report_of(counts_of("masked", 10)), "group[0].population", measure_groups.HOLDS_NUMBER_AND_REASON),
        (report_of(counts_of("masked", "unknown")), "group[0].population", measure_groups.HOLDS_NUMBER_AND_REASON),
        (report_of(counts_of(7, "error")), "group[0].population[2]._count", measure_groups.REASON_NOT_EXPLAINED),
        (report_of(counts_of(7, None)), "group[0].population[2]", measure_groups.NO_COUNT),
        (report_of(counts_of(7, -1)), "group[0].population[2].count", measure_groups.NOT_A_NUMBER_OF_PEOPLE),
        (report_of(counts_of(7, 10.0)), "group[0].population[2].count", measure_groups.NOT_A_NUMBER_OF_PEOPLE),
        (report_of(counts_of(7, True)), "group[0].population[2].count", measure_groups.NOT_A_NUMBER_OF_PEOPLE),
        (report_of(counts_of(7, 10, measure_population=5)), "group[0].population[3]", measure_groups.POPULATION_NOT_USED),
        (report_of({"population": [population_of("numerator", 7)]}), "group[0]", measure_groups.POPULATION_MISSING),
        (report_of({"population": [population_of("numerator", 7)] * 2}), "group[0].population[1]", measure_groups.POPULATION_TWICE),
        (report_of({}), "group[0]", measure_groups.POPULATION_MISSING),
        (report_of("no group"), "group", json_node.NOT_AN_OBJECT),
    ],
)  # fmt: skip
def test_report_that_cannot_be_kept_is_told_with_its_place(
    report: Json, place: str, problem: Problem
) -> None:
    rows, reader = read(report)
    assert rows == []
    error = reader.errors[0]
    assert (error.row, error.column, error.problem) == (1, f"MeasureReport.{place}".strip("."), problem)


@pytest.mark.parametrize(
    ("stratifier", "place", "problem"),
    [
        (
            stratifier_of("shoe", {"value": concept("9")}),
            "stratum[0]",
            measure_groups.STRATIFIER_NOT_IN_MAPPING,
        ),
        (
            stratifier_of("race", {"value": concept("1002-5")}),
            "stratum[0].value",
            measure_groups.CODE_NOT_IN_MAPPING,
        ),
        (stratifier_of("race", {}), "stratum[0]", measure_groups.VALUE_OR_COMPONENTS),
        (
            stratifier_of("race", {"value": {}, "component": [{"code": concept("race"), "value": {}}]}),
            "stratum[0]",
            measure_groups.VALUE_OR_COMPONENTS,
        ),
        (
            stratifier_of("x", {"component": [{"code": concept("race"), "value": concept("2106-3")}] * 2}),
            "stratum[0]",
            measure_groups.DIMENSION_TWICE,
        ),
        (
            stratifier_of("race", {"value": concept("2106-3")}),
            "stratum[0]",
            measure_groups.POPULATION_MISSING,
        ),
        (
            stratifier_of("race", *[counts_of(1, 2) | {"value": concept("2106-3")}] * 2),
            "stratum[1]",
            reports.COUNTED_BEFORE,
        ),
    ],
)
def test_stratum_that_cannot_be_kept_is_told_with_its_place(
    stratifier: Json, place: str, problem: Problem
) -> None:
    error = only_error(report_of(counts_of(7, 10) | {"stratifier": [stratifier]}))
    assert (error.column, error.problem) == (f"MeasureReport.group[0].stratifier[0].{place}", problem)


@pytest.mark.parametrize("kind", ["Patient", "Encounter", "Observation", "Anything"])
def test_file_with_records_of_patients_is_not_read(kind: str) -> None:
    for content in (
        bundle_of(report_of(), {"resourceType": kind, "id": "secret-name"}),
        report_of(contained=[{"resourceType": kind, "id": "secret-name"}]),
        bundle_of(bundle_of({"resourceType": kind, "id": "secret-name"})),
    ):
        error = only_error(content)
        assert error.problem is reports.HOLDS_RECORDS
        assert "secret-name" not in error.reason


def test_error_about_a_patient_repeats_no_value() -> None:
    error = only_error(report_of(type="individual", subject={"reference": "Patient/secret-name"}))
    assert error.parts == {}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"<MeasureReport/>", json_node.NOT_JSON),
        (b"", json_node.NOT_JSON),
        (b'{"resourceType": "MeasureReport", "status": NaN}', json_node.NOT_JSON),
        (b'{"type": "summary", "type": "individual"}', json_node.NOT_JSON),
        (b"[" * 200_000, json_node.NOT_JSON),
        (b'{"a": "\xff"}', json_node.NOT_UTF8),
        (b"{}", reports.NO_REPORT),
        (b"[]", reports.NO_REPORT),
        (b"null", reports.NO_REPORT),
        (b'{"resourceType": "Bundle"}', reports.NO_REPORT),
        (b'{"resourceType": "Measure"}', reports.NO_REPORT),
    ],
)
def test_file_that_is_no_report_is_told(data: bytes, problem: Problem) -> None:
    assert only_error(data).problem is problem


def test_report_that_is_too_large_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "LARGEST_REPORT", 1_000)
    assert only_error(gzip.compress(json.dumps(report_of(x=" " * 2_000)).encode())).problem.reason.startswith(
        "The file holds more"
    )


def test_compressed_report_with_a_byte_order_mark_is_read() -> None:
    assert len(good(gzip.compress(json.dumps(report_of()).encode("utf-8-sig")))) == 1


@pytest.mark.parametrize(
    ("score", "problem"),
    [
        ("0.7", None),
        ("70", None),
        ("0.70000", None),
        ("0.8", shares.SHARE_DISAGREES),
        ("0.701", shares.SHARE_DISAGREES),
        ('"0.7"', measure_groups.SCORE_IS_NO_SHARE),
        ("-0.7", measure_groups.SCORE_IS_NO_SHARE),
        ("1e999999", measure_groups.SCORE_IS_NO_SHARE),
    ],
)
def test_score_is_compared_and_never_stored(score: str, problem: Problem | None) -> None:
    text = json.dumps(report_of(counts_of(7, 10) | {"measureScore": {"value": "SCORE"}}))
    rows, reader = read(text.replace('"SCORE"', score).encode())
    assert reader.errors == ()
    assert [flag.problem for flag in reader.flags] == ([] if problem is None else [problem])
    assert [numbers_of(row) for _number, row in rows] == [(7, 10)]
    assert [flag.column for flag in reader.flags] == [
        "MeasureReport.group[0].measureScore"
    ] * reader.flag_total
