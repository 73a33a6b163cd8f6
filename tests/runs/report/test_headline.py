"""The headline says what can be said, with what it is of and how sure it is, and no more."""

from typing import Any

import pytest

from debate_server.core.events import Seat
from debate_server.runs.evaluation.shape import Evaluation, Interval
from debate_server.runs.evaluation.statistics import wilson
from debate_server.runs.rating.consistency import Consistency
from debate_server.runs.rating.links import Stands
from debate_server.runs.rating.rate import Rated, Rating, Ratings
from debate_server.runs.report.headline import headline
from debate_server.runs.report.shape import Report
from debate_server.runs.report.tally import tally
from tests.runs.report.sample import TIMES, beside, report, result, scored


def said(told: Report) -> str:
    return " ".join(headline(told, tally(told.results)))


def of_scores(*matched: Any) -> Report:
    scores = (scored("society"), scored("single", right=11, role="baseline"))
    return report([result()], Evaluation(scores, matched, (), ()))


def test_a_rate_has_what_it_is_of_and_its_interval_and_so_has_one_answer_alone() -> None:
    assert said(of_scores()) == (
        "society was right on 18 of 30, 60% (95%: 42–75); single on 11 of 30, 37% (95%: 22–54)."
    )


@pytest.mark.parametrize(
    ("low", "value", "high", "p", "told"),
    [
        (0.05, 0.23, 0.42, 0.031, "it did better: the difference is 23 points (95%: 5 to 42), p = 0.031."),
        (-0.42, -0.23, -0.05, 0.0001, "it did worse: the difference is −23 points (95%: −42 to −5), p < 0.001."),
        (-0.1, 0.1, 0.3, 0.58, "10 points (95%: −10 to 30), p = 0.58: no difference can be told from 30 items."),
        (0.01, 0.2, 0.4, 0.07, "p = 0.070: no difference can be told from 30 items."),
        (0.0, 0.2, 0.4, 0.04, "p = 0.040: no difference can be told from 30 items."),
    ],
)  # fmt: skip
def test_a_difference_is_one_where_interval_and_test_say_so(
    low: float, value: float, high: float, p: float, told: str
) -> None:
    against = beside("society", difference=Interval(value, low, high), p=p)
    sentence = said(of_scores(beside("society", baseline="single"), against))
    assert "Beside a vote for as many tokens (11.3 samples on average), which is right on 15 of 30," in sentence
    assert told in sentence


def test_a_vote_that_was_too_short_is_said_to_be() -> None:
    short = "On 2 of 30 items it had fewer samples than that, which flatters the debate."
    assert short in said(of_scores(beside("society", short=2)))
    assert "fewer" not in said(of_scores(beside("society", short=0)))


def test_items_that_are_left_out_are_said_to_be() -> None:
    left_out = "Left out: 3 more items, where nobody has said whether what it comes to is right."
    assert left_out in said(of_scores(beside("society", unmarked=3)))
    assert "Left out" not in said(of_scores(beside("society")))


def test_without_a_vote_it_is_beside_one_answer() -> None:
    assert "Beside one answer alone, which is right on 15 of 30," in said(
        of_scores(beside("society", baseline="single"))
    )


def test_the_first_of_several_is_said_to_be_picked() -> None:
    scores = (scored("society"), scored("society", "b", right=20), scored("single", right=29, role="baseline"))
    told = said(report([result()], Evaluation(scores, (), (), ())))
    assert told.startswith("Of 2 that were compared, society · b was right most often, on 20 of 30, 67%")
    assert "picked for having come first" in told


def test_where_nothing_is_right_it_says_so_of_no_arm_that_has_something_right() -> None:
    none, alone = scored("society", right=0), scored("single", right=20, role="baseline")

    def told(*scores: Any) -> str:
        return said(report([result()], Evaluation(scores, (), (), ())))

    assert told(none, alone) == "society was right on 0 of 30, 0% (95%: 0–11); single on 20 of 30, 67% (95%: 49–81)."
    assert told(none, scored("council", right=0), alone) == (
        "Of 2 that were compared none was right once: society was right on 0 of 30, 0% (95%: 0–11); "
        "single on 20 of 30, 67% (95%: 49–81)."
    )
    assert told(none, scored("single", right=0, role="baseline")) == (
        "Of 60 debates that were scored none was right: society on 0 of 30, 0% (95%: 0–11); "
        "single on 0 of 30, 0% (95%: 0–11)."
    )


def test_failures_are_counted_and_in_no_rate() -> None:
    bad = [result(number, status="failed", correct=None, error=TIMES) for number in range(3)]
    scores = Evaluation((scored("society"),), (), (), ())
    assert "3 of 4 debates failed and are in none of these rates." in said(report([result(), *bad], scores))
    assert said(report(bad)) == "Nothing can be said: all 3 debates failed."
    assert said(report(bad[:1])) == "Nothing can be said: the one debate of this run failed."
    assert said(report([])) == "Nothing can be said: no debate of this run has ended yet."


def won(who: str | None, **changes: Any) -> Any:
    seats = (Seat("Ann", "for", "m"), Seat("Bob", "against", "m"))
    return result(winner=who, answer=None, expected=None, correct=None, format="oxford", agents=seats, **changes)


def test_where_there_are_no_answers_it_says_who_won() -> None:
    told = said(report([won("Ann")] * 6 + [won("Bob")] * 2 + [won("tie"), won(None)]))
    assert told == "In oxford, Ann won 6 of 10 debates, 60% (95%: 31–83); Bob 2, 1 tied and 1 without a decision."
    assert said(report([won("tie")] * 2)) == "In oxford, all 2 decided debates tied."
    assert "Ann won 1 of 1 debate, 100%" in said(report([won("Ann")]))
    nobody = "2 debates came to an end; there are neither answers to score nor winners to count."
    assert said(report([won(None)] * 2)) == nobody


def rated(*models: Rated) -> str:
    return said(report([result()], ratings=Ratings(models, (), (), 9, 3)))


def model(name: str, value: float, reach: float | None = 50, stands: Stands = "within") -> Rated:
    rating = Rating(value, None, None) if reach is None else Rating(value, value - reach, value + reach)
    return Rated(name, rating, stands, 9, 4, 1)


def test_a_rating_is_first_for_certain_only_where_intervals_part() -> None:
    assert rated(model("a", 1000), model("b", 980)) == (
        "a is rated first, 1,000 (95%: 950–1,050); b second, 980 (95%: 930–1,030): "
        "their intervals overlap, so which is better is not settled."
    )
    assert rated(model("a", 1000), model("b", 890)).endswith("their intervals do not overlap.")
    assert rated(model("a", 1000, None), model("b", 900, None)) == (
        "a is rated first, 1,000; b second, 900: which is better is not settled, since matches are too few or too much "
        "alike to tell."
    )


def test_who_is_rated_the_same_is_not_first_by_the_alphabet() -> None:
    assert rated(model("a", 1000.4), model("b", 999.6, 60), model("c", 900)) == (
        "a and b are rated the same: 1,000 (95%: 950–1,050) and 1,000 (95%: 940–1,060)."
    )
    alike = [model(f"{number}", 1000, None) for number in range(12)]
    assert rated(*alike) == "0, 1, 2, 3 and 8 others are rated the same: 1,000."
    told = rated(model("a", 1000), model("b", 890), model("c", 890, 70))
    assert "; b and c second, 890 (95%: 840–940) and 890 (95%: 820–960): their intervals overlap" in told


def test_who_is_not_linked_is_neither_first_nor_second_and_it_says_what_is_known() -> None:
    t, a, b = model("t", 1900, None, "ahead"), model("a", 1000), model("b", 890)
    d, e, x = model("d", 300, None, "behind"), model("e", 200, None, "behind"), model("x", 950, None, "apart")
    first = "a is rated first, 1,000 (95%: 950–1,050); b second, 890 (95%: 840–940): their intervals do not overlap."
    ahead = "t has won everything it played: how far ahead it is, matches do not say."
    behind = "d has lost everything it played: how far behind it is, matches do not say."
    assert rated(a, b, d) == f"Of the 2 that can be compared, {first} {behind}"
    assert rated(t, a, x, b, d, e) == (
        f"{ahead} Of the 2 that can be compared, {first} "
        "d and e have lost everything against the others: how far behind they are, matches do not say. "
        "x has never met a and b: how far apart they are, matches do not say."
    )
    assert rated(t, model("a", 1000, None)) == ahead


def test_a_judge_that_goes_by_the_order_is_told_of() -> None:
    def judged(*judges: Consistency) -> str:
        return said(report([won("Ann")], judges=judges)).partition("(95%: 21–100). ")[2] or "nothing"

    poor, fair = Consistency("J", "m/x", 12, 5, wilson(5, 12)), Consistency("K", "m/y", 12, 6, wilson(6, 12))
    assert judged(poor, fair) == (
        "In both orders the same winner was named by J · x on only 5 of 12 pairs of ballots, 42% (95%: 19–68): "
        "that is little to build on."
    )
    assert judged(fair) == "nothing"
    assert "J · x on only 5 of 12 pairs of ballots, 42% (95%: 19–68) and K · y on only 0 of 2" in judged(
        poor, Consistency("K", "m/y", 2, 0, wilson(0, 2))
    )
