"""The mapping of a table is right, or every fault in it is told with its key and the way to mend it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from metrics.reading import mapping_keys, table_codes, table_mapping_file, toml_table
from metrics.reading.cells import BlankKind, MetricKind
from metrics.reading.counts import KnownCodes
from metrics.reading.errors import MappingError, Problem
from metrics.reading.periods import Grain, Period, containing
from metrics.reading.table_codes import faults_of_table
from metrics.reading.table_mapping import NumberRole
from metrics.reading.table_mapping_file import load_table_mapping, parse_table_mapping

GOOD = """
[source]
format = "table"
name = "Screening by state"
delimiter = ";"

[layout]
sheet = "Data"
header_row = [3, 4]
stop_at = ["Note", "Source"]
fill_down = ["State"]

[metric]
column = "Indicator"
values = { "Screened" = "screening" }

[unit]
column = "State"
values = { "Alabama" = "al", "Alaska" = "ak" }

[period]
grain = "year"
column = "Year"
values = { "2020 (pandemic)" = "2020" }

[numbers]
numerator = "Yes"
complement = "No"
denominator = "All"
percent = "Percent"
thousands = ","
decimal = "."

[blanks]
words = { "Suppressed" = "withheld", "-" = "zero" }
partly = "blank"

[blanks.reasons]
words = ["Not Available"]
column = "Footnote"
values = { "Too few" = "withheld" }

[dimensions.race]
column = "Race"
dimension = "race"
values = { "All" = "", "AA" = "black" }

[[leave_out]]
why = "Totals"
column = "State"
in = ["Total"]
"""

WIDE = """
[source]
format = "table"
name = "Wide"

[unit]
constant = "al"

[numbers]
denominator = "All"

[[wide]]
metric = "screening"
period = "2024"
numerator = "Yes"

[[wide]]
metric = "screening"
period = "2024"
numerator = "Black"
denominator = "All black"
categories = { race = "black", age = "0-9" }
"""

KNOWN = KnownCodes(
    metrics={"screening": MetricKind.PROPORTION, "deaths": MetricKind.COUNT, "wait": MetricKind.MEAN},
    units={"al", "ak"},
    categories={"race": {"black", "white"}, "age": {"0-9"}},
)


def _faults(text: str) -> dict[str, Problem]:
    with pytest.raises(MappingError) as refused:
        parse_table_mapping(text)
    return {fault.key: fault.problem for fault in refused.value.faults}


def _changed(old: str, new: str, text: str = GOOD) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


def test_good_mapping_says_what_the_table_says(tmp_path: Path) -> None:
    mapping = parse_table_mapping(GOOD)
    assert (mapping.source.delimiter, mapping.source.encoding) == (";", "utf-8")
    assert (mapping.layout.sheet, mapping.layout.header_rows) == ("Data", range(3, 5))
    assert mapping.layout.stop_at == ("Note", "Source")
    assert mapping.metric is not None
    assert mapping.metric.codes == {"screening"}
    assert mapping.period is not None
    assert mapping.period.values == {"2020 (pandemic)": containing(date(2020, 1, 1), Grain.YEAR)}
    (count,) = mapping.counts
    assert count.columns.numbers[NumberRole.COMPLEMENT] == "No"
    assert count.columns.stated == ("Percent", 100)
    assert mapping.blanks.words == {"Suppressed": BlankKind.WITHHELD, "-": 0}
    assert mapping.blanks.partly
    assert mapping.columns == (
        *("Indicator", "State", "Year", "Race", "Yes", "No", "All", "Percent", "Footnote"),
    )
    path = tmp_path / "mapping.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert load_table_mapping(path) == mapping
    assert faults_of_table(mapping, KNOWN) == []


def test_wide_mapping_has_one_rule_for_each_count() -> None:
    mapping = parse_table_mapping(WIDE)
    first, second = mapping.counts
    assert (first.columns.numbers, first.categories) == ({"numerator": "Yes", "denominator": "All"}, ())
    assert second.columns.numbers == {"numerator": "Black", "denominator": "All black"}
    assert second.categories == (("age", "0-9"), ("race", "black"))
    assert second.period == Period(date(2024, 1, 1), date(2024, 12, 31), Grain.YEAR)
    assert faults_of_table(mapping, KNOWN) == []


@pytest.mark.parametrize(
    ("old", "new", "key", "problem"),
    [
        ('format = "table"', "", "source.format", mapping_keys.ANOTHER_FORMAT),
        ('format = "table"', 'format = "measure_report"', "source.format", mapping_keys.ANOTHER_FORMAT),
        ('name = "Screening by state"', "", "source.name", toml_table.MISSING),
        ('delimiter = ";"', 'delimter = ";"', "source.delimter", toml_table.UNKNOWN_KEY),
        ("header_row = [3, 4]", "header_row = 0", "layout.header_row", toml_table.NOT_NUMBERS),
        ("header_row = [3, 4]", "header_row = [3, 5]", "layout.header_row", toml_table.NOT_NUMBERS),
        ("header_row = [3, 4]", "header_row = true", "layout.header_row", toml_table.NOT_NUMBERS),
        ("header_row = [3, 4]", "header_row = []", "layout.header_row", toml_table.NOT_NUMBERS),
        ('stop_at = ["Note", "Source"]', 'stop_at = [""]', "layout.stop_at", toml_table.NOT_ONE_OF),
        ('"Screened" = "screening"', '"Screened" = "Screening!"', "metric.values", mapping_keys.NOT_A_CODE),
        ('"Screened" = "screening"', '"Screened" = ""', "metric.values", mapping_keys.NOT_A_CODE),
        ('"Alaska" = "ak"', '"Alaska" = ""', "unit.values", mapping_keys.NOT_A_CODE),
        ('column = "Year"', "", "period", mapping_keys.CHOOSE_ONE),
        ('column = "Year"', 'column = "Year"\nstart = "2024-01-01"', "period", mapping_keys.CHOOSE_ONE),
        ('= "2020" }', '= "twenty" }', "period.values", mapping_keys.NOT_A_PERIOD_CODE),
        ('= "2020" }', '= "2020-01" }', "period.values", mapping_keys.OTHER_GRAIN),
        ('column = "Year"', 'column = "Year"\nformat = "%m"', "period.format", mapping_keys.FORMAT_TOO_COARSE),
        ('numerator = "Yes"\ncomplement = "No"', "", "numbers", table_mapping_file.PERCENT_IS_NO_COUNT),
        ('complement = "No"\ndenominator = "All"', "", "numbers", table_mapping_file.PERCENT_IS_NO_COUNT),
        ('percent = "Percent"', 'percent = "P"\nshare = "S"', "numbers", mapping_keys.CHOOSE_ONE),
        ('numerator = "Yes"', 'nominator = "Yes"', "numbers.nominator", toml_table.UNKNOWN_KEY),
        ('thousands = ","', 'thousands = "x"', "numbers.thousands", toml_table.NOT_ONE_OF),
        ('thousands = ","', 'thousands = "."', "numbers.decimal", table_mapping_file.SAME_MARK),
        ('"Suppressed" = "withheld"', '"Suppressed" = "hidden"', "blanks.words", toml_table.NOT_ONE_OF),
        ('partly = "blank"', 'partly = "error"', "blanks.partly", toml_table.NOT_ONE_OF),
        ('column = "Footnote"', "", "blanks.reasons.column", toml_table.MISSING),
        ('dimension = "race"', 'dimension = "r a"', "dimensions.race.dimension", mapping_keys.NOT_A_CODE),
        ('column = "Race"', "", "dimensions.race", mapping_keys.CHOOSE_ONE),
        ('why = "Totals"', "", "leave_out.why", toml_table.MISSING),
        ('in = ["Total"]', "", "leave_out", mapping_keys.CHOOSE_ONE),
        ('in = ["Total"]', 'in = ["Total"]\nnot_in = ["a"]', "leave_out", mapping_keys.CHOOSE_ONE),
        ('[metric]\ncolumn = "Indicator"\nvalues = { "Screened" = "screening" }', "", "", table_mapping_file.NOT_SAID),
        ('[layout]\nsheet', "[lay]\nsheet", "lay", toml_table.UNKNOWN_KEY),
    ],
)  # fmt: skip
def test_fault_is_told_at_its_key(old: str, new: str, key: str, problem: Problem) -> None:
    assert _faults(_changed(old, new))[key] is problem


def test_counts_without_a_numerator_or_two_parts_are_refused() -> None:
    assert _faults(_changed('numerator = "Yes"\n', "", WIDE)) == {"wide": table_mapping_file.NO_NUMBERS}


def test_same_count_in_two_columns_is_refused() -> None:
    text = _changed('categories = { race = "black", age = "0-9" }', "", WIDE)
    assert _faults(text) == {"wide": table_mapping_file.COUNT_TWICE}


def test_dimension_of_rows_and_of_columns_is_refused() -> None:
    text = WIDE + '[dimensions.race]\ncolumn = "Race"\ndimension = "race"\n'
    assert _faults(text) == {"wide": table_mapping_file.SAID_TWICE}


def test_dimension_from_two_columns_is_refused() -> None:
    text = GOOD + '[dimensions.other]\ncolumn = "Race 2"\ndimension = "race"\n'
    assert _faults(text) == {"dimensions.other.dimension": mapping_keys.DIMENSION_TWICE}


def test_count_without_a_period_is_refused() -> None:
    text = WIDE.replace('period = "2024"\n', "", 1)
    assert _faults(text) == {"": table_mapping_file.NOT_SAID}


def test_text_that_is_not_toml_is_told() -> None:
    assert _faults("[source") == {"": mapping_keys.NOT_TOML}


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ('grain = "whole"\nstart = "2014-07-01"\nend = "2017-06-30"', "2014-07-01/2017-06-30"),
        ('grain = "quarter"\nstart = "2024-04-01"', "2024-Q2"),
    ],
)
def test_constant_period_is_read(period: str, expected: str) -> None:
    old = 'grain = "year"\ncolumn = "Year"\nvalues = { "2020 (pandemic)" = "2020" }'
    rule = parse_table_mapping(_changed(old, period)).period
    assert rule is not None
    assert rule.constant is not None
    assert rule.constant.code == expected


@pytest.mark.parametrize(
    ("period", "key", "problem"),
    [
        ('grain = "quarter"\nstart = "2024-04-02"', "period.start", mapping_keys.NOT_FIRST_DAY),
        ('grain = "whole"\nstart = "2024-04-02"\nend = "2023-01-01"', "period.start", mapping_keys.NOT_A_SPAN),
        ('grain = "whole"\nfirst_column = "a"\nlast_column = "b"\nformat = "%m/%Y"', "period.format",
         mapping_keys.FORMAT_TOO_COARSE),
        ('grain = "whole"\nfirst_column = "a"\nformat = "%m/%d/%Y"', "period.last_column", toml_table.MISSING),
    ],
)  # fmt: skip
def test_period_that_is_none_is_told(period: str, key: str, problem: Problem) -> None:
    old = 'grain = "year"\ncolumn = "Year"\nvalues = { "2020 (pandemic)" = "2020" }'
    assert _faults(_changed(old, period))[key] is problem


@pytest.mark.parametrize(
    ("old", "new", "key", "problem"),
    [
        ('= "screening" }', '= "unheard-of" }', "metric", table_codes.NO_SUCH_METRIC),
        ('"Alaska" = "ak"', '"Alaska" = "az"', "unit", table_codes.NO_SUCH_UNIT),
        ('dimension = "race"', 'dimension = "shoe"', "dimensions.shoe", table_codes.NO_SUCH_DIMENSION),
        ('"AA" = "black"', '"AA" = "purple"', "dimensions.race", table_codes.NO_SUCH_CATEGORY),
        ('= "screening" }', '= "wait" }', "numbers", table_codes.COLUMN_NEEDED),
    ],
)
def test_code_that_the_institution_has_not_defined_is_told(
    old: str, new: str, key: str, problem: Problem
) -> None:
    (fault,) = faults_of_table(parse_table_mapping(_changed(old, new)), KNOWN)
    assert (fault.key, fault.problem) == (key, problem)
    assert fault.reason
    assert fault.how_to_mend


@pytest.mark.parametrize(
    ("metric", "columns", "role"),
    [
        ("deaths", 'complement = "No"\ndenominator = "All"', "numerator"),
        ("screening", 'numerator = "Yes"', "denominator"),
        ("wait", 'numerator = "Sum"\ndenominator = "All"', "sum_of_squares"),
    ],
)
def test_column_that_the_kind_of_the_metric_needs_is_asked_for(metric: str, columns: str, role: str) -> None:
    text = f"""
[source]
format = "table"
name = "t"
[metric]
code = "{metric}"
[unit]
constant = "al"
[period]
grain = "year"
start = "2024-01-01"
[numbers]
{columns}
"""
    (fault,) = faults_of_table(parse_table_mapping(text), KNOWN)
    assert (fault.problem, fault.parts["role"]) == (table_codes.COLUMN_NEEDED, role)
