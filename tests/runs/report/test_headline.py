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
from debate_server.runs.result import Vote
from tests.runs.report.sample import TIMES, beside, report, result, scored


def said(told: Report) -> str:
    return " ".join(headline(told, tally(told.results)))


def of_scores(*matched: Any) -> Report:
    scores = (scored("society"), scored("single", right=11, role="baseline"))
    return report([result()], Evaluation(scores, matched, (), (), ()))


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
    assert "Beside a vote for as much money (11.3 samples on average), which is right on 15 of 30," in sentence
    assert told in sentence


def test_what_a_vote_is_matched_by_is_said_and_a_right_one_may_be_one_in_part() -> None:
    told = said(of_scores(beside("society", unit="tokens", baseline_right=15.5)))
    assert "Beside a vote for as many tokens (11.3 samples on average), which is right on 15.5 of 30," in told
    assert "money" not in told


def test_a_baseline_of_another_model_is_said_to_be() -> None:
    others = "More models than one spoke in these debates, and the baseline is of the run's own alone."
    assert others in said(of_scores(beside("society", same_model=False)))
    assert others not in said(of_scores(beside("society")))


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
    told = said(report([result()], Evaluation(scores, (), (), (), ())))
    assert told.startswith("Of 2 that were compared, society · b was right most often, on 20 of 30, 67%")
    assert "picked for having come first" in told


def test_the_best_is_the_best_debate_whoever_asked_for_the_baselines() -> None:
    """As in ``--format single --format vote --format society``."""
    scores = (
        scored("single", right=11), scored("society", right=18), scored("vote", right=29),
        scored("vote-12", right=28, role="baseline"),
    )  # fmt: skip
    told = said(report([result()], Evaluation(scores, (beside("society"),), (), (), ())))
    assert told.startswith("society was right on 18 of 30, 60% (95%: 42–75); single on 11 of 30, 37% (95%: 22–54).")
    assert "Beside a vote for as much money" in told
    assert "flattered: it was picked" not in told
    several = said(report([result()], Evaluation((*scores, scored("council")), (), (), (), ())))
    assert several.startswith("Of 2 that were compared, society was right most often, on 18 of 30")


def test_a_run_of_baselines_alone_compares_them() -> None:
    scores = (scored("single", right=11), scored("vote", right=20))
    told = said(report([result()], Evaluation(scores, (), (), (), ())))
    assert told.startswith("Of 2 that were compared, vote was right most often, on 20 of 30")
    assert "; single on 11 of 30" in told


def test_what_nobody_has_marked_is_said_to_be_left_out() -> None:
    scores = (scored("society", right=18, of=28, unmarked=2), scored("single", right=9, of=27, unmarked=3))
    told = said(report([result()], Evaluation(scores, (), (), (), ())))
    assert "Left out: 5 of 60 debates, where the judge did not say if the answer is right." in told
    assert "Left out" not in said(of_scores())
    nothing = (scored("society", scored=0, right=0, unmarked=2, accuracy=None),)
    assert "Left out: 2 of 2 debates" in said(report([result()], Evaluation(nothing, (), (), (), ())))


def test_where_nothing_is_right_it_says_so_of_no_arm_that_has_something_right() -> None:
    none, alone = scored("society", right=0), scored("single", right=20, role="baseline")

    def told(*scores: Any) -> str:
        return said(report([result()], Evaluation(scores, (), (), (), ())))

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
    scores = Evaluation((scored("society"),), (), (), (), ())
    assert "3 of 4 debates failed and are in none of these rates." in said(report([result(), *bad], scores))
    assert said(report(bad)) == "Nothing can be said: all 3 debates failed."
    assert said(report(bad[:1])) == "Nothing can be said: the one debate of this run failed."
    assert said(report([])) == "Nothing can be said: no debate of this run has ended yet."


def won(who: str | None, *cast: str | None, **changes: Any) -> Any:
    """A debate that was decided by such ballots, or by one that names its winner."""
    seats = (Seat("Ann", "for", "m"), Seat("Bob", "against", "m"))
    votes = tuple(Vote("Judge", "m", "Vote", 1, ("Ann", "Bob"), named) for named in cast or (who,))
    fields = {"answer": None, "expected": None, "correct": None, "format": "oxford", "agents": seats, "votes": votes}
    return result(winner=who, **(fields | changes))


def test_where_there_are_no_answers_it_says_who_won() -> None:
    told = said(report([won("Ann")] * 6 + [won("Bob")] * 2 + [won("tie"), won(None, votes=())]))
    assert told == "In oxford, Ann won 6 of 10 debates, 60% (95%: 31–83); Bob 2, 1 tied and 1 without a decision."
    assert said(report([won("tie")] * 2)) == "In oxford, all 2 decided debates tied."
    assert "Ann won 1 of 1 debate, 100%" in said(report([won("Ann")]))
    nobody = "2 debates came to an end; there are neither answers to score nor winners to count."
    assert said(report([won(None, votes=())] * 2)) == nobody


def test_an_answer_is_a_decision_and_no_winner() -> None:
    chair = said(report([won("Ann")] * 3 + [won(None, votes=(), answer="yes")]))
    assert chair == "In oxford, Ann won 3 of 4 debates, 75% (95%: 30–95); 1 with an answer alone."
    society = [won(None, votes=(), answer="yes"), won("tie", votes=())]  # answers are tied, no votes
    nobody = "2 debates came to an end; there are neither answers to score nor winners to count."
    assert said(report(society)) == nobody
    assert said(report([won("tie", votes=())] * 2)) == nobody


def test_ballots_that_could_not_be_read_are_said_to_be() -> None:
    held = [won("Ann", "Ann", "Ann"), won(None, "Ann", None), won(None, None, None), won("Bob", "Bob", "Bob", None)]
    told = said(report(held))
    assert told.endswith("4 of 9 ballots could not be counted: 2 debates have no winner for that.")
    ratings = Ratings((model("a", 1000), model("b", 900)), (), (), 9, 3)
    assert "2 debates have no winner for that and are in no rating." in said(report(held, ratings=ratings))
    assert "1 debate has no winner for that and is in no rating." in said(report(held[:2], ratings=ratings))
    assert said(report(held[3:])).endswith("1 of 3 ballots could not be counted.")
    assert "ballots" not in said(report(held[:1]))


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


def test_a_run_that_is_underway_says_so() -> None:
    assert "1 of 3 debates are over by now: the rest may change this." in said(report([result()], total=3))
    assert "by now" not in said(report([result()]))
