"""A mapping is right, or every fault in it is told with its key and the way to mend it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from metrics.reading import mapping_file, mapping_keys, toml_table
from metrics.reading.errors import MappingError, Problem
from metrics.reading.mapping import LineListMapping
from metrics.reading.mapping_file import load_mapping, parse_mapping
from metrics.reading.periods import Grain, Period

GOOD = """
strata = [["race"], ["race", "payer"]]

[source]
name = "Visits"
delimiter = ";"

[metric]
code = "pain-30-minutes"

[unit]
column = "site"
values = { "Main campus" = "main", "Clinic" = "clinic" }

[period]
column = "arrived"
format = "%m/%d/%Y %H:%M"
grain = "quarter"

[numerator]
column = "treated"
equals = ["yes"]
others = ["no"]

[denominator]
column = "pain"
not_in = ["none", ""]

[dimensions.race]
column = "race"
dimension = "race_ethnicity"
values = { "B" = "black", "W" = "white", "" = "not_recorded" }

[dimensions.payer]
column = "payer"
dimension = "payer"
values = { "1" = "medicare", "2" = "medicaid" }
"""

STRATA = '[["race"], ["race", "payer"]]'
PAYERS = 'values = { "1" = "medicare", "2" = "medicaid" }'


def _faults(text: str) -> dict[str, Problem]:
    with pytest.raises(MappingError) as refused:
        parse_mapping(text)
    return {fault.key: fault.problem for fault in refused.value.faults}


def _changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new)


def test_good_mapping_says_what_the_file_says() -> None:
    mapping = parse_mapping(GOOD)
    assert isinstance(mapping, LineListMapping)
    assert (mapping.metric, mapping.source.delimiter, mapping.source.encoding) == (
        "pain-30-minutes",
        ";",
        "utf-8",
    )
    assert mapping.unit.codes == frozenset({"main", "clinic"})
    assert (mapping.period.grain, mapping.period.format) == (Grain.QUARTER, "%m/%d/%Y %H:%M")
    assert (mapping.numerator.equals, mapping.numerator.others) == (frozenset({"yes"}), frozenset({"no"}))
    assert [(rule.values, rule.excludes) for rule in mapping.denominator] == [(frozenset({"none", ""}), True)]
    assert [rule.dimension for rule in mapping.dimensions] == ["race_ethnicity", "payer"]
    assert mapping.strata == ((0,), (0, 1))
    assert mapping.columns == ("pain", "treated", "site", "arrived", "race", "payer")


def test_mapping_is_loaded_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert load_mapping(path) == parse_mapping(GOOD)


def test_several_denominator_rules_are_read() -> None:
    rules = """
[[denominator]]
column = "pain"
in = ["strong"]
[[denominator]]
column = "left"
not_in = ["yes"]
"""
    mapping = parse_mapping(_changed('[denominator]\ncolumn = "pain"\nnot_in = ["none", ""]', rules))
    assert [(rule.column, rule.excludes) for rule in mapping.denominator] == [("pain", False), ("left", True)]


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (
            'start = "2024-04-01"\ngrain = "quarter"',
            Period(date(2024, 4, 1), date(2024, 6, 30), Grain.QUARTER),
        ),
        (
            'start = "1999-01-01"\nend = "2008-12-31"\ngrain = "whole"',
            Period(date(1999, 1, 1), date(2008, 12, 31), Grain.WHOLE),
        ),
    ],
)
def test_constant_period_is_read(period: str, expected: Period) -> None:
    old = 'column = "arrived"\nformat = "%m/%d/%Y %H:%M"\ngrain = "quarter"'
    assert parse_mapping(_changed(old, period)).period.constant == expected


@pytest.mark.parametrize(
    ("old", "new", "key", "problem"),
    [
        ('code = "pain-30-minutes"', "", "metric.code", toml_table.MISSING),
        ('name = "Visits"', "", "source.name", toml_table.MISSING),
        ('column = "treated"', 'colum = "treated"', "numerator.colum", toml_table.UNKNOWN_KEY),
        ('name = "Visits"', "name = 7", "source.name", toml_table.NOT_TEXT),
        ('name = "Visits"', 'name = ""', "source.name", toml_table.NOT_TEXT),
        ('equals = ["yes"]', 'equals = "yes"', "numerator.equals", toml_table.NOT_TEXTS),
        ('equals = ["yes"]', "equals = [1]", "numerator.equals", toml_table.NOT_TEXTS),
        ('equals = ["yes"]', "equals = []", "numerator.equals", toml_table.NOT_TEXTS),
        ('others = ["no"]', 'others = ["yes"]', "numerator.others", mapping_file.IN_BOTH),
        (PAYERS, "values = {}", "dimensions.payer.values", toml_table.NOT_PAIRS),
        ('"2" = "medicaid"', '"2" = 2', "dimensions.payer.values", toml_table.NOT_PAIRS),
        ('"2" = "medicaid"', '"2" = "Medi caid"', "dimensions.payer.values", mapping_keys.NOT_A_CODE),
        ('code = "pain-30-minutes"', 'code = "=1+1"', "metric.code", mapping_keys.NOT_A_CODE),
        ('= "payer"\nv', '= "race_ethnicity"\nv', "dimensions.payer.dimension", mapping_keys.DIMENSION_TWICE),
        ('delimiter = ";"', 'delimiter = "x"', "source.delimiter", toml_table.NOT_ONE_OF),
        ('delimiter = ";"', 'format = "table"', "source.format", mapping_keys.ANOTHER_FORMAT),
        ('"2" = "medicaid"', '"2" = ""', "dimensions.payer.values", mapping_keys.NOT_A_CODE),
        ('delimiter = ";"', 'encoding = "utf-16"', "source.encoding", toml_table.NOT_ONE_OF),
        ('grain = "quarter"', 'grain = "week"', "period.grain", toml_table.NOT_ONE_OF),
        ('grain = "quarter"', 'grain = "whole"', "period.grain", toml_table.NOT_ONE_OF),
        ('format = "%m/%d/%Y %H:%M"', 'format = "%H:%M"', "period.format", mapping_keys.FORMAT_TOO_COARSE),
        ('format = "%m/%d/%Y %H:%M"', 'format = "%d/%Y"', "period.format", mapping_keys.FORMAT_TOO_COARSE),
        ('format = "%m/%d/%Y %H:%M"', 'format = "%y%"', "period.format", mapping_keys.FORMAT_TOO_COARSE),
        ('column = "arrived"', "", "period", mapping_keys.CHOOSE_ONE),
        ('column = "arrived"', 'column = "arrived"\nstart = "2024-01-01"', "period", mapping_keys.CHOOSE_ONE),
        ('column = "site"', 'column = "site"\nconstant = "all"', "unit", mapping_keys.CHOOSE_ONE),
        ('not_in = ["none", ""]', "", "denominator", mapping_keys.CHOOSE_ONE),
        (STRATA, '[["race"], ["race", "age"]]', "strata", toml_table.NOT_ONE_OF),
        (STRATA, '["race", "payer"]', "strata", toml_table.NOT_LISTS),
        (STRATA, '[[], ["race", "payer"]]', "strata", mapping_file.STRATUM_EMPTY),
        (STRATA, '[["payer", "race"], ["race", "payer"]]', "strata", mapping_file.STRATUM_TWICE),
        (STRATA, '[["payer"], ["race", "race"]]', "strata", mapping_file.STRATUM_TWICE),
        (STRATA, '[["race"]]', "dimensions.payer", mapping_file.DIMENSION_UNUSED),
        ('[metric]\ncode = "pain-30-minutes"', "", "metric", toml_table.MISSING),
        ('[source]\nname = "Visits"', '[sauce]\nname = "Visits"', "sauce", toml_table.UNKNOWN_KEY),
    ],
)  # fmt: skip
def test_fault_is_told_at_its_key(old: str, new: str, key: str, problem: Problem) -> None:
    assert _faults(_changed(old, new))[key] is problem


def test_text_in_the_place_of_a_table_is_told() -> None:
    text = 'metric = "pain-30-minutes"' + _changed('[metric]\ncode = "pain-30-minutes"', "")
    assert _faults(text)["metric"] is toml_table.NOT_A_TABLE


@pytest.mark.parametrize(
    ("old", "key"),
    [('equals = ["yes"]', "numerator.equals"), (PAYERS, "dimensions.payer.values")],
)
def test_key_that_is_needed_and_missing_is_told(old: str, key: str) -> None:
    assert _faults(_changed(old, ""))[key] is toml_table.MISSING


@pytest.mark.parametrize(
    ("period", "problem"),
    [
        ('start = "2024-04-02"\ngrain = "quarter"', mapping_keys.NOT_FIRST_DAY),
        ('start = "1999-01-01"\nend = "1998-12-31"\ngrain = "whole"', mapping_keys.NOT_A_SPAN),
        ('start = "1999"\nend = "2008"\ngrain = "whole"', mapping_keys.NOT_A_SPAN),
    ],
)
def test_constant_period_that_is_none_is_told(period: str, problem: Problem) -> None:
    old = 'column = "arrived"\nformat = "%m/%d/%Y %H:%M"\ngrain = "quarter"'
    assert _faults(_changed(old, period)) == {"period.start": problem}


def test_all_faults_are_told_at_once_in_words() -> None:
    text = _changed('code = "pain-30-minutes"', 'code = "Pain!"').replace(
        'grain = "quarter"', 'grain = "week"'
    )
    with pytest.raises(MappingError) as refused:
        parse_mapping(text)
    assert {fault.key for fault in refused.value.faults} == {"metric.code", "period.grain"}
    assert 'metric.code: "Pain!" is not a code. Use lower-case letters' in str(refused.value)
    assert 'period.grain: "week" is not possible here. Write one of: "month", "quarter", "year".' in str(
        refused.value
    )


def test_text_that_is_not_toml_is_told_with_its_line() -> None:
    with pytest.raises(MappingError) as refused:
        parse_mapping("[source\nname = 1")
    (fault,) = refused.value.faults
    assert fault.problem is mapping_keys.NOT_TOML
    assert "line 1" in fault.reason


def test_sentence_is_translated_with_its_parts() -> None:
    with pytest.raises(MappingError) as refused:
        parse_mapping(_changed('code = "pain-30-minutes"', 'code = "Pain!"'))
    (fault,) = refused.value.faults
    spanish = {
        mapping_keys.NOT_A_CODE.reason: '"%(code)s" no es un código.',
        mapping_keys.NOT_A_CODE.how_to_mend: "Use minúsculas.",
    }
    assert fault.translated(spanish.__getitem__) == ('"Pain!" no es un código.', "Use minúsculas.")
