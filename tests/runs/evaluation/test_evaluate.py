"""An evaluation, by examples reckoned by hand and by what holds for any."""

import random
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debate_server.core.events import Usage
from debate_server.runs.evaluation.evaluate import evaluate
from debate_server.runs.evaluation.statistics import accuracy, wilson
from debate_server.runs.result import Given, Result
from tests.runs.evaluation.told import score
from tests.runs.results import met, result, right, rounds


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


def test_what_nobody_has_marked_is_counted_and_has_no_part_in_what_it_costs_to_be_right() -> None:
    judged: dict[str, Any] = {"scored": "judge", "expected": "oui", "answer": "yes"}
    told = score(
        result("a", correct=True, usage=Usage(80, 20, 0.5), **judged),
        result("b", correct=None, usage=Usage(800, 200, 5), **judged),
        result("c", status="failed", usage=Usage(50, 0, 0.25), **judged),
    )
    assert (told.scored, told.unmarked, told.failed) == (1, 1, 1)
    assert (told.tokens_per_right, told.cost_per_right) == (150, 0.75)
    assert (told.tokens, told.tokens_each) == (1150, 550)


def test_a_round_turns_answers_right_and_wrong() -> None:
    told = score(
        right("a", given=rounds("yyn", "ynn", "yyn")),                 # right, wrong, right
        right("b", given=rounds("nny", "yyn")),                        # wrong, right, and over
        right("c", given=rounds("yyy", "yn-", "yny")),                 # right, a tie, right
        right("d", correct=False, given=rounds("---", "n--", "---")),  # never right
    )  # fmt: skip
    assert [(r.round, r.items, r.right, r.lost, r.won) for r in told.rounds] == [
        (1, 4, 2, 0, 0), (2, 4, 1, 2, 1), (3, 4, 3, 0, 2)
    ]  # fmt: skip


def test_after_the_last_round_what_counts_is_what_was_decided() -> None:
    """By a chair, who is one of many voices and decides alone."""
    told = score(
        right("a", given=(*rounds("yyy"), Given("Chair", 4, 2, "yes", 10, None))),
        right("b", correct=False, given=(*rounds("yyy"), Given("Chair", 4, 2, "no", 10, None))),
        right("c", given=(*rounds("nnn"), Given("Chair", 4, 2, None, 10, None))),  # which put it in other words
        right("d", given=()),  # over before anybody answered
    )
    assert [(r.items, r.right, r.lost, r.won) for r in told.rounds] == [(4, 3, 0, 0), (4, 3, 1, 1)]
    assert told.rounds[-1].right == told.right


def test_an_agent_whose_last_speech_has_no_answer_has_none() -> None:
    told = score(right("a", given=rounds("yyn", "--n", "yyy")))
    assert [r.right for r in told.rounds] == [1, 0, 1]


def test_where_nobody_answers_before_the_last_round_there_is_nothing_to_tell_by_rounds() -> None:
    assert score(right("a", given=rounds("---", "---"))).rounds == ()
    assert score(right("a", given=rounds("---", "yyy"))).rounds == ()
    assert score(right("a", given=rounds("yyy"))).rounds == ()
    silent, told = right("a", given=rounds("---", "---")), right("b", given=rounds("--y", "yyy"))
    assert len(score(silent, told).rounds) == 2
    assert score(silent, told, right("c", given=rounds("---", "--y"))).rounds == ()  # one spoke up unasked
    assert len(score(told, right("c", given=rounds("yyy")), right("d", given=rounds("---"))).rounds) == 2


def test_rounds_are_of_debates_that_ended_and_have_an_answer() -> None:
    told = score(
        right("a", given=rounds("y", "y")),
        result("b", status="failed", given=rounds("y", "y")),
        result("c", expected=None, scored=None, given=rounds("y", "y")),
    )
    assert [(r.items, r.right) for r in told.rounds] == [(1, 1)] * 2


Said = st.tuples(st.booleans(), st.lists(st.text("yn-", min_size=3, max_size=3), max_size=4))


@settings(deadline=None)
@given(st.lists(Said, min_size=1, max_size=6))
def test_what_is_right_is_what_was_less_what_was_lost_and_more_what_was_won(said: list[tuple[bool, list[str]]]) -> None:
    told = score(*(right(f"{item}", correct=mark, given=rounds(*answers)) for item, (mark, answers) in enumerate(said)))
    assert all(one.items == len(said) for one in told.rounds)
    assert not told.rounds or told.rounds[-1].right == told.right
    for before, now in pairwise(told.rounds):
        assert now.right == before.right - now.lost + now.won


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


@settings(max_examples=4, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_results_makes_no_difference(dice: random.Random) -> None:
    held = _run(dice)
    told = evaluate(held, seed=3)
    dice.shuffle(held)
    assert evaluate(iter(held), seed=3) == told
    assert told.swaps
    assert told.pairs


@settings(max_examples=4, deadline=None)
@given(st.randoms(use_true_random=False))
def test_counts_of_a_comparison_and_its_estimate_agree(dice: random.Random) -> None:
    told = evaluate(_run(dice), seed=3)
    for one in told.matched:
        assert one.difference.value == pytest.approx((one.right - one.baseline_right) / one.items)
        assert one.better + one.worse <= one.items
    for pair in told.pairs:
        assert pair.difference.low <= pair.difference.value <= pair.difference.high
        assert pair.first_better + pair.second_better <= pair.items
