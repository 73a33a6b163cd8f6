"""Comparisons: debates beside baselines, beside each other, and with their sides exchanged."""

from dataclasses import replace
from typing import Any

import pytest

from debate_server.core.events import Seat, Usage
from debate_server.runs.evaluation.evaluate import evaluate
from debate_server.runs.evaluation.statistics import accuracy, mcnemar, mean, randomised
from debate_server.runs.result import Result
from tests.runs.evaluation.told import matched, score
from tests.runs.results import met, result, right, rounds, samples


def test_a_vote_has_as_many_samples_as_the_debates_tokens_buy() -> None:
    vote = {"format_": "vote-6", "role": "baseline"}
    told = matched(
        right("a", usage=Usage(50, 9, 0)),                # five of 10 are paid for: y n n y y
        result("a", given=samples("ynnyyn"), **vote),
        right("b", correct=False, usage=Usage(30, 0, 0)),  # three: y y n
        result("b", given=samples("yynnnn"), **vote),
        right("c", usage=Usage(4, 1, 0)),                 # none, so one: n
        result("c", given=samples("nyyyyy"), **vote),
        right("d", usage=Usage(25, 0, 0)),                # two, a tie: y or n
        result("d", given=samples("ynnnnn"), **vote),
        right("e", usage=Usage(1000, 0, 0)),              # all six, and more could be had
        result("e", given=samples("yyyyyy"), **vote),
    )["vote"]  # fmt: skip
    assert (told.unit, told.items, told.right, told.baseline_right) == ("tokens", 5, 4, 3.5)
    assert (told.better, told.worse, told.p) == (2, 1, randomised([0, -1, 1, 0.5, 0], seed=1))
    assert told.difference == mean([0, -1, 1, 0.5, 0], seed=1)
    assert (told.samples, told.short) == ((5 + 3 + 1 + 2 + 6) / 5, 1)
    assert (told.tokens_each, told.baseline_tokens_each) == (
        (59 + 30 + 5 + 25 + 1000) / 5,
        (50 + 30 + 10 + 20 + 60) / 5,
    )


PAID: dict[str, Any] = {"format_": "vote-6", "role": "baseline"}


def test_a_vote_has_as_many_samples_as_the_debates_dollars_buy_where_all_are_known() -> None:
    held = [
        right("a", usage=Usage(990, 10, 0.3)),  # three of a tenth are paid for, though rounding makes them dearer
        result("a", given=samples("ynnyyy", cost=0.1), usage=Usage(60, 0, 0.6), **PAID),
        right("b", correct=False, usage=Usage(10, 0, 0.9)),  # all six, and more could be had
        result("b", given=samples("yynnnn", cost=0.1), usage=Usage(60, 0, 0.6), **PAID),
    ]
    told = matched(*held)["vote"]
    assert (told.unit, told.samples, told.short) == ("dollars", 4.5, 1)
    assert (told.right, told.baseline_right, told.better) == (1, 0, 1)
    assert told.cost_each == pytest.approx(0.6)
    assert told.baseline_cost_each == pytest.approx(0.45)
    assert (told.tokens_each, told.baseline_tokens_each) == (505, 45)
    assert matched(*held)["single"].unit is None
    for unknown in (None, 0.0):  # of one sample, or of one debate
        sample = replace(held[1], given=(*held[1].given[:5], replace(held[1].given[5], cost_usd=unknown)))
        debate = replace(held[0], usage=Usage(990, 10, unknown))
        for change in ([held[0], sample, *held[2:]], [debate, *held[1:]]):
            told = matched(*change)["vote"]
            assert (told.unit, told.samples) == ("tokens", (6 + 1) / 2)
    assert matched(debate, *held[1:])["vote"].cost_each == pytest.approx(0.45)
    debate = replace(held[0], usage=Usage(990, 10, None))
    assert matched(debate, *held[1:])["vote"].cost_each is None


def test_a_vote_whose_samples_give_no_answer_is_a_wrong_one_with_its_samples_counted() -> None:
    told = matched(
        right("a", usage=Usage(40, 0, 0)),
        result("a", "vote-6", given=samples("------"), role="baseline"),
        right("a", "single", role="baseline", usage=Usage(5, 0, 0)),
    )["vote"]
    assert (told.items, told.right, told.baseline_right, told.samples, told.short) == (1, 1, 0, 4, 0)
    assert (told.unmarked, told.missing) == (0, 0)


def test_the_same_model_is_told_of_only_where_all_that_spoke_are_of_it() -> None:
    one, other = Seat("Agent 1", "member", "m"), Seat("Agent 2", "member", "n")
    drawn = result("a", given=samples("yyn"), agents=(replace(one, name="Sample 1"),), **PAID)
    assert matched(right("a", agents=(one, one)), drawn)["vote"].same_model
    mixed = matched(right("a", agents=(one, other)), drawn)
    assert [mixed[name].same_model for name in ("single", "vote")] == [False, False]
    assert not matched(right("a", agents=(other, other)), drawn)["vote"].same_model
    failed = result("b", agents=(one, other), status="failed")
    assert matched(right("a", agents=(one, one)), drawn, failed)["vote"].same_model


@pytest.mark.parametrize(
    ("drawn", "share"), [("yn", 1 / 2), ("ny", 1 / 2), ("n-y", 1 / 2), ("nnyy-", 1 / 2), ("nn-", 0), ("--", 0)]
)
def test_a_tied_vote_is_as_right_as_drawing_one_of_the_tied_answers_would_be(drawn: str, share: float) -> None:
    told = matched(right("a", correct=False), result("a", "vote-9", given=samples(drawn), role="baseline"))["vote"]
    assert (told.baseline_right, told.worse) == (share, share > 0)
    assert told.difference.value == -share


def test_an_even_vote_is_no_worse_than_one_answer() -> None:
    held = [(f"{item}", "yn" if item % 2 else "ny") for item in range(10)]
    told = matched(*(one for item, drawn in held for one in (
        right(item, usage=Usage(20, 0, 0)), result(item, "vote-2", given=samples(drawn), role="baseline"),
    )))  # fmt: skip
    assert told["vote"].difference.value == told["single"].difference.value == 0.5


def test_the_other_baseline_is_one_answer() -> None:
    held = [right("a"), result("a", "vote-3", given=samples("nyy"), role="baseline")]
    told = matched(*held)["single"]
    assert (told.baseline_right, told.samples, told.baseline_tokens_each, told.short) == (0, 1, 10, 0)
    told = matched(*held, right("a", "single", role="baseline", usage=Usage(7, 0, 0)))["single"]
    assert (told.baseline_right, told.samples, told.baseline_tokens_each) == (1, 1, 7)


def test_of_several_single_answers_their_mean_counts() -> None:
    marks = (False, True, True, True, None)
    singles = [
        replace(right("a", "single", repeat=n, usage=Usage(n, 0, 0), role="baseline"), correct=mark)
        for n, mark in enumerate(marks, 1)
    ]
    told = matched(right("a"), *reversed(singles))["single"]
    assert (told.baseline_right, told.better, told.difference.value) == (0.75, 1, 0.25)
    assert (told.samples, told.baseline_tokens_each) == (1, (1 + 2 + 3 + 4) / 4)


def test_samples_are_those_of_the_vote_for_it_else_of_a_vote_else_single_answers() -> None:
    debate = right("a", usage=Usage(20, 0, 0))
    singles = [right("a", "single", repeat=n, correct=False, usage=Usage(5, 0, 0)) for n in (1, 2, 3, 4)]
    vote = right("a", "vote", given=samples("yyyyy"))
    drawn = result("a", "vote-9", given=samples("nnnyyyyyy"), role="baseline")
    told = [matched(debate, *more)["vote"] for more in (singles, [*singles, vote], [*singles, vote, drawn])]
    assert [(one.samples, one.baseline_right) for one in told] == [(4, 0), (2, 1), (2, 0)]


def test_whole_speeches_vote_by_the_answers_that_they_end_with() -> None:
    said = [f"Some thoughts, the {n}.\nAnswer: {answer}" for n, answer in enumerate(("no", "yes", "Yes."), 1)]
    singles = [right("a", "single", repeat=n, usage=Usage(5, 0, 0)) for n in (1, 2, 3)]
    told = matched(right("a"), *(replace(one, answer=words) for one, words in zip(singles, said, strict=True)))
    assert (told["vote"].samples, told["vote"].baseline_right) == (3, 1)


def test_one_single_answer_makes_no_vote() -> None:
    assert list(matched(right("a"), right("a", "single"))) == ["single"]
    assert matched(right("a")) == {}


def test_baselines_are_beside_arms_of_their_own_model_and_beside_no_baseline() -> None:
    told = evaluate([right("a"), right("a", "single", model="other"), right("a", "vote", given=samples("yyy"))], seed=1)
    assert {(one.format, one.model) for one in told.matched} == {("society", "m")}
    assert [one.baseline_right for one in told.matched] == [1, 1]
    assert [(one.format, one.model) for one in told.scores] == [("single", "other"), ("society", "m"), ("vote", "m")]


def test_samples_that_only_a_model_can_score_count_as_it_marked_the_same_answer() -> None:
    judged: dict[str, Any] = {"scored": "judge", "expected": "oui"}
    drawn = result("a", "vote-3", given=samples("yyn"), role="baseline", answer="yes", correct=True, **judged)
    debate = right("a", correct=False, given=rounds("yyn", "nny", "---"), **judged)
    other = right("b", given=rounds("---", "---"), **judged)
    told = evaluate([debate, other, drawn], seed=1)
    assert [one.baseline_right for one in told.matched] == [1, 1]
    assert [(r.items, r.right, r.lost) for r in told.scores[0].rounds] == [(2, 1, 0), (2, 1, 1), (2, 1, 0)]
    unmarked = replace(drawn, correct=None)
    told = evaluate([debate, other, unmarked], seed=1)
    assert told.matched == ()
    assert [(r.items, r.right) for r in told.scores[0].rounds] == [(1, 0), (1, 1)]


def test_items_without_a_mark_or_without_an_answer_are_counted() -> None:
    judged: dict[str, Any] = {"scored": "judge", "expected": "oui"}
    held = [right(item, usage=Usage(10, 0, 0), **judged) for item in "abcd"]  # one sample is paid for
    drawn = [
        result("a", "vote-3", given=samples("yyn"), answer="yes", correct=True, role="baseline", **judged),
        result("b", "vote-3", given=samples("nyy"), answer="yes", correct=True, role="baseline", **judged),
        result("c", "vote-3", given=samples("yyy"), status="failed", role="baseline", **judged),
    ]  # fmt: skip
    for told in matched(*held, *drawn).values():
        assert (told.items, told.unmarked, told.missing) == (1, 1, 2)


def test_what_was_once_marked_as_wrong_is_wrong() -> None:
    judged = result("a", scored="judge", expected="oui", answer="yes", given=rounds("y", "y"))
    held = [replace(judged, entry=f"{n}", correct=mark) for n, mark in enumerate((True, False, True))]
    for order in (held, held[::-1]):
        assert score(*order).rounds[0].right == 0


def test_pairs_are_of_the_items_that_both_have_a_score_for() -> None:
    [told] = evaluate(
        [
            *(right(item, correct=item in "ab") for item in "abcd"),
            *(right(item, "council", correct=item in "cd") for item in "bcde"),
            *(right(item, "single", role="baseline") for item in "abcd"),
        ],
        seed=1,
    ).pairs
    assert (told.first, told.second) == (("council", "m"), ("society", "m"))
    assert (told.items, told.first_better, told.second_better, told.p) == (3, 2, 1, mcnemar(2, 1))
    assert told.difference == mean([-1, 1, 1], seed=1)


def test_debates_of_an_item_are_one_in_a_comparison_and_all_of_them_count() -> None:
    """The first of each alone, all of which one arm has wrong, would show a difference that there is not."""
    held = [
        right(f"{item}", repeat=repeat, correct=repeat > 1 and item % 4 > 0) for item in range(12) for repeat in (1, 2)
    ]
    once = [right(f"{item}", "council", correct=item % 2 > 0) for item in range(12)]
    [told] = evaluate([*held, *once], seed=1).pairs
    differences = [(item % 2 > 0) - (item % 4 > 0) / 2 for item in range(12)]
    assert (told.first, told.items, told.first_better, told.second_better) == (("council", "m"), 12, 6, 3)
    assert told.difference == mean(differences, seed=1)
    assert told.p == randomised(differences, seed=1)
    assert told.p > 0.05 > mcnemar(6, 0)


def _meetings() -> list[Result]:
    return [
        met("1", ("A", "B"), "Pro"), met("1", ("B", "A"), "Pro", swapped=True),    # each wins for the topic
        met("2", ("A", "B"), "Pro"), met("2", ("B", "A"), "Con", swapped=True),    # A wins both
        met("3", ("A", "B"), "tie"), met("3", ("B", "A"), "Pro", swapped=True),
        met("4", ("A", "B"), "tie"), met("4", ("B", "A"), "tie", swapped=True),
        met("5", ("A", "B"), "Pro"),                                              # not held the other way
        met("6", ("A", "B"), "Pro"), met("6", ("B", "A"), None, swapped=True),     # undecided
    ]  # fmt: skip


def test_a_swap_says_how_a_model_does_for_the_topic_and_against_it() -> None:
    a, b = evaluate(_meetings(), seed=1).swaps
    assert (a.format, a.model, a.meetings, a.same) == ("judge-only", "A", 4, 1)
    assert (a.speaking_for, a.speaking_against) == ((1 + 1 + 0.5 + 0.5) / 4, (0 + 1 + 0 + 0.5) / 4)
    assert (b.format, b.model, b.meetings, b.same) == ("judge-only", "B", 4, 1)
    assert (b.speaking_for, b.speaking_against) == ((1 + 0 + 1 + 0.5) / 4, (0 + 0 + 0.5 + 0.5) / 4)


def test_all_points_together_say_what_the_side_is_worth() -> None:
    [side] = evaluate(_meetings(), seed=1).sides
    assert (side.format, side.meetings, side.same) == ("judge-only", 4, 1)
    assert side.share == accuracy([(2, 2), (1, 2), (1.5, 2), (1, 2)])


def test_a_judge_who_always_votes_for_the_topic_is_found_out_among_three_models() -> None:
    """None is for the topic more often than another, wherever it was named."""
    told = evaluate(
        [
            met(f"{item}", models if not swapped else models[::-1], "Pro", swapped=swapped)
            for item in range(5) for models in (("A", "B"), ("A", "C"), ("B", "C")) for swapped in (False, True)
        ],
        seed=1,
    )  # fmt: skip
    assert [(one.model, one.meetings, one.speaking_for, one.speaking_against, one.same) for one in told.swaps] == [
        (model, 10, 1, 0, 0) for model in "ABC"
    ]
    [side] = told.sides
    assert (side.meetings, side.share) == (15, accuracy([(6, 6)] * 5))
    assert side.share.low > 0.5


def test_debates_of_one_model_with_itself_have_no_sides_to_swap() -> None:
    told = evaluate([met("1", ("A", "A"), "Pro"), met("1", ("A", "A"), "Con", swapped=True)], seed=1)
    assert (told.swaps, told.sides) == ((), ())
