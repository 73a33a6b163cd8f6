"""The verdict: what ballots, answers and the chair's words come to, and what is said where nothing can be counted."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from debate_server.core.agenda import agenda
from debate_server.core.events import AgentEnd, AgentStart, Ballot, Event, Quote, Usage, Verdict
from debate_server.core.judging.decide import verdict
from debate_server.core.transcript import fold
from debate_server.formats import Formats

FORMATS = Formats()
LISTENERS = ("Practical listener", "Principled listener", "Cautious listener")
SIDES = {"P": "Proposition", "O": "Opposition", "t": "tie", "-": None}


def decided(name: str, events: Sequence[Event]) -> Verdict:
    format_ = FORMATS.get(name)
    made = verdict(format_, agenda(format_, format_.default_rounds), fold(enumerate(events, 1)))
    assert made is not None
    return made


def speeches(name: str, *texts: str) -> list[Event]:
    """The first speeches of a debate of that format."""
    turns = [turn for item in agenda(FORMATS.get(name), FORMATS.get(name).default_rounds) for turn in item.turns]
    events: list[Event] = []
    for turn, text in zip(turns, texts, strict=False):
        events += [
            AgentStart(turn.agent, turn.number, turn.round, 1),
            AgentEnd(turn.agent, turn.number, turn.round, text, "stop", Usage(), 1),
        ]
    return events


def vote(title: str, round_: int, votes: str) -> list[Event]:
    """The ballots of the listeners, two letters each."""
    orders = (("Proposition", "Opposition"), ("Opposition", "Proposition"))
    return [
        Ballot(listener, "m", title, round_, order, SIDES[letter], 0.5, "", (), Usage())
        for listener, pair in zip(LISTENERS, votes.split(), strict=True)
        for order, letter in zip(orders, pair, strict=True)
    ]


@pytest.mark.parametrize(
    ("before", "after", "won", "summary"),
    [
        ("tt tt tt", "PP PP OO", "Proposition", "Proposition won more of the audience over"),
        ("PP PP PP", "PP PP OO", "Opposition", "Opposition won more of the audience over"),
        ("PP PP PP", "PP PP PP", "tie", "A tie"),
        ("PP PP OO", "PP PP tt", "tie", "A tie"),
        ("PP OO tt", "OO PP tt", "tie", "A tie"),
        ("-- PP OO", "PP PP PP", "Proposition", "Proposition won more of the audience over"),
        ("-- -- --", "PP PP PP", None, "No decision: nobody's two votes could be counted."),
        ("PP PP PP", "-- P- -O", None, "No decision: nobody's two votes could be counted."),
    ],
)
def test_who_wins_more_voters_over_wins(before: str, after: str, won: str | None, summary: str) -> None:
    made = decided("oxford", [*vote("Vote before", 0, before), *vote("Vote after", 3, after)])
    assert made.winner == won
    assert made.summary.startswith(summary)
    assert made.ballots == tuple(range(1, 13))


def test_a_voter_who_changes_its_mind_is_consistent_and_one_that_goes_by_the_order_is_not() -> None:
    assert decided("oxford", [*vote("Vote before", 0, "PP PP PP"), *vote("Vote after", 3, "OO OO OO")]).consistent
    swayed = decided("oxford", [*vote("Vote before", 0, "PO PP PP"), *vote("Vote after", 3, "OO OO OO")])
    assert not swayed.consistent


@pytest.mark.parametrize(
    ("answers", "winner", "answer", "confidence", "summary"),
    [
        (["yes", "no", "Yes."], None, "yes", 2 / 3, "yes: 2 of 3 answers."),
        (["yes", "no", None], "tie", None, None, "A tie: no (1), yes (1). 1 gave no answer."),
        (["yes", None, None], None, "yes", 1 / 3, "yes: 1 of 1 answers. 2 gave no answer."),
        ([None, None, None], None, None, None, "No decision: nobody ended with an answer."),
    ],
)
def test_a_majority_of_answers_decides(
    answers: list[str | None], winner: str | None, answer: str | None, confidence: float | None, summary: str
) -> None:
    texts = ["Hm." if answer is None else f"Hm.\nAnswer: {answer}" for answer in answers]
    made = decided("society", speeches("society", *texts))
    assert (made.winner, made.answer, made.confidence, made.summary) == (winner, answer, confidence, summary)


def test_only_the_last_answer_of_each_counts() -> None:
    texts = [f"Hm.\nAnswer: {answer}" for answer in ("yes", "yes", "no", "no", "no", "no")]
    assert decided("society", speeches("society", *texts)).answer == "no"


def test_a_chair_s_answer_is_its_speech_and_the_summary_its_last_paragraph() -> None:
    texts = ["One.", "Two.", "Three.", "Four.", "Common ground.\n\nThe crux.\n\nSo: yes."]
    made = decided("classic", speeches("classic", *texts))
    assert (made.winner, made.answer, made.summary) == (None, texts[-1], "So: yes.")
    assert decided("classic", speeches("classic", *texts[:4])).summary == "The chair gave no answer."
    assert len(decided("classic", speeches("classic", *texts[:4], "word " * 500)).summary) < 310
    assert len(decided("classic", speeches("classic", *texts[:4], "字" * 5000)).summary) < 310
    cut = speeches("classic", *texts[:4], "")
    cut[-1] = AgentEnd("Moderator", 5, 3, "It is so.\n\nAnd yet it", "length", Usage(), 1)
    assert decided("classic", cut).summary == "It is so."
    long = "Both have a point. " * 20 + "It depends on the cost. I think yes, and I am 65 percent sure."
    assert decided("classic", speeches("classic", *texts[:4], long)).summary.endswith(long[-62:])


def test_rankings_that_change_with_the_order_are_told() -> None:
    def ranked(*rankings: tuple[str, ...]) -> Verdict:
        orders = (rest := ("Member 2", "Member 3", "Member 4", "Member 5"), rest[::-1])
        cast = [
            Ballot("Member 1", "m", "Ranking", 1, order, ranking[0], None, "", (), Usage(), ranking=ranking)
            for order, ranking in zip(orders, rankings, strict=True)
        ]
        return decided("council", [*speeches("council", "One.", "Two.", "Three."), *cast])

    two = ("Member 2", "Member 3", "Member 4", "Member 5")
    three = ("Member 3", "Member 2", "Member 4", "Member 5")
    assert (ranked(two, two).winner, ranked(two, two).consistent) == ("Member 2", True)
    assert (ranked(two, three).winner, ranked(two, three).consistent) == ("tie", False)
    four = ("Member 4", "Member 2", "Member 3", "Member 5")
    assert (ranked(two, four).winner, ranked(two, four).consistent) == ("tie", False)


def test_the_best_words_are_those_that_a_judge_quoted_and_that_were_said() -> None:
    quotes = (Quote("never said", None), Quote("One", 1), Quote("Two", 2), Quote("Two again", 2))
    order = ("Affirmative", "Negative")
    one = Ballot("Judge", "m", "Judgement", 1, order, "Negative", 0.4, "", quotes, Usage())
    cast = [one, replace(one, order=order[::-1])]
    made = decided("judge-only", [*speeches("judge-only", "One", "Two again"), *cast])
    assert decided("judge-only", [*speeches("judge-only", "One", "Two again"), one]).winner is None
    assert made.best == {"Affirmative": "One", "Negative": "Two"}
    assert (made.winner, made.confidence) == ("Negative", 0.4)
