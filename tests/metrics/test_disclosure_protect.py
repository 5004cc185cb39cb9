from __future__ import annotations

import pytest

from metrics.disclosure import (
    CellKey,
    Dimension,
    InconsistentTable,
    Reason,
    Row,
    Structure,
    Whole,
    build_table,
    protect,
    verify,
)
from metrics.disclosure.cells import Outcome
from metrics.disclosure.protect import hiding_cost

RACE = Dimension("race", ("Asian", "Black", "White"))


def key(
    outcome: Outcome, category: str | None = None, *, place: str = "Org", period: str = "2024"
) -> CellKey:
    stratum = (("race", category),) if category else ()
    return CellKey(place, period, stratum, outcome)


def race_rows(*counts: tuple[str, int, int], place: str = "Org", period: str = "2024") -> list[Row]:
    """A row for each category, and one for everybody."""
    rows = [Row(place, period, (("race", category),), with_, of) for category, with_, of in counts]
    return [*rows, Row(place, period, (), sum(c[1] for c in counts), sum(c[2] for c in counts))]


@pytest.mark.parametrize("threshold", [10, 1, 0, -5])
def test_threshold_below_11_is_refused(threshold: int) -> None:
    with pytest.raises(ValueError, match="11 or more"):
        protect(build_table([Row("Org", "2024", (), 50, 100)], Structure()), threshold=threshold)


def test_higher_threshold_hides_more() -> None:
    table = build_table([Row("Org", "2024", (), 15, 100)], Structure())
    assert protect(table).hidden == frozenset()
    assert protect(table, threshold=20).hidden == {key("numerator"), key("complement")}


def test_table_without_small_cells_hides_nothing() -> None:
    table = build_table(race_rows(("Asian", 11, 30), ("Black", 0, 40), ("White", 50, 50)), Structure((RACE,)))
    certificate = protect(table)
    assert certificate.hidden == frozenset()
    assert certificate.witnesses == ()
    assert certificate.proved


def test_small_numerator_hides_its_complement() -> None:
    table = build_table([Row("Org", "2024", (), 4, 100)], Structure())
    assert protect(table).hidden == {key("numerator"), key("complement")}


def test_small_denominator_hides_the_whole_row_save_zeros() -> None:
    table = build_table([Row("Org", "2024", (), 0, 7)], Structure())
    certificate = protect(table)
    assert certificate.hidden == {key("complement"), key("denominator")}
    assert certificate.proved


def test_one_small_group_hides_a_second_one() -> None:
    table = build_table(
        race_rows(("Asian", 4, 100), ("Black", 30, 200), ("White", 60, 300)), Structure((RACE,))
    )
    hidden = protect(table).hidden
    assert {key("numerator", "Asian"), key("numerator", "Black")} <= hidden
    assert not {key("numerator"), key("numerator", "White"), key("denominator", "Asian")} & hidden


def test_second_group_is_hidden_among_not_recorded_first() -> None:
    categories = ("Asian", "Black", "Not recorded")
    rows = race_rows(("Asian", 4, 100), ("Black", 30, 200), ("Not recorded", 40, 200))
    named = Structure((Dimension("race", categories),))
    marked = Structure((Dimension("race", categories, missing=frozenset({"Not recorded"})),))
    assert key("numerator", "Black") in protect(build_table(rows, named)).hidden
    assert key("numerator", "Not recorded") in protect(build_table(rows, marked)).hidden


def test_what_tells_most_costs_most_to_hide() -> None:
    sex = Dimension("sex", ("f",))
    structure = Structure((RACE, sex), places=(Whole("Org", ("A",)),))
    strata = [(), (("race", "Asian"),), (("race", "Asian"), ("sex", "f"))]
    rows = [Row(place, "2024", stratum, 40, 80) for place in ("Org", "A") for stratum in strata]
    table = build_table(rows, structure)
    cost = dict(zip(table.keys, hiding_cost(table), strict=True))
    everybody, asian, asian_women = (cost[CellKey("Org", "2024", stratum, "numerator")] for stratum in strata)
    assert everybody > asian > asian_women
    assert everybody > cost[key("numerator", place="A")]
    assert cost[key("denominator")] > cost[key("numerator")] > cost[key("complement")]


def test_small_count_that_only_an_absent_row_holds_is_protected() -> None:
    rows = [Row("Org", "2024", (), 60, 300), Row("Org", "2024", (("race", "White"),), 57, 280)]
    table = build_table(rows, Structure((RACE,)))
    certificate = protect(table)
    assert certificate.hidden & {key("numerator"), key("numerator", "White")}
    assert verify(table, certificate) == []


def test_overlapping_categories_do_not_protect_each_other() -> None:
    dimension = Dimension("race", RACE.categories, overlapping=True)
    rows = [
        Row("Org", "2024", (), 90, 600),
        *race_rows(("Asian", 4, 100), ("Black", 30, 200), ("White", 60, 400))[:3],
    ]
    hidden = protect(build_table(rows, Structure((dimension,)))).hidden
    assert hidden == {key("numerator", "Asian"), key("complement", "Asian")}


def test_unlisted_cells_are_never_said_to_be_hidden() -> None:
    rows = [Row("Org", "2024", (), 60, 300), Row("Org", "2024", (("race", "White"),), 57, 280)]
    table = build_table(rows, Structure((RACE,)))
    assert protect(table).hidden <= {
        each for each, listed in zip(table.keys, table.listed, strict=True) if listed
    }


def test_table_hidden_whole_is_proved_by_two_witnesses() -> None:
    table = build_table(race_rows(("Asian", 4, 100), ("Black", 3, 200), ("White", 7, 9)), Structure((RACE,)))
    certificate = protect(table, withheld=frozenset(table.keys))
    assert len(certificate.witnesses) == 2
    assert verify(table, certificate) == []


def test_published_cells_stay_as_they_were() -> None:
    rows = race_rows(("Asian", 4, 100), ("Black", 30, 200), ("White", 60, 300))
    table = build_table(rows, Structure((RACE,)))
    published = {key("numerator", "Black"): 30, key("numerator"): 94}
    certificate = protect(table, already_published=published)
    assert certificate.proved
    assert key("numerator", "White") in certificate.hidden
    assert not published.keys() & certificate.hidden
    assert verify(table, certificate, already_published=published) == []


def test_hidden_cells_stay_hidden() -> None:
    table = build_table([Row("Org", "2024", (), 50, 100)], Structure())
    assert protect(table, already_hidden=frozenset({key("numerator")})).hidden == {key("numerator")}


def test_small_cell_given_away_by_earlier_releases_is_reported() -> None:
    table = build_table([Row("Org", "2024", (), 4, 100)], Structure())
    published = {key("complement"): 96, key("denominator"): 100}
    certificate = protect(table, already_published=published)
    assert [(each.key, each.reason) for each in certificate.unproved] == [(key("numerator"), Reason.EXPOSED)]


def test_small_cell_shown_by_an_earlier_release_is_reported() -> None:
    table = build_table([Row("Org", "2024", (), 4, 100)], Structure())
    certificate = protect(table, already_published={key("numerator"): 4})
    assert key("numerator") not in certificate.hidden
    assert [(each.key, each.reason) for each in certificate.unproved] == [(key("numerator"), Reason.EXPOSED)]


def test_count_that_differs_from_an_earlier_release_is_refused_in_words() -> None:
    table = build_table([Row("Org", "2024", (), 40, 100)], Structure())
    with pytest.raises(InconsistentTable, match="is 100, but an earlier release shows 99"):
        protect(table, already_published={key("denominator"): 99})


def test_cell_of_an_earlier_release_must_be_in_the_table() -> None:
    table = build_table([Row("Org", "2024", (), 40, 100)], Structure())
    with pytest.raises(ValueError, match="not in the table"):
        protect(table, already_hidden=frozenset({key("numerator", period="2023")}))


def test_cell_cannot_be_both_hidden_and_published() -> None:
    table = build_table([Row("Org", "2024", (), 40, 100)], Structure())
    with pytest.raises(ValueError, match="both"):
        protect(table, already_hidden=frozenset({key("numerator")}), already_published={key("numerator"): 40})


def test_year_that_would_give_back_a_hidden_quarter_is_hidden() -> None:
    structure = Structure(periods=(Whole("2024", ("q1", "q2")),))
    quarters = [Row("Org", "q1", (), 4, 100), Row("Org", "q2", (), 40, 120)]
    first = protect(build_table(quarters, structure))
    table = build_table([*quarters, Row("Org", "2024", (), 44, 220)], structure)
    published = {
        each: int(table.values[table.index[each]])
        for each in table.keys
        if each.period != "2024" and each not in first.hidden
    }
    second = protect(table, already_hidden=first.hidden, already_published=published)
    assert second.proved
    assert key("numerator") in second.hidden
    assert key("denominator") not in second.hidden
    assert verify(table, second, already_hidden=first.hidden, already_published=published) == []


def test_same_table_gives_same_certificate() -> None:
    rows = race_rows(("Asian", 4, 100), ("Black", 30, 200), ("White", 60, 300))
    first, second = (protect(build_table(each, Structure((RACE,)))) for each in (rows, rows[::-1]))
    assert first == second
    assert first.to_dict() == second.to_dict()
