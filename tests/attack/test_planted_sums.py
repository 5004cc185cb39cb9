"""Leaks by adding and subtracting are planted, and found; beside each stands what should have been done, and nothing is found."""

from __future__ import annotations

from collections.abc import Mapping

from tests.attack.attacker import Finding, Material
from tests.attack.press import METRIC, Press, added, at, attacked, moved

# By race: c has 4 of 23. Hiding b with it is enough here: both could be 0, and both could be large.
EAST = at("east", "2025", a=(64, 120), b=(31, 60), c=(4, 23))
WEST = at("west", "2025", a=(41, 90), b=(52, 110), c=(17, 44))
ALL = added(moved(EAST, unit="all"), moved(WEST, unit="all"))


def published(*releases: Press) -> list[Finding]:
    (press,) = releases
    return attacked(press.material())


def race(unit: str, *names: str, period: str = "2025") -> set[str]:
    return {f"{unit}|{period}|race={name}" for name in names}


# ------------------------------------------------------------------ one table


def test_a_small_count_alone_in_its_row_is_found() -> None:
    press = Press()
    press.release(EAST, hide=race("east", "c"))
    found = published(press)
    assert {(one.outcome, one.low, one.high) for one in found} == {("numerator", 4, 4)}


def test_a_small_count_hidden_with_another_is_not_found() -> None:
    press = Press()
    press.release(EAST, hide=race("east", "b", "c"))
    assert published(press) == []


def test_a_small_count_published_as_it_is_is_found() -> None:
    press = Press()
    press.release(EAST)
    assert [one.how for one in published(press)] == ["published"]


def test_those_without_the_outcome_are_found_when_both_counts_are_shown() -> None:
    """Hiding small numerators alone forgets the complement."""
    press = Press()
    press.release(at("east", "2025", a=(64, 120), b=(57, 60), c=(20, 40)))
    assert {(one.outcome, one.low) for one in published(press)} == {("complement", 3)}


def test_those_without_the_outcome_are_not_found_when_they_are_hidden_with_others() -> None:
    press = Press()
    press.release(at("east", "2025", a=(64, 120), b=(57, 60), c=(20, 40)), hide=race("east", "b", "c"))
    assert published(press) == []


def test_nobody_and_everybody_are_no_small_groups() -> None:
    press = Press()
    press.release(at("east", "2025", a=(64, 120), b=(0, 60), c=(40, 40)))
    assert published(press) == []


def test_nobody_shown_among_hidden_ones_gives_the_small_one_away() -> None:
    """Of two hidden groups one is shown to have nobody in the numerator: the other is the rest."""
    table = at("east", "2025", a=(64, 120), b=(0, 60), c=(4, 23), d=(30, 60))
    press = Press()
    press.release(table, hide=race("east", "c"))
    assert ("numerator", 4) in {(one.outcome, one.low) for one in published(press)}
    press = Press()
    press.release(table, hide=race("east", "c", "d"))
    assert published(press) == []


def test_two_small_counts_hidden_together_are_still_few_together() -> None:
    """3 and 4, both hidden: whoever subtracts knows that 7 people are in them."""
    table = at("east", "2025", a=(64, 120), b=(3, 60), c=(4, 23), d=(30, 60))
    press = Press()
    press.release(table, hide=race("east", "b", "c"))
    assert ("numerator", 7, 7, "the rest by race") in {
        (one.outcome, one.low, one.high, one.how) for one in published(press)
    }
    press = Press()
    press.release(table, hide=race("east", "b", "c", "d"))
    assert published(press) == []


def test_an_absent_row_is_no_secret() -> None:
    """A row that is left out altogether is the whole less the others, as soon as its name is known from elsewhere."""
    absent = {key: count for key, count in EAST.items() if key not in race("east", "c")}
    other = moved(EAST, period="2024")
    press = Press()
    press.release({**absent, **other}, hide=race("east", "b", "c", period="2024"))
    assert [(one.low, one.high) for one in published(press) if one.outcome == "numerator"][:1] == [(4, 4)]
    absent = {key: count for key, count in absent.items() if key not in race("east", "b")}
    press = Press()
    press.release({**absent, **other}, hide=race("east", "b", "c", period="2024"))
    assert published(press) == []


# ----------------------------------------------------- two per line is not enough


def crossed(people: Mapping[tuple[str, str], int]) -> dict[str, tuple[int, int]]:
    """Counts of (race, language), with both margins and everybody. All have the outcome."""
    table = {f"east|2025|lang={lang}&race={race}": (n, n) for (race, lang), n in people.items()}
    for name, position in (("race", 0), ("lang", 1)):
        for category in sorted({key[position] for key in people}):
            total = sum(n for key, n in people.items() if key[position] == category)
            table[f"east|2025|{name}={category}"] = (total, total)
    return {**table, "east|2025|": (sum(people.values()),) * 2}


def cells(*names: str) -> set[str]:
    """`ax` → race a, language x."""
    return {f"east|2025|lang={name[1]}&race={name[0]}" for name in names}


# A ring of marks, two in every row and column, every pair 32 people or more. One number decides all of them, and it can
# only go down by 4 (then "bx" is 0) and up by 2 (then "cz" is 0): the 8 of "aw" lies in 4 to 10.
RING = {"aw": 8, "ax": 40, "bx": 4, "by": 40, "cy": 30, "cz": 2, "dz": 30, "dw": 40}
SQUARE = crossed({(race, lang): RING.get(race + lang, 50) for race in "abcd" for lang in "wxyz"})


def test_two_marks_in_every_line_are_not_enough() -> None:
    press = Press()
    press.release(SQUARE, hide=cells(*RING))
    found = {(one.place.group, one.low, one.high) for one in published(press)}
    assert (frozenset({("race", "a"), ("lang", "w")}), 4, 10) in found


def test_more_marks_are_enough() -> None:
    press = Press()
    press.release(SQUARE, hide=cells(*RING, "ay", "cw"))
    assert published(press) == []


def test_an_intersection_gives_a_margin_away() -> None:
    """The margin is hidden with another; of the groups crossed with each other one is hidden alone, and its column tells it."""
    table = crossed(
        {("a", "x"): 100, ("a", "y"): 90, ("b", "x"): 7, ("b", "y"): 0, ("c", "x"): 20, ("c", "y"): 30}
    )
    margins = {"east|2025|race=b", "east|2025|race=c"}
    press = Press()
    press.release(table, hide={*margins, *cells("bx")})
    assert (frozenset({("race", "b")}), 7) in {(one.place.group, one.low) for one in published(press)}
    press = Press()
    press.release(table, hide={*margins, *cells("bx", "cx")})
    assert published(press) == []


# ------------------------------------------------------------- units and periods


def test_units_give_a_count_away_that_each_table_hides() -> None:
    """Every table is right in itself; the institution shows the group that East hides, and West shows it, too."""
    table = {**ALL, **EAST, **WEST}
    press = Press()
    press.release(table, hide=race("east", "b", "c"))
    assert ("numerator", 4) in {(one.outcome, one.low) for one in published(press)}


def test_units_that_hide_the_same_groups_give_nothing_away() -> None:
    press = Press()
    press.release({**ALL, **EAST, **WEST}, hide=race("east", "b", "c") | race("west", "b", "c"))
    assert published(press) == []


def test_the_institution_is_told_by_its_units_though_it_publishes_nothing() -> None:
    few = at("west", "2025", a=(41, 90), b=(52, 110), c=(3, 44))
    press = Press()
    press.release({**EAST, **few}, hide=race("east", "c"))
    assert published(press) != []


QUARTERS = [moved(at("east", "2025", a=(64, 120), b=(31, 60), c=(c, 60)), period=f"2025-Q{n}")
            for n, c in enumerate((15, 4, 16, 17), start=1)]  # fmt: skip
YEAR = added(*(moved(one, period="2025") for one in QUARTERS))


def test_a_quarter_is_the_year_without_the_others() -> None:
    """Complementary marks inside of the quarter, and none over time."""
    press = Press()
    press.release({**YEAR, **{key: n for one in QUARTERS for key, n in one.items()}},
                  hide=race("east", "b", "c", period="2025-Q2"))  # fmt: skip
    assert ("numerator", 4) in {(one.outcome, one.low) for one in published(press)}


def test_a_quarter_hidden_with_another_quarter_is_not_known() -> None:
    press = Press()
    press.release(
        {**YEAR, **{key: n for one in QUARTERS for key, n in one.items()}},
        hide=race("east", "b", "c", period="2025-Q2") | race("east", "b", "c", period="2025-Q3"),
    )
    assert published(press) == []


def test_three_quarters_and_a_year_leave_the_fourth() -> None:
    press = Press()
    for one in QUARTERS[2:] + QUARTERS[:1]:
        press.release(one)
    press.release(YEAR)
    assert ("numerator", 4) in {(one.outcome, one.low) for one in published(press)}
    press = Press()
    for one in QUARTERS[2:]:
        press.release(one)
    press.release(YEAR)
    assert published(press) == []


# --------------------------------------------------------------- two measures


def test_two_measures_of_the_same_people_are_put_together() -> None:
    """Each hides another group beside the small one; both count out of the same people."""
    table = at("east", "2025", a=(64, 120), b=(31, 60), c=(0, 7))
    other = at("east", "2025", a=(60, 120), b=(30, 60), c=(0, 7))
    helped = {**METRIC, "code": "helped", "numerator": "Those helped"}
    press = Press()
    press.release(table, hide=race("east", "b", "c"))
    press.release(other, hide=race("east", "a", "c"), metric=helped)
    assert ("denominator", 7) in {(one.outcome, one.low) for one in published(press)}
    press = Press()
    press.release(table, hide=race("east", "b", "c"))
    press.release(other, hide=race("east", "b", "c"), metric=helped)
    assert published(press) == []


# ------------------------------------------------------------------- releases


def test_what_was_shown_once_is_known_for_good() -> None:
    """The second release hides another group than the first: each alone is safe."""
    press = Press()
    press.release(EAST, hide=race("east", "b", "c"))
    press.release(EAST, hide=race("east", "a", "c"))
    assert ("numerator", 4) in {(one.outcome, one.low) for one in published(press)}
    press = Press()
    press.release(EAST, hide=race("east", "b", "c"))
    press.release(EAST, hide=race("east", "b", "c"))
    assert published(press) == []


def test_withdrawn_and_published_again_with_other_marks() -> None:
    """Whoever pulled the withdrawn rows in time has both."""
    press, material = Press(), Material()
    press.release(EAST, hide=race("east", "b", "c"))
    material.json(press.walk())
    press.withdraw(EAST)
    material.json(press.walk(after=1))
    assert attacked(material) == []
    press.release(EAST, hide=race("east", "a", "c"))
    material.json(press.walk(after=2))
    assert ("numerator", 4) in {(one.outcome, one.low) for one in attacked(material)}


def test_withdrawn_and_published_again_with_the_same_marks() -> None:
    press = Press()
    press.release(EAST, hide=race("east", "b", "c"))
    press.withdraw(EAST)
    press.release(EAST, hide=race("east", "b", "c"))
    assert published(press) == []


def test_a_correction_of_few_is_found_by_subtraction() -> None:
    press = Press()
    press.release(at("east", "2025", a=(64, 120), b=(31, 60)))
    press.release(at("east", "2025", a=(67, 123), b=(31, 60)))
    assert {(one.low, one.how) for one in published(press)} == {(3, "old less new")}
    press = Press()
    press.release(at("east", "2025", a=(64, 120), b=(31, 60)))
    press.release(at("east", "2025", a=(80, 150), b=(31, 60)))
    assert published(press) == []


def test_two_corrections_that_are_large_and_small_together_are_found() -> None:
    press = Press()
    for a in ((64, 120), (84, 160), (67, 123)):
        press.release(at("east", "2025", a=a, b=(31, 60)))
    assert {(one.low, one.how) for one in published(press)} == {(3, "old less new")}


def test_a_correction_that_moves_the_marks_gives_a_count_away() -> None:
    """Late people came to a only. b was hidden and is shown now, d the other way round: both did not change."""
    before = at("east", "2025", a=(64, 120), b=(31, 60), c=(4, 23), d=(40, 80))
    after = at("east", "2025", a=(94, 180), b=(31, 60), c=(4, 23), d=(40, 80))
    press = Press()
    press.release(before, hide=race("east", "b", "c"))
    press.release(after, hide=race("east", "c", "d"))
    found = published(press)
    assert {(one.outcome, one.low, one.how) for one in found} == {
        ("numerator", 4, "a correction that only added people")
    }
    press = Press()
    press.release(before, hide=race("east", "b", "c"))
    press.release(after, hide=race("east", "b", "c"))
    assert published(press) == []
