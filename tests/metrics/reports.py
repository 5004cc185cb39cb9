"""Measure reports of one measure, their mapping, and reading them."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from metrics.reading.cells import CountRow, MetricKind
from metrics.reading.counts import KnownCodes
from metrics.reading.errors import RowError
from metrics.reading.measure_mapping_file import parse_measure_mapping
from metrics.reading.measure_report import MeasureReportReader

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


def concept(code: str, system: str = "http://example.org") -> Json:
    return {"coding": [{"system": system, "code": code}]}


def population_of(code: str, count: Any) -> Json:
    value: Json = {"code": concept(code, MEASURE_POPULATION)}
    if isinstance(count, str):
        absent = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
        return value | {"_count": {"extension": [{"url": absent, "valueCode": count}]}}
    return value if count is None else value | {"count": count}


def counts_of(numerator: Any, denominator: Any, **others: Any) -> Json:
    named = {"initial-population": 100, "numerator": numerator, "denominator": denominator}
    named |= {name.replace("_", "-"): count for name, count in others.items()}
    return {"population": [population_of(code, count) for code, count in named.items()]}


def report_of(*groups: Json, **more: Any) -> Json:
    return {
        "resourceType": "MeasureReport",
        "status": "complete",
        "type": "summary",
        "measure": "http://example.org/Measure/screening|1.0",
        "period": {"start": "2024-01-01", "end": "2024-01-31"},
        "reporter": {"reference": "Organization/7"},
        "group": list(groups or [counts_of(7, 10)]),
    } | more


def bundle_of(*resources: Json, **full_urls: Json) -> Json:
    entries: list[Json] = [{"resource": resource} for resource in resources]
    entries += [{"fullUrl": f"urn:uuid:{url}", "resource": resource} for url, resource in full_urls.items()]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def stratifier_of(code: str, *strata: Json) -> Json:
    return {"code": [concept(code)], "stratum": list(strata)}


def read(
    content: Any, mapping: str = MAPPING, known: KnownCodes = KNOWN
) -> tuple[list[tuple[int, CountRow]], MeasureReportReader]:
    reader = MeasureReportReader(parse_measure_mapping(mapping), known)
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    rows = list(reader.read([data[:50], data[50:]]))
    assert reader.sha256 == hashlib.sha256(data).hexdigest()
    return rows, reader


def good(content: Any, mapping: str = MAPPING, known: KnownCodes = KNOWN) -> list[CountRow]:
    rows, reader = read(content, mapping, known)
    assert reader.errors == ()
    return [row for _number, row in rows]


def only_error(content: Any, mapping: str = MAPPING) -> RowError:
    _rows, reader = read(content, mapping)
    (error,) = reader.errors
    assert error.reason.endswith(".")
    assert error.how_to_mend.endswith(".")
    return error


def numbers_of(row: CountRow) -> tuple[int | None, int | None]:
    return row.numerator, row.denominator
