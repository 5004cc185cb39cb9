"""What of a round's scores may be shown, and how it reads."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import chain
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.template import Context, Engine
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from accountability.tally import Agreement, Answer, ItemTally, Shown, State, tally
from equity.publication.spread import Hidden, Median

if not django_settings.configured:
    django_settings.configure(USE_I18N=False)

TEMPLATES = Path(__file__).parents[2] / "templates"
GROUPS = {"community": "Community seats", "staff": "Staff seats", "executive": "Executive seats"}
NOT_ENOUGH, RECUSED = State.NOT_ENOUGH, State.RECUSED


def answers(item: str, /, **values: Sequence[int | str]) -> list[Answer]:
    return [Answer(item, group, value) for group, given_values in values.items() for value in given_values]


def one(threshold: int = 5, /, **values: Sequence[int | str]) -> ItemTally:
    (result,) = tally(answers("why", **values), items=["why"], groups=GROUPS, threshold=threshold)
    return result


def group(*values: int | str, threshold: int = 5) -> Shown:
    return one(threshold, community=list(values)).shown[0]


def rendered(result: ItemTally) -> str:
    engine = Engine(
        dirs=[str(TEMPLATES)], builtins=["django.templatetags.i18n", "equity.templatetags.furniture"]
    )
    context = Context({"tally": result, "caption": "It says why"})
    with translation.override("en"):
        return engine.get_template("components/dots.html").render(context)


# ---------- what is shown


def test_shown_group_has_its_counts_states_and_middle() -> None:
    shown = group(3, 3, 3, 1, 1, 0, 0, 0, NOT_ENOUGH)
    assert [cell.count for cell in shown.levels] == [3, 0, 2, 3]
    assert (shown.scored, shown.not_enough.count, shown.recused.count, shown.replies) == (8, 1, 0, 9)
    assert shown.median == Median(1, 1)
    assert (shown.lowest, shown.highest) == (0, 3)


def test_states_may_come_as_plain_strings() -> None:
    shown = group(1, 1, 1, "not_enough", "recused")
    assert (shown.not_enough.count, shown.recused.count) == (1, 1)


def test_group_is_hidden_below_the_threshold_and_holds_nothing_that_was_counted() -> None:
    result = one(community=[1, 1, 2, 2, 3], staff=[0, 0, 0, 0])
    assert [shown.key for shown in result.shown] == ["community"]
    assert result.hidden == (Hidden("staff", "Staff seats"), Hidden("executive", "Executive seats"))


@pytest.mark.parametrize("replies", [0, 1, 4])
def test_hidden_groups_look_the_same_whatever_they_hold(replies: int) -> None:
    everyone = [1, 1, 2, 2, 3]
    assert one(community=everyone, staff=[0] * replies) == one(community=everyone)


def test_threshold_counts_every_reply_of_the_group_to_that_criterion() -> None:
    assert group(2, 2, 3, 3, RECUSED).scored == 4
    assert group(2, NOT_ENOUGH, NOT_ENOUGH, RECUSED, RECUSED).median == Median(2, 2)
    assert one(community=[2, 2, 3, RECUSED]).shown == ()


def test_a_group_may_be_shown_on_one_criterion_and_hidden_on_the_next() -> None:
    given_answers = answers("a", community=[1] * 5) + answers("b", community=[1] * 4)
    results = {result.item: result for result in tally(given_answers, items=["a", "b"], groups=GROUPS)}
    assert [shown.key for shown in results["a"].shown] == ["community"]
    assert results["b"].shown == ()


def test_a_body_may_vote_a_threshold_of_three_and_none_below() -> None:
    assert group(1, 2, 3, threshold=3).replies == 3
    with pytest.raises(ValueError, match="cannot be below 3"):
        tally([], items=["why"], groups=GROUPS, threshold=2)


def test_groups_keep_their_given_order_and_are_never_merged() -> None:
    result = one(staff=[3] * 5, community=[0] * 5, executive=[1] * 5)
    assert [shown.key for shown in result.shown] == ["community", "staff", "executive"]
    assert [[cell.count for cell in row.cells] for row in result.rows] == [
        [0, 5, 0],
        [0, 0, 0],
        [0, 0, 5],
        [5, 0, 0],
    ]
    assert [row.level for row in result.rows] == [3, 2, 1, 0]


@pytest.mark.parametrize(
    "answer", [Answer("why", "nobody", 1), Answer("what", "staff", 1), Answer("why", "staff", 4)]
)
def test_unknown_criterion_group_or_value_is_refused(answer: Answer) -> None:
    with pytest.raises(ValueError, match=r"criterion or a group|0, 1, 2 or 3"):
        tally([answer], items=["why"], groups=GROUPS)


# ---------- the middle


@pytest.mark.parametrize(
    ("scores", "median"),
    [
        ([0, 1, 2, 3, 3], Median(2, 2)),
        ([1, 1, 1, 2, 2, 2], Median(1, 2)),
        ([0, 0, 0, 3, 3, 3], Median(0, 3)),
        ([2, 2, 2, 2, 2, 2], Median(2, 2)),
    ],
)
def test_median_is_a_level_or_the_two_middle_levels(scores: list[int | str], median: Median) -> None:
    assert group(*scores).median == median


def test_median_ignores_states_and_is_none_without_scores() -> None:
    assert group(3, NOT_ENOUGH, NOT_ENOUGH, NOT_ENOUGH, RECUSED).median == Median(3, 3)
    empty = group(*[NOT_ENOUGH] * 5)
    assert (empty.median, empty.lowest, empty.highest, empty.split) == (None, None, None, False)


@settings(deadline=None)
@given(st.lists(st.sampled_from([0, 1, 2, 3, NOT_ENOUGH, RECUSED]), min_size=5, max_size=40))
def test_every_reply_is_counted_once_and_the_middle_halves_the_scores(values: list[int | str]) -> None:
    shown = group(*values)
    assert shown.replies == len(values)
    scores = [value for value in values if isinstance(value, int)]
    if shown.median is None:
        assert not scores
        return
    half = Fraction(len(scores), 2)
    assert sum(score <= shown.median.lower for score in scores) >= half
    assert sum(score >= shown.median.upper for score in scores) >= half
    assert shown.median.lower in scores
    assert shown.median.upper in scores


# ---------- seeing it differently


@pytest.mark.parametrize(
    ("scores", "split"),
    [
        ([3, 3, 3, 1, 1, 0, 0, 0], True),
        ([1, 1, 2], True),
        ([1, 1, 1, 2], False),
        ([1, 2, 2, 2, 3], False),
        ([0, 1, 2, 2, 3], True),
        ([2, 2, 3, 3], False),
        ([0, 0, 1, 1], False),
    ],
)
def test_group_is_split_when_each_half_holds_a_third_of_its_scores(
    scores: list[int | str], split: bool
) -> None:
    shown = group(*scores, *[NOT_ENOUGH] * 5)
    assert shown.split is split
    assert one(community=[*scores, *[NOT_ENOUGH] * 5]).split is split


def test_groups_are_split_when_their_medians_lie_two_levels_apart() -> None:
    assert one(community=[0] * 5, staff=[2] * 5).split
    assert not one(community=[1] * 5, staff=[2] * 5).split
    assert not one(community=[0, 0, 0, 1, 1, 1], staff=[2] * 5).split


def test_a_hidden_group_moves_nothing() -> None:
    result = one(community=[0] * 5, staff=[3] * 4)
    assert not result.split
    assert result.agreement is Agreement.SAME


@pytest.mark.parametrize(
    ("values", "agreement"),
    [
        ({"community": [0, 0, 3, 3, 3]}, Agreement.SPLIT),
        ({"community": [2, 2, 2, 2, 3]}, Agreement.MOSTLY),
        ({"community": [2] * 5, "staff": [3] * 5}, Agreement.MOSTLY),
        ({"community": [2] * 5, "staff": [2, 2, 2, 2, NOT_ENOUGH]}, Agreement.SAME),
        ({"community": [2] * 5, "staff": [NOT_ENOUGH] * 5}, Agreement.SAME),
        ({"community": [NOT_ENOUGH] * 5}, Agreement.NO_SCORES),
        ({"community": [2] * 4}, Agreement.NO_SCORES),
    ],
)
def test_agreement_says_how_far_the_shown_groups_see_it_alike(
    values: dict[str, Sequence[int | str]], agreement: Agreement
) -> None:
    assert one(**values).agreement is agreement


def test_the_most_split_criterion_comes_first() -> None:
    given_answers = chain(
        answers("hidden", community=[0, 3]),
        answers("alike", community=[2] * 6),
        answers("lone voice", community=[2, 2, 2, 2, 2, 1]),
        answers("apart", community=[0] * 5, staff=[3] * 5),
        answers("third", community=[0, 0, 2, 2, 2, 2]),
        answers("half", community=[1, 1, 1, 2, 2, 2]),
        answers("also alike", community=[3] * 6),
    )
    items = ["hidden", "alike", "lone voice", "apart", "third", "half", "also alike"]
    assert [result.item for result in tally(given_answers, items=items, groups=GROUPS)] == [
        "half",
        "third",
        "apart",
        "lone voice",
        "alike",
        "also alike",
        "hidden",
    ]


def test_of_equally_split_criteria_the_more_distant_medians_come_first() -> None:
    given_answers = chain(
        answers("near", community=[0] * 5, staff=[2] * 5),
        answers("far", community=[0] * 5, staff=[3] * 5),
    )
    ordered = tally(given_answers, items=["near", "far"], groups=GROUPS)
    assert [result.item for result in ordered] == ["far", "near"]


# ---------- the drawing


def test_template_draws_one_dot_for_one_person() -> None:
    html = rendered(one(community=[3, 3, 3, 1, 1, 0, 0, 0, NOT_ENOUGH], staff=[3, 3, 2, 2, 2, 1]))
    assert html.count("<i></i>") == 15
    assert html[html.index('<tr class="ne">') :].count("<i></i>") == 1
    assert "Community seats (9)" in html
    assert "Staff seats (6)" in html
    assert "1, from 0 to 3" in html
    assert "2, from 1 to 3" in html
    assert "style=" not in html


def test_template_gives_no_number_for_a_hidden_group() -> None:
    html = rendered(one(community=[2] * 5, executive=[3] * 3))
    facts = html[html.index('<dl class="facts">') :]
    assert facts.count("Hidden to protect privacy") == 2
    assert facts.count("Fewer than five replies") == 2
    assert not any(character.isdigit() for character in facts)
    assert "Executive seats" not in html[: html.index('<dl class="facts">')]


@pytest.mark.parametrize(
    ("threshold", "words"), [(3, "Fewer than three replies"), (7, "Fewer than 7 replies")]
)
def test_template_names_the_threshold_in_force(threshold: int, words: str) -> None:
    assert words in rendered(one(threshold, community=[2, 2]))


def test_template_has_no_table_when_every_group_is_hidden() -> None:
    assert "<table" not in rendered(one(community=[2] * 4))


def test_template_says_an_even_middle_as_two_levels() -> None:
    html = rendered(one(community=[1, 1, 1, 2, 2, 2]))
    assert "between 1 and 2, from 1 to 2" in html
    assert "1.5" not in html


def test_template_counts_those_who_stepped_back_where_there_are_any() -> None:
    assert "Stepped back" not in rendered(one(community=[2] * 5))
    html = rendered(one(community=[2] * 5, staff=[3, 3, 3, RECUSED, RECUSED]))
    stepped_back = html[html.index("Stepped back") : html.index("Middle score")]
    assert "<td>0</td><td>2</td>" in stepped_back
    assert "<i>" not in stepped_back


def test_template_says_when_nobody_scored_and_when_all_scored_alike() -> None:
    html = rendered(one(community=[NOT_ENOUGH] * 5, staff=[2] * 5))
    assert "No scores" in html
    assert "2, the same for all" in html
