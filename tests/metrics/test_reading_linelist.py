"""A line list is counted while it is read: right, all or nothing, in bounded memory, silent about values."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import lzma
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.reading import linelist, records, row_plan
from metrics.reading.cells import OVERALL, CellKey, CountRow, stratum_of
from metrics.reading.errors import MappingError, Problem
from metrics.reading.linelist import Counted, LineListCounter, count_line_list
from metrics.reading.mapping import LineListMapping
from metrics.reading.mapping_file import parse_mapping
from metrics.reading.periods import Grain, containing

MAPPING_TEXT = """
strata = [["race"], ["pay"], ["race", "pay"]]

[source]
name = "Emergency visits"

[metric]
code = "pain-30-minutes"

[unit]
column = "site"
values = { "Main, campus" = "main", "Clinic" = "clinic" }

[period]
column = "arrived"
format = "%Y-%m-%d"
grain = "month"

[numerator]
column = "treated"
equals = ["yes"]
others = ["no"]

[denominator]
column = "pain"
not_in = ["none"]

[dimensions.race]
column = "race"
dimension = "race_ethnicity"
values = { "Black" = "black", "Árabe" = "middle_eastern", "" = "not_recorded" }

[dimensions.pay]
column = "payer"
dimension = "payer"
values = { "MC" = "medicare", "MD" = "medicaid" }
"""
MAPPING = parse_mapping(MAPPING_TEXT)
HEADER = ["id", "site", "arrived", "pain", "treated", "race", "payer", "remarks"]
SECRET = "Q7-secret-patient"

VISITS = st.tuples(
    st.integers(0, 10**6).map(str),
    st.sampled_from(["Main, campus", "Clinic"]),
    st.sampled_from(["2024-01-31", "2024-02-01", "2024-02-29"]),
    st.sampled_from(["strong", "none", "weak"]),
    st.sampled_from(["yes", "no"]),
    st.sampled_from(["Black", "Árabe", ""]),
    st.sampled_from(["MC", "MD"]),
    st.sampled_from(["", "said «ow»", 'two\r\nlines, "quoted"', "😀"]),
)
UNIT_OF = {"Main, campus": "main", "Clinic": "clinic"}
RACE_OF = {"Black": "black", "Árabe": "middle_eastern", "": "not_recorded"}
PAYER_OF = {"MC": "medicare", "MD": "medicaid"}
Visit = tuple[str, str, str, str, str, str, str, str]


def _file(rows: list[list[str]], delimiter: str = ",", line_end: str = "\r\n") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=line_end).writerows(rows)
    return text.getvalue().encode()


def _visit(**cells: str) -> list[str]:
    good = dict(zip(HEADER, ["1", "Clinic", "2024-01-31", "strong", "yes", "Black", "MC", ""], strict=True))
    return list((good | cells).values())


def _counted(data: bytes, mapping: LineListMapping = MAPPING) -> Counted:
    return count_line_list([data], mapping)


def _plain_count(visits: list[Visit]) -> tuple[Counter[CellKey], Counter[CellKey]]:
    """The same counts, made in the plainest way."""
    numerators: Counter[CellKey] = Counter()
    denominators: Counter[CellKey] = Counter()
    for _id, site, arrived, pain, treated, race, payer, _remarks in visits:
        if pain == "none":
            continue
        period = containing(date.fromisoformat(arrived), Grain.MONTH)
        pairs = [("race_ethnicity", RACE_OF[race]), ("payer", PAYER_OF[payer])]
        for size in range(3):
            for chosen in combinations(pairs, size):
                key = CellKey(UNIT_OF[site], period, stratum_of(*chosen))
                denominators[key] += 1
                numerators[key] += treated == "yes"
    return numerators, denominators


@given(
    st.lists(VISITS, min_size=1, max_size=25),
    st.lists(st.integers(0, 4_000), max_size=10),
    st.sampled_from([bytes, gzip.compress, lzma.compress]),
    st.sampled_from(["\r\n", "\n"]),
    st.booleans(),
)
def test_counts_equal_plain_counting_for_any_chunks(
    visits: list[Visit], cuts: list[int], pack: Callable[[bytes], bytes], line_end: str, with_bom: bool
) -> None:
    data = _file([HEADER, *map(list, visits)], line_end=line_end)
    packed = pack((b"\xef\xbb\xbf" if with_bom else b"") + data)
    edges = [0, *sorted(cut % (len(packed) + 1) for cut in cuts), len(packed)]
    counter = LineListCounter(MAPPING)
    for start, end in pairwise(edges):
        counter.feed(packed[start:end])
    counted = counter.finish()

    numerators, denominators = _plain_count(visits)
    assert counted.is_valid
    assert {key: count.denominator for key, count in counted.cells.items()} == dict(denominators)
    assert {key: count.numerator for key, count in counted.cells.items()} == dict(numerators)
    assert counted.rows_read == len(visits)
    assert counted.rows_outside == sum(visit[3] == "none" for visit in visits)
    assert counted.sha256 == hashlib.sha256(packed).hexdigest()


def test_many_places_are_counted_in_bounded_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linelist, "_PLACES_HELD", 2)
    visits: list[Visit] = [
        ("1", site, "2024-01-31", "weak", treated, race, payer, "")
        for site in UNIT_OF
        for treated in ("yes", "no")
        for race in RACE_OF
        for payer in PAYER_OF
    ] * 3
    counted = _counted(_file([HEADER, *map(list, visits)]))
    assert {key: count.denominator for key, count in counted.cells.items()} == _plain_count(visits)[1]


def test_only_a_few_texts_of_days_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_plan, "_TEXTS_REMEMBERED", 3)
    days = row_plan._Days(MAPPING.period)
    for text in [f"2024-{month:02}-{day:02}" for month in (1, 2) for day in range(1, 29)] * 2:
        assert days[text] == containing(date.fromisoformat(text), Grain.MONTH)
        assert len(days) <= 3


def test_tab_separated_file_in_another_encoding_is_counted() -> None:
    text = MAPPING_TEXT.replace(
        'name = "Emergency visits"', 'name = "x"\nencoding = "windows-1252"\ndelimiter = "\\t"'
    )
    data = _file([HEADER, _visit(race="Árabe")], delimiter="\t").decode().encode("windows-1252")
    counted = _counted(data, parse_mapping(text))
    january = containing(date(2024, 1, 1), Grain.MONTH)
    assert counted.cells[CellKey("clinic", january, (("race_ethnicity", "middle_eastern"),))] == (1, 1)


def test_columns_are_found_by_name_in_any_order() -> None:
    data = _file([HEADER[::-1], _visit()[::-1]])
    assert _counted(data).cells == _counted(_file([HEADER, _visit()])).cells


def test_counts_become_rows_of_a_counts_file() -> None:
    rows = list(_counted(_file([HEADER, _visit(), _visit(treated="no")])).rows())
    january = containing(date(2024, 1, 1), Grain.MONTH)
    assert rows[0] == CountRow("pain-30-minutes", "clinic", january, OVERALL, 1, 2)
    assert [len(row.stratum) for row in rows] == [0, 1, 1, 2]


def test_constant_unit_and_period_need_no_columns() -> None:
    mapping = parse_mapping(
        """
        [source]
        name = "x"
        [metric]
        code = "m"
        [unit]
        constant = "all"
        [period]
        start = "1999-01-01"
        end = "2008-12-31"
        grain = "whole"
        [numerator]
        column = "back"
        equals = ["<30"]
        """
    )
    counted = count_line_list([b"back\n<30\nNO\n\n>30\n"], mapping, known_units={"all"})
    assert [(key.unit, key.period.code, tuple(count)) for key, count in counted.cells.items()] == [
        ("all", "1999-01-01/2008-12-31", (1, 3))
    ]


def test_units_are_codes_when_the_mapping_does_not_name_them() -> None:
    text = MAPPING_TEXT.replace('values = { "Main, campus" = "main", "Clinic" = "clinic" }', "")
    mapping = parse_mapping(text)
    counted = count_line_list([_file([HEADER, _visit(site="main")])], mapping, known_units={"main"})
    assert {key.unit for key in counted.cells} == {"main"}
    wrong = count_line_list([_file([HEADER, _visit(site=SECRET)])], mapping, known_units={"main"})
    assert [(error.row, error.column, error.problem) for error in wrong.errors] == [
        (2, "site", linelist.NOT_A_UNIT)
    ]
    with pytest.raises(MappingError, match="unit: "):
        LineListCounter(mapping)


def test_mapping_that_names_a_unit_of_somebody_else_is_refused() -> None:
    with pytest.raises(MappingError, match='"clinic" is not the code of a unit of this institution'):
        LineListCounter(MAPPING, known_units={"main"})


def test_value_outside_the_denominator_does_not_matter() -> None:
    counted = _counted(_file([HEADER, _visit(), _visit(pain="none", race=SECRET)]))
    assert counted.is_valid
    assert (counted.rows_read, counted.rows_outside) == (2, 1)


@pytest.mark.parametrize(
    ("cells", "column", "problem"),
    [
        ({"race": SECRET}, "race", linelist.NOT_IN_MAPPING),
        ({"payer": ""}, "payer", linelist.NOT_IN_MAPPING),
        ({"treated": SECRET}, "treated", linelist.NOT_IN_MAPPING),
        ({"site": SECRET}, "site", linelist.NOT_A_UNIT),
        ({"arrived": SECRET}, "arrived", linelist.NOT_A_DAY),
    ],
)
def test_value_that_means_nothing_is_told_by_row_and_column(
    cells: dict[str, str], column: str, problem: Problem
) -> None:
    wrong = _visit(remarks="two\nlines", **cells)
    counted = _counted(_file([HEADER, _visit(remarks="two\nlines"), [], wrong, _visit()]))
    assert [(error.row, error.column, error.problem) for error in counted.errors] == [(4, column, problem)]


def test_every_wrong_cell_of_a_row_is_told() -> None:
    counted = _counted(_file([HEADER, _visit(race=SECRET, payer=SECRET, arrived=SECRET)]))
    assert {error.column for error in counted.errors} == {"race", "payer", "arrived"}


def test_one_wrong_row_and_nothing_is_counted() -> None:
    rows = [_visit() for _ in range(500)]
    counted = _counted(_file([HEADER, *rows, _visit(race=SECRET), *rows]))
    assert not counted.is_valid
    assert counted.cells == {}
    assert list(counted.rows()) == []
    assert (counted.rows_read, counted.error_total) == (1_001, 1)


def test_only_the_first_errors_are_kept() -> None:
    counted = _counted(_file([HEADER, *[_visit(race=SECRET) for _ in range(250)]]))
    assert counted.error_total == 250
    assert [error.row for error in counted.errors] == list(range(2, 102))


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", [(None, None, records.NO_ROWS)]),
        (_file([HEADER]), [(None, None, records.NO_ROWS)]),
        (_file([HEADER[:-1], _visit()]), [(2, None, records.WRONG_WIDTH)]),
        (_file([HEADER, _visit()], delimiter=";"), [(1, None, records.WRONG_SEPARATOR)]),
        (
            _file([[*HEADER[:5], "Race", "payer", "payer"], _visit()]),
            [(1, "race", linelist.COLUMN_MISSING), (1, "payer", records.COLUMN_TWICE)],
        ),
        (_file([HEADER, _visit()]) + b"\xff\n", [(3, None, records.NOT_IN_ENCODING)]),
        (_file([HEADER, _visit()]) + b"a\0b\n", [(3, None, records.NUL_CHARACTER)]),
        (_file([HEADER, _visit()]) + b'"a"b\n', [(3, None, records.MISPLACED_QUOTE)]),
        (_file([HEADER, _visit()]) + b'"a\nb\n', [(3, None, records.UNCLOSED_QUOTE)]),
        (_file([HEADER, _visit(), _visit(remarks="x" * 200_000)]), [(3, None, records.ROW_TOO_LONG)]),
    ],
)
def test_file_that_is_no_line_list_is_told(
    data: bytes, found: list[tuple[int | None, str | None, Problem]]
) -> None:
    counted = _counted(data)
    assert [(error.row, error.column, error.problem) for error in counted.errors] == found
    assert counted.cells == {}


def test_digest_is_of_the_whole_file_even_when_it_breaks_off() -> None:
    chunks = [_file([HEADER, _visit()]), b"\0", b"never read"]
    assert count_line_list(chunks, MAPPING).sha256 == hashlib.sha256(b"".join(chunks)).hexdigest()


@pytest.mark.parametrize(
    "data",
    [
        _file(
            [
                HEADER,
                *[_visit(**{column: SECRET}) for column in ("site", "arrived", "treated", "race", "payer")],
            ]
        ),
        _file([[SECRET, *_visit()[1:]], _visit()]),
        _file([[SECRET], [SECRET]]),
        _file([HEADER, [*_visit(), SECRET], [SECRET]]),
        _file([HEADER]) + SECRET.encode() + b"\xff\n",
        _file([HEADER]) + SECRET.encode() + b"\0\n",
        _file([HEADER]) + b'"' + SECRET.encode() + b'"x\n',
        _file([HEADER]) + b'"' + SECRET.encode(),
        _file([HEADER, _visit(remarks=SECRET * 10_000)]),
        gzip.compress(_file([HEADER, _visit(race=SECRET)]))[:-4],
    ],
)
def test_error_never_holds_a_value(data: bytes) -> None:
    counted = _counted(data)
    assert counted.errors
    told = repr(counted) + "".join(error.reason + error.how_to_mend for error in counted.errors)
    assert SECRET not in told
    assert SECRET[:9] not in told


def test_sentences_are_whole() -> None:
    counted = _counted(_file([HEADER, _visit()[:-1], _visit(race=SECRET)]))
    width, value = counted.errors
    assert width.reason == "This row has 7 cells; the header has 8."
    assert value.reason == "A value in this column is not in the mapping."
    assert value.how_to_mend.startswith("Add the value to the mapping")


def test_progress_is_told_every_so_many_rows() -> None:
    told: list[int] = []
    counter = LineListCounter(MAPPING, on_progress=told.append, progress_every=40)
    counter.feed(_file([HEADER, *[_visit() for _ in range(100)]]))
    counter.finish()
    assert told == [40, 80]


def _visits_in_chunks(number: int) -> Iterator[bytes]:
    yield _file([HEADER])
    chunk = 1_000
    for start in range(0, number, chunk):
        yield b"".join(
            b"%d,Clinic,2024-%02d-%02d,strong,yes,Black,MC,remark %d\r\n"
            % (row, row % 12 + 1, row % 28 + 1, row)
            for row in range(start, start + chunk)
        )


def _peak_memory(number: int) -> int:
    tracemalloc.start()
    counted = count_line_list(_visits_in_chunks(number), MAPPING)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert counted.is_valid
    assert counted.rows_read == number
    return peak


def test_memory_does_not_grow_with_the_file() -> None:
    small, large = _peak_memory(10_000), _peak_memory(100_000)
    assert large < small * 1.1 + 50_000
    assert large < 3_000_000
