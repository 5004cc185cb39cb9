"""What may be published of a metric: joint with what is published already, corrections, other kinds than shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from metrics.certification import judge
from metrics.figures import Category, Cell, Dimension
from metrics.questions import Address, Answer, Count, Question
from metrics.reading.periods import parse_period


def dimension(code: str, *categories: str, partition: bool = True) -> Dimension:
    groups = {one: Category(one, one, one, one == "unknown", number) for number, one in enumerate(categories)}
    return Dimension(code, code, 0, partition, groups)


RACE = dimension("race", "a", "b", "c")


def address(period: str, stratum: str = "", place: str = "all") -> Address:
    return Address(place, parse_period(period), stratum)


def ask(counts: Mapping[Address, tuple[int, int | None]], **more: Any) -> Answer:
    given: dict[str, Any] = {
        "kind": "proportion",
        "counts_people": True,
        "blanks": {},
        "earlier": {},
        "vocabulary": {"race": RACE},
        "parent_of": {"all": None, "east": "all", "west": "all"},
        **more,
    }
    return judge(Question(counts={where: Count(*numbers) for where, numbers in counts.items()}, **given))


def by_race(period: str, a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> dict[Address, Any]:
    """Three groups and everybody."""
    groups = {"race=a": a, "race=b": b, "race=c": c}
    total = tuple(sum(one) for one in zip(a, b, c, strict=True))
    return {address(period): total, **{address(period, key): numbers for key, numbers in groups.items()}}


LARGE = by_race("2024-Q1", (60, 120), (70, 150), (80, 140))
SMALL = by_race("2024-Q1", (60, 120), (70, 150), (4, 140))


def test_large_counts_are_all_shown() -> None:
    answer = ask(LARGE)
    assert {where: (cell.numerator, cell.denominator) for where, cell in answer.cells.items()} == LARGE
    assert answer.hidden == 0


def test_a_small_count_is_hidden_and_never_alone() -> None:
    answer = ask(SMALL)
    hidden = [where for where, cell in answer.cells.items() if cell.hidden]
    assert address("2024-Q1", "race=c") in hidden
    assert len(hidden) >= 2
    assert all(answer.cells[where].numerator is None for where in hidden)


def test_what_is_published_already_is_not_published_again() -> None:
    first = ask(SMALL)
    second = ask(SMALL, earlier=first.cells)
    assert second.cells == {}


def test_a_later_period_is_judged_with_the_earlier_ones() -> None:
    """Three quarters are out, all large. The fourth is small, so neither it nor the year may be shown."""
    quarters = {address(f"2024-Q{number}"): (30, 100) for number in (1, 2, 3)}
    earlier = ask(quarters).cells
    assert not any(cell.hidden for cell in earlier.values())
    later = {**quarters, address("2024-Q4"): (5, 100), address("2024"): (95, 400)}
    answer = ask(later, earlier=earlier)
    assert set(answer.cells) == {address("2024-Q4"), address("2024")}
    assert all(cell.hidden for cell in answer.cells.values())


def test_a_hidden_count_stays_hidden_when_the_year_is_added() -> None:
    earlier = ask(SMALL).cells
    year = by_race("2024", (240, 480), (280, 600), (80, 560))
    answer = ask({**SMALL, **year}, earlier=earlier)
    assert not any(where.period.code == "2024-Q1" for where in answer.cells)


def test_what_was_hidden_once_stays_hidden_though_it_is_large() -> None:
    earlier = {
        **ask(LARGE).cells,
        **{address("2024-Q1", f"race={one}"): Cell("hidden") for one in ("a", "b")},
    }
    assert ask(LARGE, earlier=earlier).cells == {}


def test_the_only_unit_below_is_hidden_with_the_whole() -> None:
    counts = {
        address("2024"): (24, 90),
        address("2024", place="east"): (20, 60),
        address("2024", place="west"): (4, 30),
    }
    answer = ask(counts)
    assert sum(cell.hidden for cell in answer.cells.values()) >= 2
    assert answer.cells[address("2024", place="west")].hidden


def test_a_small_correction_waits_with_all_that_shares_its_days() -> None:
    earlier = ask(LARGE).cells
    corrected = {**by_race("2024-Q1", (63, 120), (70, 150), (80, 140)), address("2024"): (900, 1600)}
    answer = ask(corrected, earlier=earlier)
    assert answer.cells == {}
    assert {period.code for period in answer.waiting} == {"2024-Q1", "2024"}


def test_a_correction_whose_rest_is_small_waits() -> None:
    """Everybody changes by 24 of 48, a by 20 of 40: whoever subtracts sees that b changed by 4 of 8."""
    earlier = {
        address("2024-Q1"): Cell("published", 210, 410),
        address("2024-Q1", "race=a"): Cell("published", 60, 120),
    }
    corrected = {address("2024-Q1"): (234, 458), address("2024-Q1", "race=a"): (80, 160)}
    assert ask(corrected, earlier=earlier, vocabulary={"race": dimension("race", "a", "b")}).waiting


def test_a_large_correction_is_published_again() -> None:
    earlier = ask(LARGE).cells
    corrected = by_race("2024-Q1", (90, 180), (70, 150), (80, 140))
    answer = ask(corrected, earlier=earlier)
    assert answer.waiting == []
    assert answer.cells[address("2024-Q1", "race=a")] == Cell("published", 90, 180)
    assert answer.cells[address("2024-Q1")] == Cell("published", 240, 470)


def test_a_count_that_vanished_waits() -> None:
    earlier = ask(LARGE).cells
    left = {where: numbers for where, numbers in LARGE.items() if where.stratum != "race=a"}
    assert ask(left, earlier=earlier).waiting == [parse_period("2024-Q1")]


def test_other_periods_go_on_while_one_waits() -> None:
    earlier = ask(LARGE).cells
    answer = ask(
        {**by_race("2024-Q1", (63, 120), (70, 150), (80, 140)), address("2025-Q1"): (40, 100)},
        earlier=earlier,
    )
    assert set(answer.cells) == {address("2025-Q1")}


def test_contradicting_counts_are_refused_in_words_without_numbers() -> None:
    answer = ask({**LARGE, address("2024-Q1"): (17, 33)})
    assert answer.cells == {}
    assert answer.refused == ["inconsistent"]


def test_crossed_groups_that_not_every_unit_reports_are_left_out_alone() -> None:
    crossed = {address("2024-Q1", f"lang={one}&race=a"): (10, 20) for one in ("en", "es")}
    words = {"race": RACE, "lang": dimension("lang", "en", "es")}
    answer = ask({**LARGE, **crossed}, vocabulary=words)
    assert set(answer.cells) == set(LARGE)
    assert answer.dropped == [("intersections", 2)]
    assert answer.refused == []


def test_what_does_not_count_people_is_not_hidden() -> None:
    answer = ask({address("2024-Q1"): (3, 7)}, counts_people=False)
    assert answer.cells == {address("2024-Q1"): Cell("published", 3, 7)}
    assert answer.certificates == []


def test_an_average_hides_its_sum_with_its_people() -> None:
    minutes = by_race("2024-Q1", (6_000, 120), (7_000, 150), (912, 4))
    answer = ask(minutes, kind="mean")
    hidden = [where for where, cell in answer.cells.items() if cell.hidden]
    assert address("2024-Q1", "race=c") in hidden
    assert len(hidden) >= 2
    assert all(answer.cells[where] == Cell("hidden") for where in hidden)


def test_a_rate_with_more_events_than_exposure_is_judged_by_both() -> None:
    falls = by_race("2024-Q1", (600, 120), (700, 150), (5, 140))
    answer = ask(falls, kind="rate")
    assert answer.cells[address("2024-Q1", "race=c")] == Cell("hidden", None, 140)
    assert {place for place, *_ in answer.certificates[0]["cells"]} == {"/0: all"}


def test_a_count_of_people_without_a_denominator_is_hidden_when_small() -> None:
    answer = ask({address("2024-Q1"): (6, None), address("2024-Q2"): (60, None)}, kind="count")
    assert answer.cells[address("2024-Q1")].hidden
    assert answer.cells[address("2024-Q2")] == Cell("published", 60, None)


def test_blanks_pass_with_their_kind() -> None:
    blank = Cell("not_collected")
    answer = ask({}, blanks={address("2024-Q1"): blank})
    assert answer.cells == {address("2024-Q1"): blank}


THREE = {
    "lang": dimension("lang", "en", "es"),
    "race": dimension("race", "a", "b"),
    "sex": dimension("sex", "f", "m"),
}


def _crossed() -> dict[str, int]:
    """How many people are in each of 2 × 2 × 2 groups: with all pairs known, `a, en, f` cannot be above 7."""
    return {"aef": 5, "aem": 20, "asf": 20, "bef": 20, "bsm": 2, "bsf": 30, "bem": 30, "asm": 30}


def _counts_of(dimensions: tuple[str, ...]) -> dict[Address, tuple[int, int]]:
    names = {"race": {"a": "a", "b": "b"}, "lang": {"e": "en", "s": "es"}, "sex": {"f": "f", "m": "m"}}
    found: dict[Address, tuple[int, int]] = {}
    for letters, people in _crossed().items():
        parts = dict(zip(("race", "lang", "sex"), letters, strict=True))
        key = "&".join(f"{one}={names[one][parts[one]]}" for one in sorted(dimensions))
        before = found.get(address("2024", key), (0, 0))[1]
        found[address("2024", key)] = (0, before + people)
    return found


def test_a_part_that_cannot_be_certified_is_left_out() -> None:
    """The pairs are out. Three at once would tell too much, so no part of it is published, not even the marks."""
    pairs = {}
    for ways in ((), ("race",), ("lang",), ("sex",), ("race", "lang"), ("race", "sex"), ("lang", "sex")):
        pairs |= _counts_of(ways)
    earlier = ask(pairs, vocabulary=THREE).cells
    assert not any(cell.hidden for cell in earlier.values())
    other = {address("2025"): (40, 100)}
    answer = ask({**pairs, **_counts_of(("race", "lang", "sex")), **other}, vocabulary=THREE, earlier=earlier)
    assert set(answer.cells) == set(other)
    assert answer.dropped
