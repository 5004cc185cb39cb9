"""The verifier must find every fault that is planted in a sound certificate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from metrics.disclosure import (
    CellKey,
    Certificate,
    Dimension,
    Reason,
    Row,
    Structure,
    Table,
    Unproved,
    Witness,
    build_table,
    protect,
    verify,
)

ASIAN = CellKey("Org", "2024", (("race", "Asian"),), "numerator")
BLACK = ASIAN._replace(stratum=(("race", "Black"),))
WHITE = ASIAN._replace(stratum=(("race", "White"),))


@pytest.fixture
def table() -> Table:
    rows = [
        Row("Org", "2024", (), 104, 600),
        Row("Org", "2024", (("race", "Asian"),), 4, 100),
        Row("Org", "2024", (("race", "Black"),), 40, 200),
        Row("Org", "2024", (("race", "White"),), 60, 300),
    ]
    return build_table(rows, Structure((Dimension("race", ("Asian", "Black", "White")),)))


@pytest.fixture
def sound(table: Table) -> Certificate:
    return protect(table)


def swap(by: int, *, to: CellKey = ASIAN, of: CellKey = BLACK) -> Witness:
    """So many more people with the outcome in one group, and fewer in the other."""
    opposite = {each: each._replace(outcome="complement") for each in (to, of)}
    return Witness(((to, by), (opposite[to], -by), (of, -by), (opposite[of], by)))


def test_sound_certificate_has_no_problems(table: Table, sound: Certificate) -> None:
    assert verify(table, sound) == []
    assert verify(table, replace(sound, witnesses=(swap(7), swap(-3)))) == []


def test_truth_is_a_witness_for_a_count_of_one(table: Table) -> None:
    table = build_table([Row("Org", "2024", (), 1, 100)], Structure())
    up = Witness(((table.keys[0], 10), (table.keys[1], -10)))
    assert verify(table, Certificate(11, frozenset(table.keys[:2]), (up,))) == []


def test_visible_small_cell_is_found(table: Table, sound: Certificate) -> None:
    faulty = replace(sound, hidden=sound.hidden - {ASIAN})
    assert "The numerator of Org, 2024, race: Asian is small and shown." in verify(table, faulty)


def test_witness_that_breaks_an_equation_is_found(table: Table, sound: Certificate) -> None:
    broken = Witness(((ASIAN, 7), (ASIAN._replace(outcome="complement"), -7)))
    assert "Witness 1 breaks an equation." in verify(
        table, replace(sound, witnesses=(broken, *sound.witnesses))
    )


def test_witness_with_negative_count_is_found(table: Table, sound: Certificate) -> None:
    faulty = replace(sound, witnesses=(swap(41), swap(-3)))
    problems = verify(table, faulty)
    assert "Witness 1 has a negative count." in problems
    assert "The numerator of Org, 2024, race: Asian is small and has no witness of 11 or more." in problems


def test_witness_that_alters_a_shown_cell_is_found(table: Table, sound: Certificate) -> None:
    assert WHITE not in sound.hidden
    faulty = replace(sound, witnesses=(swap(7, of=WHITE), swap(-3)))
    assert "Witness 1 changes a cell that is shown." in verify(table, faulty)


def test_witness_with_part_of_a_person_is_found(table: Table, sound: Certificate) -> None:
    half = Witness(tuple((each, 7.5 * np.sign(by)) for each, by in swap(7).moves))
    assert "Witness 1 has a count that is not a whole number." in verify(
        table, replace(sound, witnesses=(half, swap(-3)))
    )


def test_witness_of_another_table_is_found(table: Table, sound: Certificate) -> None:
    strange = Witness(((ASIAN._replace(place="Elsewhere"), 7),))
    assert "Witness 1 has a cell that is not in the table." in verify(
        table, replace(sound, witnesses=(strange,))
    )


@pytest.mark.parametrize("enough", [6, -2])
def test_witness_that_does_not_go_far_enough_is_found(table: Table, sound: Certificate, enough: int) -> None:
    other = swap(-3) if enough > 0 else swap(7)
    assert len(verify(table, replace(sound, witnesses=(swap(enough), other)))) == 1


def test_missing_upper_witness_is_found(table: Table, sound: Certificate) -> None:
    assert verify(table, replace(sound, witnesses=(swap(-3),))) == [
        "The numerator of Org, 2024, race: Asian is small and has no witness of 11 or more."
    ]


def test_missing_lower_witness_is_found(table: Table, sound: Certificate) -> None:
    assert verify(table, replace(sound, witnesses=(swap(7),))) == [
        "The numerator of Org, 2024, race: Asian is small and has no witness of 1 or less."
    ]


def test_threshold_below_11_is_found(table: Table, sound: Certificate) -> None:
    assert "The threshold is 10, below 11." in verify(table, replace(sound, threshold=10))


def test_table_that_contradicts_itself_is_found(table: Table, sound: Certificate) -> None:
    values = table.values.copy()
    values[table.index[WHITE]] += 1
    assert "The table itself contradicts its equations." in verify(replace(table, values=values), sound)


def test_cell_hidden_before_and_shown_now_is_found(table: Table, sound: Certificate) -> None:
    problems = verify(table, sound, already_hidden=frozenset({WHITE}))
    assert problems == [
        "The numerator of Org, 2024, race: White was hidden in an earlier release and is shown now."
    ]


def test_cell_shown_before_and_hidden_now_is_found(table: Table, sound: Certificate) -> None:
    assert verify(table, sound, already_published={BLACK: 40}) == [
        "The numerator of Org, 2024, race: Black was shown in an earlier release and is called hidden now."
    ]


def test_count_other_than_published_before_is_found(table: Table, sound: Certificate) -> None:
    assert verify(table, sound, already_published={WHITE: 61}) == [
        "The numerator of Org, 2024, race: White is not what an earlier release shows."
    ]


def test_hidden_cell_that_is_not_in_the_table_is_found(table: Table, sound: Certificate) -> None:
    strange = ASIAN._replace(place="Elsewhere")
    assert len(verify(table, replace(sound, hidden=sound.hidden | {strange}))) == 1


def test_unproved_cell_is_excused_only_when_nothing_new_is_tied_to_it(table: Table) -> None:
    everything = frozenset(table.keys)
    unproved = (Unproved(ASIAN, Reason.UNDECIDED),)
    assert verify(table, Certificate(11, everything, (), unproved)) == []
    assert verify(table, Certificate(11, everything - {WHITE}, (), unproved)) != []
    assert verify(table, Certificate(11, everything, ())) != []
