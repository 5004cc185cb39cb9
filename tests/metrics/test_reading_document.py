"""Documents that systems send: their shape, and the rules of a counts file told in their own words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from metrics.reading.counts import KnownCodes
from metrics.reading.counts_document import (
    Apply,
    CountsDocumentReader,
    DocumentRefused,
    pointer_of,
    read_document,
)
from metrics.reading.errors import UnreadableFile

KNOWN = KnownCodes(
    metrics={"waits": "proportion", "days": "mean", "meetings": "count", "cost": "mean"},
    units=["main", "east"],
    categories={"race": ["black", "white"], "age": ["18-64", "65+"]},
    decimals={"cost": 2},
)
COUNT = {"metric": "waits", "unit": "main", "period": "2024-01", "numerator": 3, "denominator": 9}


def sent(*counts: Any, **more: Any) -> bytes:
    return json.dumps({"counts": list(counts), **more}).encode()


def read(*counts: Any) -> tuple[list[Any], list[tuple[str, str, str]]]:
    """The good counts; and of each error its pointer, reason and way to mend it."""
    body = counts[0] if isinstance(counts[0], bytes) else sent(*counts)
    reader = CountsDocumentReader(KNOWN, read_document(body))
    rows = [row for _number, row in reader.read([body])]
    return rows, [
        (pointer_of(error.row, error.column), error.reason, error.how_to_mend) for error in reader.errors
    ]


def faults(body: bytes) -> list[tuple[str, str]]:
    with pytest.raises(DocumentRefused) as refused:
        read_document(body)
    return [(fault.key, fault.reason) for fault in refused.value.faults]


def test_counts_are_read_as_from_a_file() -> None:
    rows, errors = read(
        COUNT,
        COUNT | {"stratum": {"race": "black", "age": "65+"}, "numerator": 1},
        {
            "metric": "days",
            "unit": "east",
            "period": "2024",
            "numerator": 6,
            "denominator": 2,
            "sum_of_squares": 20,
        },
        {"metric": "meetings", "unit": "main", "period": "2024-Q1", "numerator": 2},
        {"metric": "waits", "unit": "main", "period": "2024-02", "blank": "not_collected"},
    )
    assert errors == []
    assert [(row.metric, row.unit, row.period.code, dict(row.stratum)) for row in rows] == [
        ("waits", "main", "2024-01", {}),
        ("waits", "main", "2024-01", {"race": "black", "age": "65+"}),
        ("days", "east", "2024", {}),
        ("meetings", "main", "2024-Q1", {}),
        ("waits", "main", "2024-02", {}),
    ]
    assert [(row.numerator, row.denominator, row.sum_of_squares, row.blank) for row in rows] == [
        (3, 9, None, None),
        (1, 9, None, None),
        (6, 2, 20, None),
        (2, None, None, None),
        (None, None, None, "not_collected"),
    ]


def test_decimals_keep_every_digit() -> None:
    body = sent(COUNT).replace(
        json.dumps(COUNT).encode(),
        b'{"metric":"cost","unit":"main","period":"2024","numerator":10.10,"denominator":3,"sum_of_squares":34.0034}',
    )
    rows, errors = read(body)
    assert errors == []
    assert (str(rows[0].numerator), str(rows[0].sum_of_squares)) == ("10.10", "34.0034")


@pytest.mark.parametrize(
    ("change", "pointer", "reason"),
    [
        ({"dry_run": True}, "/counts/1/dry_run", 'There is no field "dry_run" here.'),
        ({"a/b~c": 1}, "/counts/1/a~1b~0c", 'There is no field "a/b~c" here.'),
        ({"race": "black"}, "/counts/1/race", 'There is no field "race" here.'),
        ({"metric": None}, "/counts/1/metric", "null is not a text."),
        ({"period": 2024}, "/counts/1/period", "2024 is not a text."),
        ({"unit": " "}, "/counts/1/unit", '" " is not a text.'),
        ({"stratum": []}, "/counts/1/stratum", "This is not a JSON object."),
        (
            {"stratum": {"moon": "full"}},
            "/counts/1/stratum/moon",
            '"moon" is not a dimension of this institution.',
        ),
        ({"stratum": {"race": ""}}, "/counts/1/stratum/race", '"" is not a text.'),
        (
            {"stratum": {"race": "green"}},
            "/counts/1/stratum/race",
            '"green" is not a code that is known here.',
        ),
        ({"metric": "moons"}, "/counts/1/metric", '"moons" is not a code that is known here.'),
        ({"unit": "moon"}, "/counts/1/unit", '"moon" is not a code that is known here.'),
        ({"period": "soon"}, "/counts/1/period", '"soon" is not a period.'),
        ({"numerator": "3"}, "/counts/1/numerator", '"3" is not a number.'),
        ({"numerator": True}, "/counts/1/numerator", "true is not a number."),
        ({"numerator": None}, "/counts/1/numerator", "null is not a number."),
        ({"numerator": -1}, "/counts/1/numerator", '"-1" is less than zero, and a count cannot be.'),
        ({"numerator": 2.5}, "/counts/1/numerator", '"2.5" is not a whole number.'),
        ({"numerator": 1e30}, "/counts/1/numerator", '"1E+30" is not a whole number.'),
        ({"numerator": 10**19}, "/counts/1/numerator", '"10000000000000000000" is too large a number.'),
        ({"numerator": 10}, "/counts/1/numerator", "The numerator 10 is greater than the denominator 9."),
        (
            {"sum_of_squares": 4},
            "/counts/1/sum_of_squares",
            '"4" stands where a metric of the kind "proportion" has no number.',
        ),
        ({"blank": "not_asked"}, "/counts/1/blank", "A count with “blank” has no numbers."),
        ({"blank": "lost"}, "/counts/1/blank", '"lost" is none of the choices.'),
        ({"blank": ["x"]}, "/counts/1/blank", '["x"] is none of the choices.'),
    ],
)
def test_each_error_has_its_place(change: dict[str, Any], pointer: str, reason: str) -> None:
    good = COUNT | {"period": "2023-12"}
    rows, errors = read(good, COUNT | change)
    assert len(rows) == 1
    assert (pointer, reason) in [(place, why) for place, why, _mend in errors]
    assert all(mend for _place, _why, mend in errors)


@pytest.mark.parametrize("missing", ["metric", "unit", "period"])
def test_missing_field_is_told(missing: str) -> None:
    _rows, errors = read({name: value for name, value in COUNT.items() if name != missing})
    assert errors == [(f"/counts/0/{missing}", "This field is missing.", "Add it.")]


def test_missing_number_asks_for_a_blank() -> None:
    _rows, errors = read({name: value for name, value in COUNT.items() if name != "numerator"})
    assert errors == [
        (
            "/counts/0/numerator",
            "There is no number here, and nothing says why.",
            'Write the number (0 when it is zero), or leave all numbers out and say why in "blank".',
        )
    ]


def test_unknown_field_is_told_with_all_that_are_known() -> None:
    _rows, ((_place, _why, mend),) = read(COUNT | {"value": 3})
    fields = "metric, unit, period, stratum, numerator, denominator, sum_of_squares, blank"
    assert mend == f"Leave it out, or write one of: {fields}."


def test_count_that_is_no_object_and_count_that_comes_twice() -> None:
    rows, errors = read(COUNT, 7, COUNT)
    assert len(rows) == 1
    assert [(place, why) for place, why, _mend in errors] == [
        ("/counts/1", "This is not a JSON object."),
        ("/counts/2", "Count 1 of the list already holds this metric, unit, period and group."),
    ]


def test_words_do_not_speak_of_spreadsheets() -> None:
    _rows, errors = read(
        COUNT | {"metric": "x", "period": "y", "stratum": {"race": "z"}},
        COUNT | {"numerator": 0.5},
        COUNT,
        COUNT,
    )
    assert len(errors) == 5
    for _place, why, mend in errors:
        assert not {"spreadsheet", "column", "cell", "Row"} & set(f"{why} {mend}".split())


# ---------------------------------------------------------------- the document itself
def test_default_is_to_apply() -> None:
    assert read_document(sent(COUNT)).apply is Apply.WHEN_CLEAN
    document = read_document(sent(COUNT, name=" Night export ", apply="never"))
    assert (document.name, document.apply) == ("Night export", Apply.NEVER)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"[]", [("", "This is not a JSON object.")]),
        (b"{}", [("/counts", "This field is missing.")]),
        (b'{"counts": []}', [("/counts", "This is not a list with at least one count.")]),
        (b'{"counts": {}}', [("/counts", "This is not a list with at least one count.")]),
        (sent(COUNT, dry_run=True), [("/dry_run", 'There is no field "dry_run" here.')]),
        (sent(COUNT, apply="later"), [("/apply", '"later" is none of the choices.')]),
        (sent(COUNT, apply=["never"]), [("/apply", '["never"] is none of the choices.')]),
        (sent(COUNT, apply=None), [("/apply", "null is none of the choices.")]),
        (sent(COUNT, name=""), [("/name", '"" is not a text.')]),
        (sent(COUNT, name=4), [("/name", "4 is not a text.")]),
        (sent(COUNT, name="x" * 121), [("/name", f'"{"x" * 60}…" is too long.')]),
    ],
)
def test_other_shapes_are_refused(body: bytes, expected: list[tuple[str, str]]) -> None:
    assert faults(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b'{"counts": [NaN]}',
        b'{"a": 1, "a": 2}',
        b"[" * 100_000,
        b'{"counts": 1}\n{"counts": 2}',
        b"1" * 5000,
    ],
    ids=["empty", "cut off", "not UTF-8", "NaN", "key twice", "deep", "two documents", "long number"],
)
def test_what_is_not_json_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read_document(body)
