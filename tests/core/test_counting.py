"""Counting: what votes and answers come to, and that nothing is made of nothing."""

from dataclasses import replace

import pytest

from debate_server.core.answer.line import answer_of
from debate_server.core.answer.same import same
from debate_server.core.events import Ballot, Event, Usage
from debate_server.core.judging.counting import (
    agreed,
    borda,
    by_voter,
    consistent,
    leader,
    tally,
    winner,
)
from debate_server.core.transcript import Transcript, fold


def ballot(judge: str, named: str | None, *, round_: int = 1, ranking: tuple[str, ...] | None = None) -> Ballot:
    return Ballot(judge, "m", "Vote", round_, ("A", "B"), named, None, "", (), Usage(), ranking=ranking)


def pair(judge: str, *named: str | None, round_: int = 1) -> list[Ballot]:
    """A voter's ballots in both orders."""
    first, second = (named * 2)[:2]
    return [ballot(judge, first, round_=round_), replace(ballot(judge, second, round_=round_), order=("B", "A"))]


@pytest.mark.parametrize(
    ("speech", "answer"),
    [
        ("I think so.\nAnswer: yes", "yes"),
        ("Answer: no.\nOn second thoughts:\n**Answer:** Yes.", "Yes."),
        ("answer : 42 %", "42 %"),
        ("- Answer: the year 1971", "the year 1971"),
        ("The answer: is not in a line of its own", None),
        ("Answer:", None),
        ("Answer: -5", "-5"),
        ("Answer: x" + " " * 100_000 + "y", "x"),
        ("I cannot say.", None),
    ],
)
def test_an_answer_is_what_the_last_line_says_that_is_one(speech: str, answer: str | None) -> None:
    assert answer_of(speech) == answer


@pytest.mark.parametrize(
    ("one", "other", "are_same"),
    [
        ("Yes", "yes", True), ("Yes!", "yes", True), ("Two  words", "two words", True), ("1.5", "1.5.", True),
        ("yes", "no", False), ("-3", "3", False), ("1.5", "15", False), ("нет", "Нет", True), ("42%", "42", False),
        ("−5", "-5", True), ("C++", "C", False), ("x < 5", "x > 5", False), ("1/2", "12", False), (".5", "5", False),
        ("1,234", "1234.0", True), ("½", "0.5", True), ("$12", "12", True), ("50%", "0.5", False),
        ("50 %", "50%", True),
        ("A", "(a)", True), ("(A) Paris", "a)", True), ("A) Paris", "**A**", True), ("A. Lincoln", "A", False),
        ("(Paris)", "Paris", True), (r"\boxed{\text{Paris}}", "paris.", True), ("$x$", "x", True), ("Ca", "C", False),
        ("don’t", "don't", True), ("Zu\u0308rich", "Zürich", True), ("(a) or (b)", "a", False), ("10:30", "10", False),
    ],
)  # fmt: skip
def test_answers_are_the_same_but_for_how_they_are_written(one: str, other: str, are_same: bool) -> None:
    assert (same(one) == same(other)) is are_same


@pytest.mark.parametrize(
    ("answers", "all_agree"),
    [(["yes", "Yes."], True), (["yes", "no"], False), (["yes"], False), ([], False), (["yes", None], False)],
)
def test_only_several_that_all_answer_the_same_agree(answers: list[str | None], all_agree: bool) -> None:
    assert agreed("Hm." if answer is None else f"Hm.\nAnswer: {answer}" for answer in answers) is all_agree


def test_a_lead_that_is_shared_is_a_tie_and_nobody_leads_nothing() -> None:
    assert leader({"A": 2, "B": 1}) == "A"
    assert leader({"A": 2, "B": 2}) == "tie"
    assert leader({"A": 0, "B": -1}) == "A"
    assert leader({}) is None


def test_a_voter_has_a_vote_only_where_both_its_ballots_say_the_same() -> None:
    pairs = {"Same": ("A", "A"), "Swayed": ("A", "B"), "Unread": ("A", None), "Tied": ("tie", "tie")}
    ballots = [one for judge, both in pairs.items() for one in pair(judge, *both)]
    assert by_voter(ballots) == {"Same": "A", "Swayed": "tie", "Tied": "tie"}
    assert by_voter(one for one in ballots if one.order == ("A", "B")) == {}
    assert not consistent(ballots)
    assert consistent([one for one in ballots if one.judge != "Swayed"])


@pytest.mark.parametrize(
    ("votes", "won"),
    [("AAB", "A"), ("AB", "tie"), ("", None), ("T", "tie"), ("ATT", "tie"), ("AATT", "tie")],
)
def test_most_voters_decide(votes: str, won: str | None) -> None:
    names = {"A": "A", "B": "B", "T": "tie"}
    assert winner(one for number, vote in enumerate(votes) for one in pair(f"J{number}", names[vote])) == won


def test_a_ranking_counts_by_the_share_of_others_below() -> None:
    ballots = [
        ballot("A", "B", ranking=("B", "C")),
        ballot("B", "A", ranking=("A", "C")),
        ballot("C", "A", ranking=("A", "B")),
        ballot("D", None),
    ]
    assert borda(ballots) == {"A": 1.0, "B": 0.5, "C": 0.0}
    assert list(borda(ballots)) == ["A", "B", "C"]
    assert borda([ballot("D", None)]) == {}


def test_candidates_of_the_same_mean_place_are_level() -> None:
    thirds = [("A", "B", "C", "D"), ("B", "C", "A", "D"), ("C", "A", "B", "D")]
    assert leader(borda(ballot("J", ranking[0], ranking=ranking) for ranking in thirds)) == "tie"


def test_the_last_vote_of_a_title_is_told() -> None:
    events: list[Event] = [*pair("J", "A"), *pair("J", "B", round_=2), *pair("K", "B", round_=2)]
    said = fold(enumerate(events, 1))
    assert tally(said, "Vote") == "B (2)"
    assert tally(said, "Another") == ""
    assert tally(Transcript(), None) == ""
