"""An evaluation, by examples reckoned by hand and by what holds for any."""

import random
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debate_server.core.events import Usage
from debate_server.runs.evaluation.evaluate import evaluate
from debate_server.runs.evaluation.shape import Matched, Score
from debate_server.runs.evaluation.statistics import accuracy, mcnemar, mean, wilson
from debate_server.runs.result import Result
from tests.runs.results import met, result, right, rounds, samples


def score(*results: Result) -> Score:
    [one] = evaluate(results, seed=1).scores
    return one


def matched(*results: Result) -> dict[str, Matched]:
    return {one.baseline: one for one in evaluate(results, seed=1).matched}


def test_a_score_says_how_often_right_and_at_what_cost() -> None:
    told = score(
        right("a", usage=Usage(80, 20, 0.5)),
        right("b", correct=False, usage=Usage(180, 20, 0.25)),
        result("c", status="failed", usage=Usage(50, 0, 0.125)),
        result("d", expected=None, scored=None, usage=Usage(0, 500, 1.0), winner="tie"),
    )
    assert (told.debates, told.failed, told.scored, told.right) == (3, 1, 2, 1)
    assert told.accuracy == wilson(1, 2)
    assert (told.tokens, told.cost_usd) == (850, 1.875)
    assert (told.tokens_each, told.cost_each) == (800 / 3, 1.75 / 3)
    assert (told.tokens_per_right, told.cost_per_right) == (350, 0.875)  # what has no answer cannot be right
    assert told.decided == {"tie": 1}


def test_an_answer_in_which_none_could_be_read_is_wrong_and_counted_as_such() -> None:
    told = score(
        right("a"),
        right("b", correct=False),
        result("c", correct=False, answer=None),
        result("d", correct=False, answer="Who knows?", read=None),
        result("e", scored=None, expected=None),
        result("f", status="failed"),
    )
    assert (told.scored, told.right, told.unread) == (4, 1, 2)


def test_what_cannot_be_said_is_none() -> None:
    told = score(right("a", correct=False, usage=Usage(1, 1, None)))
    assert (told.cost_usd, told.cost_each, told.tokens_per_right, told.cost_per_right) == (None, None, None, None)
    told = score(result("a", status="failed", correct=True))
    assert (told.scored, told.accuracy, told.tokens_each, told.cost_each) == (0, None, None, None)
    assert evaluate([], seed=1).scores == ()


def test_repeats_of_an_item_count_for_as_much_as_they_tell() -> None:
    held = [right(f"{item}", correct=item < 20, repeat=repeat) for item in range(30) for repeat in (1, 2, 3)]
    told = score(*held)
    assert (told.scored, told.right, told.accuracy) == (90, 60, accuracy([(3, 3)] * 20 + [(0, 3)] * 10))


def test_of_the_attempts_of_an_entry_the_last_counts() -> None:
    once = result("a", status="failed", usage=Usage(30, 0, 0.0))
    again = right("a", attempt=2, usage=Usage(130, 0, 0.0))
    told = score(again, once)
    assert (told.debates, told.failed, told.tokens, told.tokens_per_right) == (1, 0, 130, 130)
    assert score(once, again) == told


def test_a_round_turns_answers_right_and_wrong() -> None:
    told = score(
        right("a", given=rounds("yyn", "ynn", "yyn")),  # right, wrong, right
        right("b", given=rounds("nny", "yyn")),         # wrong, right, and over
        right("c", given=rounds("yyy", "yn-", "yny")),  # right, a tie, right
        right("d", given=rounds("---", "n--", "---")),  # never right
    )  # fmt: skip
    assert [(r.round, r.items, r.right, r.lost, r.won) for r in told.rounds] == [
        (1, 4, 2, 0, 0), (2, 4, 1, 2, 1), (3, 4, 3, 0, 2)
    ]  # fmt: skip


def test_an_agent_whose_last_speech_has_no_answer_has_none() -> None:
    told = score(right("a", given=rounds("yyn", "--n")))
    assert [r.right for r in told.rounds] == [1, 0]


def test_rounds_are_of_debates_that_ended_and_have_an_answer() -> None:
    told = score(
        right("a", given=rounds("y")),
        result("b", status="failed", given=rounds("y")),
        result("c", expected=None, scored=None, given=rounds("y")),
    )
    assert [(r.items, r.right) for r in told.rounds] == [(1, 1)]


@settings(deadline=None)
@given(st.lists(st.lists(st.text("yn-", min_size=3, max_size=3), min_size=1, max_size=4), min_size=1, max_size=6))
def test_what_is_right_is_what_was_less_what_was_lost_and_more_what_was_won(said: list[list[str]]) -> None:
    told = score(*(right(f"{item}", given=rounds(*answers)) for item, answers in enumerate(said))).rounds
    for before, now in pairwise(told):
        assert now.items == before.items == len(said)
        assert now.right == before.right - now.lost + now.won


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
    assert (told.items, told.right, told.baseline_right) == (5, 4, 4)
    assert (told.only_arm, told.only_baseline, told.p) == (1, 1, mcnemar(1, 1))
    assert told.difference == mean([0, -1, 1, 0.5, 0], seed=1)
    assert (told.samples, told.short) == ((5 + 3 + 1 + 2 + 6) / 5, 1)
    assert (told.tokens_each, told.baseline_tokens_each) == (
        (59 + 30 + 5 + 25 + 1000) / 5,
        (50 + 30 + 10 + 20 + 60) / 5,
    )


@pytest.mark.parametrize(
    ("drawn", "right_", "share"),
    [("yn", 1, 1 / 2), ("ny", 0, 1 / 2), ("n-y", 0, 1 / 2), ("nnyy-", 0, 1 / 2), ("nn-", 0, 0), ("--", 0, 0)],
)
def test_a_tied_vote_is_as_right_as_drawing_one_of_the_tied_answers_would_be(
    drawn: str, right_: int, share: float
) -> None:
    told = matched(right("a", correct=False), result("a", "vote-9", given=samples(drawn), role="baseline"))["vote"]
    assert (told.baseline_right, told.only_baseline) == (right_, right_)
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


def test_of_several_single_answers_the_first_is_tested_and_their_mean_is_the_difference() -> None:
    marks = (False, True, True, True, None)
    singles = [
        replace(right("a", "single", repeat=n, usage=Usage(n, 0, 0), role="baseline"), correct=mark)
        for n, mark in enumerate(marks, 1)
    ]
    told = matched(right("a"), *reversed(singles))["single"]
    assert (told.baseline_right, told.only_arm, told.difference.value) == (0, 1, 0.25)
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
    judged = {"scored": "judge", "expected": "oui"}
    drawn = result("a", "vote-3", given=samples("yyn"), role="baseline", answer="yes", correct=True, **judged)
    debate = right("a", correct=False, given=rounds("yyn", "nny", "---"), **judged)
    told = evaluate([debate, drawn], seed=1)
    assert [one.baseline_right for one in told.matched] == [1, 1]
    assert [(r.items, r.right, r.lost) for r in told.scores[0].rounds] == [(1, 1, 0), (1, 0, 1), (1, 0, 0)]
    unmarked = replace(drawn, correct=None)
    told = evaluate([debate, unmarked], seed=1)
    assert told.matched == ()
    assert [(r.items, r.right) for r in told.scores[0].rounds] == [(0, 0)] * 3


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
    judged = result("a", scored="judge", expected="oui", answer="yes", given=rounds("y"))
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
    assert (told.items, told.only_first, told.only_second, told.p) == (3, 2, 1, mcnemar(2, 1))
    assert told.difference == mean([-1, 1, 1], seed=1)


def test_several_debates_of_an_item_are_one_in_a_test_and_their_mean_in_a_difference() -> None:
    first = [right("a", repeat=n, correct=mark) for n, mark in ((1, False), (2, True), (3, True), (4, True))]
    [told] = evaluate([*first, right("a", "council", correct=True)], seed=1).pairs
    assert (told.items, told.only_first, told.only_second) == (1, 1, 0)
    assert told.difference.value == 0.25


def test_a_swap_says_how_a_model_does_on_either_side() -> None:
    [a, b] = evaluate(
        [
            met("1", ("A", "B"), "Pro"), met("1", ("B", "A"), "Pro", swapped=True),    # each wins for the topic
            met("2", ("A", "B"), "Pro"), met("2", ("B", "A"), "Con", swapped=True),    # A wins both
            met("3", ("A", "B"), "tie"), met("3", ("B", "A"), "Pro", swapped=True),
            met("4", ("A", "B"), "tie"), met("4", ("B", "A"), "tie", swapped=True),
            met("5", ("A", "B"), "Pro"),                                              # not held the other way
            met("6", ("A", "B"), "Pro"), met("6", ("B", "A"), None, swapped=True),     # undecided
        ],
        seed=1,
    ).swaps  # fmt: skip
    assert (a.format, a.model, a.items, a.straight, a.swapped, a.same) == ("judge-only", "A", 4, 0.75, 0.375, 1)
    assert (b.format, b.model, b.items, b.straight, b.swapped, b.same) == ("judge-only", "B", 4, 0.25, 0.625, 1)


def test_debates_of_one_model_with_itself_have_no_sides_to_swap() -> None:
    assert evaluate([met("1", ("A", "A"), "Pro"), met("1", ("A", "A"), "Con", swapped=True)], seed=1).swaps == ()


def _run(dice: random.Random) -> list[Result]:
    """Results of all kinds."""
    costs = [0.1, 0.2, 0.3, None]
    held = [
        right(
            f"{item}", format_, model=model, repeat=repeat, correct=dice.random() < 0.5,
            given=rounds(*("".join(dice.choices("yn-", k=3)) for _ in range(dice.randint(1, 3)))),
            status=dice.choice(["completed", "completed", "failed"]),
            role="baseline" if format_ in ("single", "vote-5") else "debate",
            usage=Usage(dice.randint(1, 99), 1, dice.choice(costs)),
        )
        for item in range(4) for format_ in ("society", "council", "single", "vote-5") for model in "mn"
        for repeat in (1, 2)
    ]  # fmt: skip
    return [*held, met("x", ("A", "B"), "Pro"), met("x", ("B", "A"), "Pro", swapped=True)]


@settings(max_examples=10, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_results_makes_no_difference(dice: random.Random) -> None:
    held = _run(dice)
    told = evaluate(held, seed=3)
    dice.shuffle(held)
    assert evaluate(iter(held), seed=3) == told
    assert told.swaps
    assert told.pairs


@settings(max_examples=10, deadline=None)
@given(st.randoms(use_true_random=False))
def test_counts_of_a_comparison_and_its_estimate_agree(dice: random.Random) -> None:
    told = evaluate([one for one in _run(dice) if one.repeat == 1], seed=3)
    for one in told.matched:
        assert one.only_arm - one.only_baseline == one.right - one.baseline_right
        if one.baseline == "single":  # answers of a vote may be tied
            assert one.difference.value == pytest.approx((one.right - one.baseline_right) / one.items)
    for pair in told.pairs:
        assert pair.difference.low <= pair.difference.value <= pair.difference.high
        assert pair.difference.value == pytest.approx((pair.only_first - pair.only_second) / pair.items)
