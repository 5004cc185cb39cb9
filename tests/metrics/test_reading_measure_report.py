"""Measure reports give the counts that they state; what is about a patient or cannot be kept is told, not read."""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.reading import (
    counts_numbers,
    json_node,
    mapping_keys,
    measure_groups,
    measure_mapping_file,
    shares,
    table_codes,
    toml_table,
)
from metrics.reading import measure_report as reports
from metrics.reading.cells import BlankKind, CountRow, MetricKind
from metrics.reading.counts import KnownCodes
from metrics.reading.errors import MappingError, Problem, RowError
from metrics.reading.measure_mapping_file import parse_measure_mapping
from metrics.reading.measure_report import MeasureReportReader
from metrics.reading.periods import Grain

MAPPING = """
[source]
format = "measure_report"
name = "Reports"

[[measure]]
canonical = "http://example.org/Measure/screening"
code = "screening"
ignore = ["measure-observation"]

[unit]
values = { "Organization/7" = "main", "http://hl7.org/fhir/sid/us-npi|1234567893" = "clinic" }

[period]
grain = "month"

[dimensions.race]
stratifier = "race"
dimension = "race"
values = { "urn:oid:2.16.840.1.113883.6.238|2054-5" = "black", "2106-3" = "white" }

[dimensions.language]
stratifier = "http://example.org|language"
dimension = "language"
values = { "Spanish" = "spanish", "en" = "english" }

[blanks]
words = { "unknown" = "not_collected" }

[[leave_out]]
why = "Not ours"
stratifier = ["postcode"]

[[leave_out]]
why = "Another programme"
measure = ["http://example.org/Measure/other"]
"""
KNOWN = KnownCodes(
    metrics={
        "screening": MetricKind.PROPORTION,
        "wait": MetricKind.MEAN,
        "deaths": MetricKind.COUNT,
        "overall": MetricKind.INDEX,
    },
    units={"main", "clinic"},
    categories={"race": {"black", "white"}, "language": {"spanish", "english"}},
)
Json = dict[str, Any]
MEASURE_POPULATION = "http://terminology.hl7.org/CodeSystem/measure-population"


def _concept(code: str, system: str = "http://example.org") -> Json:
    return {"coding": [{"system": system, "code": code}]}


def _population(code: str, count: Any) -> Json:
    value: Json = {"code": _concept(code, MEASURE_POPULATION)}
    if isinstance(count, str):
        absent = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
        return value | {"_count": {"extension": [{"url": absent, "valueCode": count}]}}
    return value if count is None else value | {"count": count}


def _counted(numerator: Any, denominator: Any, **others: Any) -> Json:
    named = {"initial-population": 100, "numerator": numerator, "denominator": denominator}
    named |= {name.replace("_", "-"): count for name, count in others.items()}
    return {"population": [_population(code, count) for code, count in named.items()]}


def _report(*groups: Json, **more: Any) -> Json:
    return {
        "resourceType": "MeasureReport",
        "status": "complete",
        "type": "summary",
        "measure": "http://example.org/Measure/screening|1.0",
        "period": {"start": "2024-01-01", "end": "2024-01-31"},
        "reporter": {"reference": "Organization/7"},
        "group": list(groups or [_counted(7, 10)]),
    } | more


def _bundle(*resources: Json, **full_urls: Json) -> Json:
    entries: list[Json] = [{"resource": resource} for resource in resources]
    entries += [{"fullUrl": f"urn:uuid:{url}", "resource": resource} for url, resource in full_urls.items()]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def _stratifier(code: str, *strata: Json) -> Json:
    return {"code": [_concept(code)], "stratum": list(strata)}


def _read(
    content: Any, mapping: str = MAPPING, known: KnownCodes = KNOWN
) -> tuple[list[tuple[int, CountRow]], MeasureReportReader]:
    reader = MeasureReportReader(parse_measure_mapping(mapping), known)
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    rows = list(reader.read([data[:50], data[50:]]))
    assert reader.sha256 == hashlib.sha256(data).hexdigest()
    return rows, reader


def _good(content: Any, mapping: str = MAPPING, known: KnownCodes = KNOWN) -> list[CountRow]:
    rows, reader = _read(content, mapping, known)
    assert reader.errors == ()
    return [row for _number, row in rows]


def _only_error(content: Any, mapping: str = MAPPING) -> RowError:
    _rows, reader = _read(content, mapping)
    (error,) = reader.errors
    assert error.reason.endswith(".")
    assert error.how_to_mend.endswith(".")
    return error


def _numbers(row: CountRow) -> tuple[int | None, int | None]:
    return row.numerator, row.denominator


def test_summary_gives_one_count() -> None:
    (row,) = _good(_report())
    assert (row.metric, row.unit, row.period.code, row.stratum) == ("screening", "main", "2024-01", ())
    assert _numbers(row) == (7, 10)


@given(
    st.dictionaries(
        st.sampled_from([("black", None), ("white", None), (None, "spanish"), ("black", "english")]),
        st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)),
    )
)
@settings(max_examples=40)
def test_strata_are_read_back_as_they_were_written(
    counted: dict[tuple[str | None, str | None], tuple[int, int]],
) -> None:
    race_codes = {"black": "2054-5", "white": "2106-3"}
    language_texts = {"spanish": "Spanish", "english": "en"}
    race_system = "urn:oid:2.16.840.1.113883.6.238"
    groups: list[Json] = []
    for (race, language), (part, rest) in counted.items():
        numbers = _counted(part, part + rest)
        race_value = {"value": _concept(race_codes[race], race_system)} if race else {}
        language_value = {"value": {"text": language_texts[language]}} if language else {}
        if race and language:
            both = [
                {"code": _concept("race"), **race_value},
                {"code": _concept("language"), **language_value},
            ]
            groups.append(
                {"code": [{"text": "race and language"}], "stratum": [numbers | {"component": both}]}
            )
        else:
            name = "race" if race else "language"
            groups.append(_stratifier(name, numbers | (race_value or language_value)))
    rows = _good(_report(_counted(7, 10) | {"stratifier": groups}))
    found = {row.stratum: _numbers(row) for row in rows}
    expected = {
        tuple(pair for pair in (("language", language), ("race", race)) if pair[1] is not None): (
            part,
            part + rest,
        )
        for (race, language), (part, rest) in counted.items()
    }
    assert found == expected | {(): (7, 10)}


def test_reports_of_a_bundle_are_numbered() -> None:
    later = _report(period={"start": "2024-02-01", "end": "2024-02-29"})
    organisation = {"resourceType": "Organization", "id": "7"}
    rows, reader = _read(_bundle(organisation, _report(), later))
    assert [(number, row.period.code) for number, row in rows] == [(1, "2024-01"), (2, "2024-02")]
    assert reader.rows_read == 2
    again = _only_error(_bundle(_report(), later, _report()))
    assert (again.row, again.problem, again.parts["first"]) == (3, reports.COUNTED_BEFORE, 1)


@pytest.mark.parametrize(
    ("others", "key", "expected"),
    [
        ({"denominator_exclusion": 2, "denominator_exception": 1}, "", (7, 7)),
        ({"denominator_exclusion": 2, "denominator_exception": 1}, 'exclusions = "already_out"\n', (7, 10)),
        ({"numerator_exclusion": 3}, "", (4, 10)),
        ({"measure_observation": 12}, "", (7, 10)),
    ],
)
def test_exclusions_are_taken_out_as_the_mapping_says(
    others: dict[str, int], key: str, expected: tuple[int, int]
) -> None:
    mapping = MAPPING.replace("ignore =", f"{key}ignore =")
    (row,) = _good(_report(_counted(7, 10, **others)), mapping)
    assert _numbers(row) == expected


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("masked", BlankKind.WITHHELD),
        ("not-asked", BlankKind.NOT_ASKED),
        ("unknown", BlankKind.NOT_COLLECTED),
    ],
)
def test_absent_count_is_a_blank_with_its_reason(reason: str, kind: BlankKind) -> None:
    (row,) = _good(_report(_counted(reason, reason)))
    assert (row.blank, *_numbers(row)) == (kind, None, None)


def test_count_of_things_takes_the_population_that_the_mapping_names() -> None:
    mapping = MAPPING.replace(
        'code = "screening"\nignore = ["measure-observation"]',
        'code = "deaths"\nnumerator = "numerator"\nignore = ["denominator"]',
    )
    (row,) = _good(_report(), mapping)
    assert (row.metric, *_numbers(row)) == ("deaths", 7, None)


@pytest.mark.parametrize(
    ("reporter", "unit"),
    [
        ({"reference": "Organization/7/_history/2"}, "main"),
        ({"identifier": {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}}, "clinic"),
        ({"reference": "urn:uuid:x"}, "clinic"),
    ],
)
def test_reporter_is_known_by_reference_identifier_or_resource(reporter: Json, unit: str) -> None:
    npi = {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}
    organisation = {"resourceType": "Organization", "identifier": [npi]}
    (row,) = _good(_bundle(_report(reporter=reporter), x=organisation))
    assert row.unit == unit


def test_subject_may_be_the_unit() -> None:
    mapping = MAPPING.replace("[unit]", '[unit]\nelement = "subject"').replace("Organization/7", "Location/3")
    (row,) = _good(_report(subject={"reference": "Location/3"}), mapping)
    assert row.unit == "main"


@pytest.mark.parametrize(
    ("start", "end", "grain", "included", "expected"),
    [
        ("2024-01-01", "2024-01-31", "month", True, "2024-01"),
        ("2024-01-01T00:00:00Z", "2024-01-31T23:59:59.999Z", "month", True, "2024-01"),
        ("2024-01-01", "2024-02-01", "month", False, "2024-01"),
        ("2024-01-01", "2025-01-01T00:00:00-05:00", "year", False, "2024"),
        ("2024", "2024", "year", True, "2024"),
        ("2024-01", "2024-03", "quarter", True, "2024-Q1"),
        ("2018-08-01", "2018-09-01", "whole", True, "2018-08-01/2018-09-01"),
        ("2024-01-01", "2024-02-01", "month", True, None),
        ("2024-01-01", "2023-01-01", "whole", True, None),
        ("yesterday", "today", "whole", True, None),
        ("2024-13-01", "2024-13-31", "month", True, None),
    ],
)
def test_period_is_that_of_the_report(
    start: str, end: str, grain: str, included: bool, expected: str | None
) -> None:
    period = f'grain = "{grain}"\nend = "{"included" if included else "excluded"}"'
    mapping = MAPPING.replace('grain = "month"', period)
    content = _report(period={"start": start, "end": end})
    if expected is None:
        assert _only_error(content, mapping).problem is reports.NOT_THE_PERIOD
    else:
        assert [row.period.code for row in _good(content, mapping)] == [expected]


def test_what_is_not_wanted_is_left_out_and_counted() -> None:
    strata = [_stratifier("postcode", {"value": _concept("02886")})]
    other = _report(measure="http://example.org/Measure/other|3")
    rows, reader = _read(_bundle(_report(_counted(7, 10) | {"stratifier": strata}), other))
    assert len(rows) == 1
    assert reader.errors == ()
    assert reader.rows_left_out == {"Not ours": 1, "Another programme": 1}


@pytest.mark.parametrize(
    ("report", "place", "problem"),
    [
        (_report(type="individual"), "type", reports.ABOUT_ONE_PATIENT),
        (_report(subject={"reference": "Patient/9"}), "type", reports.ABOUT_ONE_PATIENT),
        (_report(subject={"reference": "http://a.org/Patient/9"}), "type", reports.ABOUT_ONE_PATIENT),
        (_report(type="subject-list"), "type", reports.LISTS_PATIENTS),
        (_report(type="data-collection"), "type", reports.LISTS_PATIENTS),
        (_report({"population": [{"subjectResults": {"reference": "List/1"}}]}), "type", reports.LISTS_PATIENTS),
        (_report(status="pending"), "status", reports.NOT_COMPLETE),
        (_report(implicitRules="http://x"), "", reports.CHANGES_THE_MEANING),
        (_report(_counted(7, 10) | {"modifierExtension": [{"url": "x"}]}), "", reports.CHANGES_THE_MEANING),
        (_report(measure="http://example.org/Measure/new"), "measure", reports.MEASURE_NOT_IN_MAPPING),
        (_report(reporter={"reference": "Organization/8"}), "reporter", reports.UNIT_NOT_IN_MAPPING),
        (_report(group=[]), "group", reports.NO_GROUP),
        (_report(_counted(7, 10), {"code": _concept("b")}), "group[0].code", reports.GROUP_NOT_IN_MAPPING),
        (_report(_counted(11, 10)), "group[0].population", counts_numbers.PART_OVER_WHOLE),
        (_report(_counted(7, 10, denominator_exclusion=11)), "group[0].population", measure_groups.LESS_THAN_NOTHING),
        (_report(_counted("masked", 10)), "group[0].population", measure_groups.HOLDS_NUMBER_AND_REASON),
        (_report(_counted("masked", "unknown")), "group[0].population", measure_groups.HOLDS_NUMBER_AND_REASON),
        (_report(_counted(7, "error")), "group[0].population[2]._count", measure_groups.REASON_NOT_EXPLAINED),
        (_report(_counted(7, None)), "group[0].population[2]", measure_groups.NO_COUNT),
        (_report(_counted(7, -1)), "group[0].population[2].count", measure_groups.NOT_A_NUMBER_OF_PEOPLE),
        (_report(_counted(7, 10.0)), "group[0].population[2].count", measure_groups.NOT_A_NUMBER_OF_PEOPLE),
        (_report(_counted(7, True)), "group[0].population[2].count", measure_groups.NOT_A_NUMBER_OF_PEOPLE),
        (_report(_counted(7, 10, measure_population=5)), "group[0].population[3]", measure_groups.POPULATION_NOT_USED),
        (_report({"population": [_population("numerator", 7)]}), "group[0]", measure_groups.POPULATION_MISSING),
        (_report({"population": [_population("numerator", 7)] * 2}), "group[0].population[1]", measure_groups.POPULATION_TWICE),
        (_report({}), "group[0]", measure_groups.POPULATION_MISSING),
        (_report("no group"), "group", json_node.NOT_AN_OBJECT),
    ],
)  # fmt: skip
def test_report_that_cannot_be_kept_is_told_with_its_place(
    report: Json, place: str, problem: Problem
) -> None:
    rows, reader = _read(report)
    assert rows == []
    error = reader.errors[0]
    assert (error.row, error.column, error.problem) == (1, f"MeasureReport.{place}".strip("."), problem)


@pytest.mark.parametrize(
    ("stratifier", "place", "problem"),
    [
        (
            _stratifier("shoe", {"value": _concept("9")}),
            "stratum[0]",
            measure_groups.STRATIFIER_NOT_IN_MAPPING,
        ),
        (
            _stratifier("race", {"value": _concept("1002-5")}),
            "stratum[0].value",
            measure_groups.CODE_NOT_IN_MAPPING,
        ),
        (_stratifier("race", {}), "stratum[0]", measure_groups.VALUE_OR_COMPONENTS),
        (
            _stratifier("race", {"value": {}, "component": [{"code": _concept("race"), "value": {}}]}),
            "stratum[0]",
            measure_groups.VALUE_OR_COMPONENTS,
        ),
        (
            _stratifier("x", {"component": [{"code": _concept("race"), "value": _concept("2106-3")}] * 2}),
            "stratum[0]",
            measure_groups.DIMENSION_TWICE,
        ),
        (_stratifier("race", {"value": _concept("2106-3")}), "stratum[0]", measure_groups.POPULATION_MISSING),
        (
            _stratifier("race", *[_counted(1, 2) | {"value": _concept("2106-3")}] * 2),
            "stratum[1]",
            reports.COUNTED_BEFORE,
        ),
    ],
)
def test_stratum_that_cannot_be_kept_is_told_with_its_place(
    stratifier: Json, place: str, problem: Problem
) -> None:
    error = _only_error(_report(_counted(7, 10) | {"stratifier": [stratifier]}))
    assert (error.column, error.problem) == (f"MeasureReport.group[0].stratifier[0].{place}", problem)


@pytest.mark.parametrize("kind", ["Patient", "Encounter", "Observation", "Anything"])
def test_file_with_records_of_patients_is_not_read(kind: str) -> None:
    for content in (
        _bundle(_report(), {"resourceType": kind, "id": "secret-name"}),
        _report(contained=[{"resourceType": kind, "id": "secret-name"}]),
        _bundle(_bundle({"resourceType": kind, "id": "secret-name"})),
    ):
        error = _only_error(content)
        assert error.problem is reports.HOLDS_RECORDS
        assert "secret-name" not in error.reason


def test_error_about_a_patient_repeats_no_value() -> None:
    error = _only_error(_report(type="individual", subject={"reference": "Patient/secret-name"}))
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
    assert _only_error(data).problem is problem


def test_report_that_is_too_large_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "LARGEST_REPORT", 1_000)
    assert _only_error(gzip.compress(json.dumps(_report(x=" " * 2_000)).encode())).problem.reason.startswith(
        "The file holds more"
    )


def test_compressed_report_with_a_byte_order_mark_is_read() -> None:
    assert len(_good(gzip.compress(json.dumps(_report()).encode("utf-8-sig")))) == 1


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
    text = json.dumps(_report(_counted(7, 10) | {"measureScore": {"value": "SCORE"}}))
    rows, reader = _read(text.replace('"SCORE"', score).encode())
    assert reader.errors == ()
    assert [flag.problem for flag in reader.flags] == ([] if problem is None else [problem])
    assert [_numbers(row) for _number, row in rows] == [(7, 10)]
    assert [flag.column for flag in reader.flags] == [
        "MeasureReport.group[0].measureScore"
    ] * reader.flag_total


@pytest.mark.parametrize(
    ("old", "new", "key", "problem"),
    [
        ('format = "measure_report"', 'format = "table"', "source.format", mapping_keys.ANOTHER_FORMAT),
        ('canonical = "http://example.org/Measure/screening"', "", "measure.canonical", toml_table.MISSING),
        ('code = "screening"', 'code = "Screening"', "measure.code", mapping_keys.NOT_A_CODE),
        ('code = "screening"', 'code = "screening"\nkind = "x"', "measure.kind", toml_table.UNKNOWN_KEY),
        ("ignore =", 'exclusions = "maybe"\nignore =', "measure.exclusions", toml_table.NOT_ONE_OF),
        ("[unit]", '[unit]\nconstant = "main"', "unit", mapping_keys.CHOOSE_ONE),
        ('grain = "month"', 'grain = "week"', "period.grain", toml_table.NOT_ONE_OF),
        ('grain = "month"', 'grain = "month"\nend = "maybe"', "period.end", toml_table.NOT_ONE_OF),
        ('stratifier = "race"', 'stratifier = "http://example.org|language"', "dimensions.language.stratifier", measure_mapping_file.STRATIFIER_TWICE),
        ('"unknown" = "not_collected"', '"unknown" = "zero"', "blanks.words", toml_table.NOT_ONE_OF),
        ('stratifier = ["postcode"]', "", "leave_out", mapping_keys.CHOOSE_ONE),
        ("[[measure]]", "[[measures]]", "measure", toml_table.MISSING),
    ],
)  # fmt: skip
def test_fault_of_a_mapping_is_told_at_its_key(old: str, new: str, key: str, problem: Problem) -> None:
    assert MAPPING.count(old) == 1
    with pytest.raises(MappingError) as refused:
        parse_measure_mapping(MAPPING.replace(old, new))
    assert {fault.key: fault.problem for fault in refused.value.faults}[key] is problem


@pytest.mark.parametrize(
    ("old", "new", "key", "problem"),
    [
        ('code = "screening"', 'code = "unheard-of"', "measure.code", table_codes.NO_SUCH_METRIC),
        ('code = "screening"', 'code = "wait"', "measure.code", reports.KIND_NOT_REPORTED),
        ('code = "screening"', 'code = "overall"', "measure.code", counts_numbers.IS_AN_INDEX),
        ('= "clinic"', '= "ward"', "unit", table_codes.NO_SUCH_UNIT),
        ('= "spanish"', '= "klingon"', "dimensions.language", table_codes.NO_SUCH_CATEGORY),
    ],
)
def test_mapping_that_names_what_is_not_defined_is_refused(
    old: str, new: str, key: str, problem: Problem
) -> None:
    with pytest.raises(MappingError) as refused:
        MeasureReportReader(parse_measure_mapping(MAPPING.replace(old, new)), KNOWN)
    assert [(fault.key, fault.problem) for fault in refused.value.faults] == [(key, problem)]


def test_groups_of_a_measure_may_be_metrics_of_their_own() -> None:
    second = '[[measure]]\ncanonical = "http://example.org/Measure/screening|1.0"\ngroup = "b"\ncode = "deaths"\nignore = ["denominator"]\n'
    mapping = MAPPING.replace('code = "screening"', 'code = "screening"\ngroup = "a"') + second
    groups = [_counted(7, 10) | {"code": _concept("a")}, _counted(3, 10) | {"code": _concept("b")}]
    assert [(row.metric, row.numerator) for row in _good(_report(*groups), mapping)] == [
        ("screening", 7),
        ("deaths", 3),
    ]


def test_measure_twice_in_a_mapping_is_refused() -> None:
    second = '[[measure]]\ncanonical = "http://example.org/Measure/screening"\ncode = "deaths"\n'
    with pytest.raises(MappingError) as refused:
        parse_measure_mapping(MAPPING + second)
    assert refused.value.faults[0].problem is measure_mapping_file.MEASURE_TWICE


def test_grain_of_the_mapping_is_read() -> None:
    assert parse_measure_mapping(MAPPING).period.grain is Grain.MONTH
