"""Files that public bodies publish are read with the mappings that are shipped, and reconcile with their own totals."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from metrics.example import make_readmission_counts
from metrics.reading.cells import BlankKind, CountRow, MetricKind, Stratum
from metrics.reading.counts import KnownCodes
from metrics.reading.linelist import count_line_list
from metrics.reading.mapping_file import load_mapping
from metrics.reading.reconcile import reconcile
from metrics.reading.table import TableReader
from metrics.reading.table_mapping import TableMapping
from metrics.reading.table_mapping_file import load_table_mapping, parse_table_mapping
from tests.metrics.public_files import MADE, PUBLISHED, SOURCES, content, names, rows_of
from tests.metrics.workbooks import written

MAPPINGS = Path(make_readmission_counts.__file__).parent / "mappings"
every_source = pytest.mark.parametrize("source", SOURCES)


@dataclass
class Read:
    """What became of some files together."""

    rows: list[CountRow] = field(default_factory=list)
    rows_read: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    partly_blank: int = 0

    @property
    def blanks(self) -> dict[BlankKind, int]:
        return dict(Counter(row.blank for row in self.rows if row.blank is not None))


def _known(mapping: TableMapping, units: Collection[str], kinds: Mapping[str, str]) -> KnownCodes:
    """An institution that has defined all that the mapping names."""
    metrics = {count.metric for count in mapping.counts if count.metric is not None}
    metrics |= mapping.metric.codes if mapping.metric is not None else set()
    categories: dict[str, set[str]] = defaultdict(set)
    for dimension in mapping.dimensions:
        categories[dimension.dimension] |= dimension.rule.codes - {""}
    for count in mapping.counts:
        for dimension_code, category in count.categories:
            categories[dimension_code].add(category)
    return KnownCodes(
        metrics={metric: kinds.get(metric, MetricKind.PROPORTION) for metric in metrics},
        units=units,
        categories=dict(categories),
    )


def _read(
    data: bytes,
    mapping: TableMapping,
    read: Read,
    *,
    units: Collection[str] = (),
    kinds: Mapping[str, str] | None = None,
) -> None:
    """Read one file; it has no error, and no share that disagrees with its counts."""
    reader = TableReader(mapping, _known(mapping, units or mapping.unit.codes, kinds or {}))
    read.rows += [row for _number, row in reader.read([data])]
    assert reader.errors == ()
    assert reader.flags == ()
    read.rows_read += reader.rows_read
    read.left_out.update(reader.rows_left_out)
    read.partly_blank += reader.partly_blank


def _as_workbook(data: bytes) -> bytes:
    """The same table as a spreadsheet program would save it: numbers as numbers, unless a zero leads them."""
    rows = rows_of(data)
    cells = [
        [int(cell) if cell.isdecimal() and str(int(cell)) == cell else cell for cell in row.values()]
        for row in rows
    ]
    return written([list(rows[0]), *cells])


# ---- CMS: readmissions of hospitals

HRRP = "cms_hrrp_2014-07_2017-06.csv"


@every_source
@pytest.mark.parametrize("as_workbook", [False, True])
def test_readmissions_of_hospitals_are_the_published_ones(source: str, as_workbook: bool) -> None:
    data = content(source, HRRP)
    rows = rows_of(data)
    mapping = load_table_mapping(MAPPINGS / "cms_hrrp.toml")
    read = Read()
    units = {row["Provider ID"] for row in rows}
    _read(_as_workbook(data) if as_workbook else data, mapping, read, units=units)

    assert mapping.metric is not None
    assert mapping.metric.values is not None
    names_of = {code: name for name, code in mapping.metric.values.items()}
    published = {
        (row["Provider ID"], row["Measure Name"]): (
            row["Number of Readmissions"],
            row["Number of Discharges"],
        )
        for row in rows
    }
    assert len(published) == read.rows_read == len(read.rows) == len(rows)
    for row in read.rows:
        readmissions, discharges = published[row.unit, names_of[row.metric]]
        if row.blank is None and row.denominator:
            assert (str(row.numerator), str(row.denominator)) == (readmissions, discharges)
        else:
            assert readmissions == "Not Available"
            assert discharges == ("Not Available" if row.blank else "0")
        assert row.period.code == "2014-07-01/2017-06-30"
    facts = {
        MADE: (5, {BlankKind.WITHHELD: 1, BlankKind.NOT_COLLECTED: 1}, 85),
        PUBLISHED: (19_674, {BlankKind.WITHHELD: 1_887, BlankKind.NOT_COLLECTED: 6_132}, 722_034),
    }
    readmitted = sum(row.numerator or 0 for row in read.rows)
    assert (len(rows), read.blanks, readmitted) == facts[source]


# ---- CMS: hospitals, a list with no counts


@every_source
def test_list_of_hospitals_is_counted(source: str) -> None:
    data = content(source, "cms_hospital_general_information_2019.csv")
    rows = rows_of(data)
    mapping = load_mapping(MAPPINGS / "cms_hospitals.toml")
    counted = count_line_list([data], mapping)
    assert counted.errors == ()
    assert counted.rows_read == len(rows) == {MADE: 3, PUBLISHED: 4_784}[source]
    expected: Counter[Stratum] = Counter()
    for row in rows:
        expected[()] += 1
        for rule in mapping.dimensions:
            expected[((rule.dimension, rule.values[row[rule.column]]),)] += 1
    assert {key.stratum: count.denominator for key, count in counted.cells.items()} == expected
    found = reconcile(counted.rows(), {"hospital_type", "ownership"})
    assert (found.agreed, found.compared) == (2, 2)


# ---- CDC: HIV care by state

PARTITIONS = {"age", "race_ethnicity", "gender"}


@every_source
@pytest.mark.parametrize("as_workbook", [False, True])
def test_hiv_care_adds_up_to_the_totals_of_the_states(source: str, as_workbook: bool) -> None:
    mapping = load_table_mapping(MAPPINGS / "cdc_atlas_hiv_care.toml")
    read = Read()
    expected: Counter[bool] = Counter()
    for name in names(source, "cdc_atlas_hiv_care"):
        data = content(source, name)
        expected.update(row["Cases"] == "Data not available" for row in rows_of(data))
        _read(_as_workbook(data) if as_workbook else data, mapping, read)
    assert len(read.rows) == read.rows_read == expected.total()
    assert read.blanks == {BlankKind.NOT_COLLECTED: expected[True]}
    found = reconcile(read.rows, PARTITIONS)
    facts = {MADE: (6, 2, 0, 0), PUBLISHED: (11_898, 816, 570, 0)}
    assert (read.rows_read, found.agreed, found.open_, found.disagreed) == facts[source]


# ---- CDC: social vulnerability, a wide table


@every_source
def test_groups_of_a_wide_table_add_up_in_every_county(source: str) -> None:
    data = content(source, "cdc_svi_county_2022.csv")
    rows = rows_of(data)
    mapping = load_table_mapping(MAPPINGS / "cdc_svi_county.toml")
    read = Read()
    kinds = {"residents-of-minority-groups": MetricKind.COUNT}
    _read(data, mapping, read, units={row["FIPS"] for row in rows}, kinds=kinds)
    assert len(read.rows) == 10 * len(rows)
    found = reconcile(read.rows, {"race_ethnicity"})
    assert (found.agreed, found.compared) == (len(rows), len(rows))
    assert len(rows) == {MADE: 1, PUBLISHED: 3_144}[source]
    by_county = {row["FIPS"]: row for row in rows}
    for row in read.rows:
        if row.metric == "residents-aged-65-or-older":
            county = by_county[row.unit]
            assert (str(row.numerator), str(row.denominator)) == (county["E_AGE65"], county["E_TOTPOP"])


# ---- Medicare: adherence to statins, twenty tables of one kind

STATINS_DIMENSIONS = {
    "AGE_GROUP": ("age", ["_18-39", "_40-64", "_65-69", "_70-74", "_75-79", "_80-84", "_85+"]),
    "SEX_NAME": ("gender", ["Female", "Male"]),
    "LIS": ("low_income_subsidy", ["No", "Yes"]),
    "ENTLMT_RSN_CURR": ("eligibility", ["Aged", "Disabled"]),
}
US = "us"


def _statins_text(columns: Collection[str]) -> str:
    """The shipped mapping (by race and state), changed to the columns of another table of the same kind."""
    text = (MAPPINGS / "medicare_statins_race_state.toml").read_text(encoding="utf-8")
    head, race_and_rest = text.split("[dimensions.race]")
    race, leave_out = race_and_rest.split("[[leave_out]]")
    if "COUNTY_FIPS" in columns:
        head = head.replace('"STATE_FIPS"', '"COUNTY_FIPS"')
    elif "STATE_FIPS" not in columns:
        head = head.replace('column = "STATE_FIPS"', f'constant = "{US}"')
    if "RACE_NAME" in columns:
        head += f"[dimensions.race]{race}"
    for column, (dimension, values) in STATINS_DIMENSIONS.items():
        if column in columns:
            codes = ", ".join(
                f'"{value}" = "{value.lower().strip("_").replace("+", "-plus")}"' for value in values
            )
            head += f'[dimensions.{dimension}]\ncolumn = "{column}"\ndimension = "{dimension}"\n'
            head += f"values = {{ {codes} }}\n"
    if "STATE_NAME" in columns:
        head += f"[[leave_out]]{leave_out}"
    return head


def _statins(source: str) -> Read:
    read = Read()
    for name in names(source, "medicare_statins"):
        data = content(source, name)
        rows = rows_of(data)
        mapping = parse_table_mapping(_statins_text(list(rows[0])))
        units = {row[mapping.unit.column or ""] for row in rows if mapping.unit.column} | {US}
        _read(data, mapping, read, units=units)
    return read


@every_source
def test_tables_of_statins_agree_with_one_another(source: str) -> None:
    read = _statins(source)
    partitions = {"race_ethnicity", *(dimension for dimension, _values in STATINS_DIMENSIONS.values())}
    found = reconcile(read.rows, partitions)
    facts: dict[str, Any] = {
        MADE: (11, 1, 1, {BlankKind.WITHHELD: 2}, (2, 2, 0)),
        PUBLISHED: (27_831, 1, 4_877, {BlankKind.WITHHELD: 13_238}, (1_441, 3_763, 0)),
    }
    assert found.disagreements == ()
    assert (
        read.rows_read,
        read.left_out["A row about no state"],
        read.partly_blank,
        read.blanks,
        (found.agreed, found.open_, found.disagreed),
    ) == facts[source]


@every_source
def test_states_are_less_than_the_country_where_territories_are_missing(source: str) -> None:
    """What the published tables show: the country counts Puerto Rico, and no state does."""
    read = _statins(source)
    whole = next(row for row in read.rows if row.unit == US and row.stratum == ())
    states = [row for row in read.rows if row.unit.isdecimal() and int(row.unit) < 100 and row.stratum == ()]
    missing = (whole.denominator or 0) - sum(row.denominator or 0 for row in states)
    assert (len(states), missing) == {MADE: (1, 50), PUBLISHED: (51, 45_767)}[source]


if PUBLISHED in SOURCES:

    def test_every_published_file_is_read_or_known_not_to_hold_counts() -> None:
        no_counts = {"diabetic_data.csv", "diabetes_IDs_mapping.csv"}
        no_counts |= {
            f"fhir/terminology/{name}_codes.csv" for name in ("cdc_race", "cdc_ethnicity", "sopt_payer")
        }
        read = {HRRP, "cms_hospital_general_information_2019.csv", "cdc_svi_county_2022.csv"}
        read |= {*names(PUBLISHED, "cdc_atlas_hiv_care"), *names(PUBLISHED, "medicare_statins")}
        assert set(names(PUBLISHED)) == read | no_counts
