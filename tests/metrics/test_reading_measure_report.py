"""Measure reports give the counts that they state."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.reading import (
    counts_numbers,
    mapping_keys,
    measure_mapping_file,
    table_codes,
    toml_table,
)
from metrics.reading import measure_report as reports
from metrics.reading.cells import BlankKind
from metrics.reading.errors import MappingError, Problem
from metrics.reading.measure_mapping_file import parse_measure_mapping
from metrics.reading.measure_report import MeasureReportReader
from metrics.reading.periods import Grain
from tests.metrics.reports import (
    KNOWN,
    MAPPING,
    Json,
    bundle_of,
    concept,
    counts_of,
    good,
    numbers_of,
    only_error,
    read,
    report_of,
    stratifier_of,
)


def test_summary_gives_one_count() -> None:
    (row,) = good(report_of())
    assert (row.metric, row.unit, row.period.code, row.stratum) == ("screening", "main", "2024-01", ())
    assert numbers_of(row) == (7, 10)


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
        numbers = counts_of(part, part + rest)
        race_value = {"value": concept(race_codes[race], race_system)} if race else {}
        language_value = {"value": {"text": language_texts[language]}} if language else {}
        if race and language:
            both = [
                {"code": concept("race"), **race_value},
                {"code": concept("language"), **language_value},
            ]
            groups.append(
                {"code": [{"text": "race and language"}], "stratum": [numbers | {"component": both}]}
            )
        else:
            name = "race" if race else "language"
            groups.append(stratifier_of(name, numbers | (race_value or language_value)))
    rows = good(report_of(counts_of(7, 10) | {"stratifier": groups}))
    found = {row.stratum: numbers_of(row) for row in rows}
    expected = {
        tuple(pair for pair in (("language", language), ("race", race)) if pair[1] is not None): (
            part,
            part + rest,
        )
        for (race, language), (part, rest) in counted.items()
    }
    assert found == expected | {(): (7, 10)}


def test_reports_of_a_bundle_are_numbered() -> None:
    later = report_of(period={"start": "2024-02-01", "end": "2024-02-29"})
    organisation = {"resourceType": "Organization", "id": "7"}
    rows, reader = read(bundle_of(organisation, report_of(), later))
    assert [(number, row.period.code) for number, row in rows] == [(1, "2024-01"), (2, "2024-02")]
    assert reader.rows_read == 2
    again = only_error(bundle_of(report_of(), later, report_of()))
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
    (row,) = good(report_of(counts_of(7, 10, **others)), mapping)
    assert numbers_of(row) == expected


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("masked", BlankKind.WITHHELD),
        ("not-asked", BlankKind.NOT_ASKED),
        ("unknown", BlankKind.NOT_COLLECTED),
    ],
)
def test_absent_count_is_a_blank_with_its_reason(reason: str, kind: BlankKind) -> None:
    (row,) = good(report_of(counts_of(reason, reason)))
    assert (row.blank, *numbers_of(row)) == (kind, None, None)


def test_count_of_things_takes_the_population_that_the_mapping_names() -> None:
    mapping = MAPPING.replace(
        'code = "screening"\nignore = ["measure-observation"]',
        'code = "deaths"\nnumerator = "numerator"\nignore = ["denominator"]',
    )
    (row,) = good(report_of(), mapping)
    assert (row.metric, *numbers_of(row)) == ("deaths", 7, None)


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
    (row,) = good(bundle_of(report_of(reporter=reporter), x=organisation))
    assert row.unit == unit


def test_subject_may_be_the_unit() -> None:
    mapping = MAPPING.replace("[unit]", '[unit]\nelement = "subject"').replace("Organization/7", "Location/3")
    (row,) = good(report_of(subject={"reference": "Location/3"}), mapping)
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
    content = report_of(period={"start": start, "end": end})
    if expected is None:
        assert only_error(content, mapping).problem is reports.NOT_THE_PERIOD
    else:
        assert [row.period.code for row in good(content, mapping)] == [expected]


def test_what_is_not_wanted_is_left_out_and_counted() -> None:
    strata = [stratifier_of("postcode", {"value": concept("02886")})]
    other = report_of(measure="http://example.org/Measure/other|3")
    rows, reader = read(bundle_of(report_of(counts_of(7, 10) | {"stratifier": strata}), other))
    assert len(rows) == 1
    assert reader.errors == ()
    assert reader.rows_left_out == {"Not ours": 1, "Another programme": 1}


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
    groups = [counts_of(7, 10) | {"code": concept("a")}, counts_of(3, 10) | {"code": concept("b")}]
    assert [(row.metric, row.numerator) for row in good(report_of(*groups), mapping)] == [
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
