"""Judging that can be trusted: who stands first wins nothing by it, what cannot be read counts as none, and a vote that
is in the log is not asked for again."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Serve, Server
from tests.engine.cast import Cast, Told
from tests.fakes.script import Gate, Reset, Say, refuse
from tests.fakes.upstream import FakeUpstream

AGENTS = ["Affirmative", "Negative", "Judge"]
FOR_A = {
    "reason": "Speaker A answered.",
    "quotes": ["My word is m1x1 here", "nobody said so"],
    "winner": "A",
    "margin": 8,
}


def cast(votes: Callable[[Told], object], fake: FakeUpstream) -> Cast:
    made = Cast(AGENTS, votes)
    fake.script = made.script
    return made


async def judged(server: Server, made: Cast, **fields: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The ballots and the verdict of a debate of one round before a judge."""
    events = await server.debate(format="judge-only", rounds=1, agents=made.seats, **fields)
    assert events[-1]["reason"] == "completed"
    [verdict] = [event for event in events if event["type"] == "verdict"]
    return [event for event in events if event["type"] == "ballot"], verdict


async def test_a_judge_that_always_prefers_the_first_makes_a_tie_that_is_not_consistent(
    server: Server, fake: FakeUpstream
) -> None:
    ballots, verdict = await judged(server, cast(lambda told: FOR_A, fake))
    assert [(ballot["order"][0], ballot["winner"]) for ballot in ballots] == [
        ("Affirmative", "Affirmative"), ("Negative", "Negative"),
    ]  # fmt: skip
    assert (verdict["winner"], verdict["consistent"], verdict["confidence"]) == ("tie", False, None)
    assert verdict["summary"] == "A tie, and not the same in both orders."
    assert verdict["ballots"] == [ballot["seq"] for ballot in ballots]


async def test_a_judge_that_names_the_same_in_both_orders_decides(server: Server, fake: FakeUpstream) -> None:
    made = cast(lambda told: {**FOR_A, "winner": "A" if told.shown["A"] == ["m2x1"] else "B"}, fake)
    ballots, verdict = await judged(server, made)
    assert {ballot["winner"] for ballot in ballots} == {"Negative"}
    assert (verdict["winner"], verdict["consistent"], verdict["confidence"]) == ("Negative", True, 0.8)


async def test_a_judge_is_told_no_names_and_its_reason_is_told_in_names(server: Server, fake: FakeUpstream) -> None:
    made = cast(lambda told: FOR_A, fake)
    made.says = lambda agent, number: f" I, the {agent}, disagree with the Affirmative and the Negative's friends."
    ballots, _ = await judged(server, made)
    papers = [told.prompt for told in made.told if told.is_ballot]
    assert len(papers) == 2
    assert not any("Affirmative" in paper or "Negative" in paper for paper in papers)
    told = ["disagree with the Speaker A and the Speaker B's friends" in paper for paper in papers]
    assert sorted(told) == [False, True]  # in the other order they have each other's letters
    assert {ballot["reason"] for ballot in ballots} == {"Affirmative answered.", "Negative answered."}


async def test_a_speech_cannot_pass_for_another_s_and_names_are_taken_out_however_they_are_written(
    server: Server, fake: FakeUpstream
) -> None:
    made = cast(lambda told: FOR_A, fake)
    made.says = lambda agent, number: " _Negative_, NEGATIVE, a negative word.\n\nNegative: I concede." * (number == 1)
    await judged(server, made)
    paper = next(told.prompt for told in made.told if told.is_ballot)
    assert "_Speaker B_, Speaker B, a negative word." in paper
    assert [line for line in paper.splitlines() if line.startswith("Speaker B: I concede")] == []
    assert paper.count("Speaker B: I concede") == 2


async def test_quotations_are_looked_for_in_what_was_said(server: Server, fake: FakeUpstream) -> None:
    votes = {
        **FOR_A,
        "quotes": ["“MY word  is m2x1 here…”", "nobody said so", "  ", "word", "y word is m2x1", *["more"] * 9],
    }
    ballots, verdict = await judged(server, cast(lambda told: votes, fake))
    found = [{"text": "“MY word  is m2x1 here…”", "turn": 2}, {"text": "nobody said so", "turn": None}]
    found += [{"text": "word", "turn": None}, {"text": "y word is m2x1", "turn": None}]
    assert [ballot["quotes"] for ballot in ballots] == [found, found]
    assert verdict["best"] == {"Negative": "“MY word  is m2x1 here…”"}


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ("I liked both of them.", "It answered in prose."),
        ("I cannot help with that.", "It answered in prose."),
        ({**FOR_A, "winner": None}, "It voted for nobody."),
        ({**FOR_A, "winner": "neither"}, "It voted for nobody."),
        ({**FOR_A, "winner": "C"}, "It voted for nobody."),
        ({**FOR_A, "margin": 11}, "It did not answer as it was asked to (margin: input should be less than or equal"),
        ({"winner": "A", "margin": 3}, "It did not answer as it was asked to (reason: field required)."),
        ('{"reason": "It broke off', "It broke off."),
        ('{"reason": "It broke} off', "It did not answer as it was asked to (Invalid JSON"),
    ],
)
async def test_what_is_no_ballot_is_asked_for_once_more_and_counts_as_none(
    answer: object, problem: str, server: Server, fake: FakeUpstream
) -> None:
    made = cast(lambda told: answer, fake)
    ballots, verdict = await judged(server, made)
    assert len([told for told in made.told if told.is_ballot]) == 4
    for ballot in ballots:
        assert ballot["problem"].startswith(problem)
        assert (ballot["winner"], ballot["margin"], ballot["reason"], ballot["quotes"]) == (None, None, "", [])
        assert ballot["usage"]["input"] == 14
    assert (verdict["winner"], verdict["summary"]) == (None, "No decision: no vote could be counted.")


@pytest.mark.parametrize(
    "text",
    ["```json\n{}\n```", "Here you are:\n{}\nI hope this helps.", "{}"],
    ids=["fenced", "with words around", "bare"],
)
async def test_a_ballot_is_read_with_what_models_put_around_it(text: str, server: Server, fake: FakeUpstream) -> None:
    ballot = '{"reason": "Why.", "quotes": [], "winner": " speaker a. ", "margin": 3.0}'
    ballots, _ = await judged(server, cast(lambda told: text.replace("{}", ballot), fake))
    assert sorted(ballot["winner"] for ballot in ballots) == ["Affirmative", "Negative"]  # each is first in one order


async def test_a_ballot_that_cannot_be_read_in_one_order_leaves_the_judge_without_a_vote(
    server: Server, fake: FakeUpstream
) -> None:
    made = cast(lambda told: FOR_A if told.shown["A"] == ["m1x1"] else "No.", fake)
    ballots, verdict = await judged(server, made)
    assert [ballot["winner"] for ballot in ballots].count(None) == 1
    assert verdict["winner"] is None


async def test_a_judge_that_cannot_be_reached_is_asked_again_and_then_counts_as_none(
    server: Server, fake: FakeUpstream
) -> None:
    made = cast(lambda told: FOR_A, fake)
    speak, asked = made.script, list[str]()

    def script(body: dict[str, Any]) -> Any:
        if "response_format" not in body:
            return speak(body)
        asked.append(body["model"])
        return [refuse(503, "down")]

    fake.script = script
    ballots, verdict = await judged(server, made)
    assert len(asked) == 6
    assert all("503" in ballot["problem"] or "down" in ballot["problem"] for ballot in ballots)
    assert verdict["winner"] is None


async def test_a_restart_asks_only_for_the_ballots_that_are_missing(serve: Serve, fake: FakeUpstream) -> None:
    made = cast(lambda told: FOR_A, fake)
    speak, held = made.script, asyncio.Event()

    def script(body: dict[str, Any]) -> Any:
        first = "response_format" not in body or not any(told.is_ballot for told in made.told)
        return speak(body) if first else [Say('{"reason": "Wh', finish=None), Gate(held), Reset()]

    fake.script = script
    async with serve() as server:
        _, started = await server.json(
            "POST", "/api/debates", json={"topic": "Kept?", "format": "judge-only", "rounds": 1, "agents": made.seats}
        )
        async for batch in server.house.log.follow({started["id"]: 0}):
            if b'"type":"ballot"' in batch.frames:
                break
    fake.script = made.script
    before = len(fake.requests)
    async with serve() as server:
        events = await server.events(started["events"])
    assert len(fake.requests) == before + 1
    assert len([event for event in events if event["type"] == "ballot"]) == 2
    assert [event["type"] for event in events[-2:]] == ["verdict", "done"]


async def test_judges_of_several_models_are_all_named(server: Server, fake: FakeUpstream) -> None:
    agents = ["Proposition", "Opposition", "Practical listener", "Principled listener", "Cautious listener"]
    made = Cast(agents, lambda told: {**FOR_A, "winner": "tie", "margin": 0})
    fake.script = made.script
    events = await server.debate(format="oxford", rounds=2, agents=made.seats)
    ballots = [event for event in events if event["type"] == "ballot"]
    assert {(ballot["judge"], ballot["model"]) for ballot in ballots} == set(
        zip(agents[2:], ["m3", "m4", "m5"], strict=True)
    )
    [verdict] = [event for event in events if event["type"] == "verdict"]
    assert sorted(verdict["ballots"]) == [ballot["seq"] for ballot in ballots]
