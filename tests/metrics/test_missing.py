"""Missing answers by kind, fewer groups, and old groups read as new ones: sums only where they are true."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from metrics.figures import Cell
from metrics.library.crosswalking import bring_over
from metrics.library.read import shelf
from metrics.missing import coarsen, missing_share


def cell(numerator: int, denominator: int | None) -> Cell:
    return Cell("published", numerator, denominator)


HIDDEN = Cell("hidden")
KINDS = {"unknown": "unknown", "not_asked": "not_asked", "old": ""}


def test_share_of_missing_is_of_everybody_by_kind() -> None:
    cells = {"": cell(1, 200), "r=a": cell(1, 150), "r=unknown": cell(0, 20), "r=not_asked": cell(0, 10)}
    share = missing_share({**cells, "r=old": cell(0, 4)}, "r", KINDS)
    assert share is not None
    assert (share.missing, share.in_100, share.by_kind) == (34, 17.0, {"unknown": 24, "not_asked": 10})
    assert share.kind_in_100("not_asked") == 5.0
    assert share.kind_in_100("declined") == 0.0


def test_hidden_share_says_that_it_is_more() -> None:
    share = missing_share({"": cell(1, 200), "r=unknown": HIDDEN, "r=not_asked": cell(0, 10)}, "r", KINDS)
    assert share is not None
    assert (share.hidden, share.in_100) == (True, 5.0)


def test_without_everybody_nothing_is_said() -> None:
    assert missing_share({"r=unknown": cell(0, 10)}, "r", KINDS) is None
    assert missing_share({"": HIDDEN, "r=unknown": cell(0, 10)}, "r", KINDS) is None
    assert missing_share({"": cell(5, None)}, "r", KINDS) is None


GROUPS = [("ab", ["a", "b"]), ("c", ["c"])]


def test_joined_group_is_the_sum_of_shown_parts() -> None:
    cells = {"d=a": cell(20, 50), "d=b": cell(30, 70), "d=c": cell(15, 90)}
    assert coarsen(cells, "d", GROUPS, partition=True) == {"ab": cell(50, 120), "c": cell(15, 90)}


def test_joined_group_with_a_hidden_part_is_hidden() -> None:
    cells = {"d=a": cell(20, 50), "d=b": HIDDEN, "d=c": cell(15, 90)}
    assert coarsen(cells, "d", GROUPS, partition=True)["ab"] == HIDDEN


def test_overlapping_groups_are_never_added() -> None:
    cells = {"d=a": cell(20, 50), "d=b": cell(30, 70), "d=c": cell(15, 90)}
    assert coarsen(cells, "d", GROUPS, partition=False) == {"c": cell(15, 90)}


@given(
    st.lists(st.one_of(st.none(), st.integers(11, 10**6)), min_size=2, max_size=6),
    st.integers(1, 4),
)
def test_joined_groups_never_tell_more_than_their_parts(counts: list[int | None], at: int) -> None:
    """No number where a part is hidden; else exactly the sum, so nothing new follows from it."""
    cells = {f"d={n}": HIDDEN if count is None else cell(count, count) for n, count in enumerate(counts)}
    groups = [
        ("x", [str(n) for n in range(len(counts))][:at]),
        ("y", [str(n) for n in range(len(counts))][at:]),
    ]
    for code, found in coarsen(cells, "d", groups, partition=True).items():
        parts = [counts[int(n)] for n in dict(groups)[code]]
        if None in parts:
            assert found.numerator is None
            assert found.denominator is None
        else:
            assert found.numerator == sum(part or 0 for part in parts)


WALKS = {one.code: one for one in shelf().crosswalks}
OLD = dict.fromkeys(
    ["american_indian", "asian", "black", "hispanic", "more_than_one", "pacific_islander", "other"], 50
)


def test_1997_groups_do_not_find_people_whom_they_did_not_name() -> None:
    brought = bring_over({**OLD, "white": 900}, WALKS["race-1997-to-2024"], partition=True)
    assert brought["middle_eastern"].number is None
    assert brought["white"].number is None
    assert (brought["black"].number, brought["black"].same) == (50, True)
    assert (brought["asian"].number, brought["asian"].same) == (50, False)
    assert brought["asian"].lost


def test_2024_groups_join_into_white_only_where_people_count_once() -> None:
    counts = {**OLD, "white": 900, "middle_eastern": 30}
    walk = WALKS["race-2024-to-1997"]
    assert bring_over(counts, walk, partition=True)["white"].number == 930
    assert bring_over(counts, walk, partition=False)["white"].number is None
    assert bring_over(counts, walk, partition=False)["black"].number == 50


def test_absent_group_is_not_zero() -> None:
    counts = {**OLD, "white": 900}
    assert bring_over(counts, WALKS["race-2024-to-1997"], partition=True)["white"].number is None
