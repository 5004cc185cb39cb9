"""The example data that is shipped: the real counts are true, the invented ones add up and tell a story."""

from __future__ import annotations

import csv
import io
import json
import os
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from metrics.example import make_readmission_counts, make_willow_ferry
from metrics.reading.cells import OVERALL, BlankKind, CountRow, Stratum, is_code, stratum_of
from metrics.reading.counts import CountsReader, KnownCodes
from metrics.reading.linelist import count_line_list
from metrics.reading.mapping_file import load_mapping
from metrics.reading.periods import Period

EXAMPLE = Path(make_willow_ferry.__file__).parent
TRUTH: dict[str, Any] = json.loads(
    Path(__file__).with_name("readmission_truth.json").read_text(encoding="utf-8")
)
LINE_LIST_VARIABLE = "LINE_LIST_DIABETES130"

CODES = {
    "race": (
        "race_ethnicity",
        {"AfricanAmerican": "black", "Asian": "asian", "Caucasian": "white", "Hispanic": "hispanic",
         "Other": "other", "?": "not_recorded"},
    ),
    "gender": ("gender", {"Female": "female", "Male": "male", "Unknown/Invalid": "not_recorded"}),
    "age": ("age", {f"[{start}-{start + 10})": f"{start}-{start + 9}" for start in range(0, 100, 10)}),
    "payer_code": (
        "payer",
        {"MC": "medicare", "MD": "medicaid", "SP": "self_pay", "BC": "blue_cross", "HM": "hmo",
         "WC": "workers_compensation", "?": "not_recorded",
         "CH": "ch", "CM": "cm", "CP": "cp", "DM": "dm", "FR": "fr", "MP": "mp", "OG": "og", "OT": "ot",
         "PO": "po", "SI": "si", "UN": "un"},
    ),
}  # fmt: skip


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((EXAMPLE / name).read_text(encoding="utf-8"))


METRICS = _toml("metrics.toml")["metric"]
DIMENSIONS = _toml("dimensions.toml")["dimension"]
INSTITUTIONS = _toml("institutions.toml")["institution"]


def _known(institution: str) -> KnownCodes:
    (units,) = ([unit["code"] for unit in one["unit"]] for one in INSTITUTIONS if one["code"] == institution)
    return KnownCodes(
        metrics={
            metric["code"]: metric["kind"] for metric in METRICS if metric["institution"] == institution
        },
        units=units,
        categories={
            dimension["code"]: [category["code"] for category in dimension["category"]]
            for dimension in DIMENSIONS
        },
    )


def _read(path: Path, institution: str) -> list[CountRow]:
    reader = CountsReader(_known(institution))
    rows = [row for _number, row in reader.read([path.read_bytes()])]
    assert reader.errors == ()
    return rows


def _true_counts() -> dict[Stratum, tuple[int, int]]:
    """The truth, under the codes of the example."""
    counts: dict[Stratum, tuple[int, int]] = {}
    for columns, table in TRUTH["counts"].items():
        for values, (numerator, denominator) in table.items():
            pairs = zip(filter(None, columns.split("|")), values.split("|"), strict=False)
            stratum = stratum_of(*((CODES[column][0], CODES[column][1][value]) for column, value in pairs))
            assert stratum not in counts
            counts[stratum] = (numerator, denominator)
    return counts


def test_shipped_counts_of_the_130_hospitals_are_true_cell_by_cell() -> None:
    rows = _read(make_readmission_counts.FILE, "hospitals-130")
    assert {row.stratum: (row.numerator, row.denominator) for row in rows} == _true_counts()
    assert {(row.metric, row.unit, row.period.code) for row in rows} == {
        ("readmission-30-day", "all", "1999-01-01/2008-12-31")
    }
    assert len(rows) == 131


def _rebuilt_line_list(folder: Path) -> Path:
    """A line list with the true counts of every table: the same groups, on other rows than in the real one.

    Race and payer are laid out together; gender and age are laid along them. This is done for the stays that
    were followed by another one, and then for the others.
    """
    rows: list[tuple[str, ...]] = []
    for readmitted in ("<30", ">30"):
        columns = {
            columns: [
                values
                for values, (numerator, denominator) in table.items()
                for _ in range(numerator if readmitted == "<30" else denominator - numerator)
            ]
            for columns, table in TRUTH["counts"].items()
        }
        both = (pair.split("|") for pair in columns["race|payer_code"])
        for (race, payer), gender, age in zip(both, columns["gender"], columns["age"], strict=True):
            rows.append((race, gender, age, payer, readmitted))
    path = folder / "rebuilt.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["race", "gender", "age", "payer_code", "readmitted"])
        writer.writerows(rows)
    return path


def _real_line_list(_folder: Path) -> Path:
    return Path(os.environ[LINE_LIST_VARIABLE])


LINE_LISTS: list[Callable[[Path], Path]] = [_rebuilt_line_list]
if os.environ.get(LINE_LIST_VARIABLE):
    LINE_LISTS.append(_real_line_list)


@pytest.mark.parametrize("line_list", LINE_LISTS)
def test_line_list_is_counted_to_the_truth(line_list: Callable[[Path], Path], tmp_path: Path) -> None:
    def chunks() -> Iterator[bytes]:
        with line_list(tmp_path).open("rb") as file:
            while chunk := file.read(64 * 1024):
                yield chunk

    counted = count_line_list(chunks(), load_mapping(make_readmission_counts.MAPPING), known_units={"all"})
    assert counted.errors == ()
    assert {key.stratum: tuple(count) for key, count in counted.cells.items()} == _true_counts()
    assert counted.rows_read == TRUTH["rows"]


def test_counts_file_is_what_its_script_makes(tmp_path: Path) -> None:
    made = make_readmission_counts.text(_rebuilt_line_list(tmp_path))
    assert made.splitlines() == make_readmission_counts.FILE.read_text(encoding="utf-8").splitlines()


def test_script_tells_a_wrong_line_list(tmp_path: Path) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text("race,gender\nAsian,Female\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no column of this name"):
        make_readmission_counts.text(path)


def test_willow_ferry_is_the_same_on_every_machine() -> None:
    shipped = make_willow_ferry.FILE.read_text(encoding="utf-8")
    assert make_willow_ferry.text().splitlines() == shipped.splitlines()


WILLOW_FERRY = _read(make_willow_ferry.FILE, "willow-ferry")


def test_willow_ferry_has_two_years_of_every_metric_and_level() -> None:
    metrics = {metric["code"]: metric for metric in METRICS if metric["institution"] == "willow-ferry"}
    assert {row.metric for row in WILLOW_FERRY} == metrics.keys()
    assert {metric["level"] for metric in metrics.values()} == {
        "patient",
        "organization",
        "community",
        "societal",
    }
    assert {metric["purpose"] for metric in metrics.values()} == {"implementation", "partnership", "impact"}
    for code, metric in metrics.items():
        expected = {"month": 24, "quarter": 8}[metric["frequency"]]
        periods = {row.period for row in WILLOW_FERRY if row.metric == code}
        assert len(periods) == expected
        assert {period.grain for period in periods} == {metric["frequency"]}
        assert (min(periods).start.isoformat(), max(periods).end.isoformat()) == ("2024-01-01", "2025-12-31")


def test_willow_ferry_is_split_as_its_definitions_say() -> None:
    for metric in METRICS:
        if metric["institution"] == "willow-ferry":
            found = {
                tuple(dimension for dimension, _category in row.stratum)
                for row in WILLOW_FERRY
                if row.metric == metric["code"]
            }
            assert found == {(), *(tuple(sorted(stratum)) for stratum in metric["strata"])}


def test_groups_of_a_dimension_add_up_to_everybody() -> None:
    wholes: dict[tuple[str, str, Period], CountRow] = {}
    sums: defaultdict[tuple[str, str, Period], defaultdict[str, list[int]]] = defaultdict(
        lambda: defaultdict(lambda: [0, 0, 0])
    )
    for row in WILLOW_FERRY:
        place = row.metric, row.unit, row.period
        numbers = [row.numerator or 0, row.denominator or 0, row.sum_of_squares or 0]
        if row.stratum == OVERALL:
            wholes[place] = row
        for dimension, _category in row.stratum:
            sums[place][dimension] = [
                old + new for old, new in zip(sums[place][dimension], numbers, strict=True)
            ]
    assert len(sums) == 283
    for place, by_dimension in sums.items():
        whole = wholes[place]
        for parts in by_dimension.values():
            assert parts == [whole.numerator, whole.denominator, whole.sum_of_squares or 0]


def test_willow_ferry_shows_what_the_software_must_bear() -> None:
    assert {row.blank for row in WILLOW_FERRY} == {None, *BlankKind}
    small = [row for row in WILLOW_FERRY if row.numerator is not None and 1 <= row.numerator <= 10]
    assert len(small) > 500
    assert any(row.denominator == 0 for row in WILLOW_FERRY)
    assert any(("language", "not_recorded") in row.stratum for row in WILLOW_FERRY)


def _gap(metric: str, dimension: str, group: str, other: str, year: int) -> float:
    """Other minus group, in 100, over a year and all units."""
    shares = []
    for category in (other, group):
        rows = [
            row
            for row in WILLOW_FERRY
            if row.metric == metric
            and row.period.start.year == year
            and row.stratum == ((dimension, category),)
        ]
        shares.append(
            100 * sum(row.numerator or 0 for row in rows) / sum(row.denominator or 0 for row in rows)
        )
    return shares[0] - shares[1]


def test_one_gap_closes_one_grows_and_one_stays() -> None:
    closing = [_gap("pain-30-minutes", "race_ethnicity", "black", "white", year) for year in (2024, 2025)]
    growing = [
        _gap("prenatal-by-week-12", "language", "haitian_creole", "english", year) for year in (2024, 2025)
    ]
    staying = [_gap("security-calls", "race_ethnicity", "black", "white", year) for year in (2024, 2025)]
    assert closing[1] < closing[0] - 5
    assert growing[1] > growing[0] + 10
    assert abs(staying[1] - staying[0]) < 0.3
    assert max(staying) < 0


def test_definitions_are_whole_and_their_codes_are_codes() -> None:
    needed = {
        *("institution", "code", "name", "level", "counts_people", "purpose", "kind", "better", "numerator"),
        *("denominator", "frequency", "source", "why", "strata"),
    }
    for metric in METRICS:
        assert metric.keys() - {"per"} == needed
        assert ("per" in metric) == (metric["kind"] == "rate")
        assert metric["better"] in ("higher", "lower")
    codes = [metric["code"] for metric in METRICS] + [one["code"] for one in INSTITUTIONS]
    for dimension in DIMENSIONS:
        codes += [dimension["code"], *(category["code"] for category in dimension["category"])]
    assert all(map(is_code, codes))


def test_no_group_is_first_by_default() -> None:
    for dimension in DIMENSIONS:
        categories = dimension["category"]
        assert [category["position"] for category in categories] == list(range(1, len(categories) + 1))
        expected = sorted(
            categories, key=lambda category: (category.get("missing", False), category["label"])
        )
        assert categories == expected
        in_no_group = {category["label"] for category in categories if category.get("missing")}
        assert {label for label in in_no_group if not label.endswith("(not explained)")} <= {"Not recorded"}


def test_every_mapped_category_is_a_category_of_its_dimension() -> None:
    known = _known("hospitals-130")
    for rule in load_mapping(make_readmission_counts.MAPPING).dimensions:
        assert set(rule.values.values()) <= set(known.categories[rule.dimension])


def test_example_is_small_enough_to_ship() -> None:
    sizes = [path.stat().st_size for path in EXAMPLE.glob("*.csv")]
    assert sum(sizes) < 160_000


def test_counts_files_are_csv_that_other_software_reads() -> None:
    text = make_willow_ferry.FILE.read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == len(WILLOW_FERRY)
